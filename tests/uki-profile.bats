# SPDX-License-Identifier: LGPL-2.1-or-later
# Profiles: several ways to boot one image, with the stub, ukify and systemd-measure of systemd 257.

load helpers
load uki

setup_file() { make_parts; }

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
	printf 'ID=main\nTITLE="Regular boot"\n' >main
	head -c 3000 /dev/zero | tr '\0' x >extra
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

@test "PCR 11 and policies of each profile are those of systemd-measure 257" {
	newer
	uki --stub "$NEW_STUB" --profile main --profile rescue --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem"
	grep -v -e '^#' -e '^$' -e CMDLINE -e INITRD rescue >rescue.text
	printf 'console=ttyS0 single' >single
	kseal uki measure --json u.efi >m.json
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

@test "measure reads the profiles of a UKI that ukify made" {
	newer
	ukify --stub "$NEW/lib/systemd/boot/efi/addonx64.efi.stub" --profile 'ID=rescue' --cmdline single \
		--initrd extra --output rescue.efi
	ukify --stub "$NEW_STUB" --linux "$IMAGE" --initrd "$K/initrd" --cmdline "@$K/cmdline" --os-release "@$K/os-release" \
		--uname 6.18.15 --profile 'ID=main' --join-profile rescue.efi --measure --pcr-banks sha256 \
		--splash "$K/splash.bmp" --microcode extra --output u.efi >theirs
	[ "$(grep -c '^11:sha256' theirs)" = 8 ]
	[ "$(sed -n 's/^11:sha256=//p' theirs)" = "$(kseal uki measure u.efi | sed '/ -$/d; s/.*=//; s/ .*//')" ]
	[ "$(kseal uki show --json u.efi | jq -r '.profiles[1].cmdline')" = single ]
}

@test "a text that is no profile is refused with the reason" {
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
