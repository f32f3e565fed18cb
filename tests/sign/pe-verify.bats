# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal pe verify and show: signature by signature, with chains and a dbx made by efitools.

load ../helpers

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
	check_json --control kseal/pe-verify <j
	[ "$(json j '.verdict, .signatures[0].trusted')" = $'verified\ntrue' ]
	[ "$(json j '[.signatures[0].chain[].name]')" = '["test leaf","test mid","test ca"]' ]
	[ "$(json j '.signatures[0].signer.sha256')" = \
		"$(openssl x509 -in leaf.pem -outform DER | sha256sum | cut -d' ' -f1)" ]
	[ "$(json j '.signatures[0] | .signer.issuer, .hash, .matches, .intact, .signer.expired, .dbx')" = \
		$'test mid\nsha256\ntrue\ntrue\nfalse\nnull' ]
}

@test "without the intermediate embedded only the leaf itself or its issuer is a trust" {
	sign leaf --output bare.efi "$IMAGE"
	kseal pe verify --trust leaf.pem bare.efi
	kseal pe verify --trust mid.pem bare.efi
	run -3 kseal pe verify --trust ca.pem bare.efi
	sbverify --cert mid.pem bare.efi
}

@test "a certificate that is not an issuer in the chain, or there twice, is not embedded" {
	run -1 sign leaf --add-cert other.pem --output x.efi "$IMAGE"
	said "not an issuer in the signer's chain: test other"
	run -1 sign leaf --add-cert ca.pem --output x.efi "$IMAGE"
	said "not an issuer in the signer's chain: test ca"
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
	[ "$(kseal pe show --json old.efi | jq '.signatures[0].signer.expired')" = true ]
}

