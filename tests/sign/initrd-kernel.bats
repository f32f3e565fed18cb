#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The kernel's own reader of an initrd beside kseal's: unpack_to_rootfs() and the table of
# lib/decompress.c, compiled out of the pinned sources. KSEAL_ROUNDS is how many changed initrds they are
# asked about.

load ../helpers
load module-kernel

# initrd_oracle LIBRARY: ./initrd-oracle with that library
initrd_oracle() {
	{
		cut_out lib/kstrtox.c _parse_integer_fixup_radix _parse_integer_limit
		cut_out lib/vsprintf.c simple_strntoull simple_strntoul
		sed -n '/^struct compress_format {/,$p' "$SOURCES/lib/decompress.c"
		sed -n '/^static __initdata bool csum_present/,/^static int __initdata do_retain_initrd/p' \
			"$SOURCES/init/initramfs.c" | sed '/^#include/d; /do_retain_initrd/d'
	} >initramfs.inc
	# The kernel's code is as it is: what is sanitized is the library.
	gcc -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Wno-sign-compare -fno-strict-aliasing -I"$ROOT/sign" \
		-isystem . -c -o initrd-oracle.o "$ROOT/tests/sign/initrd-oracle.c"
	link_oracle initrd-oracle "$1"
}

@test "of changed initrds kseal refuses all that the kernel stops at" {
	cd "$BATS_TEST_TMPDIR"
	kernel_sources init/initramfs.c lib/decompress.c lib/vsprintf.c lib/kstrtox.c
	initrd_oracle "${KSEAL_LIB:-$ROOT/out/lib/libkseal.a}"
	mkdir -p root/sub
	echo "#!/bin/sh" >root/init
	ln root/init root/hard-link
	ln -s init root/link
	mkfifo root/pipe
	head -c 3000 /dev/urandom >root/sub/data
	(cd root && find .) >names
	cpio -D root -o -H newc --quiet <names >all.newc
	cpio -D root -o -H crc --quiet <names >all.crc
	echo init | cpio -D root -o -H newc --quiet >small
	gzip -k small
	xz -k --check=crc32 small
	zstd -q small
	ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:detect_leaks=0 run -0 ./initrd-oracle "${KSEAL_ROUNDS:-100000}" \
		"${KSEAL_SEED:-1}" all.newc all.crc small small.gz small.xz small.zst
	echo "# $output" >&3
	[[ $output == *' 0 differ' ]]
}
