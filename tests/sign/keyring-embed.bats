#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal keyring embed: certificates into the reserve of kernels that are nothing but their lists. The
# oracle is the kernel's own insert-sys-cert.

load ../helpers
load keyring
load module-kernel

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	make_cert built
	make_cert one
	make_cert two
	make_cert gone
	make_reserve vmlinux built.der gone.der 4096
	make_reserve small built.der gone.der 900
	cat one.pem two.pem >both.pem
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
}

# make_reserve FILE LIST.der REVOKED.der BYTES [FILL]: a kernel with room for more certificates; FILL is
# a file of BYTES that stands in the room, which is else empty. It has some MiB, since of a small one a shorter
# stream in the place of the old one would be refused.
make_reserve() {
	local room=".fill $4, 1, 0"
	[ -z "${5-}" ] || room=".incbin \"$5\""
	printf 'CONFIG_SYSTEM_EXTRA_CERTIFICATE=y\nCONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE=%s\nCONFIG_SYSTEM_REVOCATION_KEYS="x"\n' "$4" |
		gzip -n >"$1.config"
	printf '%s\n' '.section .init.rodata, "a"' '.globl system_certificate_list' 'system_certificate_list:' \
		"0: .incbin \"$2\"" '1:' '.globl system_extra_cert' ".size system_extra_cert, $4" \
		"system_extra_cert: $room" '.align 4' '.globl system_extra_cert_used' \
		'system_extra_cert_used: .int 0' '.align 8' '.globl system_certificate_list_size' \
		'system_certificate_list_size: .quad 1b - 0b' '.align 8' '.globl module_cert_size' \
		'module_cert_size: .quad 0' '.align 8' 'revocation_certificate_list:' ".incbin \"$3\"" '2: .align 8' \
		'revocation_certificate_list_size: .quad 2b - revocation_certificate_list' \
		'.ascii "IKCFG_ST"' ".incbin \"$1.config\"" '.ascii "IKCFG_ED"' \
		'.section .data, "aw"' '.fill 4 << 20, 1, 0' >"$1.S"
	gcc -c -o "$1.o" "$1.S"
	# Linked, as vmlinux is: sections have addresses. And stripped, as what a bzImage holds.
	ld -Ttext-segment=0xffffffff81000000 -e 0 -o "$1" "$1.o"
	strip -o "$1.stripped" "$1"
}

# unpacked BZIMAGE PROGRAM...: what is compressed in it, by another program than the one under test
unpacked() {
	local file=$1
	shift
	python3 -c 'import struct, sys
image = open(sys.argv[1], "rb").read()
off, size = struct.unpack_from("<II", image, 0x248)
sys.stdout.buffer.write(image[1024 + off:1024 + off + size - 4])' "$file" >stream
	"$@" <stream
}

holds() { # KERNEL NAME...: these are its trusted certificates, in order
	local kernel=$1 name wanted=''
	shift
	for name; do
		wanted+="$(fingerprint "$name.pem")"$'\n'
	done
	[ "$(kseal keyring show "$kernel" | awk '$1 ~ /builtin/ { getline; print $1 }')" = "${wanted%$'\n'}" ]
}

@test "one certificate gives the bytes of the kernel's insert-sys-cert" {
	kernel_sources scripts/insert-sys-cert.c certs/system_certificates.S
	gcc -w -o insert-sys-cert "$SOURCES/scripts/insert-sys-cert.c"
	# The kernel's own list, with nothing else of it.
	mkdir -p certs include/linux
	printf '#define __INITRODATA .section ".init.rodata","a",%%progbits\n' >include/linux/init.h
	: >include/linux/export.h
	cp built.der certs/signing_key.x509
	cp gone.der certs/x509_certificate_list
	gcc -c -Iinclude -DCONFIG_64BIT -DCONFIG_SYSTEM_EXTRA_CERTIFICATE -DCONFIG_SYSTEM_EXTRA_CERTIFICATE_SIZE=4093 \
		-o kernels.o "$SOURCES/certs/system_certificates.S"
	ld -Ttext-segment=0xffffffff81000000 -e 0 -o kernels kernels.o
	for kernel in vmlinux small kernels; do
		cp "$kernel" theirs
		./insert-sys-cert -b theirs -c one.der 2>/dev/null
		kseal keyring embed --keyring one.pem --output ours "$kernel"
		cmp theirs ours
		# And a second one in the place of the first.
		./insert-sys-cert -b theirs -c two.der
		kseal keyring embed --keyring two.der --output ours ours
		cmp theirs ours
	done
	# Control: it is the certificate that makes the difference.
	run -1 cmp vmlinux ours
}

