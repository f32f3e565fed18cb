# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal offline: a manifest of digests, a signing service that sees nothing else, and signatures that
# are attached only where certificate, digest and file agree. The result is that of signing directly.

load offline

setup_file() { offline_setup_file; }
setup() { offline_setup; }

# What signing directly would have made of tree and stub.efi.
sign_directly() {
	cp -a tree direct
	kseal module sign --key "$K/module.key" --cert "$K/module.pem" "$@" direct
	kseal pe sign --key "$K/uki.key" --cert "$K/uki.pem" --output direct.efi stub.efi
}

@test "prepare, service, attach give the bytes of signing directly" {
	remember
	run -0 prepare
	said '3 signatures to be made'
	untouched
	serve
	[ "$(find sigs -name '*.sig' | wc -l)" = 3 ]
	untouched
	sign_directly
	# On a later day: the signing time is the manifest's.
	SOURCE_DATE_EPOCH=2100000000 run -0 attach
	said '3 signatures attached'
	diff -r direct tree
	cmp direct.efi signed.efi
	sbverify --cert "$K/uki.pem" signed.efi
	kseal module verify --trust "$K/module.pem" tree
}

@test "every digest that modules are signed with" {
	for hash in sha256 sha384 sha512; do
		rm -rf direct tree direct.efi signed.efi sigs
		mkdir tree sigs
		cp "$K"/[ab].ko tree/
		prepare --hash $hash
		serve
		sign_directly --hash $hash
		attach
		diff -r direct tree
	done
}

@test "ECDSA signatures are taken, and verify" {
	kseal offline prepare --manifest m.json --module tree --module-cert "$K/ec.pem"
	"$K/service.sh" m.json sigs "$K/ec.key" "$K/ec.key"
	attach
	kseal module verify --trust "$K/ec.pem" tree
	run -3 kseal module verify --trust "$K/module.pem" tree
}

@test "a token signs through pkcs11-tool" {
	so=$(find /usr/lib /usr/lib64 -name libsofthsm2.so 2>/dev/null | head -n 1)
	[ -n "$so" ] || skip "no SoftHSM2"
	mkdir tokens
	echo "directories.tokendir = $PWD/tokens" >softhsm2.conf
	export SOFTHSM2_CONF=$PWD/softhsm2.conf PIN=1234
	softhsm2-util --init-token --free --label t --so-pin 4321 --pin $PIN >/dev/null
	openssl pkcs8 -topk8 -nocrypt -in "$K/module.key" -out p8.pem
	softhsm2-util --import p8.pem --token t --label signer --id 01 --pin $PIN >/dev/null
	kseal offline prepare --manifest m.json --module tree --module-cert "$K/module.pem"
	"$K/token-service.sh" m.json sigs "$so" signer >/dev/null 2>&1
	sign_directly
	attach
	diff -r direct tree
}

@test "a second signature beside the first, and before it, with its intermediate certificate" {
	openssl req -new -nodes -newkey rsa:2048 -keyout leaf.key -out leaf.csr -subj /CN=leaf 2>/dev/null
	openssl x509 -req -in leaf.csr -CA "$K/other.pem" -CAkey "$K/other.key" -CAcreateserial -days 30 \
		-out leaf.pem 2>/dev/null
	chmod 0600 leaf.key
	kseal pe sign --key "$K/uki.key" --cert "$K/uki.pem" --output once.efi stub.efi
	run -1 kseal offline prepare --manifest m.json --pe once.efi --pe-output twice.efi --pe-cert leaf.pem
	said 'once.efi: image is signed already'
	[ ! -e m.json ]
	for first in '' --first; do
		# shellcheck disable=SC2086 # nothing or one word
		kseal offline prepare --manifest m.json --pe once.efi --pe-output twice.efi --pe-cert leaf.pem \
			--signed add $first --add-cert "$K/other.pem"
		"$K/service.sh" m.json sigs /dev/null leaf.key
		attach --cert leaf.pem
		# shellcheck disable=SC2086 # nothing or one word
		kseal pe sign --key leaf.key --cert leaf.pem --signed add $first --add-cert "$K/other.pem" \
			--output direct.efi once.efi
		cmp direct.efi twice.efi
	done
	run -1 kseal offline prepare --manifest m.json --pe once.efi --pe-output o.efi --pe-cert leaf.pem \
		--signed add --add-cert "$K/module.pem"
	said 'not an issuer in the signer'
}

