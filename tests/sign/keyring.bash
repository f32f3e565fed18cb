# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Certificates, manifests, and kernels that are nothing but their lists, for the tests of keyring verbs.

# make_cert NAME [openssl req option...]: NAME.pem, NAME.der, NAME.key
make_cert() {
	local name=$1
	shift
	[ $# -gt 0 ] || set -- -newkey ec -pkeyopt ec_paramgen_curve:secp384r1
	openssl req -x509 -new -nodes -keyout "$name.key" -out "$name.pem" \
		-subj "/O=an organisation/CN=certificate $name" -days 30 "$@" 2>/dev/null
	openssl x509 -in "$name.pem" -outform DER -out "$name.der"
}

# fingerprint FILE: SHA-256 of the DER, by another program than the one under test
fingerprint() {
	openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1
}

# make_manifest DIR [NAME PURPOSES]...: DIR/DIR.keyring
make_manifest() {
	local dir=$1
	shift
	rm -rf "$dir"
	mkdir -p "$dir/certs"
	while [ $# -gt 0 ]; do
		cp "$1.pem" "$dir/certs"
		echo "$1 $(fingerprint "$1.pem") $2" >>"$dir/$dir.keyring"
		shift 2
	done
}

# make_kernel FILE NAME REVOKED.der: an object with the kernel's two lists and their symbols
make_kernel() {
	printf '%s\n' '.section .init.rodata, "a"' ".globl system_certificate_list" \
		"system_certificate_list: .incbin \"$2.der\"" '1: .align 8' \
		'system_certificate_list_size: .quad 1b - system_certificate_list' 'module_cert_size: .quad 0' \
		"revocation_certificate_list: .incbin \"$3\"" '2: .align 8' \
		'revocation_certificate_list_size: .quad 2b - revocation_certificate_list' >"$1.S"
	gcc -c -o "$1" "$1.S"
}

# make_bzimage FILE VMLINUX PROGRAM...: what the PROGRAM compresses in a header with its place
make_bzimage() {
	local out=$1 in=$2
	shift 2
	"$@" <"$in" >"$out.payload"
	[ "$1" = gzip ] || python3 -c 'import os, sys; sys.stdout.buffer.write(os.path.getsize(sys.argv[1]).to_bytes(4, "little"))' \
		"$in" >>"$out.payload"
	python3 - "$out" <<'PY'
import struct, sys
payload = open(sys.argv[1] + ".payload", "rb").read()
head = bytearray(1024)
head[0x1f1] = 1
head[0x1fe:0x206] = b"\x55\xaa\xeb\x6aHdrS"
struct.pack_into("<H", head, 0x206, 0x20f)
struct.pack_into("<II", head, 0x248, 64, len(payload))
open(sys.argv[1], "wb").write(bytes(head) + b"C" * 64 + payload + b"code behind it" * 100)
PY
}
