# SPDX-License-Identifier: LGPL-2.1-or-later
# pkcs11: keys of kseal, with SoftHSM2 and, for what real tokens do wrong, a module in front of it.
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own

load ../helpers
load keys

PIN=1-MEMORABLE-pin
FINAL_TRY=0x20000 LOCKED=0x40000

# token LABEL: a new one with $PIN
token() { softhsm2-util --init-token --free --label "$1" --so-pin 87654321 --pin $PIN >/dev/null; }

# put TOKEN KEY LABEL ID: the key of a PEM file on a token
put() {
	openssl pkcs8 -topk8 -nocrypt -in "$2" -out "$BATS_TEST_TMPDIR/p8.key"
	softhsm2-util --import "$BATS_TEST_TMPDIR/p8.key" --token "$1" --label "$3" --id "$4" --pin $PIN >/dev/null
}

# put_cert TOKEN PEM LABEL ID [OPTION...]: a certificate on a token
put_cert() {
	local token=$1 pem=$2 label=$3 id=$4

	shift 4
	openssl x509 -in "$pem" -outform DER -out "$BATS_TEST_TMPDIR/put.der"
	pkcs11-tool --module "$MODULE" --token-label "$token" --login --pin $PIN --write-object "$BATS_TEST_TMPDIR/put.der" \
		--type cert --label "$label" --id "$id" "$@" >/dev/null
}

setup_file() {
	keys_setup_file
	for MODULE in /usr/lib{,64,/x86_64-linux-gnu}/{softhsm,pkcs11}/libsofthsm2.so; do
		[ ! -e "$MODULE" ] || break
	done
	# shellcheck disable=SC2046 # a list of words
	gcc -Wall -Wextra -Wconversion -D_GNU_SOURCE -shared -fPIC $(pkg-config --cflags p11-kit-1) -o faulty.so \
		"$ROOT/tests/sign/p11-faulty.c" -ldl
	mkdir tokens
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD/tokens" >softhsm2.conf
	export MODULE SOFTHSM2_CONF=$PWD/softhsm2.conf BATS_TEST_TMPDIR=$PWD
	token one
	put one rsa.key the-rsa 0a
	put one ec.key the-ec 0b
	(umask 077 && echo "$PIN" >pin && echo "2-WRONG-pin" >wrong)
}

setup() {
	keys_setup
	cp -r "$K/tokens" .
	sed "s,^directories.*,directories.tokendir = $PWD/tokens," "$K/softhsm2.conf" >softhsm2.conf
	export SOFTHSM2_CONF=$PWD/softhsm2.conf PKCS11_MODULE_PATH=$MODULE P11_BEHIND=$MODULE
	RSA="pkcs11:token=one;object=the-rsa"
}

# sign_token URI CERT [OPTION...]: m.ko with the PIN of a file
sign_token() { sign_with "$@" --passphrase-file "$K/pin"; }

tree() {
	mkdir tree
	for i in {1..50}; do cp m.ko "tree/$i.ko"; done
}

@test "a token's RSA key gives the bytes that its PEM file gives" {
	sign_token "$RSA" rsa
	same_as_rsa
	export SOURCE_DATE_EPOCH=1900000000
	kseal pe sign --key "$RSA" --cert "$K/rsa.pem" --passphrase-file "$K/pin" --output a.efi "$IMAGE"
	kseal pe sign --key "$K/rsa.key" --cert "$K/rsa.pem" --output b.efi "$IMAGE"
	cmp a.efi b.efi
}

@test "a token's EC key makes signatures that verify" {
	sign_token "pkcs11:token=one;object=the-ec" ec
	kseal module verify --trust "$K/ec.pem" m.ko
}

@test "a key is found by label, by id, by all that RFC 7512 offers" {
	serial=$(pkcs11-tool --module "$MODULE" -L | sed -n 's/.*serial num *: //p' | head -n 1)
	for uri in "object=the-rsa" "id=%0a" "token=one;id=%0A;object=the-rsa;type=private" \
		"manufacturer=SoftHSM%20project;model=SoftHSM%20v2;serial=$serial;object=the-rsa"; do
		cp "$K/plain.ko" m.ko
		sign_token "pkcs11:$uri" rsa
		same_as_rsa
	done
}