@test "several certificates are embedded, and replace those that were" {
	run -0 kseal keyring embed --keyring both.pem --output out vmlinux
	[[ $output == *"+ builtin  until "*" $(fingerprint one.pem)"* ]]
	[[ $output == *"2 new, 0 gone, 0 changed, 2 the same"* ]]
	local used
	used=$(cat one.der two.der | wc -c)
	[[ $output == *"out: $used of 4096 bytes for certificates are used" ]]
	holds out built one two
	run -0 kseal keyring embed --keyring two.pem --output out out
	[[ $output == *"- builtin  until "*" $(fingerprint one.pem)"*"0 new, 1 gone, 0 changed, 3 the same"* ]]
	holds out built two
	# What is built in is not put there again: all of them leave nothing in the reserve.
	kseal keyring embed --keyring built.pem --output out out
	cmp vmlinux out
}

@test "a kernel without symbols is read by the shape of its lists" {
	kseal keyring embed --keyring both.pem --output with vmlinux
	strip -o with.stripped with
	kseal keyring embed --keyring both.pem --output out vmlinux.stripped
	cmp with.stripped out
	holds out built one two
	# Control: nothing says how long the room is in one that does not carry its configuration.
	sed 's/IKCFG_ST/IKCFG_XX/' vmlinux.stripped >bare
	run -1 kseal keyring embed --keyring both.pem --output out2 bare
	[ ! -e out2 ]
}

@test "a kernel without symbols and configuration is read by its kallsyms" {
	kernel_sources scripts/kallsyms.c scripts/include/xalloc.h
	gcc -w -I"$SOURCES/scripts/include" -o kallsyms "$SOURCES/scripts/kallsyms.c"
	sed 's/IKCFG_ST/IKCFG_XX/' vmlinux.S >bare.S
	gcc -c -o bare.o bare.S
	at() { ld -e 0 --section-start=.init.rodata=0xffffffff82000000 --section-start=.rodata=0xffffffff81000000 \
		--defsym=_text=0xffffffff81000000 "$@"; }
	at -o first bare.o
	# As link-vmlinux.sh: the addresses of a first link, and functions, so that there are several markers.
	{ for i in {1..700}; do printf 'ffffffff8100%04x t function_number_%d\n' "$i" "$i"; done && nm -n first | sed 's/ A / T /'; } |
		sort >syms
	for option in '' --all-symbols; do
		# shellcheck disable=SC2086 # none or one
		./kallsyms $option syms >kallsyms.S
		gcc -c -DBITS_PER_LONG=64 -o kallsyms.o kallsyms.S
		at -o full bare.o kallsyms.o
		strip -o stripped full
		kseal keyring embed --keyring both.pem --output with full
		strip -o with.stripped with
		if [ -n "$option" ]; then
			run -0 kseal keyring embed --keyring both.pem --output out stripped
			cmp with.stripped out
			holds out built one two
			# As --absolute-percpu of older releases writes the offsets: base - 1 - address.
			sed '/^kallsyms_offsets:/,/^kallsyms_relative_base:/s/\.long\t/&~/' kallsyms.S >older.S
			[ "$(grep -c 'long.~' older.S)" -gt 700 ]
			gcc -c -DBITS_PER_LONG=64 -o older.o older.S
			at -o older bare.o older.o
			kseal keyring embed --keyring both.pem --output with.older older
			strip older with.older
			run -0 kseal keyring embed --keyring both.pem --output out older
			cmp with.older out
			holds out built one two
		else
			# Control: functions alone do not help.
			run -1 kseal keyring embed --keyring both.pem --output none stripped
		fi
	done
	[ ! -e none ]
}

