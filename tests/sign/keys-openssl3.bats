# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A newer OpenSSL 3 than this machine's, out of the next Debian: it compiles without a warning, and
# the kseal that is installed already signs with ECDSA deterministically once the library can.

load ../helpers
load keys

setup_file()
{
	keys_setup_file
	newer=${XDG_CACHE_HOME:-$HOME/.cache}/kseal/newer-deb/openssl
	reason=$("$ROOT/scripts/build/newer-deb" trixie "$newer" libssl-dev libssl3t64 libc6 2>&1) ||
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
	# The control: a random nonce, where OpenSSL has no other.
	[[ $(openssl version) == 'OpenSSL 3.0.'* ]] || return 0
	for name in one two; do
		cp m.ko $name.ko
		kseal module sign --key "$K/ec.key" --cert "$K/ec.pem" $name.ko
	done
	run ! cmp -s one.ko two.ko
}
