#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal keyring: build, show, dev-keys, with the answers that a build relies on.

bats_require_minimum_version 1.5.0

load ../helpers

KSEAL=$KSEAL_BIN/kseal

# Development keys cost four RSA-4096 keys: one set serves all tests, which only read it.
setup_file() {
	export DEV="$BATS_FILE_TMPDIR/dev"
	"$KSEAL" keyring dev-keys --output "$DEV"
}

setup() {
	tmp="$BATS_TEST_TMPDIR"
	certs="$tmp/certs"
	manifest="$tmp/test.keyring"
	out="$tmp/out"
	mkdir -p "$certs"
	: >"$manifest"
}

teardown() {
	if mountpoint -q "$BATS_TEST_TMPDIR/full"; then
		umount "$BATS_TEST_TMPDIR/full"
	fi
}

fingerprint() { # FILE: SHA-256 of the DER, by another program than the one under test
	openssl x509 -in "$1" -outform DER | sha256sum | cut -d ' ' -f 1
}

make_cert() { # FILE [openssl req option...]
	local file=$1
	shift
	[ $# -gt 0 ] || set -- -newkey rsa:2048
	openssl req -x509 -nodes -keyout "$tmp/any.key" -subj "/CN=certificate of a test" \
		-days 30 -out "$file" "$@" 2>/dev/null
}

add_entry() { # NAME PURPOSES [openssl req option...]: certificate and its line
	local name=$1 purposes=$2
	shift 2
	make_cert "$certs/$name.pem" "$@"
	echo "$name $(fingerprint "$certs/$name.pem") $purposes" >>"$manifest"
}

build() {
	run --separate-stderr "$KSEAL" keyring build --manifest "$manifest" --output "$out" "$@"
}

# The last command gave one line on stderr with this text and this exit code, and wrote no list.
refused() { # EXIT TEXT...
	local code=$1 text
	shift
	# shellcheck disable=SC2154 # run --separate-stderr sets it
	echo "status $status: $stderr"
	[ "$status" -eq "$code" ]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	for text in "$@"; do
		[[ $stderr == *"$text"* ]]
	done
	[ ! -e "$out/trusted.pem" ]
}

@test "the repository's keyring is complete and its fingerprints are right" {
	run "$KSEAL" keyring show keyring/microsoft.keyring
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 14 ]
	[[ $output == *"builtin  until "*$'\n'"         fac39cd3bbb87d6326eb87020eb7ab1f01058d9b94d3c47d4264da05601bc89a"* ]]
}

@test "build writes what the kernel embeds, and lists it" {
	add_entry one builtin
	add_entry two db
	add_entry three revoked
	build --add "$DEV/module.pem"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 6 ]
	[[ ${lines[0]} == "builtin  until "*"certificate of a test" && ${lines[1]} == *" $(fingerprint "$certs/one.pem")" ]]
	[[ ${lines[2]} == "revoked  until "* && ${lines[3]} == *" $(fingerprint "$certs/three.pem")" ]]
	[[ ${lines[4]} == *"module signing key (do not trust)  DEV KEYS" ]]
	[ "$(grep -c BEGIN "$out/trusted.pem")" -eq 2 ]
	[ "$(fingerprint "$out/revoked.pem")" = "$(fingerprint "$certs/three.pem")" ]
}

@test "without revoked certificates revoked.pem is empty" {
	add_entry one builtin
	build
	[ "$status" -eq 0 ]
	[ -e "$out/revoked.pem" ]
	[ ! -s "$out/revoked.pem" ]
}

@test "a second build with nothing changed touches no file" {
	add_entry one builtin
	build
	touch -d 2001-01-01 "$out/trusted.pem" "$out/revoked.pem"
	build
	[ "$(stat -c %Y "$out/trusted.pem")" -eq "$(date -d 2001-01-01 +%s)" ]
	[ "$(stat -c %Y "$out/revoked.pem")" -eq "$(date -d 2001-01-01 +%s)" ]
	# Control: a change does touch it.
	build --add "$DEV/module.pem"
	[ "$(stat -c %Y "$out/trusted.pem")" -gt "$(date -d 2001-01-01 +%s)" ]
}

@test "a certificate that is not the listed one is a clear no with both hashes" {
	add_entry one builtin
	local listed
	listed=$(fingerprint "$certs/one.pem")
	make_cert "$certs/one.pem"
	build
	refused 3 "$listed" "$(fingerprint "$certs/one.pem")" "certs/one.pem"
}

@test "a certificate that is not listed is refused" {
	add_entry one builtin
	make_cert "$certs/stray.pem"
	build
	refused 1 "stray.pem" "not listed"
	# Control: without it the keyring is fine.
	rm "$certs/stray.pem"
	build
	[ "$status" -eq 0 ]
}

@test "a listed certificate that is missing is refused" {
	add_entry one builtin
	rm "$certs/one.pem"
	build
	refused 1 "one.pem"
}

@test "an unknown purpose is refused with its line" {
	add_entry one builtin
	add_entry two trusted
	build
	refused 1 "unknown purpose" "line 2, two"
}

