#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal extract: each part is what another program cuts out or unpacks.

load ../helpers
load keyring
load uki

setup_file() {
	make_parts
	for name in signer other; do
		openssl x509 -in $name.pem -outform DER -out $name.der
	done
	printf 'CONFIG_MODULES=y\nCONFIG_SYSTEM_REVOCATION_KEYS="x.pem"\n' >config
	gzip -n <config >config.gz
	make_kernel kernel.o signer other.der
	printf '%s\n' '.section .rodata, "a"' '.ascii "IKCFG_ST"' '.incbin "config.gz"' '.ascii "IKCFG_ED"' >more.S
	gcc -c -o more.o more.S
	ld -Ttext-segment=0xffffffff81000000 -e 0 -o vmlinux kernel.o more.o
	make_bzimage gzip.bz vmlinux gzip
	make_bzimage zstd.bz vmlinux zstd -q
	make_bzimage xz.bz vmlinux xz --check=crc32
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
}

@test "sections are those of objcopy, as long as they are in memory" {
	uki
	nr=0
	for name in $(objdump -h u.efi | awk '$2 ~ /^\./ { print $2 }'); do
		section "$name" u.efi >want
		kseal extract u.efi "$name" --output got
		cmp want got
		nr=$((nr + 1))
	done
	[ "$nr" -ge 8 ]
	kseal extract u.efi .initrd | cmp - "$K/initrd"
	kseal extract u.efi .linux | cmp - "$IMAGE"
	kseal extract u.efi .osrel | cmp - "$K/os-release"
}

@test "a section that is there several times is asked for by its number" {
	newer
	printf 'ID=a\n' >a.profile
	printf 'ID=b\nCMDLINE=quiet\n' >b.profile
	uki --stub "$NEW_STUB" --profile a.profile --profile b.profile
	[ "$(kseal extract u.efi .profile:0)" = ID=a ]
	[ "$(kseal extract u.efi .profile:1)" = ID=b ]
	[ "$(kseal extract u.efi .cmdline:0)" = console=ttyS0 ]
	[ "$(kseal extract u.efi .cmdline:1)" = quiet ]
	run -1 kseal extract u.efi .profile
	said 'ask for one of: .profile:0 to .profile:1'
	run -1 kseal extract u.efi .profile:2
	said 'sections of this name: 3 needed, only 2 there'
	# One number will do where there is but one.
	kseal extract u.efi .osrel:0 | cmp - "$K/os-release"
}

@test "signatures of an image are what sbattach detaches, each by its number" {
	sbsign --key "$K/signer.key" --cert "$K/signer.pem" --output one.efi "$IMAGE" 2>/dev/null
	sbsign --key "$K/other.key" --cert "$K/other.pem" --output two.efi one.efi 2>/dev/null
	sbattach --detach want one.efi
	kseal extract one.efi signature --output got
	# The table pads to 8, the message is what it says.
	head -c "$(stat -c %s got)" want | cmp - got
	[ $(($(stat -c %s want) - $(stat -c %s got))) -lt 8 ]
	openssl pkcs7 -inform DER -in got -print_certs -noout | grep -q 'test signer'
	kseal extract two.efi signature:1 | cmp - got
	kseal extract two.efi signature:2 | openssl pkcs7 -inform DER -print_certs -noout | grep -q 'test other'
	run -1 kseal extract two.efi signature
	said 'signature:1 to signature:2'
	for nr in 0 3; do
		run -1 kseal extract two.efi signature:$nr
		said 'number of the signature'
	done
	run -3 kseal extract "$IMAGE" signature
	said 'image is not signed'
}

@test "a module's signature is the CMS that openssl verifies with the rest of it" {
	new_module m.ko
	cp m.ko content
	run -3 kseal extract m.ko signature
	kseal module sign --key "$K/signer.key" --cert "$K/signer.pem" m.ko
	kseal extract m.ko signature --output sig
	openssl cms -verify -binary -inform DER -in sig -content content -certfile "$K/signer.pem" -noverify -out /dev/null
	head -c 100 content >other
	run ! openssl cms -verify -binary -inform DER -in sig -content other -certfile "$K/signer.pem" -noverify -out /dev/null
	zstd -q m.ko
	kseal extract m.ko.zst signature | cmp - sig
	run -1 kseal extract m.ko .text
	said 'file is not an EFI image'
}

