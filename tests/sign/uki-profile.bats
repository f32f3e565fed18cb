# SPDX-License-Identifier: LGPL-2.1-or-later
# Profiles: several ways to boot one image, with the stubs, ukify and systemd-measure of systemd 257 and of
# the newest that the archive has.

load ../helpers
load uki

setup() {
	enter_test
	printf 'ID=main\nTITLE="Regular boot"\n' >main
	head -c 3000 /dev/zero | tr '\0' x >file
	echo file | cpio -o -H newc --quiet >extra
	cat >rescue <<-END
		# for people with a console
		ID=rescue
		TITLE="Rescue shell"

		CMDLINE=console=ttyS0 single
		INITRD=extra
	END
}

@test "a stub that knows no profiles is not given any" {
	version=$(strings "$STUB" | sed -n 's/.*systemd-stub \([0-9]*\).*/\1/p')
	[ "$version" -lt 257 ] || skip "this machine's stub is $version"
	run -1 uki --profile main
	said "older than systemd 257"
	[ ! -e u.efi ]
	uki
}

@test "profiles follow the base, each with its own sections" {
	newer
	uki --stub "$NEW_STUB" --profile main --profile rescue --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem"
	[ "$(kseal uki show --json u.efi | jq -r '[.sections[].name] | .[index(".linux"):] | join(" ")')" = \
		'.linux .profile .pcrsig .profile .cmdline .initrd .pcrsig' ]
	run -0 kseal uki show u.efi
	said '@0 title: Regular boot'
	said '@0 cmdline: console=ttyS0'
	said '@1 id: rescue'
	said '@1 cmdline: console=ttyS0 single'
	kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" --output s.efi u.efi
	sbverify --cert "$K/signer.pem" s.efi
}

# What a profile boots with, in systemd-measure's options. $1: profile text, $2: cmdline, $3: initrd
parts_of() {
	section .sbat u.efi | tr -d '\0' >sbat
	printf 6.18.15 >release
	echo "--linux=$IMAGE --osrel=$K/os-release --uname=release --sbat=sbat --profile=$1 --cmdline=$2 --initrd=$3"
}

# Both programs on both profiles, by the stub of newer().
like_systemd_measure() {
	kseal uki build --stub "$NEW_STUB" --linux "$IMAGE" --initrd "$K/initrd" --os-release "$K/os-release" --uname 6.18.15 \
		--cmdline "@$K/cmdline" --profile main --profile rescue --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem" \
		--output u.efi "$@"
	grep -v -e '^#' -e '^$' -e CMDLINE -e INITRD rescue >rescue.text
	printf 'console=ttyS0 single' >single
	kseal uki measure "$@" --json u.efi >m.json
	# The one .pcrsig after the other.
	objdump -h u.efi | awk '$2 == ".pcrsig" { print $3, $6 }' >places
	for profile in 0 1; do
		read -r bytes off < <(sed -n "$((profile + 1))p" places)
		tail -c "+$((0x$off + 1))" u.efi | head -c $((0x$bytes)) | tr -d '\0' >ours.json
		read -r -a parts < <(if [ $profile = 0 ]; then parts_of main "$K/cmdline" "$K/initrd"; else
			parts_of rescue.text single extra
		fi)
		tools/systemd-measure calculate --bank=sha256 "${parts[@]}" --pcrpkey="$K/signer.pub" --json=short >theirs
		[ "$(jq '[.sha256[].hash]' theirs)" = "$(jq "[.profiles[$profile].phases[1:][].value]" m.json)" ]
		tools/systemd-measure sign --bank=sha256 "${parts[@]}" --pcrpkey="$K/signer.pub" --json=short \
			--private-key="$K/signer.key" --public-key="$K/signer.pub" >theirs
		diff <(jq -S . ours.json) <(jq -S . theirs)
	done
	[ "$(jq -r '[.profiles[].phases[].value] | unique | length' m.json)" = 10 ]
}

@test "PCR 11 and policies of each profile are those of systemd-measure 257" {
	newer
	like_systemd_measure
}

# The newest systemd of the archive; if it is too new for what is known here, by the rules of the last known.
newest() {
	local known version

	newer sid
	known=$(sed -n 's/^#define KS_UKI_NEWEST_STUB \([0-9]*\)U$/\1/p' "$ROOT/sign/ops/uki_sections.h")
	version=$(strings "$NEW_STUB" | sed -n 's/.*systemd-stub \([0-9]*\).*/\1/p')
	echo "the newest stub is of $version, what is known ends at $known"
	rules=()
	[ "$version" -le "$known" ] || rules=(--stub-version "$known")
}

@test "PCR 11 and policies of each profile are those of the newest systemd-measure" {
	newest
	like_systemd_measure "${rules[@]}"
}