@test "a certificate cannot be trusted and revoked at once" {
	add_entry one builtin,revoked
	build
	refused 1 "trusted and revoked"
}

@test "duplicates are refused, by name and by content" {
	add_entry one builtin
	cp "$manifest" "$manifest.good"
	cat "$manifest.good" >>"$manifest"
	build
	refused 1 "twice" "line 2"
	cp "$certs/one.pem" "$certs/two.pem"
	{ cat "$manifest.good"; sed 's/^one/two/' "$manifest.good"; } >"$manifest"
	build
	refused 1 "twice" "one"
	rm "$certs/two.pem"
	cp "$manifest.good" "$manifest"
	build --add "$certs/one.pem"
	refused 1 "twice" "one"
}

@test "lines that are no lines of a manifest are refused" {
	local good
	add_entry one builtin
	good=$(cat "$manifest")
	for line in "one" "one abc builtin" "../one ${good#* }" "$good more" "one ${good#* },"; do
		echo "$line" >"$manifest"
		build
		refused 1 "line 1"
	done
	printf '# nothing\n\n' >"$manifest"
	build
	refused 1 "lists no certificate"
	# Control: comments and blanks around a good line.
	printf '# a comment\n\n  %s # 2038, somewhere\n' "$good" >"$manifest"
	build
	[ "$status" -eq 0 ]
}

@test "an expired certificate is not embedded" {
	add_entry one builtin
	openssl req -new -newkey rsa:2048 -nodes -keyout "$tmp/old.key" -subj "/CN=old" \
		-out "$tmp/old.csr" 2>/dev/null
	openssl x509 -req -in "$tmp/old.csr" -signkey "$tmp/old.key" -days -1 \
		-out "$tmp/old.pem" 2>/dev/null
	build --add "$tmp/old.pem"
	refused 1 "expired" "old.pem"
	# As revoked certificate it is fine: what was refused once stays refused.
	cp "$tmp/old.pem" "$certs/old.pem"
	echo "old $(fingerprint "$certs/old.pem") revoked" >>"$manifest"
	build
	[ "$status" -eq 0 ]
}

@test "what the kernel would drop in silence is refused" {
	add_entry one builtin
	local key="$tmp/p256.key"
	openssl ecparam -name prime256v1 -genkey -noout -out "$key"
	# No extensions, one letter of name: the DER stays below 260 bytes.
	openssl req -new -key "$key" -subj "/" -out "$tmp/short.csr"
	openssl x509 -req -in "$tmp/short.csr" -signkey "$key" -set_serial 1 -days 30 \
		-out "$tmp/short.pem" 2>/dev/null
	build --add "$tmp/short.pem"
	refused 1 "would drop" "short.pem"
	make_cert "$tmp/ed.pem" -newkey ed25519
	build --add "$tmp/ed.pem"
	refused 1 "ED25519" "ed.pem"
	# Control: the same curve with a longer certificate.
	make_cert "$tmp/long.pem" -key "$key"
	build --add "$tmp/long.pem"
	[ "$status" -eq 0 ]
}

@test "a damaged certificate is refused" {
	add_entry one builtin
	sed -i '3s/./!/g' "$certs/one.pem"
	build
	refused 1 "one.pem" "damaged"
}

@test "a release does not take development keys unless told to" {
	add_entry one builtin
	build --release --add "$DEV/module.pem"
	refused 3 "development certificate" "module.pem"
	build --release --allow-dev-keys --add "$DEV/module.pem"
	[ "$status" -eq 0 ]
	[[ $output == *"DEV KEYS"* ]]
	# Control: a release without development keys.
	build --release
	[ "$status" -eq 0 ]
	[[ $output != *"DEV KEYS"* ]]
}

@test "show --json is JSON with fingerprint, purposes and the development mark" {
	add_entry one builtin,db
	run --separate-stderr kseal keyring show --json "$manifest" "$DEV/uki.pem"
	[ "$status" -eq 0 ]
	check_json --control kseal/keyring-show <<<"$output"
	python3 -c 'import json, sys
rows = [c for f in json.load(sys.stdin)["files"] for c in f["certificates"]]
assert [r["dev"] for r in rows] == [False, True], rows
assert rows[0]["purposes"] == ["builtin", "db"] and rows[0]["sha256"] == sys.argv[1], rows
' "$(fingerprint "$certs/one.pem")" <<<"$output"
}

@test "development keys are RSA-4096, marked, and for the owner's eyes only" {
	[ "$(stat -c %a "$DEV")" = 700 ]
	for name in module uki PK KEK; do
		[ "$(stat -c %a "$DEV/$name.key")" = 600 ]
		run openssl x509 -in "$DEV/$name.pem" -noout -text
		[[ $output == *"DEVELOPMENT"*"do not trust"* ]]
		[[ $output == *"4096 bit"* ]]
		[[ $output == *"sha512WithRSAEncryption"* ]]
		[[ $output == *"2.25.208377195612946152483276149083524719362"* ]]
		[ "$(openssl pkey -in "$DEV/$name.key" -pubout)" = \
			"$(openssl x509 -in "$DEV/$name.pem" -noout -pubkey)" ]
	done
}