@test "the module comes from the URI, from PKCS11_MODULE_PATH, or from p11-kit" {
	unset PKCS11_MODULE_PATH
	sign_token "$RSA?module-path=$MODULE" rsa
	same_as_rsa
	cp "$K/plain.ko" m.ko
	mkdir -p home/.config/pkcs11/modules
	echo "module: $MODULE" >home/.config/pkcs11/modules/test-softhsm.module
	HOME=$PWD/home XDG_CONFIG_HOME=$PWD/home/.config sign_token "$RSA" rsa
	same_as_rsa
}

@test "the PIN comes from pin-source, without and with file:" {
	for source in "file:$K/pin" "$K/pin" "file://$K/pin"; do
		cp "$K/plain.ko" m.ko
		sign_with "$RSA?pin-source=$source" rsa
		same_as_rsa
	done
	run -1 sign_with "$RSA?pin-source=file:pin" rsa
	said "pin-source takes file: and the full path of a file (EINVAL)"
	run -1 sign_with "$RSA?pin-source=%7c/bin/echo" rsa
	said "pin-source takes file:"
	cp "$K/pin" open
	chmod 0644 open
	run -1 sign_with "$RSA?pin-source=file:$PWD/open" rsa
	said "open: file with a secret is open to group or others, run chmod 600 on it (EACCES)"
}

@test "a PIN in the URI is refused, and not repeated" {
	run -1 sign_with "$RSA?pin-value=$PIN" rsa
	said "pin-value shows the PIN to every process, use pin-source=file:... or --passphrase-file (EINVAL)"
	not_said "$PIN"
	run -1 sign_with "$RSA;frobnicate=1?pin-value=$PIN" rsa
	not_said "$PIN"
	run -1 sign_with "pkcs11:%zz?pin-value=$PIN" rsa
	not_said "$PIN"
	untouched
}

@test "a wrong PIN is tried once, is named in no message, and signs nothing" {
	export PKCS11_MODULE_PATH=$K/faulty.so P11_LOGINS=$PWD/logins
	run -1 sign_with "$RSA" rsa --passphrase-file "$K/wrong"
	said "token refused the PIN, which is not tried again"
	said ": one (EACCES)"
	not_said WRONG
	untouched
	[ "$(cat logins)" = "login 1" ]
	sign_token "$RSA" rsa
	same_as_rsa
}

@test "a token that the next wrong PIN would lock, or that is locked, is left alone" {
	export PKCS11_MODULE_PATH=$K/faulty.so P11_LOGINS=$PWD/logins
	P11_FLAGS=$FINAL_TRY run -1 sign_token "$RSA" rsa
	said "one more wrong PIN locks the token, log in with its own tool first: one"
	P11_FLAGS=$LOCKED run -1 sign_token "$RSA" rsa
	said "token is locked, have its PIN reset: one"
	[ ! -e logins ]
	P11_FLAGS=0 sign_token "$RSA" rsa
}

@test "no PIN without a terminal says what to give" {
	run -1 setsid -w "$KSEAL_BIN/kseal" module sign --key "$RSA" --cert "$K/rsa.pem" m.ko </dev/null
	said "use --passphrase-file or --passphrase-fd: one (EACCES)"
	untouched
}

@test "what is not there, or there twice, is named" {
	run -1 sign_token "pkcs11:token=one;object=nothing" rsa
	said "token has no private key of this object= and id=: one (ENOKEY)"
	run -1 sign_token "pkcs11:token=two;object=the-rsa" rsa
	said "no token is what the pkcs11: URI names, is it plugged in (ENOKEY)"
	run -1 sign_token "pkcs11:token=one" rsa
	said "pkcs11: URI fits several private keys, add id= or object=: one (ENOKEY)"
	run -1 sign_token "pkcs11:token=one;object=the-rsa;type=cert" rsa
	said "pkcs11: URI is not of a private key"
	run -1 sign_token "pkcs11:token=one;library-version=99;object=the-rsa" rsa
	said "no token is what the pkcs11: URI names"
	token two
	put two "$K/rsa.key" the-rsa 0a
	run -1 sign_token "pkcs11:object=the-rsa" rsa
	said "pkcs11: URI fits several tokens, add token= or serial= (ENOKEY)"
	untouched
	sign_token "pkcs11:token=two;object=the-rsa" rsa
	same_as_rsa
}

@test "a file that is no PKCS#11 module is one line" {
	for module in /nowhere.so /etc/passwd libz.so.1; do
		PKCS11_MODULE_PATH=$module run -1 sign_token "$RSA" rsa
		said "cannot load the PKCS#11 module, check module-path= or PKCS11_MODULE_PATH"
		[ "${#lines[@]}" = 1 ]
	done
}

