# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal module: the signature must be, byte for byte, the one of the kernel's scripts/sign-file,
# whose CMS flags `openssl cms` can be given too. The real modules are signed in the flow.

load ../helpers
load module

@test "module sign writes what sign-file would write, for every digest" {
	for hash in sha256 sha384 sha512 sha3-256 sha3-384 sha3-512; do
		cp "$K/plain.ko" m.ko
		expected $hash "$K/plain.ko" >want.ko
		sign --hash $hash m.ko
		cmp want.ko m.ko
	done
}

@test "module sign takes sha512 unless told otherwise" {
	expected sha512 "$K/plain.ko" >want.ko
	sign m.ko
	cmp want.ko m.ko
}

@test "module verify accepts its own signature and one by openssl" {
	sign m.ko
	kseal module verify --trust "$K/signer.pem" m.ko
	expected sha256 "$K/plain.ko" >theirs.ko
	kseal module verify --trust "$K/signer.pem" theirs.ko
}

@test "an ECDSA signature verifies" {
	kseal module sign --key "$K/ec.key" --cert "$K/ec.pem" m.ko
	kseal module verify --trust "$K/ec.pem" m.ko
}

@test "SHA-3 signs modules with RSA and ECDSA, for a kernel that has it, and nothing else" {
	for bits in 256 384 512; do
		for key in signer ec; do
			cp "$K/plain.ko" m.ko
			kseal module sign --key "$K/$key.key" --cert "$K/$key.pem" --hash sha3-$bits m.ko
			kseal module verify --trust "$K/$key.pem" m.ko
			[ "$(kseal module show --json m.ko | jq -r '.files[0].hash')" = sha3-$bits ]
		done
		kseal module show m.ko | grep -i "ecdsa_with_SHA3-$bits"
		kseal offline prepare --module "$K/plain.ko" --module-cert "$K/signer.pem" --hash sha3-$bits --manifest m.json
		[ "$(jq -r '.entries[0].hash' m.json)" = sha3-$bits ]
	done
	run -1 kseal pe hash --hash sha3-256 "$IMAGE"
	said "digest refused, use sha256, sha384 or sha512: sha3-256"
}

@test "modinfo shows the signer and the digest" {
	sign m.ko
	run modinfo -F signer ./m.ko
	[ "$output" = "test signer" ]
	run modinfo -F sig_hashalgo ./m.ko
	[ "$output" = sha512 ]
}

@test "module verify says a clear no to unsigned, foreign and changed modules" {
	run -3 kseal module verify --trust "$K/signer.pem" m.ko
	[[ $output == *"m.ko: module is not signed (ENODATA)"* ]]
	sign m.ko
	run -3 kseal module verify --trust "$K/other.pem" m.ko
	[[ $output == *"signer is not among the trusted"*ENOKEY* ]]
	printf X | dd of=m.ko bs=1 seek=70 conv=notrunc 2>/dev/null
	run -3 kseal module verify --trust "$K/signer.pem" m.ko
	[[ $output == *EKEYREJECTED* ]]
	# What could not be judged is not a clear no.
	run -1 kseal module verify --trust "$K/signer.pem" m.ko missing.ko
}

