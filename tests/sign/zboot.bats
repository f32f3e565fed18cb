#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Kernels of arm64: an Image, and a vmlinuz.efi that is linked of the kernel's own zboot-header.S and zboot.lds. They
# hold data and a header and nothing of the processor's, so the compiler and the linker of any machine will do.

load ../helpers
load module-kernel

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	kernel_sources drivers/firmware/efi/libstub/zboot-header.S drivers/firmware/efi/libstub/zboot.lds include/linux/pe.h \
		certs/system_certificates.S certs/revocation_certificates.S
	export SOURCES
	# The other headers of a tree want its configuration.
	mkdir -p include/linux
	cp "$SOURCES/include/linux/pe.h" include/linux
	printf '#define __INITRODATA .section ".init.rodata","a",%%progbits\n' >include/linux/init.h
	: >include/linux/export.h
	for name in one two revoked; do
		new_cert $name
		openssl x509 -in $name.pem -outform DER -out $name.der
	done
	new_module signed.ko
	kseal module sign --key one.key --cert one.pem signed.ko
	printf 'CONFIG_%s\n' MODULE_SIG=y CRYPTO_SHA512=y CRYPTO_SHA256=y CRYPTO_RSA=y 'SYSTEM_REVOCATION_KEYS="x.pem"' |
		gzip -n >config.gz
	image >Image
	for kind in gzip zstd; do
		zboot Image $kind >$kind.efi
	done
}

setup() { cd "$BATS_FILE_TMPDIR" || return 1; }

# What an Image has at its start, and somewhere behind it the kernel's own certs/*.S and what kernel/configs.c has.
# To the assembler of arm64 ".align 8" means 2^8.
image()
{
	local list

	mkdir -p certs
	: >certs/signing_key.x509
	cat one.der two.der >certs/x509_certificate_list
	cp revoked.der certs/x509_revocation_list
	for list in system revocation; do
		gcc -c -D__ASSEMBLY__ -DCONFIG_64BIT -Dalign=p2align -Iinclude -I. -o $list.o "$SOURCES/certs/${list}_certificates.S"
	done
	cat >image.S <<-'END'
		.data
		.org 0x38
		.ascii "ARM\x64"
		.org 64
		.ascii "Linux version 6.18.15-kseal (kseal@kseal) (gcc) #1 SMP"
		.ascii "IKCFG_ST"
		.incbin "config.gz"
		.ascii "IKCFG_ED"
		.fill 5000, 1, 7
	END
	gcc -c -o image.o image.S
	ld -r -o lists.o system.o revocation.o
	ld -e 0 -Ttext=0 -Tdata=0 --section-start=.init.rodata=0x10000 -o image.elf image.o lists.o
	# Never to /dev/stdout: as root it would put a file in its place.
	objcopy -O binary -j .data -j .init.rodata image.elf image.bin
	cat image.bin
}

# zboot IMAGE gzip|zstd: Makefile.zboot
zboot()
{
	local length=4

	if [[ $2 == gzip ]]; then
		gzip -n -9 <"$1" >payload
		length=0
	else
		zstd -q -19 <"$1" >payload
		printf '%08x' "$(stat -c %s "$1")" | sed 's/\(..\)\(..\)\(..\)\(..\)/\\x\4\\x\3\\x\2\\x\1/' |
			xargs -0 printf '%b' >>payload
	fi
	cat >body.S <<-'END'
		.section .gzdata, "a"
		.incbin "payload"
		.text
		.globl __efistub_efi_zboot_entry
		__efistub_efi_zboot_entry: .long 0
		.data
		.quad 1
	END
	gcc -c -o body.o body.S
	gcc -c -D__ASSEMBLY__ -DCONFIG_64BIT -DMACHINE_TYPE=IMAGE_FILE_MACHINE_ARM64 -DZBOOT_SIZE_LEN=$length \
		-DCOMP_TYPE="\"$2\"" -DZBOOT_EFI_PATH='"vmlinuz.efi.elf"' -Iinclude -o header.o \
		"$SOURCES/drivers/firmware/efi/libstub/zboot-header.S"
	ld -T "$SOURCES/drivers/firmware/efi/libstub/zboot.lds" --no-warn-rwx-segments -o zboot.elf header.o body.o
	objcopy -O binary zboot.elf zboot.bin
	cat zboot.bin
}

