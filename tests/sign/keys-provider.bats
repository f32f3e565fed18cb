# SPDX-License-Identifier: LGPL-2.1-or-later
# pkcs11: keys of kseal where OpenSSL has a provider for them. Debian 12 has none, so the provider is one
# of the test's own: what is tested is who is asked, and how often.

load ../helpers
load keys

setup_file() {
	keys_setup_file
	gcc -Wall -Wextra -D_GNU_SOURCE -shared -fPIC -o test-pkcs11.so "$ROOT/tests/sign/pkcs11-provider.c"
	printf '%s\n' 'openssl_conf = init' '[init]' 'providers = both' '[both]' 'default = on' 'test-pkcs11 = test' '[on]' \
		'activate = 1' '[test]' "module = $PWD/test-pkcs11.so" 'activate = 1' >openssl.cnf
	openssl pkcs8 -topk8 -nocrypt -in rsa.key -outform DER -out rsa.p8
	(umask 077 && echo open-sesame >pin && echo close-sesame >wrong)
}

setup() {
	keys_setup
	export OPENSSL_CONF=$K/openssl.cnf P11_KEY=$K/rsa.p8 P11_PIN=open-sesame P11_ASKED=$PWD/asked
	# No module at all: the provider does the work.
	export PKCS11_MODULE_PATH=/nowhere.so
}

@test "a provider that reads pkcs11: URIs is asked, not libp11" {
	sign_with "pkcs11:object=anything" rsa --passphrase-file "$K/pin"
	same_as_rsa
	[ "$(cat asked)" = right ]
	cp "$K/plain.ko" m.ko
	OPENSSL_CONF=/dev/null run -1 sign_with "pkcs11:object=anything" rsa --passphrase-file "$K/pin"
	said "cannot load the PKCS#11 module"
}

@test "a wrong PIN goes to the provider once" {
	run -1 sign_with "pkcs11:object=anything" rsa --passphrase-file "$K/wrong"
	said "key store refused the passphrase or PIN"
	not_said close-sesame
	untouched
	[ "$(cat asked)" = wrong ]
}

@test "a PIN in the URI does not reach the provider either" {
	run -1 sign_with "pkcs11:object=anything?pin-value=open-sesame" rsa
	said "pin-value shows the PIN to every process"
	[ ! -e asked ]
}
