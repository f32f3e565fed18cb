# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A newer OpenSSL 3 than this machine's, out of the next Debian: it compiles without a warning, and
# the kseal that is installed already signs with ECDSA deterministically once the library can.

load ../helpers
load keys

setup_file()
{
	keys_setup_file
	newer=${XDG_CACHE_HOME:-$HOME/.cache}/kseal/newer-deb/openssl-cli
	reason=$("$ROOT/scripts/build/newer-deb" trixie "$newer" openssl libssl-dev libssl3t64 libc6 2>&1) ||
		echo "$reason" >"$BATS_FILE_TMPDIR/none"
	export newer=$newer/root/usr
}

setup()
{
	[ ! -e "$BATS_FILE_TMPDIR/none" ] || skip "$(tail -n 1 "$BATS_FILE_TMPDIR/none")"
	keys_setup
}

@test "our code compiles without a warning, and uses nothing that was deprecated since" {
	cd "$ROOT"
	read -r -a flags < <(pkg-config --cflags json-c libp11 p11-kit-1)
	for file in sign/key/*.c sign/crypto/*.c sign/kernel/*.c; do
		gcc -std=gnu11 -D_GNU_SOURCE= -Isign -I"$newer/include" -I"$newer/include/x86_64-linux-gnu" \
			"${flags[@]}" -Wall -Wextra -Wconversion -Werror -fsyntax-only "$file"
	done
	grep -q '^# define OPENSSL_VERSION_MINOR *[2-9]' "$newer/include/openssl/opensslv.h"
}

# newer_openssl ARGUMENT...
newer_openssl()
{
	local lib=$newer/lib/x86_64-linux-gnu

	OPENSSL_CONF=$BATS_FILE_TMPDIR/cnf "$lib/ld-linux-x86-64.so.2" --library-path "$lib" "$newer/bin/openssl" "$@"
}

# ml_dsa NUMBER: ml.key and ml.pem, as only OpenSSL 3.5 makes them
ml_dsa()
{
	printf '[req]\ndistinguished_name=dn\n[dn]\n' >"$BATS_FILE_TMPDIR/cnf"
	newer_openssl req -x509 -new -nodes -newkey "ML-DSA-$1" -keyout ml.key -subj "/CN=test ML-DSA-$1" -days 30 -out ml.pem
	chmod 0600 ml.key
}

@test "ML-DSA is refused by name, with who takes it, by an OpenSSL that does not know it too" {
	for number in 44 65 87; do
		ml_dsa $number
		run -1 kseal module sign --key ml.key --cert ml.pem m.ko
		said "ml.pem: Linux 6.18 verifies RSA of 2048, 3072, 4096 bits or ECDSA P-256, P-384, P-521 only, not: ML-DSA-$number, which is for Linux 7.0 and later (EOPNOTSUPP)"
		[ "${#lines[@]}" = 1 ]
		run -1 kseal pe sign --key ml.key --cert ml.pem --output a.efi "$IMAGE"
		said "ML-DSA-$number, which is for Linux 7.0 and later"
		openssl asn1parse -in ml.key -noout -out ml.p8
		chmod 0600 ml.p8
		for key in ml.key ml.p8; do
			run ! sign_with $key rsa
			[[ $(openssl version) != 'OpenSSL 3.0.'* ]] ||
				said "$key: this OpenSSL does not know the kind of the private key, and Linux 6.18 verifies none of its signatures: ML-DSA-$number (EOPNOTSUPP)"
		done
	done
	untouched
}

# The sanitizers' run-time would not start under another C library: the tool as it is installed.
@test "ECDSA signs the same twice with OpenSSL 3.2 or later, and differs before" {
	lib=$newer/lib/x86_64-linux-gnu
	make -s -C "$ROOT" -f scripts/build/tools.mk O="$BATS_FILE_TMPDIR/plain" "$BATS_FILE_TMPDIR/plain/bin/kseal"
	under()
	{
		"$lib/ld-linux-x86-64.so.2" --library-path "$lib:/usr/lib/x86_64-linux-gnu" \
			"$BATS_FILE_TMPDIR/plain/bin/kseal" "$@"
	}
	for name in one two; do
		cp m.ko $name.ko
		under module sign --key "$K/ec.key" --cert "$K/ec.pem" $name.ko
		kseal module verify --trust "$K/ec.pem" $name.ko
	done
	cmp one.ko two.ko
	# And what this one knows, the kernel does not.
	ml_dsa 65
	cp "$K/plain.ko" m.ko
	run -1 under module sign --key ml.key --cert ml.pem m.ko
	said "not: ML-DSA-65, which is for Linux 7.0 and later (EOPNOTSUPP)"
	run -3 under module sign --key ml.key --cert "$K/rsa.pem" m.ko
	said "certificate does not belong to the private key"
	untouched
	# The control: a random nonce, where OpenSSL has no other.
	[[ $(openssl version) == 'OpenSSL 3.0.'* ]] || return 0
	for name in one two; do
		cp m.ko $name.ko
		kseal module sign --key "$K/ec.key" --cert "$K/ec.pem" $name.ko
	done
	run ! cmp -s one.ko two.ko
}
