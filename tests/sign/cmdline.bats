# SPDX-License-Identifier: LGPL-2.1-or-later
# What uki lint says of command lines, beside the kernel's own guard: boot-guard, compiled from patch 0007.
# shellcheck disable=SC2034 # uki() reads K

load ../helpers
load uki

# judged LINE: the arguments that lint tells of, one per line
judged() {
	printf '%s' "$1" >line
	uki --cmdline @line
	kseal uki lint --json u.efi | jq -r '.findings[] | select(.rule == "cmdline") | .detail | sub(" \\(.*"; "")'
}

# Lint knows of LINE the arguments that are given behind it, and no others.
is_judged() {
	[[ "$(judged "$1")" == "$(printf '%s\n' "${@:2}")" ]] || {
		echo "of $1 lint tells:"
		judged "$1"
		return 1
	}
}

@test "what weakens a kernel is told, what it needs is not" {
	is_judged 'root=/dev/vda ro lockdown=none mitigations=off init=/bin/sh rd.break module.sig_enforce=0 quiet' \
		lockdown=none mitigations=off init=/bin/sh rd.break module.sig_enforce=0
	is_judged 'console=ttyS0 root=UUID=1234 ro quiet lockdown=integrity mitigations=auto,nosmt init=/sbin/init crashkernel=256M' ''
	# The kernel's bool parameters without a value are true.
	is_judged 'module.sig_enforce' ''
	is_judged 'systemd.unit=rescue.target systemd.unit=multi-user.target systemd.debug-shell systemd.debug_shell=0' \
		systemd.unit=rescue.target systemd.debug-shell
}

@test "arguments are cut as the kernel cuts them" {
	is_judged 'mitigations="off" x="a nopti" lsm-x=1 kvm.nx-huge-pages=off no"pti"' \
		'mitigations="off"' 'x="a nopti"' 'kvm.nx-huge-pages=off' 'no"pti"'
	is_judged 'root=/dev/vda -- single mitigations=off' single mitigations=off
	is_judged 'name="open mitigations=off' 'name="open' mitigations=off
	# What the kernel would not see.
	is_judged 'xmitigations=off mitigations.=off' ''
}

@test "each line says why, at which byte, and who takes the argument off" {
	printf 'quiet rd.break mitigations=off' >line
	uki --cmdline @line
	run -0 kseal uki lint u.efi
	said 'u.efi: advice: cmdline: argument weakens the system: rd.break (What becomes root instead of the system'
	said 'argument weakens the kernel, a locked-down one of this fork takes it off: mitigations=off (Mitigations'
	at=$(kseal uki show --json u.efi | jq '.sections[] | select(.name == ".cmdline").offset')
	[[ "$(kseal uki lint --json u.efi | jq '[.findings[] | select(.rule == "cmdline").offset]' -c)" == "[$((at + 6)),$((at + 15))]" ]]
}

@test "of the guard's parameters lint tells what the guard takes off, and no others" {
	[[ -x $KSEAL_BIN/boot-guard ]] || skip 'no boot-guard'
	# Each name with each value of the table, with one that is not there, without any, and in quotes.
	awk '$1 == "guard" {
		gsub(/[*]/, "x", $2); gsub(/#/, "12", $2)
		print $2; print $2 "="; print $2 "=no_such"; print "\"" $2 "=off\""; print "x=\"a " $2 " b\""
		for (i = 3; i <= NF; i++) {
			gsub(/[*]/, "y", $i); gsub(/#/, "7", $i); sub(/^,/, "", $i)
			print $2 "=" $i; print $2 "=" $i ",no_such"; print $2 "=" $i "," $i; print $2 "=\"" $i "\""
		}
	}
	$1 == "free" { for (i = 2; i <= NF; i++) { gsub(/[*]/, "x", $i); print $i; print $i "=off" } }' \
		"$ROOT/configs/boot-params" >arguments
	[[ $(wc -l <arguments) -gt 3000 ]]
	"$KSEAL_BIN/boot-guard" lines <arguments 2>/dev/null | sed 's/:.*//' >theirs
	# As many in one image as its command line holds.
	nr=0
	while IFS= read -r argument; do
		if ((${#line} + ${#argument} > 2000)); then
			printf '%s' "$line" >"line.$nr"
			nr=$((nr + 1)) line=
		fi
		line+="$argument "
	done <arguments
	printf '%s' "$line" >"line.$nr"
	for file in $(seq -f 'line.%g' 0 "$nr"); do
		uki --cmdline "@$file"
		kseal uki lint --json u.efi | jq -r '.findings[] | select(.rule == "cmdline").detail | sub(" \\(.*"; "")'
	done >ours
	paste -d: theirs arguments | sed -n 's/^1://p' >wanted
	diff wanted ours
	[[ $(wc -l <ours) -gt 1000 && $(wc -l <ours) -lt $(wc -l <arguments) ]]
}

@test "so it is for lines of random bytes" {
	[[ -x $KSEAL_BIN/boot-guard ]] || skip 'no boot-guard'
	for seed in {1..30}; do
		awk -v seed="$seed" 'BEGIN {
			srand(seed)
			n = split("nopti mitigations=off mitigations=auto iommu= force off , \" \" \" quiet -- = kvm. no pti - _ # * console= ttyS0 ttyS uart x", word, " ")
			for (i = 0; i < 200; i++)
				printf "%s%s", word[1 + int(rand() * n)], rand() < 0.3 ? " " : ""
		}' >line
		uki --cmdline @line
		kseal uki lint --json u.efi | jq -r '.findings[] | select(.rule == "cmdline") | select(.what | test("system") | not) | .offset' >ours
		# The guard writes spaces over what it refuses: each of ours starts there, and nothing else is gone.
		text=$(section .cmdline u.efi | tr -d '\0')
		left=$("$KSEAL_BIN/boot-guard" judge "$text" 2>log || true)
		at=$(kseal uki show --json u.efi | jq '.sections[] | select(.name == ".cmdline").offset')
		[[ $(grep -c refused log) -eq $(wc -l <ours) ]]
		while read -r offset; do
			[[ ${text:offset - at:1} != ' ' && ${left:offset - at:1} == ' ' ]]
		done <ours
	done
}

@test "an addon is looked at as well, and a profile in its own words" {
	newer
	kseal uki addon --stub "$NEW/lib/systemd/boot/efi/addonx64.efi.stub" --cmdline 'lockdown=none' --output a.addon.efi
	run -0 kseal uki lint a.addon.efi
	said 'advice: cmdline: argument weakens the system: lockdown=none'
	printf 'ID=main\n' >main
	printf 'ID=rescue\nCMDLINE=rescue\n' >rescue
	uki --stub "$NEW_STUB" --profile main --profile rescue
	run -0 kseal uki lint u.efi
	said 'profile @1, rescue (What becomes root'
	not_said 'profile @0'
}
