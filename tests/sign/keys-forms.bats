# SPDX-License-Identifier: LGPL-2.1-or-later
# Keys and certificates as people have them: DER, PKCS#12, PEM with a chain or with both. All made by openssl.

load ../helpers
load keys

setup_file() {
	keys_setup_file
	# root > mid > leaf, whose key is rsa.key
	printf '%s\n' '[ca]' basicConstraints=critical,CA:TRUE keyUsage=keyCertSign subjectKeyIdentifier=hash \
		'[leaf]' keyUsage=digitalSignature subjectKeyIdentifier=hash >ext
	openssl req -x509 -new -nodes -newkey rsa:2048 -keyout root.key -out root.pem -subj "/CN=test root" -days 30 \
		-config /dev/null -extensions ca -config <(cat ext - <<<$'[req]\ndistinguished_name=dn\n[dn]') 2>/dev/null
	issue mid root ca rsa:2048 mid.key
	issue leaf mid leaf
	openssl rsa -in rsa.key -traditional -outform DER -out rsa.der 2>/dev/null
	openssl pkcs8 -topk8 -nocrypt -in rsa.key -outform DER -out rsa.p8
	openssl pkcs8 -topk8 -in rsa.key -v2 aes-256-cbc -passout pass:open-sesame -outform DER -out locked.p8
	openssl ec -in ec.key -outform DER -out ec.der 2>/dev/null
	cat mid.pem root.pem >chain.pem
	openssl pkcs12 -export -inkey rsa.key -in rsa.pem -passout pass:open-sesame -out one.p12
	openssl pkcs12 -export -inkey rsa.key -in leaf.pem -certfile chain.pem -passout pass:open-sesame -out all.p12
	openssl pkcs12 -export -inkey rsa.key -in rsa.pem -passout pass: -out empty.p12
	openssl pkcs12 -export -inkey rsa.key -in rsa.pem -keypbe NONE -certpbe NONE -nomac -passout pass: -out open.p12
	openssl pkcs12 -export -legacy -inkey rsa.key -in rsa.pem -passout pass:open-sesame -out legacy.p12
	openssl pkcs12 -export -nokeys -in rsa.pem -passout pass:open-sesame -out certs.p12
	openssl pkcs12 -export -inkey rsa.key -nocerts -passout pass:open-sesame -out nocerts.p12
	(umask 077 && echo open-sesame >pin && echo close-sesame >wrong)
	chmod 0600 ./*.key ./*.der ./*.p8 ./*.p12
}

# issue NAME CA SECTION [ALGORITHM KEYOUT]: NAME.pem, for rsa.key if no key is made
issue() {
	if [ $# -gt 3 ]; then
		openssl req -new -nodes -newkey "$4" -keyout "$5" -subj "/CN=test $1" -out "$1.csr" 2>/dev/null
	else
		openssl req -new -key rsa.key -subj "/CN=test $1" -out "$1.csr"
	fi
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 -extfile ext -extensions "$3" \
		-out "$1.pem" 2>/dev/null
}

setup() {
	keys_setup
	export SOURCE_DATE_EPOCH=1900000000
}

# embedded FILE: how many certificates the first signature of an image has in it
embedded() {
	sbattach --detach sig "$1" 2>/dev/null
	openssl pkcs7 -inform DER -in sig -print_certs -noout | grep -c ^subject
}

@test "DER keys give the bytes of their PEM file: traditional, PKCS#8, encrypted PKCS#8" {
	for key in rsa.der rsa.p8; do
		cp "$K/plain.ko" m.ko
		sign_with "$K/$key" rsa
		same_as_rsa
	done
	cp "$K/plain.ko" m.ko
	run -1 sign_with "$K/locked.p8" rsa --passphrase-file "$K/wrong"
	said "locked.p8: wrong passphrase of the private key (EACCES)"
	untouched
	sign_with "file:$K/locked.p8" rsa --passphrase-file "$K/pin"
	same_as_rsa
	cp "$K/plain.ko" m.ko
	sign_with "$K/ec.der" ec
	kseal module verify --trust "$K/ec.pem" m.ko
}

@test "what is not a key is one line" {
	local what="PRIVATE KEY"

	for content in '' x "$(printf '0\202\1\1')" "-----BEGIN $what-----"; do
		printf %s "$content" >bad.key
		chmod 0600 bad.key
		run -1 sign_with bad.key rsa
		said "bad.key: not a private key in PEM, DER or PKCS#12"
		[ "${#lines[@]}" = 1 ]
	done
	{ cat "$K/rsa.p8" && echo; } >bad.key
	run -1 sign_with bad.key rsa
	said "bad.key: bytes follow the private key"
	cp "$K/rsa.pem" bad.key
	run -1 sign_with bad.key rsa
	said "not a private key in PEM"
	untouched
}

@test "a certificate in DER, PEM or PKCS#12 is the same certificate" {
	openssl x509 -in "$K/rsa.pem" -outform DER -out rsa.crt
	kseal module sign --key "$K/rsa.key" --cert rsa.crt m.ko
	same_as_rsa
	cp "$K/plain.ko" m.ko
	for file in certs one; do
		kseal module sign --key "$K/rsa.key" --cert "$K/$file.p12" --passphrase-file "$K/pin" m.ko
		same_as_rsa
		cp "$K/plain.ko" m.ko
	done
}

@test "PKCS#12 has key and certificate, with a passphrase, an empty one, or none" {
	for file in empty open; do
		cp "$K/plain.ko" m.ko
		kseal module sign --key "$K/$file.p12" m.ko </dev/null
		same_as_rsa
	done
	cp "$K/plain.ko" m.ko
	run -1 kseal module sign --key "$K/one.p12" --passphrase-file "$K/wrong" m.ko
	said "one.p12: wrong passphrase of the PKCS#12 file (EACCES)"
	untouched
	# Named twice it is one file, and asked for once.
	for cert in "" "$K/one.p12"; do
		cp "$K/plain.ko" m.ko
		kseal module sign --key "$K/one.p12" ${cert:+--cert "$cert"} --passphrase-fd 5 m.ko 5<"$K/pin"
		same_as_rsa
	done
	# Another certificate may be given.
	cp "$K/plain.ko" m.ko
	kseal module sign --key "$K/one.p12" --cert "$K/leaf.pem" --passphrase-file "$K/pin" m.ko
	kseal module verify --trust "$K/leaf.pem" m.ko
	run -3 kseal module sign --key "$K/one.p12" --cert "$K/other.pem" --passphrase-file "$K/pin" m.ko
	said "certificate does not belong to the private key"
}

@test "PKCS#12 without a key, without a certificate, damaged or open to others is refused" {
	run -1 kseal module sign --key "$K/certs.p12" --passphrase-file "$K/pin" m.ko
	said "certs.p12: PKCS#12 file has certificates and no private key (ENOKEY)"
	run -1 kseal module sign --key "$K/nocerts.p12" --passphrase-file "$K/pin" m.ko
	said "no certificate comes with this key, give --cert (ENOKEY)"
	run -1 kseal module sign --key "$K/rsa.key" --cert "$K/nocerts.p12" --passphrase-file "$K/pin" m.ko
	said "nocerts.p12: PKCS#12 file has no certificate (ENOKEY)"
	cp "$K/one.p12" a.p12
	chmod 0644 a.p12
	run -1 kseal module sign --key a.p12 --passphrase-file "$K/pin" m.ko
	said "a.p12: file with a secret is open to group or others"
	run -1 kseal module sign --key "$K/rsa.key" --cert a.p12 --passphrase-file "$K/pin" m.ko
	said "a.p12: file with a secret is open to group or others"
	head -c 1000 "$K/one.p12" >a.p12
	chmod 0600 a.p12
	run -1 kseal module sign --key a.p12 --passphrase-file "$K/pin" m.ko
	said "a.p12: not a private key in PEM, DER or PKCS#12"
	untouched
	kseal module sign --key "$K/nocerts.p12" --cert "$K/rsa.pem" --passphrase-file "$K/pin" m.ko
	same_as_rsa
}

@test "PKCS#12 with RC2 says how to make a new one, which works, and so does the legacy provider" {
	run -1 kseal module sign --key "$K/legacy.p12" --passphrase-file "$K/pin" m.ko
	said "legacy.p12: PKCS#12 file has a cipher that OpenSSL 3 has only in its legacy provider (RC2 or RC4)"
	said "openssl pkcs12 -legacy -in OLD -out PEM, then openssl pkcs12 -export -in PEM -out NEW (EOPNOTSUPP)"
	untouched
	openssl pkcs12 -legacy -in "$K/legacy.p12" -passin pass:open-sesame -passout pass:between -out both.pem
	openssl pkcs12 -export -in both.pem -passin pass:between -passout pass:open-sesame -out new.p12
	chmod 0600 new.p12
	kseal module sign --key new.p12 --passphrase-file "$K/pin" m.ko
	same_as_rsa
	cp "$K/plain.ko" m.ko
	printf '%s\n' 'openssl_conf = a' '[a]' 'providers = b' '[b]' 'default = c' 'legacy = c' '[c]' 'activate = 1' >cnf
	OPENSSL_CONF=$PWD/cnf kseal module sign --key "$K/legacy.p12" --passphrase-file "$K/pin" m.ko
	same_as_rsa
}

@test "a PEM file with both, as the kernel's signing_key.pem, needs no --cert" {
	cat "$K/rsa.key" "$K/rsa.pem" >signing_key.pem
	chmod 0600 signing_key.pem
	kseal module sign --key signing_key.pem m.ko
	same_as_rsa
	run -1 kseal module sign --signed replace --key "$K/rsa.key" m.ko
	said "no certificate comes with this key, give --cert"
	run -1 kseal module sign --signed replace --key "exec:/bin/true" m.ko
	said "no certificate comes with this key, give --cert"
}

@test "a chain comes in any order, and is embedded in images" {
	cat "$K/leaf.pem" "$K/mid.pem" "$K/root.pem" >a.pem
	cat "$K/root.pem" "$K/leaf.pem" "$K/mid.pem" >b.pem
	kseal pe sign --key "$K/rsa.key" --cert a.pem --output a.efi "$IMAGE"
	kseal pe sign --key "$K/rsa.key" --cert b.pem --output b.efi "$IMAGE"
	cmp a.efi b.efi
	kseal pe sign --key "$K/all.p12" --passphrase-file "$K/pin" --output c.efi "$IMAGE"
	cmp a.efi c.efi
	kseal pe sign --key "$K/rsa.key" --cert "$K/leaf.pem" --add-cert "$K/chain.pem" --output d.efi "$IMAGE"
	cmp a.efi d.efi
	[ "$(embedded a.efi)" = 3 ]
	# What it is for: whoever has the root alone.
	kseal pe verify --trust "$K/root.pem" a.efi
	sbverify --cert "$K/root.pem" a.efi
	kseal pe sign --key "$K/rsa.key" --cert "$K/leaf.pem" --output e.efi "$IMAGE"
	[ "$(embedded e.efi)" = 1 ]
	run -3 kseal pe verify --trust "$K/root.pem" e.efi
	# Two phases are the same bytes.
	kseal offline prepare --pe "$IMAGE" --pe-output f.efi --pe-cert b.pem --manifest m.json
	mkdir sigs
	for id in $(jq -r '.entries[].id' m.json); do
		jq -r '.entries[0].digest' m.json | xxd -r -p |
			openssl pkeyutl -sign -inkey "$K/rsa.key" -pkeyopt digest:sha256 -out "sigs/$id.sig"
	done
	kseal offline attach --manifest m.json --signatures sigs --cert "$K/leaf.pem" --below /
	cmp a.efi f.efi
}

@test "an update of an EFI variable carries the chain" {
	kseal efi esl --cert "$K/other.pem" --output db.esl
	kseal efi auth --name db --key "$K/all.p12" --passphrase-file "$K/pin" --output a.auth db.esl
	kseal efi auth --name db --key "$K/rsa.key" --cert "$K/leaf.pem" --add-cert "$K/chain.pem" --output b.auth db.esl
	cmp a.auth b.auth
}

@test "a module's signature and a PCR policy refuse a chain, with the reason" {
	cat "$K/leaf.pem" "$K/chain.pem" >chain.pem
	run -1 kseal module sign --key "$K/rsa.key" --cert chain.pem m.ko
	said "chain.pem: a module's signature carries no chain, as the kernel has to have the signer's certificate: give that one alone (EINVAL)"
	run -1 kseal module sign --key "$K/all.p12" --passphrase-file "$K/pin" m.ko
	said "a module's signature carries no chain"
	untouched
	run -1 kseal offline prepare --module m.ko --module-cert chain.pem --manifest m.json
	said "a module's signature carries no chain"
	kseal module sign --key "$K/rsa.key" --cert "$K/leaf.pem" m.ko
}

@test "certificates that are not one chain are refused" {
	cat "$K/leaf.pem" "$K/root.pem" >gap.pem
	cat "$K/leaf.pem" "$K/mid.pem" "$K/other.pem" >stranger.pem
	cat "$K/leaf.pem" "$K/mid.pem" "$K/mid.pem" >twice.pem
	for name in gap stranger; do
		run -1 kseal pe sign --key "$K/rsa.key" --cert $name.pem --output a.efi "$IMAGE"
		said "$name.pem: certificates are not one chain, give the signer's with its issuers alone (EINVAL)"
	done
	run -1 kseal pe sign --key "$K/rsa.key" --cert twice.pem --output a.efi "$IMAGE"
	said "twice.pem: certificate to embed is given twice, or the signer's: test mid (EINVAL)"
	for _ in {1..17}; do cat "$K/leaf.pem"; done >many.pem
	run -1 kseal pe sign --key "$K/rsa.key" --cert many.pem --output a.efi "$IMAGE"
	said "many.pem: over 16 certificates"
	# The signer's is the leaf, whichever key is there.
	cat "$K/leaf.pem" "$K/mid.pem" >leaf.pem
	run -3 kseal pe sign --key "$K/mid.key" --cert leaf.pem --output a.efi "$IMAGE"
	said "leaf.pem: certificate does not belong to the private key"
	[ ! -e a.efi ]
}
