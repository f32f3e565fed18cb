#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What kseal says of signatures and certificates beside the kernel's own sources (sign/fuzz/kernel), on
# some thousand made inputs; tests/real/kernel-oracle takes ten million.

load ../helpers

ORACLE=$KSEAL_BIN/kernel-oracle

@test 'kseal says what the kernel says, and both verdicts and each errno come often enough' {
	for seed in 1 2; do
		run "$ORACLE" "$seed" 6000 "$BATS_TEST_TMPDIR"
		echo "$output"
		[ "$status" -eq 0 ]
		said '6000 inputs, 0 differ'
	done
}

@test 'good signatures of each kind of key and digest load for both' {
	mkdir "$BATS_TEST_TMPDIR/seeds"
	"$ORACLE" seeds "$BATS_TEST_TMPDIR/seeds"
	run "$ORACLE" "$BATS_TEST_TMPDIR"/seeds/seed-*
	echo "$output"
	[ "$status" -eq 0 ]
	# Four have signed attributes or their content inside, which no module may have; one names its signer
	# by the key, by which no certificate inside of a message is found.
	[ "$(grep -c ': 0 $' <<<"$output")" -eq $(($(wc -l <<<"$output") - 5)) ]
}

# case_of CERTIFICATE MODULE: an input of the oracle, as sign/fuzz/kernel/compare.h has it
case_of()
{
	openssl x509 -in "$1" -outform DER -out case.der
	printf '\0'
	printf %04x "$(stat -c %s case.der)" | sed 's/\(..\)\(..\)/\\x\2\\x\1/' | xargs -0 printf '%b'
	cat case.der
	printf '\0\0\0'
	cat "$2"
}

@test 'the kernel takes what kseal signs with each kind of key and each digest, and no other content of it' {
	cd "$BATS_TEST_TMPDIR"
	for key in rsa:2048 rsa:3072 rsa:4096 P-256 P-384 P-521; do
		if [[ $key == rsa:* ]]; then new_cert one "$key"; else new_cert one ec -pkeyopt "ec_paramgen_curve:$key"; fi
		for hash in sha256 sha384 sha512 sha3-256 sha3-384 sha3-512; do
			new_module m.ko
			kseal module sign --key one.key --cert one.pem --hash $hash m.ko
			case_of one.pem m.ko >good
			# A byte of the module: the ELF header's padding.
			printf x | dd of=m.ko bs=1 seek=9 conv=notrunc status=none
			case_of one.pem m.ko >bad
			run "$ORACLE" good bad
			echo "$key $hash: $output"
			[ "$status" -eq 0 ]
			said 'good: 0 '
			not_said 'bad: 0 '
		done
	done
}

@test 'the oracle fails on a difference and on inputs that show too little' {
	local check=$KSEAL_BIN/..

	# Too few to have seen each errno.
	run "$ORACLE" 1 20
	[ "$status" -eq 1 ]
	said 'too few'
	run "$ORACLE" "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 2 ]
	# kseal, as it would be if it did not know SHA-224.
	cat >"$BATS_TEST_TMPDIR/planted.c" <<-'END'
		#include "kernel/oid.h"
		enum ks_koid __real_ks_koid_of(struct ks_span value);
		enum ks_koid __wrap_ks_koid_of(struct ks_span value);
		enum ks_koid __wrap_ks_koid_of(struct ks_span value)
		{
			enum ks_koid id = __real_ks_koid_of(value);
			return id == KS_KOID_SHA224 ? KS_KOID_NONE : id;
		}
	END
	# shellcheck disable=SC2046 # options
	gcc -fsanitize=address,undefined -I"$ROOT/sign" -o "$BATS_TEST_TMPDIR/planted" "$BATS_TEST_TMPDIR/planted.c" \
		$(find "$check/obj/sign/fuzz/kernel" -name '*.o') "${KSEAL_LIB:-$check/lib/libkseal.a}" "$check/lib/libkernelside.a" \
		$(make -s -C "$ROOT" -f scripts/build/tools.mk list-libs) -Wl,--wrap=ks_koid_of \
		-Wl,--wrap=mpi_powm,--wrap=ecc_is_pubkey_valid_full,--wrap=ecc_point_mult_shamir,--wrap=ks_kpub_init,--wrap=ks_kpub_verify
	run "$BATS_TEST_TMPDIR/planted" 1 2000 "$BATS_TEST_TMPDIR"
	[ "$status" -eq 1 ]
	said 'signature: kernel says 0, kseal -65'
	# What differs is kept, and differs again.
	run "$BATS_TEST_TMPDIR/planted" "$BATS_TEST_TMPDIR/different-1"
	[ "$status" -eq 1 ]
	run "$ORACLE" "$BATS_TEST_TMPDIR/different-1"
	[ "$status" -eq 0 ]
}