@test "a key of another certificate is refused before anything is signed" {
	run -3 sign_token "$RSA" other
	said "certificate does not belong to the private key (EKEYREJECTED)"
	untouched
}

@test "nobody logs in for a certificate that may not sign" {
	export PKCS11_MODULE_PATH=$K/faulty.so P11_LOGINS=$PWD/logins
	openssl req -x509 -new -key "$K/rsa.key" -subj /CN=ca -addext keyUsage=keyCertSign -days 3 -out ca.pem
	run -1 kseal module sign --key "$RSA" --cert ca.pem --passphrase-file "$K/pin" m.ko
	said "keyUsage has no digitalSignature"
	[ ! -e logins ]
}

@test "one login serves all threads, and every module gets its signature" {
	tree
	export PKCS11_MODULE_PATH=$K/faulty.so P11_LOGINS=$PWD/logins
	for jobs in 2 8; do
		kseal module sign --jobs $jobs --signed replace --key "$RSA" --cert "$K/rsa.pem" \
			--passphrase-file "$K/pin" tree
	done
	sign_with "$K/rsa.key" rsa
	for i in {1..50}; do cmp m.ko "tree/$i.ko"; done
	[ "$(wc -l <logins)" = 2 ]
	kseal module sign --jobs 4 --signed replace --key "pkcs11:token=one;id=%0b" --cert "$K/ec.pem" \
		--passphrase-file "$K/pin" tree
	kseal module verify --trust "$K/ec.pem" tree
}

@test "a token that is pulled leaves every file old or new, and does not hang" {
	tree
	export PKCS11_MODULE_PATH=$K/faulty.so
	for jobs in 1 2 8; do
		for i in {1..50}; do cp "$K/plain.ko" "tree/$i.ko"; done
		P11_SIGNS=20 run -1 timeout 120 "$KSEAL_BIN/kseal" module sign --jobs $jobs --key "$RSA" \
			--cert "$K/rsa.pem" --passphrase-file "$K/pin" tree
		said "cannot sign with this key"
		said "20 of 50 modules signed"
		sign_with "$K/rsa.key" rsa --signed replace
		new=0
		for i in {1..50}; do
			if cmp -s m.ko "tree/$i.ko"; then
				new=$((new + 1))
			else
				cmp "$K/plain.ko" "tree/$i.ko"
			fi
		done
		[ $new = 20 ]
		[ "$(find tree -type f | wc -l)" = 50 ]
	done
}

@test "a key that wants the PIN with every signature gets it" {
	pkcs11-tool --module "$MODULE" --token-label one --login --pin $PIN --keypairgen --key-type rsa:2048 \
		--id 0c --label each --always-auth >/dev/null
	pkcs11-tool --module "$MODULE" --token-label one --read-object --type pubkey --id 0c -o pub.der
	openssl pkey -pubin -inform DER -in pub.der -out pub.pem
	openssl req -new -key "$K/rsa.key" -subj "/CN=asks each time" -out each.csr
	openssl x509 -req -in each.csr -force_pubkey pub.pem -CA "$K/other.pem" -CAkey "$K/other.key" -set_serial 7 \
		-out each.pem 2>/dev/null
	kseal module sign --key "pkcs11:token=one;object=each" --cert each.pem --passphrase-file "$K/pin" m.ko
	kseal module verify --trust each.pem m.ko
}

@test "the certificate comes from the token: by its own URI, by the key's label, by the key's id" {
	put_cert one "$K/rsa.pem" the-rsa-cert 0a
	put_cert one "$K/other.pem" other 0f
	export PKCS11_MODULE_PATH=$K/faulty.so P11_LOGINS=$PWD/logins
	for cert in "pkcs11:token=one;object=the-rsa-cert" "pkcs11:id=%0a;type=cert" "$RSA" ""; do
		cp "$K/plain.ko" m.ko
		rm -f logins
		kseal module sign --key "$RSA" ${cert:+--cert "$cert"} --passphrase-file "$K/pin" m.ko
		same_as_rsa
		[ "$(wc -l <logins)" = 1 ]
	done
	# By id alone the key's URI is the certificate's too.
	cp "$K/plain.ko" m.ko
	kseal module sign --key "pkcs11:token=one;id=%0a" --passphrase-file "$K/pin" m.ko
	same_as_rsa
	kseal pe sign --key "$RSA" --passphrase-file "$K/pin" --output a.efi "$IMAGE"
	kseal pe verify --trust "$K/rsa.pem" a.efi
}

