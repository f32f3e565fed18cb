# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For the tests of kseal module verify: what it says, and small kernels to ask it about.

# verdicts FILE TRUST...: signature, and what happens in the three states
verdicts() {
	local file=$1 arg trust=()
	shift
	for arg; do trust+=(--trust "$arg"); done
	kseal module verify "${trust[@]}" --json "$file" 2>stderr |
		jq -r '.files[0] | [.signature, (.in | .permissive, .lockdown, .sig_enforce | .errno)] | join(" ")'
}

# kernel CONFIG-LINE...: a vmlinux that holds the signer's certificate, and that configuration; with
# $VERMAGIC also its banner and that
kernel() {
	printf '%s\n' "$@" | gzip -n >config.gz
	openssl x509 -in "$K/${TRUSTED-signer}.pem" -outform DER -out trusted.der
	: >revoked.der
	[ -z "${REVOKED-}" ] || openssl x509 -in "$K/$REVOKED.pem" -outform DER -out revoked.der
	printf '%s\n' '.section .init.rodata, "a"' 'system_certificate_list: .incbin "trusted.der"' '1: .align 8' \
		'system_certificate_list_size: .quad 1b - system_certificate_list' 'module_cert_size: .quad 0' \
		'revocation_certificate_list: .incbin "revoked.der"' '2: .align 8' \
		'revocation_certificate_list_size: .quad 2b - revocation_certificate_list' \
		'.ascii "IKCFG_ST"' '.incbin "config.gz"' '.ascii "IKCFG_ED"' ".asciz \"x\", \"${TBS-none}\"" \
		${VERMAGIC:+".asciz \"Linux version ${VERMAGIC%% *} (me@here) #1\", \"${VERMAGIC-}\""} >vmlinux.S
	gcc -c -o vmlinux vmlinux.S
}