# The kernel reads the list of digests and the parameters of algorithms, but looks at neither.
@test "every byte of a signed module counts" {
	sign m.ko
	size=$(stat -c %s m.ko)
	expected sha512 "$K/plain.ko" >/dev/null
	cms=$((size - 40 - $(stat -c %s sig.der)))
	idle=$(openssl asn1parse -inform DER -in sig.der |
		awk -F'[:= ]+' -v cms=$cms '/d=3.*cons: SET/ && !n++ { for (i = 0; i < 15; i++) print cms + $2 + i }
			/prim: NULL/ { print cms + $2; print cms + $2 + 1 }')
	accepted=
	for ((i = 0; i < size; i += 61)); do
		! grep -qx $i <<<"$idle" || continue
		cp m.ko f.ko
		byte=$(od -An -tu1 -j$i -N1 m.ko)
		printf '%b' "\\x$(printf %02x $((byte ^ 1)))" |
			dd of=f.ko bs=1 seek=$i conv=notrunc 2>/dev/null
		! kseal module verify --trust "$K/signer.pem" f.ko >/dev/null 2>&1 || accepted+=" $i"
	done
	[ -z "$accepted" ] || { echo "accepted with a bit flipped at:$accepted"; false; }
}

@test "strip gives back the unsigned module" {
	sign m.ko
	kseal module strip m.ko
	cmp "$K/plain.ko" m.ko
	run -3 kseal module strip m.ko
}

@test "what is not a module is not signed" {
	: >empty.ko
	echo text >text.ko
	xz -k m.ko
	cp m.ko.xz renamed.ko
	gcc -x c -o program.ko - <<<'int main(void) { return 0; }'
	head -c 200 m.ko >cut.ko
	for f in empty text renamed program cut; do
		cp $f.ko before
		run -1 sign $f.ko
		[[ $output == *"$f.ko"*EBADMSG* ]]
		cmp before $f.ko
	done
}

@test "a directory is walked, and one bad module does not stop the others" {
	mkdir -p tree/a/b
	cp m.ko tree/one.ko
	cp m.ko "tree/a/with space.ko"
	cp m.ko tree/a/b/two.ko
	echo junk >tree/a/bad.ko
	run -1 sign --jobs 2 tree
	[[ $output == *"tree/a/bad.ko: not an ELF file"* ]]
	[[ $output == *"3 of 4 modules signed"* ]]
	rm tree/a/bad.ko
	kseal module verify --trust "$K/signer.pem" tree
}

@test "directories are walked in the order of their names, links and odd files too" {
	mkdir -p t/a/deep t/a-b t/b.ko t/none
	for name in a/z.ko a/deep/y.ko a-b/x.ko b.ko/w.ko A.ko a!.ko b-.ko.xz .ko 'c d.ko' none/notes.txt; do
		echo "no module" >"t/$name"
	done
	ln -s nowhere t/dangling.ko
	mkfifo t/pipe.ko
	run kseal module show t
	[ "$status" -eq 1 ]
	printf 't/%s\n' .ko A.ko a/deep/y.ko a/z.ko a!.ko a-b/x.ko b-.ko.xz b.ko/w.ko 'c d.ko' \
		dangling.ko pipe.ko >want
	sed -n 's/^kseal: \(t\/[^:]*\): .*/\1/p' <<<"$output" >got
	diff want got
}

@test "key and certificate must belong together" {
	run -3 kseal module sign --key "$K/other.key" --cert "$K/signer.pem" m.ko
	cmp "$K/plain.ko" m.ko
}

@test "a key that others may read is refused" {
	cp "$K/signer.key" open.key
	chmod 0644 open.key
	run -1 kseal module sign --key open.key --cert "$K/signer.pem" m.ko
	[[ $output == *open.key*EACCES* ]]
	chmod 0600 open.key
	kseal module sign --key open.key --cert "$K/signer.pem" m.ko
}

@test "weak digests and Ed25519 are refused" {
	run -1 sign --hash md5 m.ko
	[[ $output == *"use sha256, sha384, sha512, sha3-256, sha3-384 or sha3-512"* ]]
	run -1 sign --hash sha1 m.ko
	openssl genpkey -algorithm ed25519 -out ed.key
	chmod 0600 ed.key
	openssl req -x509 -new -key ed.key -subj /CN=ed -out ed.pem -days 3
	run -1 kseal module sign --key ed.key --cert ed.pem m.ko
	[[ $output == *EOPNOTSUPP* ]]
}

@test "an expired certificate signs nothing" {
	openssl req -new -key "$K/signer.key" -subj /CN=expired -out e.csr
	mkdir ca
	: >ca/index
	echo 01 >ca/serial
	printf '[ca]\ndefault_ca=c\n[c]\ndatabase=ca/index\nserial=ca/serial\nnew_certs_dir=ca\n' >ca.cnf
	printf 'default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' >>ca.cnf
	openssl ca -batch -selfsign -config ca.cnf -keyfile "$K/signer.key" -in e.csr -out e.pem \
		-startdate 20200101000000Z -enddate 20210101000000Z 2>/dev/null
	run -1 kseal module sign --key "$K/signer.key" --cert e.pem m.ko
	[[ $output == *EKEYEXPIRED* ]]
	cmp "$K/plain.ko" m.ko
}

@test "usage errors are exit 2 and name the option" {
	run -2 kseal module sign m.ko
	[[ $output == *"--key is required"* ]]
	run -2 sign --colour m.ko
	[[ $output == *"--colour is not an option"* ]]
	run -2 sign --key x --key y m.ko
	[[ $output == *"can only be given once"* ]]
	run -2 kseal module frobnicate
}
