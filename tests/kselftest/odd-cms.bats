#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# odd-cms, which makes test data for the VM: what it is told to spoil is spoilt, and nothing else, says
# openssl; what the kernel makes of it is module_rules' business.

load ../helpers

setup_file()
{
	cd "$BATS_FILE_TMPDIR" || return 1
	new_cert one
	new_cert two
}

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	echo 'the content' >content
	keys=$BATS_FILE_TMPDIR
}

odd() { "$KSEAL_BIN/odd-cms" "$@"; }

# message NAME [OPTION...]: by the key "one"
message() { odd sign --key "$keys/one.key" --cert "$keys/one.pem" "${@:2}" content >"$1"; }

# good FILE: openssl finds the key and its signature
good()
{
	openssl cms -verify -binary -inform DER -in "$1" -content content -certfile "$keys/one.pem" -noverify -out /dev/null
}

parsed() { openssl asn1parse -inform DER -in "$1"; }

@test "without an option the message is an honest one, in DER and with indefinite lengths" {
	message m
	good m
	parsed m | grep -q 'INTEGER *:03'
	message indefinite --indefinite
	good indefinite
	run ! cmp -s m indefinite
	parsed indefinite | grep -q 'l=inf'
	echo other >content
	run ! good m
}

@test "each spoilt signature is refused, and the message around it is still one" {
	local how

	for how in short zero none; do
		message "$how" --spoil "$how"
		parsed "$how" >"$how.txt"
		run ! good "$how"
	done
	run ! grep -q 'OCTET STRING' none.txt
	[ "$(sed -n 's/.*l= *\([0-9]*\) prim: OCTET STRING.*/\1/p' short.txt)" -eq 255 ]
	[ "$(sed -n 's/.*l= *\([0-9]*\) prim: OCTET STRING.*/\1/p' zero.txt)" -eq 256 ]
}

@test "version, digest and algorithm are what was asked for, whatever was signed" {
	message m --version 1 --digest md5 --sign sha512 --sigalg ED25519
	parsed m >txt
	[ "$(grep -m 1 -o 'INTEGER *:..' txt)" = 'INTEGER           :01' ]
	[ "$(grep -c ':md5$' txt)" -eq 2 ]
	grep -q ':ED25519$' txt
	message m --sign sha384
	run ! good m
	message m --digest sha384
	good m
}

@test "sigalg replaces the last OID of that name" {
	message m
	odd sigalg rsaEncryption RSA-SHA256 <m >changed
	[ "$(stat -c %s m)" -eq "$(stat -c %s changed)" ]
	parsed changed | grep -q ':sha256WithRSAEncryption$'
	run -1 odd sigalg rsaEncryption RSA-SHA256 <changed
	said 'not in the message'
	run -1 odd sigalg rsaEncryption ED25519 <m
	said 'differ in length'
}

@test "join takes the first signer of each, in the order of the command line" {
	message m
	openssl cms -sign -binary -noattr -nocerts -md sha384 -outform DER -signer "$keys/two.pem" -inkey "$keys/two.key" -in content >n
	odd join m n >both
	odd join n m >swapped
	[ "$(openssl cms -cmsout -print -noout -inform DER -in both | grep -c 'signatureAlgorithm:')" -eq 2 ]
	[ "$(parsed both | grep -o ':sha\(512\|384\)$' | xargs)" = ':sha512 :sha512 :sha384' ]
	[ "$(parsed swapped | grep -o ':sha\(512\|384\)$' | xargs)" = ':sha512 :sha384 :sha512' ]
}

@test "a module is put together as kseal does it, and with odd trailers as asked" {
	local bytes sig_bytes

	new_module m.ko
	cp m.ko content
	kseal module sign --key "$keys/one.key" --cert "$keys/one.pem" --hash sha512 m.ko
	bytes=$(stat -c %s content)
	sig_bytes=$(($(stat -c %s m.ko) - bytes - 40))
	tail -c +$((bytes + 1)) m.ko | head -c "$sig_bytes" >cms
	odd module content <cms >same.ko
	cmp m.ko same.ko
	odd module --head 0001020304050607 --length 258 content <cms >odd.ko
	[ "$(tail -c 40 odd.ko | head -c 12 | od -An -tx1 | tr -d ' ')" = 000102030405060700000102 ]
	[ "$(stat -c %s odd.ko)" -eq "$(stat -c %s m.ko)" ]
}

@test "what it does not understand it refuses" {
	local args

	for args in '' frobnicate sign 'sign content' 'join' 'sigalg one' 'module' 'sign --nonsense content' \
		'module --length abc content' 'module --length= content' 'module --length 4294967296 content' \
		'module --length -1 content' 'sign --key k --cert c --version x content'; do
		# shellcheck disable=SC2086 # words
		run -2 odd $args
		said 'usage: odd-cms'
	done
	run -1 message m --digest sha9
	run -1 message m --spoil wrong
	run -1 message m --sigalg nothing
	run -1 odd module --head 00 content </dev/null
	run -1 odd join content
	run -1 odd sign --key "$keys/one.key" --cert "$keys/one.pem" missing
}
