# SPDX-License-Identifier: LGPL-2.1-or-later
# kseal pe sign, verify and strip on systemd's own images.

load ../helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert signer
	new_cert other
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
}

sign() { kseal pe sign --key "$K/signer.key" --cert "$K/signer.pem" "$@"; }

@test "sbverify accepts what kseal signed" {
	for f in "$STUB" "$IMAGE"; do
		sign --output s.efi "$f"
		sbverify --cert "$K/signer.pem" s.efi
		run sbverify --cert "$K/other.pem" s.efi
		[ "$status" != 0 ]
	done
}

@test "the same input and time give the same bytes" {
	SOURCE_DATE_EPOCH=1767225600 sign --output a.efi "$IMAGE"
	SOURCE_DATE_EPOCH=1767225600 sign --output b.efi "$IMAGE"
	cmp a.efi b.efi
}

@test "pe verify says a clear no to unsigned, changed and foreign images" {
	run -3 kseal pe verify --trust "$K/signer.pem" "$IMAGE"
	sign --output s.efi "$IMAGE"
	run -3 kseal pe verify --trust "$K/other.pem" s.efi
	[[ $output == *"no signature is by a trusted certificate"* ]]
	printf X | dd of=s.efi bs=1 seek=5000 conv=notrunc 2>/dev/null
	run -3 kseal pe verify --trust "$K/signer.pem" s.efi
	[[ $output == *"the image was changed after signing"* ]]
	# What could not be judged is not a clear no.
	run -1 kseal pe verify --trust "$K/signer.pem" "$K/signer.key"
}

@test "signatures are refused, added or replaced as asked, and never twice the same" {
	sign --output s.efi "$IMAGE"
	run -1 sign --output x.efi s.efi
	[[ $output == *"use --signed add or replace"* ]]
	run -1 sign --signed add --output x.efi s.efi
	[[ $output == *"by this certificate already"* ]]
	[ ! -e x.efi ]
	kseal pe sign --signed add --key "$K/other.key" --cert "$K/other.pem" --output two.efi s.efi
	run kseal pe verify --trust "$K/other.pem" two.efi
	[[ $output == *"2 signatures"* ]]
	sbverify --cert "$K/signer.pem" two.efi
	sbverify --cert "$K/other.pem" two.efi
	kseal pe sign --signed replace --key "$K/other.key" --cert "$K/other.pem" --output one.efi two.efi
	run -3 kseal pe verify --trust "$K/signer.pem" one.efi
}

@test "--first puts the new signature before the others, where kexec looks" {
	sign --output s.efi "$IMAGE"
	other() { kseal pe sign --signed add --key "$K/other.key" --cert "$K/other.pem" "$@"; }
	other --output last.efi s.efi
	other --first --output first.efi s.efi
	[ "$(sbverify --list first.efi | grep -m1 -o 'CN=test [a-z]*')" = "CN=test other" ]
	[ "$(sbverify --list last.efi | grep -m1 -o 'CN=test [a-z]*')" = "CN=test signer" ]
	for f in first.efi last.efi; do
		sbverify --cert "$K/signer.pem" $f
		sbverify --cert "$K/other.pem" $f
	done
}

@test "a chained signer verifies against its CA when the CA is embedded or trusted" {
	new_cert ca
	openssl req -new -nodes -newkey rsa:2048 -keyout leaf.key -out leaf.csr -subj /CN=leaf 2>/dev/null
	openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out leaf.pem 2>/dev/null
	chmod 0600 leaf.key
	kseal pe sign --key leaf.key --cert leaf.pem --add-cert ca.pem --output s.efi "$IMAGE"
	kseal pe verify --trust ca.pem s.efi
	kseal pe verify --trust leaf.pem s.efi
	run -3 kseal pe verify --trust "$K/other.pem" s.efi
}

@test "output to a full disk fails and leaves nothing" {
	[ "$(id -u)" = 0 ] || skip "needs root for a tmpfs"
	mkdir full
	mount -t tmpfs -o size=64k none full || skip "cannot mount a tmpfs here"
	run -1 sign --output full/s.efi "$IMAGE"
	left=$(find full -type f | wc -l)
	umount full
	[ "$left" = 0 ]
	[[ $output == *"No space left on device"* ]]
}

@test "many images in one call, each in its place; one that fails does not stop the others" {
	cp "$STUB" a.efi
	cp "$STUB" b.efi
	echo text >bad.efi
	cp bad.efi bad.before
	run -1 sign --in-place a.efi bad.efi b.efi nowhere.efi
	said 'kseal: bad.efi: not a PE image'
	said 'kseal: nowhere.efi: '
	cmp bad.efi bad.before
	for name in a.efi b.efi; do sbverify --cert "$K/signer.pem" $name; done
	sign --output one.efi "$STUB"
	cmp <(kseal pe hash one.efi | cut -c -64) <(kseal pe hash a.efi | cut -c -64)
	# Nothing stays beside them, and a mode is kept.
	chmod 0640 a.efi
	sign --signed replace --in-place a.efi
	[ "$(stat -c %a a.efi)" = 640 ]
	[ -z "$(find . -name '.kseal*')" ]
	run -2 sign a.efi
	said 'either --output or --in-place'
	run -2 sign --in-place --output x.efi a.efi
	run -2 sign --output x.efi a.efi b.efi
	said '--output is for one image'
	[ ! -e x.efi ]
}

@test "of signatures that are added at once none is lost" {
	for nr in 1 2 3 4; do new_cert at-once-$nr; done
	for _ in {1..5}; do
		cp "$STUB" shared.efi
		pids=()
		for nr in 1 2 3 4; do
			place=(--in-place)
			((nr % 2)) || place=(--output shared.efi)
			kseal pe sign --key at-once-$nr.key --cert at-once-$nr.pem --signed add "${place[@]}" shared.efi 2>/dev/null &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do wait "$pid"; done
		for nr in 1 2 3 4; do kseal pe verify --trust at-once-$nr.pem shared.efi; done
		[ "$(kseal pe show --json shared.efi | jq '.signatures | length')" -eq 4 ]
	done
}
