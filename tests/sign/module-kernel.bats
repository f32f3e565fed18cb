#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The kernel's own loader beside kseal: elf_validity_cache_copy() and what load_module() asks after it,
# and the decoders of MODULE_DECOMPRESS, compiled out of the pinned sources. KSEAL_ROUNDS is how many
# changed modules they are asked about.

load ../helpers
load module-kernel

LOADER=(kernel/module/main.c kernel/module/internal.h kernel/module/strict_rwx.c kernel/module/decompress.c
	arch/x86/kernel/module.c include/linux/moduleloader.h include/linux/xz.h include/linux/zlib.h
	include/linux/zutil.h include/linux/zconf.h lib/xz/xz_{crc32,dec_bcj,dec_lzma2,dec_stream}.c lib/xz/xz_{lzma2,private,stream}.h
	lib/zlib_inflate/{inflate,inffast,inftrees}.c lib/zlib_inflate/{inflate,inffast,inftrees,infutil,inffixed}.h)

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	kernel_sources "${LOADER[@]}"
	export SOURCES
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	: "${KSEAL_LIB:=$ROOT/out/lib/libkseal.a}"
}

# loader MODULE: module-oracle for modules with a struct module like that one's
loader() {
	{
		cut_out include/linux/moduleloader.h apply_relocate
		cut_out kernel/module/internal.h load_info same_magic
		cut_out kernel/module/strict_rwx.c module_enforce_rwx_sections
		cut_out arch/x86/kernel/module.c __write_relocate_add
		cut_out kernel/module/main.c find_sec find_any_unique_sec module_next_tag_pair get_next_modinfo \
			get_modinfo try_to_force_load find_pcpusec ignore_undef_symbol validate_section_offset \
			elf_validity_{ehdr,cache_{sechdrs,secstrings,index,strtab,copy}} \
			elf_validity_cache_index_{info,mod,sym,str,versions} rewrite_section_headers \
			check_modinfo_livepatch check_modinfo setup_modinfo simplify_symbols apply_relocations
	} >kernel.inc
	bytes=$(readelf -SW "$1" | sed -n 's/.* \.gnu\.linkonce\.this_module *PROGBITS *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\) .*/\1/p')
	# The kernel's code is as it is: what is sanitized is the library.
	gcc -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -fno-strict-aliasing -DSTRUCT_BYTES=$((0x$bytes)) \
		-I"$ROOT/sign" -isystem . -c -o module-oracle.o "$ROOT/tests/sign/module-oracle.c"
	link_oracle module-oracle "$KSEAL_LIB"
}

@test "of changed modules kseal says what the kernel's loader does: errno and line of log" {
	loader "$KO"
	ASAN_OPTIONS=handle_segv=0:handle_sigbus=0:detect_leaks=0 run -0 ./module-oracle "$KO" "${KSEAL_ROUNDS:-20000}" "${KSEAL_SEED:-1}"
	echo "# $output" >&3
	[[ $output =~ ^([0-9]+)\ of\ ([0-9]+)\ load,\ ([0-9]+)\ refused,\ .*\ 0\ differ$ ]]
	# Each answer has its control, and "cannot tell" stays the exception.
	((BASH_REMATCH[1] > BASH_REMATCH[2] / 5 && BASH_REMATCH[3] > BASH_REMATCH[2] / 5))
	[[ $output =~ ([0-9]+)\ where\ kseal\ cannot\ tell ]]
	((BASH_REMATCH[1] < ${KSEAL_ROUNDS:-20000} / 5))
}

# decoders: stream-oracle
decoders() {
	mkdir linux
	cp "$SOURCES"/include/linux/{xz,zlib,zutil,zconf}.h linux
	cp linux/xz.h .
	: | tee linux/{string,kernel,slab,vmalloc,module,init}.h
	printf '#include "stream-kernel.h"\n#include "xz.h"\n' >xz_config.h
	cut_out kernel/module/decompress.c module_gzip_header_len module_gzip_decompress module_xz_decompress >streams.inc
	gcc -std=gnu11 -O1 -w -include "$ROOT/tests/sign/stream-kernel.h" -I"$ROOT/tests/sign" -I. -I"$SOURCES/lib/xz" \
		-I"$SOURCES/lib/zlib_inflate" -o stream-oracle "$ROOT/tests/sign/stream-oracle.c" \
		"$SOURCES"/lib/xz/xz_{crc32,dec_bcj,dec_lzma2,dec_stream}.c \
		"$SOURCES"/lib/zlib_inflate/{inflate,inffast,inftrees}.c
}

# gzip_with FLAGS: plain.gz with the fields of stdin in its header
gzip_with() {
	printf '\x1f\x8b\x08%b\0\0\0\0\0\x03' "$1"
	cat
	tail -c +11 plain.gz
}

streams() {
	local check filters nr=0

	for check in none crc32 crc64 sha256; do
		xz --check=$check -c s.ko >streams/check-$check.ko.xz
	done
	while read -r filters; do
		# Older programs do not know all of them.
		# shellcheck disable=SC2086 # options
		! xz --check=crc32 $filters -c s.ko >f.ko.xz 2>/dev/null || mv f.ko.xz streams/filters-$((nr += 1)).ko.xz
	done <<-'EOF'
		--lzma2
		--x86 --lzma2
		--powerpc --lzma2
		--ia64 --lzma2
		--arm --lzma2
		--armthumb --lzma2
		--arm64 --lzma2
		--riscv --lzma2
		--sparc --lzma2
		--delta=dist=1 --lzma2
		--x86=start=4096 --lzma2
		--x86 --delta --lzma2
		--x86 --arm --lzma2
		--lzma2=dict=64MiB
		--lzma2=lc=0,lp=2,pb=0
		--block-size=1000
		--block-size=1000 --x86 --lzma2
		-9e
		-T4 --block-size=2000
	EOF
	gzip -n -c s.ko >plain.gz
	for nr in 1 6 9; do gzip -N -$nr -c s.ko >streams/level-$nr.ko.gz; done
	gzip_with '\x00' </dev/null >streams/plain.ko.gz
	gzip_with '\x01' </dev/null >streams/text.ko.gz
	printf 'name\0' | gzip_with '\x08' >streams/name.ko.gz
	printf '\2\0ab' | gzip_with '\x04' >streams/extra.ko.gz
	printf 'comment\0' | gzip_with '\x10' >streams/comment.ko.gz
	printf 'name\0comment\0' | gzip_with '\x18' >streams/name-comment.ko.gz
}

@test "of streams by xz and gzip kseal says what the kernel's decoders do" {
	new_cert signer
	new_module s.ko
	kseal module sign --key signer.key --cert signer.pem s.ko
	mkdir streams
	streams
	decoders
	./stream-oracle streams/* | paste - <(printf '%s\n' streams/*) >want
	grep -q ^0 want
	grep -q ^22 want
	run -3 --separate-stderr kseal module verify --trust signer.pem --json streams
	jq -r '.files[] | "\(.in.sig_enforce.errno_value)\t\(.file)"' <<<"$output" | LC_ALL=C sort -k2 | diff <(LC_ALL=C sort -k2 want) -
}