fingerprints()
{
	for name in one two; do
		echo "builtin $(sha256sum <$name.der | cut -d ' ' -f 1)"
	done
	echo "revoked $(sha256sum <revoked.der | cut -d ' ' -f 1)"
}

@test "the keyring of an arm64 kernel is shown, compressed or not, alone or in a UKI" {
	objcopy --add-section .linux=zstd.efi --set-section-flags .linux=contents,alloc,load,readonly,data \
		--change-section-vma .linux=0x2000000 "$STUB" uki.efi
	gzip -n <Image >Image.gz
	zstd -q <Image >Image.zst
	lz4 -l -q <Image >Image.lz4
	for file in Image Image.gz Image.zst Image.lz4 gzip.efi zstd.efi uki.efi; do
		run -0 kseal keyring show $file
		[ "$(awk 'NR % 2 { what = $1; next } { print what, $1 }' <<<"$output")" = "$(fingerprints)" ]
	done
}

@test "modules are judged by an arm64 kernel's keyring and configuration" {
	gzip -n <Image >Image.gz
	for file in Image Image.gz gzip.efi zstd.efi; do
		run -0 kseal module verify --trust $file signed.ko
		run -0 kseal module verify --json --trust $file signed.ko
		jq -e '(.kernel.trusted | length) == 2' <<<"$output"
	done
	cp signed.ko foreign.ko
	kseal module strip foreign.ko
	kseal module sign --key revoked.key --cert revoked.pem foreign.ko
	run -3 kseal module verify --trust zstd.efi foreign.ko
}

@test "what is compressed as a whole and no Image is refused, and a broken one" {
	gzip -n <one.der >der.gz
	run -1 kseal keyring show der.gz
	said 'no arm64 Image in it'
	head -c 2000 <(gzip -n <Image) >cut.gz
	run -1 kseal keyring show cut.gz
	said 'gzip stream is broken or cut short'
}

@test "what is compressed as a whole is no PE image, and the verbs of PE images say what to do" {
	printf 'ID=a\n' >os-release
	# bzip2, lzma, and lz4 without -l are what no verb unpacks.
	gzip -n <zstd.efi >whole.gzip
	xz --check=crc32 <zstd.efi >whole.xz
	zstd -q <zstd.efi >whole.zstd
	lz4 -q -l <zstd.efi >whole.lz4
	lz4 -q <zstd.efi >frame.lz4
	bzip2 <zstd.efi >whole.bzip2
	lzma -z <zstd.efi >whole.lzma
	for file in whole.* frame.lz4; do
		why="$file: file is compressed as a whole, decompress it first: ${file#*.}"
		for verb in 'pe verify --trust one.pem' 'pe show' 'pe hash' 'uki show' 'uki measure' 'efi esl --output x --image' \
			'pe strip --output x' 'pe sign --key one.key --cert one.pem --output x'; do
			# shellcheck disable=SC2086 # words
			run -1 kseal $verb $file
			[ "$output" = "kseal: $why (EOPNOTSUPP)" ]
		done
		run -3 kseal pe lint "$file"
		said "fatal: headers: file is compressed as a whole, decompress it first"
		[ ! -e x ]
	done
	for file in whole.bzip2 whole.lzma frame.lz4; do
		for verb in 'keyring show' inspect 'extract --output x' "uki build --stub $STUB --os-release os-release --cmdline a --output x --linux" \
			'module verify signed.ko --trust'; do
			part=''
			[[ $verb != extract* ]] || part=payload
			# shellcheck disable=SC2086 # words
			run -1 kseal $verb $file $part
			said "kseal: $file: file is compressed as a whole, decompress it first: ${file#*.}"
		done
	done
	[ ! -e x ]
	# The control: what they say of it when it was decompressed.
	zstd -d -q <whole.zstd >whole.efi
	run -0 kseal pe show whole.efi
	run -0 kseal inspect whole.efi
}

@test "the Image in a UKI is the Image, without what pads the section" {
	head -c 65999 Image >odd
	# Sections end at a multiple of 512 in the file, and this one does not.
	objcopy --add-section .linux=odd --set-section-flags .linux=contents,alloc,load,readonly,data \
		--change-section-vma .linux=0x2000000 "$STUB" odd.efi
	read -r bytes < <(kseal uki show --json odd.efi | jq '.sections[] | select(.name == ".linux").bytes')
	[ "$bytes" -gt 65999 ]
	kseal extract odd.efi payload | cmp - odd
	[ "$(kseal inspect --json odd.efi | jq '.files[0].kernel.unpacked_bytes')" = 65999 ]
}

