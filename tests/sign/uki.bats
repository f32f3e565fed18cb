# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal uki build, show and measure with the machine's own systemd-stub.

load ../helpers
load uki

sign() { kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" "$@"; }

@test "a UKI has the sections that were asked for, and verifies when signed" {
	echo "kseal.linux,1,kseal,linux,6.18.15,https://example.org/" >sbat
	uki --sbat sbat --splash "$K/splash.bmp" --dtb "$K/board.dtb"
	objdump -h u.efi >sections
	for s in .linux .initrd .cmdline .osrel .uname .sbat .splash .dtb; do grep -qF " $s " sections; done
	[ "$(section .cmdline u.efi)" = "console=ttyS0" ]
	section .linux u.efi >linux
	cmp "$IMAGE" linux -n "$(stat -c %s "$IMAGE")"
	section .splash u.efi | cmp - "$K/splash.bmp"
	section .dtb u.efi | cmp - "$K/board.dtb"
	sign --output s.efi u.efi
	sbverify --cert "$K/signer.pem" s.efi
}

@test "added sections start at pages, and .linux is the last one" {
	uki --splash "$K/splash.bmp"
	kseal uki show --json u.efi >show.json
	check_json --control kseal/uki-show <show.json
	[ "$(jq '[.sections[] | select(.name == (".osrel", ".cmdline", ".splash", ".initrd", ".linux")) |
		.rva % 4096] | unique == [0]' show.json)" = true ]
	[ "$(jq -r '.sections[-1].name' show.json)" = .linux ]
}

@test "the command line is text or a file with @, without the editor's newline" {
	echo "console=ttyS0" >c.txt
	kseal uki build --stub "$STUB" --linux "$IMAGE" --os-release "$K/os-release" --output u.efi --cmdline @c.txt
	[ "$(section .cmdline u.efi | wc -c)" = 13 ]
	kseal uki build --stub "$STUB" --linux "$IMAGE" --os-release "$K/os-release" --output u.efi --cmdline 'a b'
	[ "$(section .cmdline u.efi)" = 'a b' ]
}

@test "the same parts give the same UKI" {
	uki --splash "$K/splash.bmp" --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem"
	mv u.efi first.efi
	uki --splash "$K/splash.bmp" --pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem"
	cmp first.efi u.efi
}

@test "SBAT lines follow the stub's own, once, and must be SBAT" {
	echo "kseal.linux,1,kseal,linux,6.18.15,https://example.org/" >sbat
	uki --sbat sbat
	section .sbat u.efi >got
	[ "$(grep -c '^sbat,' got)" = 1 ]
	grep -aq '^systemd,' got
	grep -aq '^kseal.linux,1,' got
	echo "kseal,one,kseal" >sbat
	run -1 uki --sbat sbat
	said ".sbat"
}

@test "PCR 11 is the one that systemd-measure of the stub's version computes" {
	[ -x "$MEASURE" ] || skip "systemd-measure is not installed"
	uki --splash "$K/splash.bmp" --dtb "$K/board.dtb"
	for phase in "" enter-initrd enter-initrd:leave-initrd:sysinit:ready; do
		theirs=$("$MEASURE" calculate --bank=sha256 --phase="$phase" --linux="$IMAGE" --osrel="$K/os-release" \
			--cmdline="$K/cmdline" --initrd="$K/initrd" --splash="$K/splash.bmp" --dtb="$K/board.dtb" |
			sed -n 's/^11:sha256=//p')
		[ -n "$theirs" ]
		[ "$(values u.efi --phases "$phase")" = "$theirs" ]
	done
}

@test "without --phases there is the end of the stub and what systemd signs by default" {
	uki
	kseal uki measure --json u.efi >m.json
	check_json --control kseal/uki-measure <m.json
	[ "$(jq -r '.profiles[0].phases[].path' m.json | tr '\n' ' ')" = " enter-initrd enter-initrd:leave-initrd \
enter-initrd:leave-initrd:sysinit enter-initrd:leave-initrd:sysinit:ready " ]
	[ "$(jq -r '.profiles[0].phases[].value' m.json)" = "$(values u.efi)" ]
	[ "$(jq .stub m.json)" -ge 252 ]
}

@test "show tells the texts and counts the signatures" {
	uki
	run -0 kseal uki show u.efi
	said "@0 cmdline: console=ttyS0"
	said "@0 os: kseal test"
	said "@0 uname: 6.18.15"
	said "0 signatures"
	sign --output s.efi u.efi
	[ "$(kseal uki show --json s.efi | jq .nr_signatures)" = 1 ]
}

@test "building and signing in one pass gives the bytes of both after each other" {
	export SOURCE_DATE_EPOCH=1767225600
	head -c 3333333 /dev/urandom >file
	echo file | cpio -o -H newc --quiet >big
	common=(--pcr-key "$K/signer.key" --pcr-cert "$K/signer.pem" --initrd big)
	uki "${common[@]}"
	sign --output two.efi u.efi
	uki "${common[@]}" --key "$K/signer.key" --cert "$K/signer.pem"
	cmp u.efi two.efi
	sbverify --cert "$K/signer.pem" u.efi
	run -3 kseal pe verify --trust "$K/other.pem" u.efi
	rm u.efi
	run -1 uki --key "$K/signer.key"
	said "no certificate comes with this key, give --cert"
	run -1 uki --cert "$K/signer.pem"
	said "--cert goes with --key"
	# A failure on the way leaves the old file and nothing beside it.
	uki
	cp u.efi old.efi
	run uki --key "$K/other.key" --cert "$K/signer.pem"
	[ "$status" != 0 ]
	cmp u.efi old.efi
	[ "$(find . -name 'u.efi*' | wc -l)" = 1 ]
}

@test "a full disk fails and leaves nothing" {
	[ "$(id -u)" = 0 ] || skip "needs root for a tmpfs"
	mkdir full
	mount -t tmpfs -o size=64k none full || skip "cannot mount a tmpfs here"
	run -1 kseal uki build --stub "$STUB" --linux "$IMAGE" --os-release "$K/os-release" --cmdline a \
		--key "$K/signer.key" --cert "$K/signer.pem" --output full/u.efi
	left=$(find full -type f | wc -l)
	umount full
	[ "$left" = 0 ]
	said "No space left on device"
}

@test "parts that would not boot are refused" {
	common=(--os-release "$K/os-release" --output x.efi --cmdline a)
	echo text >text
	run -1 kseal uki build --stub text --linux "$IMAGE" "${common[@]}"
	said "kseal: text: not a PE image"
	run -1 kseal uki build --stub "$IMAGE" --linux "$IMAGE" "${common[@]}"
	said "not systemd-stub"
	run -1 kseal uki build --stub "$STUB" --linux text "${common[@]}"
	run -1 kseal uki build --stub "$STUB" --linux "$IMAGE" --os-release text --output x.efi \
		--cmdline "$(head -c 2048 /dev/zero | tr '\0' a)"
	said "over 2047 bytes"
	printf 'a\0b' >nul
	run -1 kseal uki build --stub "$STUB" --linux "$IMAGE" --os-release nul --cmdline a --output x.efi
	said "NUL"
	[ ! -e x.efi ]
	kseal uki build --stub "$STUB" --linux "$IMAGE" "${common[@]}"
}

@test "a splash that is no BMP and a device tree with a wrong header are refused" {
	printf 'PNG' >bad
	run -1 uki --splash bad
	said "splash is not a BMP image"
	printf 'BM\xff\0\0\0' >bad
	run -1 uki --splash bad
	said "255 needed, only 6 there"
	head -c 40 /dev/zero >bad
	run -1 uki --dtb bad
	said "not a flattened device tree"
	head -c 39 "$K/board.dtb" >bad
	run -1 uki --dtb bad
	said "40 needed, only 39 there"
	[ ! -e u.efi ]
	uki --splash "$K/splash.bmp" --dtb "$K/board.dtb"
}

@test "an image that is no UKI is not an input of show and measure" {
	run -1 kseal uki show "$IMAGE"
	said "no .linux section"
	run -1 kseal uki measure "$STUB"
	said "no .linux section"
}