@test "a certificate that is a private object is read by the login of the key, and by no second one" {
	put_cert one "$K/rsa.pem" hidden 0a --private
	export PKCS11_MODULE_PATH=$K/faulty.so P11_LOGINS=$PWD/logins
	for cert in "pkcs11:token=one;object=hidden" ""; do
		cp "$K/plain.ko" m.ko
		rm -f logins
		kseal module sign --key "$RSA" ${cert:+--cert "$cert"} --passphrase-fd 5 m.ko 5<"$K/pin"
		same_as_rsa
		[ "$(wc -l <logins)" = 1 ]
	done
}

@test "a token's certificate is checked before anybody logs in" {
	openssl req -x509 -new -key "$K/rsa.key" -subj "/CN=a CA on the token" -addext keyUsage=keyCertSign -days 3 -out ca.pem
	put_cert one ca.pem the-rsa 0a
	put_cert one "$K/other.pem" other 0f
	export PKCS11_MODULE_PATH=$K/faulty.so P11_LOGINS=$PWD/logins
	run -1 kseal module sign --key "$RSA" --passphrase-file "$K/pin" m.ko
	said "keyUsage has no digitalSignature"
	[ ! -e logins ]
	run -3 kseal module sign --key "$RSA" --cert "pkcs11:token=one;object=other" --passphrase-file "$K/pin" m.ko
	said "certificate does not belong to the private key (EKEYREJECTED)"
	untouched
}

@test "a certificate that is not on the token, or there twice, is named" {
	run -1 kseal module sign --key "$RSA" --cert "pkcs11:token=one;object=nothing" --passphrase-file "$K/pin" m.ko
	said "token has no certificate of this object= and id=: one (ENOKEY)"
	run -1 kseal module sign --key "$RSA" --passphrase-file "$K/pin" m.ko
	said "token has no certificate with the id of the key, give --cert: one (ENOKEY)"
	run -1 kseal module sign --key "$RSA" --cert "pkcs11:token=one;type=private" --passphrase-file "$K/pin" m.ko
	said "pkcs11: URI is not of a certificate, leave type= out or make it cert (EINVAL)"
	run -1 kseal module sign --key "$RSA" --cert "pkcs11:object=a?pin-value=$PIN" --passphrase-file "$K/pin" m.ko
	said "pin-value shows the PIN"
	not_said "$PIN"
	put_cert one "$K/rsa.pem" a 0a
	put_cert one "$K/other.pem" b 0a
	run -1 kseal module sign --key "$RSA" --passphrase-file "$K/pin" m.ko
	said "several certificates on the token fit, name one by --cert pkcs11: with object= or id=: one (ENOKEY)"
	untouched
	kseal module sign --key "$RSA" --cert "pkcs11:token=one;object=a" --passphrase-file "$K/pin" m.ko
	same_as_rsa
}

@test "offline signing takes the token's certificate, without a PIN" {
	put_cert one "$K/rsa.pem" the-rsa 0a
	kseal offline prepare --module m.ko --module-cert "$RSA" --manifest m.json </dev/null
	jq -r '.certificates[0].pem' m.json | openssl x509 -noout -subject | grep 'test rsa'
}

@test "a certificate is extracted from a token, without a login; what is not one certificate is refused" {
	put_cert one "$K/rsa.pem" the-rsa 0a
	put_cert one "$K/other.pem" the-other 0c
	export PKCS11_MODULE_PATH=$K/faulty.so P11_LOGINS=$PWD/logins
	kseal extract "$RSA" certificates --output got.pem
	cmp got.pem <(openssl x509 -in "$K/rsa.pem")
	kseal extract 'pkcs11:token=one;id=%0c;type=cert' certificates | cmp - <(openssl x509 -in "$K/other.pem")
	[ ! -e logins ]
	# The control of that.
	sign_token "$RSA" rsa
	[ "$(wc -l <logins)" -eq 1 ]
	run -1 kseal extract "pkcs11:token=one;object=nothing" certificates --output none.pem
	said 'token has no certificate of this object= and id='
	run -1 kseal extract 'pkcs11:token=one' certificates --output none.pem
	said 'several certificates on the token fit'
	run -1 kseal extract "$RSA;type=private" certificates --output none.pem
	said 'URI is not of a certificate, leave type= out'
	for part in revoked config .text certificates:1; do
		run -1 kseal extract "$RSA" $part --output none.pem
		said 'of a token only certificates can be extracted'
	done
	[ ! -e none.pem ]
}
