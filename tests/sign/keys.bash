# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of keys share. After keys_setup_file, $K holds rsa.key, rsa.pem, ec.key, ec.pem,
# other.key, other.pem and plain.ko; keys_setup goes to a directory of the test with a copy, m.ko.

keys_setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return
	new_cert rsa
	new_cert other
	new_cert ec ec -pkeyopt ec_paramgen_curve:prime256v1
	new_module plain.ko
}

keys_setup()
{
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
	cp "$K/plain.ko" m.ko
}

# sign_with KEY CERT [OPTION...]: m.ko
sign_with()
{
	local key=$1 cert=$2

	shift 2
	kseal module sign --key "$key" --cert "$K/$cert.pem" "$@" m.ko
}

# same_as_rsa: m.ko is what the PEM file of the same key would have made of it
same_as_rsa()
{
	cp "$K/plain.ko" want.ko
	kseal module sign --key "$K/rsa.key" --cert "$K/rsa.pem" want.ko
	cmp want.ko m.ko
}

untouched() { cmp "$K/plain.ko" m.ko; }