# like_ukify OPTION...: measure with these predicts of its image what ukify does
like_ukify() {
	ukify --stub "$NEW/lib/systemd/boot/efi/addonx64.efi.stub" --profile 'ID=rescue' --cmdline single \
		--initrd extra --output rescue.efi
	ukify --stub "$NEW_STUB" --linux "$IMAGE" --initrd "$K/initrd" --cmdline "@$K/cmdline" --os-release "@$K/os-release" \
		--uname 6.18.15 --profile 'ID=main' --join-profile rescue.efi --measure --pcr-banks sha256 \
		--splash "$K/splash.bmp" --microcode extra --output u.efi >theirs
	[ "$(grep -c '^11:sha256' theirs)" = 8 ]
	[ "$(sed -n 's/^11:sha256=//p' theirs)" = "$(kseal uki measure "$@" u.efi | sed '/ -$/d; s/.*=//; s/ .*//')" ]
	[ "$(kseal uki show --json u.efi | jq -r '.profiles[1].cmdline')" = single ]
	run -0 kseal uki lint u.efi
	kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" --output s.efi u.efi
}

@test "measure reads the profiles of a UKI that ukify made" {
	newer
	like_ukify
}

@test "measure reads the profiles of a UKI that the newest ukify made" {
	newest
	like_ukify "${rules[@]}"
}

@test "what a stub measures is not guessed, and whoever knows says whose rules hold" {
	version_at() { echo $(($(kseal uki show --json u.efi | jq '.sections[] | select(.name == ".sdmagic").offset') + 30)); }
	newest=$(sed -n 's/^#define KS_UKI_NEWEST_STUB \([0-9]*\)U$/\1/p' "$ROOT/sign/ops/uki_sections.h")
	uki
	before=$(values u.efi)
	cp "$STUB" stub.efi
	for version in 251 253 $((newest + 1)) 300 999; do
		printf %s "$version" | dd of=u.efi bs=1 seek="$(version_at)" conv=notrunc status=none
		run -1 --separate-stderr kseal uki measure u.efi
		[ -z "$output" ]
		# shellcheck disable=SC2154 # bats sets it
		[[ $stderr == *"only of 252 and 254 to $newest"*"--stub-version N"*": $version"* ]]
		[ "$(values u.efi --stub-version 252)" = "$before" ]
		[ "$(kseal uki measure --json --stub-version 254 u.efi | jq .stub)" = 254 ]
		# Nor are policies signed by a guess, at once or later.
		printf %s "$version" | dd of=stub.efi bs=1 seek="$(grep -abo 'systemd-stub 2' stub.efi | head -n 1 | sed 's/:.*//' |
			awk '{ print $1 + 13 }')" conv=notrunc status=none
		rm -f p.efi m.json
		pcr=(--stub stub.efi --pcr-cert "$K/signer.pem" --output p.efi)
		build=(kseal uki build --linux "$IMAGE" --os-release "$K/os-release" --cmdline a)
		run -1 "${build[@]}" "${pcr[@]}" --pcr-key "$K/signer.key"
		said "only of 252 and 254 to $newest"
		[ ! -e p.efi ]
		"${build[@]}" "${pcr[@]}" --pcr-key "$K/signer.key" --stub-version 252
		"${build[@]}" "${pcr[@]}"
		run -1 kseal offline prepare --manifest m.json --uki-pcr p.efi --uki-pcr-output o.efi --uki-pcr-cert "$K/signer.pem"
		said "only of 252 and 254 to $newest"
		[ ! -e m.json ]
		cp "$STUB" stub.efi
	done
	for bad in 0 251 253 $((newest + 1)) '' x 252x 0252 -252 252.1; do
		run -2 kseal uki measure --stub-version "$bad" u.efi
	done
	printf 'no' | dd of=u.efi bs=1 seek="$(($(version_at) - 30))" conv=notrunc status=none
	run -1 kseal uki measure u.efi
	said 'not systemd-stub'
}

@test "a text that is not a profile is refused with the reason" {
	newer
	for bad in 'TITLE=a' 'ID=' 'ID=a b' 'ID=a\nID=b' 'ID=a\nNAME=b' 'ID=a\nCMDLINE=@' 'ID=a\nINITRD=nosuch' 'ID=a\nfoo' \
		'ID=a\nDTB=extra' 'ID=a\nSPLASH=extra' 'ID=a\nCMDLINE=a\nCMDLINE=b' 'ID=a\0' \
		'ID=a\nTITLE=""\nTITLE=b'; do
		printf '%b' "$bad\n" >bad
		run uki --stub "$NEW_STUB" --profile bad
		[ "$status" = 1 ] || { echo "$bad: $status $output"; return 1; }
	done
	[ ! -e u.efi ]
	uki --stub "$NEW_STUB" --profile main
}

@test "files of a profile are looked for beside it" {
	newer
	mkdir sub
	mv rescue extra sub/
	echo 'root=/dev/vda' >sub/line
	sed -i 's/^CMDLINE=.*/CMDLINE=@line/' sub/rescue
	uki --stub "$NEW_STUB" --profile sub/rescue
	[ "$(kseal uki show --json u.efi | jq -r '.profiles[0].cmdline')" = root=/dev/vda ]
}