@test "a kallsyms of another form is none, and the lists are found by their shape" {
	kernel_sources scripts/kallsyms.c scripts/include/xalloc.h
	gcc -w -I"$SOURCES/scripts/include" -o kallsyms "$SOURCES/scripts/kallsyms.c"
	make_kernel plain.o built gone.der
	at() { ld -e 0 --section-start=.init.rodata=0xffffffff82000000 --section-start=.rodata=0xffffffff81000000 \
		--defsym=_text=0xffffffff81000000 "$@"; }
	at -o first plain.o
	{ for i in {1..700}; do printf 'ffffffff8100%04x t function_number_%d\n' "$i" "$i"; done && nm -n first | sed -n 's/ A / T /; /^ffffffff/p'; } |
		sort >syms
	./kallsyms --all-symbols syms >kallsyms.S
	# Up to 6.3 the offsets, and what they count from, stood first.
	awk '/^#|^\t?\.section/ && !offsets { print; next }
		/kallsyms_offsets$/ { moved = 1 } /kallsyms_seqs_of_names$/ { moved = 0 }
		moved { first = first $0 "\n"; next } { rest = rest $0 "\n" }
		END { printf "%s%s", first, rest }' kallsyms.S >older.S
	cmp <(sort kallsyms.S) <(sort older.S)
	run -1 cmp kallsyms.S older.S
	for form in kallsyms older; do
		gcc -c -DBITS_PER_LONG=64 -o tables.o $form.S
		at -o full plain.o tables.o
		strip -o stripped full
		holds stripped built
	done
}

@test "a manifest's certificates for the kernel are embedded, and no others" {
	make_manifest m one builtin two db built builtin
	kseal keyring embed --keyring m/m.keyring --output out vmlinux
	holds out built one
	make_manifest n two db,kek
	run -1 kseal keyring embed --keyring n/n.keyring --output none vmlinux
	[[ $output == *"no certificate for builtin"* ]]
	[ ! -e none ]
}

@test "certificates that do not fit are refused with the number of bytes" {
	local over
	over=$(($(cat one.der two.der | wc -c) - 900))
	[ "$over" -gt 0 ]
	run -1 kseal keyring embed --keyring both.pem --output none small
	[[ $output == *"do not fit into the kernel's room for extra ones: $over bytes too long for 900 (E2BIG)" ]]
	[ ! -e none ]
	# Control: one of them does.
	kseal keyring embed --keyring one.pem --output out small
	holds out built one
}

@test "a kernel in a bzImage gets them too, with each compression, if its place is as long" {
	head -c 4096 /dev/urandom >noise
	make_reserve roomy built.der gone.der 4096 noise
	for program in 'gzip -n -9' 'xz --check=crc32 --x86 --lzma2=dict=128MiB' 'zstd -22 --ultra' 'lzma -9'; do
		# shellcheck disable=SC2086 # a program with its options
		make_bzimage bz roomy.stripped $program
		run -0 kseal keyring embed --keyring both.pem --output out bz
		[[ $output == *" for the compressed kernel" ]]
		[ "$(stat -c %s out)" -eq "$(stat -c %s bz)" ]
		holds out built one two
		# Everything around the payload is as it was, and in it only the reserve and two numbers.
		cmp -n 1088 bz out
		[ "$(tail -c 1400 out)" = "$(tail -c 1400 bz)" ]
		kseal keyring embed --keyring both.pem --output wanted roomy.stripped
		[ "${program%% *}" = zstd ] || unpacked out "${program%% *}" -dc 2>/dev/null | cmp - wanted
		# And out again.
		kseal keyring embed --keyring built.pem --output out out
		holds out built
	done
}

@test "a kernel is compressed as its build did it: what does not change gives the same bytes" {
	for program in 'zstd -22 --ultra' 'xz --check=crc32 --threads=1 --x86 --lzma2=dict=128MiB' 'lzma -9'; do
		# shellcheck disable=SC2086 # a program with its options
		make_bzimage bz vmlinux.stripped $program
		kseal keyring embed --keyring built.pem --output out bz
		cmp bz out
	done
	# zlib makes other blocks than gzip, and they may be shorter.
	make_bzimage bz vmlinux.stripped gzip -n -9
	kseal keyring embed --keyring built.pem --output out bz
	holds out built
}

@test "a bzImage whose payload would grow is refused with the number of bytes" {
	make_bzimage bz vmlinux.stripped zstd -22 --ultra
	run -1 kseal keyring embed --keyring both.pem --output none bz
	[[ $output =~ does\ not\ compress\ into\ its\ place.*:\ [0-9]+\ bytes\ too\ long\ for\ [0-9]+\ \(E2BIG\)$ ]]
	[ ! -e none ]
}