@test "show lists all signatures in their order, of ours and of sbsign" {
	sbsign --key other.key --cert other.pem --output two.efi leaf.efi
	kseal pe show --json two.efi >j
	check_json --control kseal/pe-show <j
	[ "$(json j '[.signatures[].signer.name]')" = '["test leaf","test other"]' ]
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

@test "by digest dbx names the signer, or the certificate of db that vouches for it" {
	cert-to-efi-hash-list -s 256 leaf.pem dbx.esl
	run -3 kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
	said "dbx has the signer's certificate"
	cert-to-efi-hash-list -s 512 leaf.pem dbx.esl
	run -3 kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
	# An intermediate's is looked up where it stands in db, and only then: it takes that trust away.
	cert-to-efi-hash-list -s 256 mid.pem dbx.esl
	run -3 kseal pe verify --trust mid.pem --dbx dbx.esl leaf.efi
	said "dbx has the digest of the trusted certificate"
	kseal pe verify --trust ca.pem --dbx dbx.esl leaf.efi
	# Another signature of the image is left alone.
	sign other --signed add --output both.efi leaf.efi
	kseal pe verify --trust mid.pem --trust other.pem --dbx dbx.esl both.efi
	# The first that vouches decides, in the order of db.
	run -3 kseal pe verify --trust mid.pem --trust ca.pem --dbx dbx.esl leaf.efi
	kseal pe verify --trust ca.pem --trust mid.pem --dbx dbx.esl leaf.efi
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

# odd NAME SIGNATURE...: NAME.efi, signed as no signer does
odd() { python3 "$ROOT/tests/sign/odd-sign.py" "$IMAGE" "$1.efi" "${@:2}"; }
LEAF=key=leaf2.key,cert=leaf2.pem OTHER=key=other.key,cert=other.pem

@test "a CA in dbx refuses what its key signed, also through another certificate of that key" {
	openssl req -x509 -new -key ca.key -out again.pem -subj "/CN=test ca" -days 99 2>/dev/null
	openssl req -new -key ca.key -out cross.csr -subj "/CN=test ca" 2>/dev/null
	openssl x509 -req -in cross.csr -CA other.pem -CAkey other.key -CAcreateserial -days 30 \
		-extfile ca.ext -out cross.pem 2>/dev/null
	sign leaf2 --output leaf2.efi "$IMAGE"
	for revoked in again cross; do
		cert-to-efi-sig-list $revoked.pem dbx.esl
		run -3 kseal pe verify --trust ca.pem --dbx dbx.esl leaf2.efi
		said "dbx has the signer's CA"
		run -3 kseal pe verify --trust leaf2.pem --dbx dbx.esl leaf2.efi
	done
	# The cross-signed one embedded, and who signed it in dbx.
	cert-to-efi-sig-list other.pem dbx.esl
	kseal pe verify --trust ca.pem --dbx dbx.esl leaf2.efi
	odd crossed "$LEAF,embed=leaf2.pem+cross.pem"
	kseal pe verify --trust ca.pem crossed.efi
	run -3 kseal pe verify --trust ca.pem --dbx dbx.esl crossed.efi
	said "dbx has the signer's CA"
	# Of the same name, but with another key, it is nobody.
	openssl req -x509 -newkey rsa:2048 -nodes -keyout same.key -out same.pem -subj "/CN=test ca" 2>/dev/null
	cert-to-efi-sig-list same.pem dbx.esl
	kseal pe verify --trust ca.pem --dbx dbx.esl leaf2.efi
	# And it does not hide the real one in db.
	kseal pe verify --trust same.pem --trust ca.pem leaf2.efi
	kseal pe verify --trust ca.pem --trust same.pem leaf2.efi
}

@test "digestAlgorithms choose the digest of the image, whatever DigestInfo says" {
	odd mixed "$LEAF,info=sha384,image=sha384"
	run -3 kseal pe verify --trust ca.pem mixed.efi
	said "DigestInfo names another digest than its digestAlgorithms"
	not_said "changed after signing"
	run ! sbverify --cert leaf2.pem mixed.efi
	for alg in sha1 sha256 sha384 sha512; do
		odd $alg "$LEAF,alg=$alg"
		kseal pe verify --trust ca.pem $alg.efi
		[ "$(kseal pe show --json $alg.efi | jq -r '.signatures[0].hash')" = $alg ]
	done
	odd sha224 "$LEAF,alg=sha224"
	run -3 kseal pe verify --trust ca.pem sha224.efi
	said "firmware skips this signature"
	run -0 kseal pe show sha224.efi
	said "SKIPPED by firmware"
	not_said "MATCH"
}

@test "what could not be compared or checked is not said to be wrong" {
	pe=$(od -An -tu4 -j60 -N4 leaf.efi)
	cms=$(($(od -An -tu4 -j$((pe + 24 + 144)) -N4 leaf.efi) + 8))
	# No INTEGER where the version of SignedData is: nothing of the message can be read.
	cp leaf.efi unread.efi
	printf '\004' | dd of=unread.efi bs=1 seek=$((cms + 23)) conv=notrunc 2>/dev/null
	odd nobody "$LEAF,embed=none"
	for name in unread nobody; do
		run -0 kseal pe show $name.efi
		said "could not be checked"
		not_said NOT
		kseal pe show --json $name.efi >j
		[ "$(json j '.signatures[0].intact')" = null ]
	done
	said "signer unknown, sha256 matches, could not be checked"
	[ "$(json j '.signatures[0].matches')" = true ]
	run -0 kseal pe show unread.efi
	said "signer unknown, sha256 not there to be compared, could not be checked"
	[ "$(kseal pe show --json unread.efi | jq '.signatures[0].matches')" = null ]
	# What was computed and differs is.
	cp leaf.efi broken.efi
	printf X | dd of=broken.efi bs=1 seek=5000 conv=notrunc 2>/dev/null
	run -0 kseal pe show broken.efi
	said "sha256 DOES NOT MATCH, intact"
	cp leaf.efi broken.efi
	printf '\377\377' | dd of=broken.efi bs=1 seek=$(($(stat -c %s leaf.efi) - 40)) conv=notrunc 2>/dev/null
	run -0 kseal pe show broken.efi
	said "sha256 matches, NOT INTACT"
}

@test "a key that signed something else than an image vouches for none" {
	odd data "$LEAF,type=data"
	run -3 kseal pe verify --trust ca.pem data.efi
	said "contentType is not SpcIndirectData"
	odd spc "$LEAF"
	kseal pe verify --trust ca.pem spc.efi
}

@test "what firmware cannot read vouches for nothing, and refuses where there is a dbx" {
	cert-to-efi-sig-list same.pem dbx.esl 2>/dev/null || cert-to-efi-sig-list other.pem dbx.esl
	odd plain "$LEAF"
	kseal pe verify --trust ca.pem --dbx dbx.esl plain.efi
	for what in sid=key embed=none; do
		odd alone "$LEAF,$what"
		run -3 kseal pe verify --trust ca.pem --trust leaf2.pem alone.efi
		odd first "$LEAF,$what" "key=leaf.key,cert=leaf.pem"
		kseal pe verify --trust mid.pem first.efi
		run -3 kseal pe verify --trust mid.pem --dbx dbx.esl first.efi
		said "where there is a dbx, firmware refuses the image"
	done
	# A message of 64 KiB is skipped, whoever signed it.
	odd big "$LEAF,big=66000"
	run -3 kseal pe verify --trust ca.pem big.efi
	said "firmware skips this signature"
	odd big "$LEAF,big=66000" "key=leaf.key,cert=leaf.pem"
	kseal pe verify --trust mid.pem --dbx dbx.esl big.efi
	odd big "$LEAF,big=60000"
	kseal pe verify --trust ca.pem big.efi
}

@test "a digest of the image in dbx counts in the algorithm of the signature alone" {
	odd plain "$LEAF"
	for bits in 256 384 512; do
		kseal pe hash --hash sha$bits plain.efi >said
		python3 - $bits "$(cut -d' ' -f1 said)" >dbx.esl <<-'EOF'
			import struct, sys, uuid
			types = {"256": "c1c41626-504c-4092-aca9-41f936934328",
			         "384": "ff3e5307-9fd0-48c9-85f1-8ad56c701e01",
			         "512": "093e0fae-a6c4-4f50-9f1b-d41e2b89c19a"}
			digest = bytes.fromhex(sys.argv[2])
			size = 16 + len(digest)
			sys.stdout.buffer.write(uuid.UUID(types[sys.argv[1]]).bytes_le +
			    struct.pack("<III", 28 + size, 0, size) + bytes(16) + digest)
		EOF
		for alg in 256 384 512; do
			odd signed "$LEAF,alg=sha$alg"
			if [ $alg = $bits ]; then
				run -3 kseal pe verify --trust ca.pem --dbx dbx.esl signed.efi
				said "dbx has the digest of the image"
			else
				kseal pe verify --trust ca.pem --dbx dbx.esl signed.efi
			fi
		done
	done
}

@test "a signature that is not of the image neither vouches nor forbids" {
	odd stray "$OTHER,other=yes" "$LEAF"
	run -0 kseal pe verify --trust ca.pem stray.efi
	said "DOES NOT MATCH"
	run -3 kseal pe verify --trust other.pem stray.efi
	cert-to-efi-sig-list other.pem dbx.esl
	kseal pe verify --trust ca.pem --dbx dbx.esl stray.efi
	odd both "$OTHER" "$LEAF"
	run -3 kseal pe verify --trust ca.pem --dbx dbx.esl both.efi
	# By digest it forbids all the same: firmware asks for the signers of whatever it can read.
	cert-to-efi-hash-list -s 256 other.pem dbx.esl
	run -3 kseal pe verify --trust ca.pem --dbx dbx.esl stray.efi
}

@test "shapes that firmware takes are taken" {
	for what in revision=0x100 guid=yes padding=x behind=3 attrs=no type=none version=5 algs=2; do
		odd shape "$LEAF,$what"
		kseal pe verify --trust ca.pem shape.efi || { echo "$what"; return 1; }
		run -3 kseal pe verify --trust other.pem shape.efi
	done
	odd shape "$LEAF,wtype=0xef0" "$OTHER"
	kseal pe verify --trust other.pem shape.efi
	run -3 kseal pe verify --trust ca.pem shape.efi
	signatures=()
	for _ in $(seq 17); do signatures+=("$LEAF"); done
	odd many "${signatures[@]}"
	run -0 kseal pe verify --trust ca.pem many.efi
	said "17 signatures"
}

@test "ECDSA is told with the versions that refuse it, and no db has such a certificate" {
	openssl req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout ec.key -out ec.csr \
		-subj "/CN=test ec" 2>/dev/null
	openssl x509 -req -in ec.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out ec.pem 2>/dev/null
	odd ec key=ec.key,cert=ec.pem
	run -0 kseal pe verify --trust ca.pem ec.efi
	said "ECDSA: OVMF 2022.11 and 2025.02 refuse it, 2026.08 takes it"
	[ "$(kseal pe show --json ec.efi | jq '.signatures[0].ecdsa')" = true ]
	run -3 kseal pe verify --trust ec.pem ec.efi
	said "one without an RSA key is in no db, SetVariable() refuses it"
	kseal pe verify --trust ec.pem --trust ca.pem ec.efi
	run -0 kseal pe show leaf.efi
	not_said "ECDSA"
}

@test "a dbx without a list is not a dbx; one with an empty list is" {
	: >none
	run -1 kseal pe verify --trust ca.pem --dbx none leaf.efi
	said "none: dbx has no entry and forbids nothing, leave --dbx out"
	printf '\x27\0\0\0' >none
	run -1 kseal pe verify --trust ca.pem --dbx none leaf.efi
	{ cert-to-efi-sig-list other.pem list.esl; head -c 16 list.esl; printf '\x1c\0\0\0\0\0\0\0\x30\0\0\0'; } >empty.esl
	kseal pe verify --trust ca.pem --dbx empty.esl leaf.efi
	odd unknown "$LEAF,embed=none" "key=leaf.key,cert=leaf.pem"
	kseal pe verify --trust mid.pem unknown.efi
	run -3 kseal pe verify --trust mid.pem --dbx empty.esl unknown.efi
}

@test "four bytes behind a certificate of dbx do not hide it" {
	cert-to-efi-sig-list leaf.pem list.esl
	python3 - >padded.esl <<-'EOF'
		import struct, sys
		esl = open("list.esl", "rb").read()
		size = struct.unpack_from("<I", esl, 16)[0] + 4
		sys.stdout.buffer.write(esl[:16] + struct.pack("<III", size, 0, size - 28) + esl[28:] + b"\1\2\3\4")
	EOF
	run -3 kseal pe verify --trust ca.pem --dbx padded.esl leaf.efi
	said "dbx has the signer's certificate"
}
