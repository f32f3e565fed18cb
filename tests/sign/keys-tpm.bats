# SPDX-License-Identifier: LGPL-2.1-or-later
# Keys that an OpenSSL provider has: a TPM (swtpm) through tpm2-openssl, by OSSL_STORE URI and by file.
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

load ../helpers
load keys

# keep NAME HANDLE ALGORITHM [OPTION...]: a new signing key, persisted
keep() {
	local name=$1 handle=$2 algorithm=$3

	shift 3
	tpm2_create -Q -C primary.ctx -G "$algorithm" -u "$name.pub" -r "$name.priv" "$@" \
		-a 'sign|fixedtpm|fixedparent|sensitivedataorigin|userwithauth'
	tpm2_flushcontext -t
	tpm2_load -Q -C primary.ctx -u "$name.pub" -r "$name.priv" -c "$name.ctx"
	tpm2_evictcontrol -Q -C o -c "$name.ctx" "$handle"
	tpm2_flushcontext -t
}

# cert NAME KEY [OPTION...]: self-signed by the TPM
cert() {
	local name=$1 key=$2

	shift 2
	OPENSSL_CONF=$PWD/openssl.cnf openssl req -x509 -new -propquery '?provider=tpm2' -key "$key" "$@" \
		-subj "/CN=test $name" -days 30 -out "$name.pem"
}

setup_file() {
	keys_setup_file
	mkdir state
	swtpm socket --tpm2 --tpmstate "dir=$PWD/state" --server "type=unixio,path=$PWD/tpm" \
		--ctrl "type=unixio,path=$PWD/tpm.ctrl" --flags not-need-init,startup-clear \
		--daemon --pid "file=$PWD/swtpm.pid"
	export TPM2TOOLS_TCTI=swtpm:path=$PWD/tpm TPM2OPENSSL_TCTI=swtpm:path=$PWD/tpm TSS2_LOG=all+none
	printf '%s\n' 'openssl_conf = init' '[init]' 'providers = both' '[both]' 'default = on' 'tpm2 = on' '[on]' \
		'activate = 1' >openssl.cnf
	(umask 077 && echo open-sesame >pass && echo close-sesame >wrong)
	tpm2_createprimary -Q -C o -c primary.ctx
	tpm2_flushcontext -t
	keep plain 0x81000001 rsa2048
	keep sha256only 0x81000002 rsa2048:rsassa-sha256:null
	keep secret 0x81000003 rsa2048 -p open-sesame
	keep curve 0x81000004 ecc256
	cert plain handle:0x81000001
	cert sha256only handle:0x81000002
	cert secret 'handle:0x81000003?pass' -passin file:pass
	cert curve handle:0x81000004
}

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/swtpm.pid" ] || kill "$(cat "$BATS_FILE_TMPDIR/swtpm.pid")"
}

setup() {
	keys_setup
	export OPENSSL_CONF=$K/openssl.cnf
}

verify() { OPENSSL_CONF='' kseal module verify --trust "$K/$1.pem" "${2-m.ko}"; }

tree() {
	mkdir tree
	for i in {1..20}; do cp m.ko "tree/$i.ko"; done
}

@test "a TPM's RSA key signs modules, with every digest" {
	for hash in sha256 sha384 sha512; do
		sign_with handle:0x81000001 plain --hash $hash --signed replace
		verify plain
	done
}

@test "a TPM's RSA signature is the one of the certificate, as openssl sees it" {
	sign_with handle:0x81000001 plain
	kseal module strip m.ko
	untouched
	sign_with handle:0x81000001 plain
	size=$(stat -c %s "$K/plain.ko")
	# Behind the module: CMS, then 12 bytes and the magic.
	tail -c +$((size + 1)) m.ko | head -c -40 >sig.der
	OPENSSL_CONF='' openssl cms -verify -binary -inform DER -in sig.der -content "$K/plain.ko" -noverify \
		-certfile "$K/plain.pem" -out /dev/null
}

@test "a TPM's EC key signs" {
	sign_with handle:0x81000004 curve --hash sha256
	verify curve
}

@test "a TPM's key signs images" {
	kseal pe sign --key handle:0x81000002 --cert "$K/sha256only.pem" --output a.efi \
		"$IMAGE"
	OPENSSL_CONF='' kseal pe verify --trust "$K/sha256only.pem" a.efi
	OPENSSL_CONF='' sbverify --cert "$K/sha256only.pem" a.efi
}

@test "a key file that only the TPM can use signs" {
	openssl genpkey -provider tpm2 -propquery '?provider=tpm2' -algorithm RSA -pkeyopt bits:2048 -out tss.key
	chmod 0600 tss.key
	grep 'BEGIN TSS2 PRIVATE KEY' tss.key
	(cp "$K/openssl.cnf" . && cert tss tss.key)
	tree
	kseal module sign --jobs 4 --key tss.key --cert tss.pem tree
	OPENSSL_CONF='' kseal module verify --trust tss.pem tree
}

@test "several threads share one conversation with the TPM" {
	tree
	kseal module sign --jobs 4 --key handle:0x81000001 --cert "$K/plain.pem" tree
	verify plain tree
}

@test "a key with a passphrase gets it from where we are told" {
	sign_with 'handle:0x81000003?pass' secret --passphrase-file "$K/pass"
	verify secret
}

@test "a wrong passphrase is given to the TPM once, however many modules there are" {
	tree
	tpm2_dictionarylockout -c
	run -1 kseal module sign --jobs 4 --key 'handle:0x81000003?pass' --cert "$K/secret.pem" \
		--passphrase-file "$K/wrong" tree
	said "cannot sign with this key"
	said "key store refused once and is not asked again"
	said "0 of 20 modules signed"
	not_said close-sesame
	for i in {1..20}; do cmp "$K/plain.ko" "tree/$i.ko"; done
	[ "$(tpm2_getcap properties-variable | sed -n 's/^TPM2_PT_LOCKOUT_COUNTER: *//p')" = 0x1 ]
}

@test "a key that is bound to another digest signs nothing" {
	run -1 sign_with handle:0x81000002 sha256only --hash sha512
	said "m.ko: cannot sign with this key: "
	untouched
	sign_with handle:0x81000002 sha256only --hash sha256
	verify sha256only
}

@test "what is not in the TPM, and another key's certificate, are refused" {
	run -1 sign_with handle:0x81000009 plain
	said "no private key behind the key URI"
	run -3 sign_with handle:0x81000001 curve --hash sha256
	said "certificate does not belong to the private key"
	run -3 sign_with handle:0x81000001 sha256only
	said "certificate does not belong to the private key"
	untouched
	# Without the provider nobody knows the scheme.
	OPENSSL_CONF=/dev/null run -1 sign_with handle:0x81000001 plain
	said "neither a file nor of a scheme that is known"
}
