# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For the tests of kseal audit, after `load keyring`: a policy, and small kernels with a configuration of their own.

# policy LINE...: p.policy, with the source "us" declared
policy() { printf '%s\n' 'source us our own settings' "$@" >p.policy; }

# config LINE...: .config, of Linux 6.18 on x86-64
config() { printf '%s\n' '#' '# Linux/x86 6.18.15 Kernel Configuration' '#' CONFIG_X86_64=y "$@" >.config; }

# kernel RELEASE: bz, a bzImage that holds .config and that release
kernel() {
	[ -e signer.der ] || make_cert signer
	[ -e revoked.der ] || make_cert revoked
	gzip -n <.config >config.gz
	make_kernel kernel.o signer revoked.der
	printf '%s\n' '.section .rodata, "a"' '.ascii "IKCFG_ST"' '.incbin "config.gz"' '.ascii "IKCFG_ED"' \
		".asciz \"Linux version $1-test (somebody@somewhere) #1 SMP\"" >more.S
	gcc -c -o more.o more.S
	ld -Ttext-segment=0xffffffff81000000 -e 0 -o vmlinux kernel.o more.o
	make_bzimage bz vmlinux gzip
	efi_stub bz
}

# efi_stub BZIMAGE: give it the PE headers of an EFI stub, as a UKI wants them: one section, of all behind the headers
efi_stub() {
	python3 - "$1" <<'PY'
import struct, sys
image = bytearray(open(sys.argv[1], "rb").read())
image += bytes(-len(image) % 512)
body = len(image) - 1024
image[0:2] = b"MZ"
struct.pack_into("<I", image, 0x3c, 0x40)
struct.pack_into("<4sHHIIIHH", image, 0x40, b"PE", 0x8664, 1, 0, 0, 0, 240, 0x206)
struct.pack_into("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII", image, 0x58, 0x20b, 2, 20, body, 0, 0, 4096, 4096, 0, 4096, 512,
                 0, 0, 0, 0, 0, 0, 0, 4096 + (body + 4095) // 4096 * 4096, 1024, 0, 10, 0, 0, 0, 0, 0, 0, 16)
struct.pack_into("<8sIIIIIIHHI", image, 0x58 + 240, b".text", body, 4096, body, 1024, 0, 0, 0, 0, 0x60000020)
open(sys.argv[1], "wb").write(image)
PY
}

# audit VERB ARGUMENT...: with p.policy, as JSON in audit.json; its exit code. That of an image is of its rules: nobody signed
# these images, which is a finding of its own and never 0 (audit-release.bats has the findings).
audit() {
	local rc=0

	kseal audit "$1" --policy p.policy --json "${@:2}" >audit.json || rc=$?
	[[ $1 == image && -s audit.json ]] || return $rc
	jq -e '.counts.fail == 0' audit.json >/dev/null || return 3
	jq -e '.counts.unknown == 0' audit.json >/dev/null || return 1
}

# of SYMBOL [KEY]: the verdict of its first rule in audit.json, or that key
of() { jq -r --arg symbol "$1" "[.rules[] | select(.symbol == \$symbol)][0].${2-verdict}" audit.json; }

# bad WORDS VERB ARGUMENT...: refused with exit 1 and one line
# shellcheck disable=SC2154 # bats sets them
bad() {
	run -1 --separate-stderr kseal audit "${@:2}"
	[[ -z $output && ${#stderr_lines[@]} == 1 && $stderr == *"$1"* ]] || {
		printf 'no "%s" alone in:\n%s\n%s\n' "$1" "$stderr" "$output"
		return 1
	}
}