@test "the checksum of an old bzImage is corrected, and none is made where there was none" {
	head -c 4096 /dev/urandom >noise
	make_reserve roomy built.der gone.der 4096 noise
	make_bzimage bz roomy.stripped xz --check=crc32
	python3 -c 'import sys, zlib
image = open("bz", "rb").read()[:-4]
open("old", "wb").write(image + (zlib.crc32(image) ^ 0xffffffff).to_bytes(4, "little"))'
	kseal keyring embed --keyring both.pem --output out old
	python3 -c 'import zlib
image = open("out", "rb").read()
assert int.from_bytes(image[-4:], "little") == zlib.crc32(image[:-4]) ^ 0xffffffff'
	kseal keyring embed --keyring both.pem --output out bz
	[ "$(tail -c 4 out)" = "$(tail -c 4 bz)" ]
}

@test "what is revoked in the kernel, has expired or is not for a kernel is refused" {
	run -3 kseal keyring embed --keyring gone.pem --output none vmlinux
	[[ $output == *"list of revoked ones"* ]]
	make_cert short -newkey ed25519
	run -1 kseal keyring embed --keyring short.pem --output none vmlinux
	[[ $output == *ED25519* ]]
	openssl req -x509 -new -nodes -key one.key -out past.pem -subj "/CN=a certificate that is past its time, and long" \
		-not_before 20200101000000Z -not_after 20210101000000Z 2>/dev/null ||
		faketime '2020-01-01' openssl req -x509 -new -nodes -key one.key -out past.pem -days 30 \
			-subj "/CN=a certificate that is past its time, and long" 2>/dev/null || skip "no old certificate"
	run -1 kseal keyring embed --keyring past.pem --output none vmlinux
	[[ $output == *"has expired"* ]]
	[ ! -e none ]
}

@test "a kernel without room is a clear no, what is not a vmlinux or bzImage an error" {
	make_kernel plain built gone.der
	run -3 kseal keyring embed --keyring one.pem --output none plain
	[[ $output == *"CONFIG_SYSTEM_EXTRA_CERTIFICATE"* ]]
	run -1 kseal keyring embed --keyring one.pem --output none one.pem
	[ ! -e none ]
}

@test "a room that is not as the kernel lays it out is refused" {
	# Each of the numbers is in the file once: the length of the list, and of what is used.
	local off bytes
	off=$(nm vmlinux | awk '$3 == "system_extra_cert_used" { print $1 }')
	off=$((0x$off - 0x$(objdump -h vmlinux | awk '$2 == ".init.rodata" { print $4 }') +
		0x$(objdump -h vmlinux | awk '$2 == ".init.rodata" { print $6 }')))
	for bytes in '\001' '\001\020' '\377\377\377\377'; do
		cp vmlinux bad
		# shellcheck disable=SC2059 # an octal escape is what it is for
		printf "$bytes" | dd of=bad bs=1 seek="$off" conv=notrunc status=none
		run -1 kseal keyring embed --keyring one.pem --output none bad
		[[ $output == *"not as certs/system_certificates.S lays it out (offset 0x"*", EBADMSG)" ]]
		run -1 kseal keyring show bad
	done
	[ ! -e none ]
	# Control: what is behind the certificates in the room may be anything.
	cp vmlinux odd
	printf x | dd of=odd bs=1 seek=$((off - 8)) conv=notrunc status=none
	kseal keyring embed --keyring one.pem --output out odd
	holds out built one
}

@test "--json says what was there, what is there now, and how much room there is" {
	run -0 kseal keyring embed --json --keyring one.pem --output out vmlinux
	check_json --control kseal/keyring-embed <<<"$output"
	jq -e --arg used "$(stat -c %s one.der)" '.schema == "kseal/keyring-embed/1" and .reserve_bytes == 4096 and
		.used_bytes == ($used | tonumber) and .new == 1 and .gone == 0 and
		(.certificates | map(select(.change == "new"))[0].name) == "certificate one"' <<<"$output"
}

@test "nothing is left when the output cannot be written" {
	run -1 kseal keyring embed --keyring one.pem --output no/such/directory vmlinux
	cp vmlinux kept
	[ "$(id -u)" -ne 0 ] || skip "root writes anywhere"
	chmod a-w .
	run -1 kseal keyring embed --keyring one.pem --output kept vmlinux
	chmod u+w .
	cmp kept vmlinux
}