@test "an image may be its own output" {
	cp stub.efi own.efi
	kseal offline prepare --manifest m.json --pe own.efi --pe-output own.efi --pe-cert "$K/uki.pem"
	serve
	attach
	kseal pe sign --key "$K/uki.key" --cert "$K/uki.pem" --output direct.efi stub.efi
	cmp direct.efi own.efi
}

@test "the manifest holds digests only, and they are what openssl computes" {
	prepare
	for i in 0 1; do
		path=$(jq -r ".entries[$i].file" m.json)
		[ "$(jq -r ".entries[$i].digest" m.json)" = "$(sha512sum <"$path" | cut -d' ' -f1)" ]
		[ "$(jq -r ".entries[$i].file_sha256" m.json)" = "$(sha256sum <"$path" | cut -d' ' -f1)" ]
	done
	attributes=$(jq -r '.entries[2].attributes' m.json)
	[ "$(jq -r '.entries[2].digest' m.json)" = \
		"$(tr a-f A-F <<<"$attributes" | basenc -d --base16 | sha256sum | cut -d' ' -f1)" ]
}

@test "names with blanks, quotes, umlauts and a newline; links and modes stay" {
	odd=$'tree/w i"t\'h\nä.ko'
	mv tree/a.ko "$odd"
	chmod 0600 "$odd"
	mkdir elsewhere
	mv tree/b.ko elsewhere/b.ko
	ln -s ../elsewhere/b.ko tree/b.ko
	prepare
	serve
	attach
	[ "$(stat -c %a "$odd")" = 600 ]
	[ -L tree/b.ko ]
	kseal module verify --trust "$K/module.pem" "$odd" elsewhere/b.ko
}

@test "prepare refuses what signing would refuse, names every module and writes no manifest" {
	echo junk >tree/junk.ko
	kseal module sign --key "$K/module.key" --cert "$K/module.pem" tree/b.ko
	run -1 prepare
	said 'tree/junk.ko: not an ELF file'
	said 'tree/b.ko: module is signed already'
	[ ! -e m.json ]
	rm tree/junk.ko tree/b.ko
	prepare
	echo junk >stub.efi
	rm m.json
	run -1 prepare
	said stub.efi
	[ ! -e m.json ]
}

@test "a module that is reached twice is listed once; hard links are two files" {
	ln -s a.ko tree/link.ko
	run -0 prepare --module tree/a.ko
	said '3 signatures to be made'
	rm tree/link.ko
	ln tree/a.ko tree/hard.ko
	run -0 prepare
	said '4 signatures to be made'
	serve
	attach --jobs 3
	kseal module verify --trust "$K/module.pem" tree
}

@test "compressed modules are signed inside, as module sign does" {
	xz --check=crc32 --lzma2=dict=1MiB tree/a.ko
	zstd -q --rm tree/b.ko
	cp "$K/a.ko" tree/c.ko
	gzip -n tree/c.ko
	prepare
	[ "$(jq -r '.entries[0].digest' m.json)" = "$(sha512sum <"$K/a.ko" | cut -d' ' -f1)" ]
	serve
	sign_directly
	attach
	diff -r direct tree
	kseal module verify --trust "$K/module.pem" tree
}

@test "prepare refuses an image that is read or written by two entries" {
	# One image's output is another one's input.
	cp stub.efi signed.efi
	run -1 prepare --pe signed.efi --pe-output third.efi
	said 'another entry has the same file'
	rm signed.efi
	run -1 prepare --pe tree/../stub.efi --pe-output third.efi
	said 'another entry has the same file'
	cp stub.efi second.efi
	run -1 prepare --pe second.efi --pe-output signed.efi
	said 'another entry has the same file'
	[ ! -e m.json ]
	prepare --pe second.efi --pe-output third.efi
}

@test "prepare refuses a name that JSON cannot hold, and an output without a directory" {
	cp tree/a.ko $'tree/\xff.ko'
	run -1 prepare
	said 'name is not UTF-8'
	rm $'tree/\xff.ko'
	cp stub.efi second.efi
	run -1 prepare --pe second.efi --pe-output nowhere/out.efi
	said 'its output cannot be written'
	[ ! -e m.json ]
}