@test "a vmlinuz.efi is an image that is signed and verified as any other" {
	run -0 kseal pe show zstd.efi
	run -0 kseal pe sign --key one.key --cert one.pem --output signed.efi zstd.efi
	run -0 kseal pe verify --trust one.pem signed.efi
	run -3 kseal pe verify --trust two.pem signed.efi
	run -0 kseal keyring show signed.efi
	[ "$(awk 'NR % 2 { what = $1; next } { print what, $1 }' <<<"$output")" = "$(fingerprints)" ]
	# The header's checksum was 0, and is right now.
	kseal pe strip --output stripped.efi signed.efi
	[ "$(kseal pe hash stripped.efi | cut -d " " -f 1)" = "$(kseal pe hash zstd.efi | cut -d " " -f 1)" ]
}

@test "what the header says and is not so is refused, with the place" {
	off=$(od -An -tu4 -j 8 -N 4 zstd.efi | tr -d ' ')
	# OFFSET BYTES TEXT
	while read -r at bytes text; do
		cp zstd.efi bad.efi
		printf '%b' "$bytes" | dd of=bad.efi bs=1 seek="$at" conv=notrunc status=none
		run -1 kseal keyring show bad.efi
		said "bad.efi: $text"
	done <<-END
		24 gzip EFI kernel is not compressed with what its header says
		24 lzma EFI kernel is compressed with neither gzip nor zstd
		24 \\0 compressed EFI kernel does not name its compression
		8 \\x20\\0\\0\\0 payload of the EFI kernel lies in its header
		8 \\xff\\xff\\xff\\x7f payload of the EFI kernel and its length
		12 \\xff\\xff\\xff\\xff payload of the EFI kernel and its length
		12 \\3\\0\\0\\0 payload of the EFI kernel
		$off \\1\\1\\1\\1 EFI kernel is not compressed with what its header says
	END
	# One layer: a compressed kernel in a compressed kernel.
	zboot zstd.efi zstd >twice.efi
	run -1 kseal keyring show twice.efi
	said 'payload is not an arm64 Image'
}

@test "lint compares .uname with the release that the kernel inside of it says" {
	printf '6.18.15-kseal' >right
	printf '6.18.14' >wrong
	for uname in right wrong; do
		objcopy --add-section .uname=$uname --add-section .linux=zstd.efi \
			--set-section-flags .linux=contents,alloc,load,readonly,data --change-section-vma .uname=0x1f00000 \
			--set-section-flags .uname=contents,alloc,load,readonly,data --change-section-vma .linux=0x2000000 "$STUB" $uname.efi
		run kseal uki lint $uname.efi
		[ $uname = right ] || said '.uname is not the release of the kernel in .linux'
		[ $uname = wrong ] || not_said '.uname is not the release'
		said 'kernel and stub differ in machine'
	done
}

@test "uki build takes .uname out of the kernel when it is not given" {
	# The stub of another machine, as far as a builder looks at it.
	cp "$STUB" stub.efi
	coff=$(($(od -An -t u4 -j 60 -N 4 stub.efi) + 4))
	printf '\x64\xaa' | dd of=stub.efi bs=1 seek=$coff conv=notrunc status=none
	printf 'ID=a\n' >os-release
	for file in gzip.efi zstd.efi; do
		kseal uki build --stub stub.efi --linux $file --cmdline a --os-release os-release --output u.efi
		[ "$(kseal uki show --json u.efi | jq -r '.profiles[0].uname')" = 6.18.15-kseal ]
	done
	kseal uki build --stub stub.efi --linux zstd.efi --cmdline a --os-release os-release --uname 1.2 --output u.efi
	[ "$(kseal uki show --json u.efi | jq -r '.profiles[0].uname')" = 1.2 ]
	# An Image that is compressed as a whole is what is in it; this one is no PE image.
	gzip -n <Image >Image.gz
	for file in Image Image.gz; do
		run -1 kseal uki build --stub stub.efi --linux $file --cmdline a --os-release os-release --output x.efi
		said "kseal: $file: not a PE image"
	done
	[ ! -e x.efi ]
}
