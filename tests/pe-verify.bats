# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal pe verify and show: signature by signature, with chains and a dbx made by efitools.

load helpers

# ca -> mid -> leaf, and a self-signed other; leaf2 is by ca.
setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n' >ca.ext
	new_cert ca
	new_cert other
	issue mid ca -extfile ca.ext
	issue leaf mid
	issue leaf2 ca
	chmod 0600 ./*.key
	sign leaf --add-cert mid.pem --output leaf.efi "$IMAGE"
}

# issue NAME CA [OPTION...]: a certificate by that CA
issue() {
	openssl req -new -nodes -newkey rsa:2048 -keyout "$1.key" -out "$1.csr" -subj "/CN=test $1" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 \
		-out "$1.pem" "${@:3}" 2>/dev/null
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

sign() { kseal pe sign --key "$1.key" --cert "$1.pem" "${@:2}"; }
# json FILE FILTER: as jq says it
json() { jq -cr "$2" <"$1"; }

@test "an image signed by an intermediate verifies against each certificate of its chain" {
	for name in leaf mid ca; do kseal pe verify --trust $name.pem leaf.efi; done
	run -3 kseal pe verify --trust other.pem leaf.efi
	said "no signature is by a trusted certificate"
	kseal pe verify --json --trust ca.pem leaf.efi >j
	[ "$(json j '.verdict, .signatures[0].trusted')" = $'verified\ntrue' ]
	[ "$(json j '[.signatures[0].chain[].name]')" = '["test leaf","test mid","test ca"]' ]
	[ "$(json j '.signatures[0].sha256')" = \
		"$(openssl x509 -in leaf.pem -outform DER | sha256sum | cut -d' ' -f1)" ]
	[ "$(json j '.signatures[0] | .issuer, .digest, .matches, .intact, .expired, .dbx')" = \
		$'test mid\nsha256\ntrue\ntrue\nfalse\nnull' ]
}

@test "without the intermediate embedded only the leaf itself or its issuer is a trust" {
	sign leaf --output bare.efi "$IMAGE"
	kseal pe verify --trust leaf.pem bare.efi
	kseal pe verify --trust mid.pem bare.efi
	run -3 kseal pe verify --trust ca.pem bare.efi
	sbverify --cert mid.pem bare.efi
}

@test "a certificate that is no issuer in the chain, or there twice, is not embedded" {
	run -1 sign leaf --add-cert other.pem --output x.efi "$IMAGE"
	said "no issuer in the signer's chain: test other"
	run -1 sign leaf --add-cert ca.pem --output x.efi "$IMAGE"
	said "no issuer in the signer's chain: test ca"
	run -1 sign leaf --add-cert mid.pem --add-cert mid.pem --output x.efi "$IMAGE"
	said "given twice"
	run -1 sign leaf --add-cert leaf.pem --output x.efi "$IMAGE"
	said "or the signer's: test leaf"
	[ ! -e x.efi ]
	# In any order, with the root, is a chain.
	sign leaf --add-cert ca.pem --add-cert mid.pem --output x.efi "$IMAGE"
	rm x.efi
}

@test "an expired certificate is said to be, and does not matter" {
	printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\nnew_certs_dir=.\nserial=srl\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >ca.cnf
	: >index
	echo 01 >srl
	openssl req -new -nodes -newkey rsa:2048 -keyout old.key -out old.csr -subj "/CN=test old" 2>/dev/null
	openssl ca -batch -config ca.cnf -selfsign -keyfile old.key -in old.csr -out old.pem \
		-startdate 20200101000000Z -enddate 20210101000000Z 2>/dev/null
	chmod 0600 old.key
	run -1 sign old --output old.efi "$IMAGE"
	said "certificate has expired"
	sbsign --key old.key --cert old.pem --output old.efi "$IMAGE"
	run -0 kseal pe verify --trust old.pem old.efi
	said "EXPIRED 2021-01-01"
	[ "$(kseal pe show --json old.efi | jq '.signatures[0].expired')" = true ]
}

@test "show lists all signatures in their order, of ours and of sbsign" {
	sbsign --key other.key --cert other.pem --output two.efi leaf.efi
	kseal pe show --json two.efi >j
	[ "$(json j '[.signatures[].signer]')" = '["test leaf","test other"]' ]
	[ "$(json j '.checksum_ok, .signatures[0].trusted, .verdict')" = $'true\nnull\nnull' ]
	run -0 kseal pe show two.efi
	said "2 signatures"
	said "signature 2: test other, issued by test other, until $(date -u -d "$(openssl x509 -in other.pem -noout -enddate | cut -d= -f2)" +%F)"
	[ "$(kseal pe show --json "$IMAGE" | jq '.signatures | length')" = 0 ]
}

@test "a certificate in dbx refuses the image, whatever form the dbx has" {
	cert-to-efi-sig-list leaf.pem dbx.esl
	{ printf '\x27\0\0\0'; cat dbx.esl; } >dbx.efivarfs
	sign-efi-sig-list -k other.key -c other.pem dbx dbx.esl dbx.auth
	for dbx in dbx.esl dbx.efivarfs dbx.auth; do
		run -3 kseal pe verify --trust ca.pem --dbx $dbx leaf.efi
		said "dbx has the signer's certificate, firmware refuses the image: signature 1 by test leaf"
	done
	cert-to-efi-sig-list other.pem clear.esl
	run -0 kseal pe verify --trust ca.pem --dbx clear.esl leaf.efi
	said "not in dbx"
	kseal pe show --json --dbx dbx.esl leaf.efi >j
	[ "$(json j '.dbx, .signatures[0].dbx')" = $'clear\ncertificate' ]
	run -1 kseal pe verify --trust ca.pem --dbx ca.pem leaf.efi
	said "ca.pem: "
}

@test "a CA in dbx revokes what it issued, embedded or not" {
	for name in mid ca; do
		cert-to-efi-sig-list $name.pem dbx.esl
		run -3 kseal pe verify --trust leaf.pem --dbx dbx.esl leaf.efi
		said "dbx has the signer's CA"
	done
	kseal pe show --json --dbx dbx.esl leaf.efi >j
	[ "$(json j '.signatures[0].dbx')" = ca ]
}

@test "dbx names certificates by digest of their to-be-signed part too" {
	for name in leaf mid; do
		cert-to-efi-hash-list -s 256 $name.pem dbx.esl
		run -3 kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
		said "dbx has the signer's"
	done
	cert-to-efi-hash-list -s 512 leaf.pem dbx.esl
	run -3 kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
	cert-to-efi-hash-list -s 256 other.pem dbx.esl
	kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
}

@test "the digest of the image in dbx refuses it, signed by whomever" {
	hash-to-efi-sig-list leaf.efi dbx.esl
	run -3 kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
	said "dbx has the digest of the image"
	kseal pe show --json --dbx dbx.esl leaf.efi >j
	[ "$(json j '.dbx, .signatures[0].dbx')" = $'image\nclear' ]
	hash-to-efi-sig-list "$STUB" dbx.esl
	kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
}

@test "one revoked signature refuses the image beside a good one, as EDK2 does" {
	sign leaf2 --signed add --output both.efi leaf.efi
	cert-to-efi-sig-list leaf2.pem dbx.esl
	kseal pe verify --trust ca.pem both.efi
	run -3 kseal pe verify --trust ca.pem --dbx dbx.esl both.efi
	said "signature 2 by test leaf2"
	kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
	run -3 --separate-stderr kseal pe verify --json --trust ca.pem --dbx dbx.esl both.efi
	echo "$output" >j
	[ "$(json j '.verdict, [.signatures[].dbx]')" = $'refused\n["clear","certificate"]' ]
	said "dbx has the signer's certificate"
}

@test "a signature that does not hold refuses the image, and --json says which" {
	cp leaf.efi torn.efi
	printf X | dd of=torn.efi bs=1 seek=5000 conv=notrunc 2>/dev/null
	run -3 --separate-stderr kseal pe verify --json --trust ca.pem torn.efi
	echo "$output" >j
	[ "$(json j '.verdict, .signatures[0].matches, .signatures[0].intact')" = $'refused\nfalse\ntrue' ]
	said "the image was changed after signing"
	run -3 --separate-stderr kseal pe verify --json --trust ca.pem "$IMAGE"
	echo "$output" >j
	[ "$(json j '.verdict, .signatures')" = $'unsigned\n[]' ]
}
