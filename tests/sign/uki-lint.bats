# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal uki lint: one defect each, planted into an image that is good without it.

load ../helpers
load uki

setup() {
	enter_test
	uki --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem" --splash "$K/splash.bmp" --dtb "$K/board.dtb"
	cp u.efi good.efi
}

# The n-th section of that name: offset in the file.
offset() { kseal uki show --json good.efi | jq "[.sections[] | select(.name == \"$1\").offset][${2:-0}]"; }

# plant OFFSET BYTES: into a copy of the good image
plant() {
	cp good.efi u.efi
	printf '%b' "$2" | dd of=u.efi bs=1 seek="$1" conv=notrunc status=none
}

# rename OLD NEW: in the section table
rename() { plant "$(grep -abo -m1 -F "$1" good.efi | head -n 1 | cut -d: -f1)" "$2"; }

# finds RULE fatal|advice: lint of u.efi does, and exits 3 if anything is fatal
finds() {
	local status=0

	kseal uki lint --json u.efi >found.json 2>/dev/null || status=$?
	check_json --control kseal/uki-lint <found.json
	jq -e --arg rule "$1" --arg severity "$2" --argjson status "$status" '
		any(.findings[]; .rule == $rule and .severity == $severity) and
		$status == (if .fatal > 0 then 3 else 0 end)' found.json >/dev/null || {
		echo "exit $status, no $2 $1 in:"
		cat found.json
		return 1
	}
}

@test "a good image has no finding but those of the stub" {
	run -0 kseal uki lint u.efi
	said ' 0 fatal'
	for rule in uname pcrsig initrd no-osrel stub-version; do not_said ": $rule:"; done
	kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" --output s.efi u.efi
	run -0 kseal uki lint s.efi
}

@test "a text with a NUL" {
	plant $(($(offset .cmdline) + 3)) '\0'
	finds text-nul fatal
}

@test "sections that say something else than they hold" {
	plant "$(offset .initrd)" 'XX'
	finds initrd fatal
	plant "$(offset .splash)" 'XX'
	finds splash advice
	plant "$(offset .dtb)" 'XX'
	finds dtb fatal
	plant "$(offset .pcrpkey)" 'XX'
	finds pcrpkey fatal
}

@test "an image that boot menus do not list" {
	kseal uki build --stub "$STUB" --linux "$IMAGE" --cmdline a --os-release "$K/os-release" --output good.efi
	rename .osrel .osrex
	finds no-osrel advice
}

@test "policies that the image never reaches" {
	plant "$(offset .cmdline)" 'CONSOLE'
	finds pcrsig fatal
	run kseal uki lint u.efi
	said 'no policy that this image ever reaches'
	# The control: what is not measured changes nothing.
	plant $(($(offset .uname))) '7'
	run -0 kseal uki lint u.efi
}

@test "policies that another key signed" {
	[ "$(wc -c <"$K/other.pub")" = "$(wc -c <"$K/signer.pub")" ]
	cp good.efi u.efi
	dd if="$K/other.pub" of=u.efi bs=1 seek="$(offset .pcrpkey)" conv=notrunc status=none
	finds pcrsig fatal
	run kseal uki lint u.efi
	said 'not by .pcrpkey'
}

@test "a policy section that systemd cannot read, or without its key" {
	plant "$(offset .pcrsig)" '['
	finds pcrsig fatal
	rename .pcrpkey .pcrpkex
	finds pcrsig fatal
	rename .pcrsig .pcrsix
	finds no-pcrsig advice
}

@test "a policy for a phase that systemd does not have" {
	uki --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem" --phases enter-initrd --phases somewhere
	finds pcrsig-phase advice
	uki --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem" --phases enter-initrd --phases ''
	run -0 kseal uki lint u.efi
	not_said pcrsig-phase
}

@test "a key that few TPMs take" {
	new_cert big rsa:3072
	uki --pcr-key big.key --pcr-cert big.pem
	finds pcrpkey-size advice
}

@test "a stub whose measurements are not known" {
	plant $(($(offset .sdmagic) + 30)) '253'
	finds stub-version advice
	rename .sdmagic .sdmagix
	finds stub-version advice
}

@test "no UKI at all" {
	cp "$IMAGE" u.efi
	finds uki fatal
	echo text >u.efi
	finds headers fatal
}

@test "profiles: each is linted with what it boots" {
	newer
	printf 'ID=main\n' >main
	printf 'ID=second\nCMDLINE=console=ttyS1\n' >second
	uki --stub "$NEW_STUB" --profile main --profile second --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem"
	cp u.efi good.efi
	run -0 kseal uki lint u.efi
	said ' 0 fatal'
	# The second profile's command line, and not the first's.
	plant "$(offset .cmdline 1)" 'CONSOLE'
	finds pcrsig fatal
	run kseal uki lint u.efi
	said 'profile @1'
	not_said 'profile @0'
	plant $(($(offset .profile 1))) 'XX'
	finds profile-id advice
	# An older stub would boot any of them.
	plant $(($(offset .sdmagic) + 30)) '256'
	finds profile-stub fatal
}

@test "profiles with the same name are not built" {
	newer
	printf 'ID=main\n' >main
	cp main again
	rm u.efi
	run -1 uki --stub "$NEW_STUB" --profile main --profile again
	said 'the same ID'
	[ ! -e u.efi ]
}
