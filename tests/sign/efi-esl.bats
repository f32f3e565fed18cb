#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal efi esl: signature lists, compared with efitools' and sbsigntool's.

load ../helpers

OWNER=11111111-2222-3333-4444-123456789abc

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert one
	new_cert two rsa:3072
	new_cert elliptic ec -pkeyopt ec_paramgen_curve:P-256
	openssl x509 -in one.pem -outform DER -out one.der
	cat one.pem two.pem >both.pem
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

@test "lists of certificates are efitools' and sbsiglist's, from PEM, DER and bundles" {
	cert-to-efi-sig-list -g $OWNER one.pem one.esl
	cert-to-efi-sig-list -g $OWNER two.pem two.esl
	run -0 kseal efi esl --owner $OWNER --cert one.pem --output got.esl
	said 'got.esl: 1 signature in 1 list'
	cmp one.esl got.esl
	kseal efi esl --owner ${OWNER^^} --cert one.der --output got.esl
	cmp one.esl got.esl
	cat one.esl two.esl >want.esl
	kseal efi esl --owner $OWNER --cert both.pem --output got.esl
	cmp want.esl got.esl
	sbsiglist --owner $OWNER --type x509 --output sb.esl one.der
	cmp sb.esl one.esl
	# MokList takes any key, so it is not refused here.
	kseal efi esl --cert elliptic.pem --output got.esl
}

# efitools says that shim enrols digests.
@test "lists of digests are those of efitools: of images, of certificates, and given ones" {
	hash-to-efi-sig-list "$IMAGE" "$STUB" want.esl
	kseal efi esl --owner 605dab50-e046-4300-abb6-3dd810dd8b23 --image "$IMAGE" --image "$STUB" --output got.esl
	cmp want.esl got.esl
	digest=$(kseal pe hash "$IMAGE" | cut -d ' ' -f 1)
	other=$(kseal pe hash "$STUB" | cut -d ' ' -f 1)
	kseal efi esl --owner 605dab50-e046-4300-abb6-3dd810dd8b23 --hash "$digest" --hash "${other^^}" --output got.esl
	cmp want.esl got.esl
	cert-to-efi-hash-list -g $OWNER -s 256 -t '' one.pem want.esl 2>/dev/null ||
		cert-to-efi-hash-list -g $OWNER -s 256 one.pem want.esl
	kseal efi esl --owner $OWNER --cert-hash one.pem --output got.esl
	# efitools writes the time of today there if it is not told another; what follows the digest.
	cmp -n $((28 + 16 + 32)) want.esl got.esl
	[ "$(stat -c %s want.esl)" -eq "$(stat -c %s got.esl)" ]
}

@test "merging keeps what is there and leaves out what is there already" {
	kseal efi esl --cert one.pem --hash "$(printf %064d 1)" --output a.esl
	kseal efi esl --hash "$(printf %064d 2)" --hash "$(printf %064d 1)" --cert one.pem --output b.esl
	run -0 kseal efi esl a.esl b.esl --output got.esl
	said 'got.esl: 3 signatures in 3 lists, 2 left out that were there already'
	cmp -n "$(stat -c %s a.esl)" a.esl got.esl
	kseal efi esl --hash "$(printf %064d 2)" --output rest.esl
	cat a.esl rest.esl | cmp - got.esl
	# Merged again it gets nothing; an output may be one of the files.
	cp got.esl again.esl
	kseal efi esl again.esl a.esl b.esl --output again.esl
	cmp got.esl again.esl
	# What is the same but for its owner is the same.
	kseal efi esl --owner $OWNER --cert one.pem --output c.esl
	run -0 kseal efi esl a.esl c.esl --output got.esl
	said '1 left out'
	cmp a.esl got.esl
}

@test "lists are taken out of efivarfs' files and of updates" {
	kseal efi esl --cert one.pem --output a.esl
	{ printf '\x27\0\0\0'; cat a.esl; } >a.efivarfs
	sign-efi-sig-list -k one.key -c one.pem db a.esl a.auth
	for file in a.efivarfs a.auth; do
		kseal efi esl $file --output got.esl
		cmp a.esl got.esl
	done
}

@test "what cannot be listed is refused, and nothing is written" {
	: >empty
	printf '\x27\0\0\0' >empty.efivarfs
	kseal efi esl --cert one.pem --output a.esl
	head -c 100 a.esl >cut.esl
	for args in empty empty.efivarfs cut.esl '--hash 12' "--hash $(printf %063d 1)g" '--owner 1-2 --cert one.pem' \
		'--image one.pem' '--cert cut.esl' '--cert-hash empty' missing; do
		# shellcheck disable=SC2086 # options
		run --separate-stderr -1 kseal efi esl $args --output none.esl
		# shellcheck disable=SC2154 # bats sets it
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
	done
	run -2 kseal efi esl --output none.esl
	said 'nothing to list'
	run -2 kseal efi esl --cert one.pem
	[ ! -e none.esl ]
}

@test "show says what lists have, as text and as JSON" {
	kseal efi esl --owner $OWNER --cert one.pem --cert-hash two.pem --hash "$(printf %064d 1)" --output a.esl
	run -0 kseal efi show a.esl
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[0]} == *"x509    $(sha256sum <one.der | cut -d ' ' -f 1)" ]]
	[[ ${lines[1]} == '            until '*'  test one' ]]
	[[ ${lines[2]} == *"sha256  $(printf %064d 1)"* ]]
	[[ ${lines[3]} == *x509-sha256* ]]
	kseal efi show --json a.esl >j
	check_json --control kseal/efi-show <j
	[ "$(jq -c '[.schema, .kind, .file, (.signatures | length), .signatures[0].owner, .signatures[0].name, .signatures[2].type]' j)" = \
		"[\"kseal/efi-show/1\",\"signature_lists\",\"a.esl\",3,\"$OWNER\",\"test one\",\"x509-sha256\"]" ]
}