@test "payload, config and certificates out of kernels, compressed in any way" {
	for file in vmlinux gzip.bz zstd.bz xz.bz; do
		kseal extract "$K/$file" payload | cmp - "$K/vmlinux"
		kseal extract "$K/$file" config | cmp - "$K/config"
		kseal extract "$K/$file" certificates | openssl x509 -outform DER | cmp - "$K/signer.der"
		kseal extract "$K/$file" revoked | openssl x509 -outform DER | cmp - "$K/other.der"
	done
	# The same through a UKI.
	uki
	read -r off bytes < <(kseal inspect --json u.efi |
		jq -r '.files[0].pe.sections[] | select(.name == ".linux") | "\(.offset) \(.bytes)"')
	{
		cat "$K/zstd.bz"
		head -c $((bytes - $(stat -c %s "$K/zstd.bz"))) /dev/zero
	} | dd of=u.efi bs=1 seek="$off" conv=notrunc status=none
	kseal extract u.efi payload | cmp - "$K/vmlinux"
	kseal extract u.efi config | cmp - "$K/config"
	kseal extract u.efi certificates | openssl x509 -outform DER | cmp - "$K/signer.der"
	objcopy --remove-section .rodata "$K/vmlinux" bare
	run -3 kseal extract bare config
	said 'no configuration in it'
	run -1 kseal extract "$IMAGE" payload
	said 'no kernel and no UKI'
}

@test "an arm64 kernel of EFI_ZBOOT gives its Image" {
	corpus=$ROOT/sign/fuzz/corpus/bzimage
	for kind in gzip zstd; do
		kseal extract "$corpus/zboot-$kind" payload >got
		off=$(od -An -tu4 -j8 -N4 "$corpus/zboot-$kind")
		size=$(od -An -tu4 -j12 -N4 "$corpus/zboot-$kind")
		tail -c +$((off + 1)) "$corpus/zboot-$kind" | head -c "$size" | "$kind" -dc >want
		cmp want got
	done
}

@test "the output is whole or not there, and nothing is written for what fails" {
	uki
	run -3 kseal extract u.efi .nothing --output out
	said 'image has no such section: .nothing'
	[ ! -e out ]
	run -1 kseal extract u.efi revoked --output out
	[ ! -e out ]
	echo before >out
	head -c 1000 u.efi >short
	run -1 kseal extract short .cmdline --output out
	[ "$(cat out)" = before ]
	kseal extract u.efi .cmdline --output out
	[ "$(cat out)" = console=ttyS0 ]
	run -1 kseal extract u.efi .cmdline --output nowhere/out
	said 'nowhere'
	# A full disk is a failure of stdout too.
	[ ! -w /dev/full ] || {
		# shellcheck disable=SC2016 # the inner shell's own variables
		run -1 bash -c '"$KSEAL_BIN/kseal" extract u.efi .linux >/dev/full'
		said 'cannot write'
	}
}

@test "usage: a file and a part, whose name means something" {
	run -2 kseal extract x
	said 'a file and the name of a part are wanted'
	run -2 kseal extract a b c
	run -2 kseal extract --quiet "$IMAGE" .text
	said 'give a file with --output'
	kseal extract --quiet "$IMAGE" .text --output out
	[ -s out ]
	run -1 kseal extract "$IMAGE" ''
	said 'no part has this name'
	for part in .text: .text:x .text:-1 .text:99999 "$(printf '%080d' 1)"; do
		run -1 kseal extract "$IMAGE" "$part"
		[ "${#lines[@]}" = 1 ]
	done
	run -1 kseal extract "$IMAGE" payload:1
	said 'leave its number out'
	run -1 kseal extract "$K/os-release" .text
	said 'file is not an EFI image'
}