@test "options that do not go together are exit 2" {
	run -2 kseal offline prepare --manifest m.json
	said 'nothing to sign'
	run -2 kseal offline prepare --manifest m.json --module tree
	said '--module and --module-cert go together'
	run -2 kseal offline prepare --manifest m.json --module-cert "$K/module.pem" --pe stub.efi
	run -2 kseal offline prepare --manifest m.json --pe stub.efi --pe-output o.efi
	said '--pe and --pe-cert go together'
	run -2 kseal offline prepare --manifest m.json --pe stub.efi --pe-cert "$K/uki.pem"
	said 'one --pe-output for every --pe'
	run -2 kseal offline attach --manifest m.json
	said '--signatures is required'
	run -2 kseal offline attach --manifest m.json --signatures sigs
	said '--cert is required (what prepare was given'
	[ ! -e m.json ]
}

# Updates of PK, KEK and db, as auth-prepare writes them: $1.tbs, and $1.auth as the key itself makes it.
updates() {
	kseal efi esl --cert "$K/uki.pem" --output PK.esl
	kseal efi esl --cert "$K/other.pem" --output db.esl
	for name in PK db; do
		kseal efi auth-prepare --name $name --output $name.tbs $name.esl
		kseal efi auth --name $name --key "$K/uki.key" --cert "$K/uki.pem" --output direct-$name.auth $name.esl
	done
}
# shellcheck disable=SC2119,SC2120 # its arguments come through run
prepare_updates() {
	prepare --auth PK.tbs --auth-output PK.auth --auth-cert "$K/uki.pem" \
		--auth db.tbs --auth-output db.auth --auth-cert "$K/uki.pem" "$@"
}
serve_updates() { "$K/service.sh" m.json sigs "$K/module.key" "$K/uki.key" x "$K/uki.key"; }

@test "updates of firmware variables beside modules and an image, in one manifest" {
	updates
	run -0 prepare_updates
	said '5 signatures to be made'
	[ "$(jq -r '[.entries[].kind] | join(" ")' m.json)" = 'module module pe auth auth' ]
	[ "$(jq -r '.entries[4].digest' m.json)" = "$(sha256sum <db.tbs | cut -d' ' -f1)" ]
	serve_updates
	# On a later day: the time is in the update.
	SOURCE_DATE_EPOCH=2100000000 attach
	cmp direct-PK.auth PK.auth
	cmp direct-db.auth db.auth
	kseal efi auth-verify --name db --pk "$K/uki.pem" db.auth
}

@test "attach refuses an update that was changed, and one by another key; prepare, what is none" {
	updates
	prepare_updates
	"$K/service.sh" m.json sigs "$K/module.key" "$K/uki.key" x "$K/other.key"
	run -3 attach
	said 'PK.tbs (auth-4): the certificate does not verify'
	serve_updates
	# Another name, and the same content.
	cp db.tbs kept.tbs
	kseal efi auth-prepare --name KEK --output db.tbs db.esl
	run -1 attach
	said 'db.tbs (auth-5): file is not the one of the manifest'
	[ ! -e PK.auth ]
	[ ! -e signed.efi ]
	cp kept.tbs db.tbs
	attach
	cmp direct-db.auth db.auth
	rm m.json
	cp "$K/a.ko" "$K/b.ko" tree/
	cp db.esl db.tbs
	run -3 prepare_updates
	said 'db.tbs: names no variable of keys'
	head -c 30 kept.tbs >db.tbs
	run -1 prepare_updates
	said 'db.tbs: what is to be signed is cut off'
	cp kept.tbs db.tbs
	run -1 prepare_updates --auth db.tbs --auth-output other.auth --auth-cert "$K/ec.pem"
	said 'db.tbs: '
	said RSA
	run -2 prepare --auth db.tbs --auth-output db.auth
	said 'one --auth-cert for every --auth'
	[ ! -e m.json ]
	prepare_updates
}

@test "each image by a certificate of its own" {
	cp "$IMAGE" second.efi
	run -0 prepare --pe second.efi --pe-output second.signed.efi --pe-cert "$K/other.pem"
	serve
	openssl pkeyutl -sign -inkey "$K/other.key" -pkeyopt digest:sha256 -out sigs/pe-4.sig \
		-in <(jq -r '.entries[3].digest' m.json | tr a-f A-F | basenc -d --base16)
	attach
	sbverify --cert "$K/uki.pem" signed.efi
	sbverify --cert "$K/other.pem" second.signed.efi
	run ! sbverify --cert "$K/uki.pem" second.signed.efi
	run -2 prepare --pe second.efi --pe-output second.signed.efi --pe tree/third.efi --pe-output third.efi \
		--pe-cert "$K/other.pem"
	said 'one --pe-cert, or one for every --pe'
}