@test "the development key of PCR policies is one that every TPM takes" {
	run openssl x509 -in "$DEV/pcr.pem" -noout -text
	[[ $output == *"2048 bit"* ]]
	[[ $output == *"DEVELOPMENT"*"do not trust"* ]]
	[[ $output != *"Code Signing"* ]]
	[ "$(stat -c %a "$DEV/pcr.key")" = 600 ]
}

@test "a second run keeps the keys and says nothing" {
	cp -a "$DEV" "$tmp/keys"
	run --separate-stderr "$KSEAL" keyring dev-keys --output "$tmp/keys"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	diff -r "$DEV" "$tmp/keys"
}

@test "a pair that an interrupted run left half done is made again, a lost key is not" {
	cp -a "$DEV" "$tmp/keys"
	rm "$tmp/keys/uki.pem"
	run --separate-stderr "$KSEAL" keyring dev-keys --output "$tmp/keys"
	[ "$status" -eq 0 ]
	[[ $output == *"1 new key pair"* ]]
	[ "$(openssl pkey -in "$tmp/keys/uki.key" -pubout)" = \
		"$(openssl x509 -in "$tmp/keys/uki.pem" -noout -pubkey)" ]
	cmp "$DEV/module.key" "$tmp/keys/module.key"
	rm "$tmp/keys/PK.key"
	run --separate-stderr "$KSEAL" keyring dev-keys --output "$tmp/keys"
	[ "$status" -eq 1 ]
	[[ $stderr == *"PK.pem"*"private key is gone"* ]]
	cmp "$DEV/PK.pem" "$tmp/keys/PK.pem"
}

@test "a full disk leaves the old lists as they were" {
	[ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
	add_entry one builtin
	out="$tmp/full"
	mkdir "$out"
	mount -t tmpfs -o size=16k none "$out" || skip "cannot mount here"
	build
	[ "$status" -eq 0 ]
	cp "$out/trusted.pem" "$tmp/before.pem"
	dd if=/dev/zero of="$out/filler" bs=1k 2>/dev/null || true
	build --add "$DEV/module.pem"
	[ "$status" -eq 1 ]
	[[ $stderr == *"No space left"* ]]
	cmp "$tmp/before.pem" "$out/trusted.pem"
	[ "$(find "$out" -name 'trusted.pem.*' | wc -l)" -eq 0 ]
	# Control: with room it works.
	rm "$out/filler"
	build --add "$DEV/module.pem"
	[ "$status" -eq 0 ]
}

@test "show lists what is embedded in a kernel, and refuses one that it cannot be sure of" {
	KSEAL=$(realpath "$KSEAL")
	cd "$tmp"
	mkdir k
	for name in one two; do
		openssl req -x509 -new -nodes -newkey rsa:2048 -keyout k/$name.key -out k/$name.pem \
			-subj "/O=an organisation/CN=certificate $name" -days 30 2>/dev/null
		openssl x509 -in k/$name.pem -outform DER -out k/$name.der
	done
	printf '%s\n' '.section .init.rodata, "a"' 'system_certificate_list: .incbin "k/one.der"' '1: .align 8' \
		'system_certificate_list_size: .quad 1b - system_certificate_list' 'module_cert_size: .quad 0' \
		'revocation_certificate_list: .incbin "k/two.der"' '2: .align 8' \
		'revocation_certificate_list_size: .quad 2b - revocation_certificate_list' >k/lists.S
	gcc -c -o k/vmlinux k/lists.S
	for kernel in k/vmlinux k/stripped; do
		[ -e $kernel ] || strip -o $kernel k/vmlinux
		run -0 kseal keyring show --json $kernel
		[ "$(jq -r '.files[].certificates[] | .purposes[0] + " " + .sha256' <<<"$output")" = "builtin $(sha256sum <k/one.der | cut -d ' ' -f 1)
revoked $(sha256sum <k/two.der | cut -d ' ' -f 1)" ]
		skid=$(openssl x509 -in k/one.pem -noout -ext subjectKeyIdentifier | tail -n 1 | tr -d ' :' | tr A-F a-f)
		[ "$(jq -r '.files[0].certificates[0].kernel_name' <<<"$output")" = "an organisation: certificate one: $skid" ]
	done
	gcc -x c -c -o k/none.o - <<<'int x;'
	run -1 "$KSEAL" keyring show k/none.o
	[[ $output == *"no list of built-in certificates"* ]]
	printf 'MZ, and no more' >k/cut.efi
	run -1 "$KSEAL" keyring show k/cut.efi
	# An arm64 Image says so at 0x38; this one has nothing in it.
	{ printf 'MZ' && head -c 54 /dev/zero && printf 'ARM\144' && head -c 200 /dev/zero; } >k/Image
	run -1 "$KSEAL" keyring show k/Image
	[[ $output == *"no list of certificates found, give the vmlinux with its symbols (EBADMSG)"* ]]
}
