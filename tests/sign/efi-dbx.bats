#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal efi dbx: Microsoft's JSON, signature lists, and what the kernel's configuration takes.

load ../helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert revoked
	new_cert other
	openssl x509 -in revoked.pem -outform DER -out revoked.der
	sha1=$(sha1sum revoked.der | cut -d ' ' -f 1)
	# The keys of dbx_info_msft_*.json; the hash of b is listed for both machines.
	cat >dbx.json <<-EOF
		{
		    "images": {
		        "x64": [
		            { "authenticodeHash": "$(printf %064d 1 | tr 0 A)", "hashType": "SHA256", "flatHash": "", "filename": "a.efi",
		              "description": "é", "companyName": "c", "dateOfAddition": "2018-04-01", "signingAuthority": "" },
		            { "authenticodeHash": "$(printf %064d 2)", "hashType": "SHA256", "isOptional": "true" }
		        ],
		        "arm64": [
		            { "authenticodeHash": "$(printf %064d 2)", "hashType": "SHA256" },
		            { "authenticodeHash": "$(printf %064d 3)", "hashType": "SHA256" }
		        ]
		    },
		    "certificates": [
		        { "value": "revoked.der", "subjectName": "CN = test revoked", "thumbprint": "${sha1^^}", "dateOfAddition": "2024-02-01" }
		    ],
		    "svns": [
		        { "value": "01612B139DD5598843AB1C185C3CB2EB92000007000000000000000000000000", "version": "7.0", "filename": "bootmgfw.efi" }
		    ]
		}
	EOF
	jq 'del(.certificates)' dbx.json >nocert.json
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

@test "JSON becomes lists, whose owners are Microsoft's, and lists become JSON" {
	run -0 kseal efi dbx --cert other.pem --cert revoked.pem --output dbx.esl dbx.json
	said 'dbx.esl: 3 image digests, 1 certificate, 0 certificate digests, 1 SVN'
	kseal efi show --json dbx.esl >j
	[ "$(jq -r '.signatures[] | "\(.type) \(.owner)"' j | sort -u)" = "$(printf '%s\n' 'sha256 77fa9abd-0359-4d32-bd60-28f4e78f784b' \
		'svn 9d132b6c-59d5-4388-ab1c-185cfcb2eb92' 'x509 77fa9abd-0359-4d32-bd60-28f4e78f784b')" ]
	[ "$(jq -r '.signatures[0].digest' j)" = "$(printf %064d 1 | tr 0 a)" ]
	# For one kind of machine.
	run -0 kseal efi dbx --arch arm64 --cert revoked.pem --output arm.esl dbx.json
	said '2 image digests'
	run -1 kseal efi dbx --arch ia32 --cert revoked.pem --output none dbx.json
	said 'no images of this kind'
	# And back: the same lists, the same entries.
	kseal efi dbx --to json --output back.json dbx.esl
	[ "$(jq -c '[.images.x64[].authenticodeHash]' back.json)" = "$(jq -c '[.images.x64[].authenticodeHash, .images.arm64[1].authenticodeHash]' dbx.json)" ]
	[ "$(jq -r '.certificates[0].subjectName' back.json)" = 'CN = test revoked' ]
	[ "$(jq -c '[.svns[0].value, .svns[0].version, .svns[0].guid]' back.json)" = \
		'["01612B139DD5598843AB1C185C3CB2EB92000007000000000000000000000000","7.0","9d132b61-59d5-4388-ab1c-185c3cb2eb92"]' ]
	kseal efi dbx --cert revoked.pem --output again.esl back.json
	cmp dbx.esl again.esl
}

@test "a certificate that JSON only names is not passed over" {
	run -1 kseal efi dbx --cert other.pem --output none dbx.json
	said 'only names, give it to kseal efi dbx --cert: CN = test revoked'
	run -1 kseal pe verify --trust other.pem --dbx dbx.json "$IMAGE"
	said 'only names'
	[ ! -e none ]
	# efi vars looks for it where refused certificates are.
	vars=${OVMF_DIR:-/usr/share/OVMF}/OVMF_VARS_4M.fd
	[ -e "$vars" ] || skip 'OVMF is not installed'
	run -1 kseal efi vars --template "$vars" --pk other.pem --dbx dbx.json --output none
	run -0 kseal efi vars --template "$vars" --pk other.pem --dbx dbx.json --dbx-cert revoked.pem --output vars.fd
	said 'dbx 5; Secure Boot on'
}

@test "an image of the JSON is refused" {
	kseal pe sign --key other.key --cert other.pem --output signed.efi "$IMAGE"
	kseal pe verify --trust other.pem --dbx nocert.json signed.efi
	digest=$(kseal pe hash signed.efi | cut -d ' ' -f 1)
	jq --arg d "${digest^^}" '.images.x64[0].authenticodeHash = $d' nocert.json >this.json
	run -3 kseal pe verify --trust other.pem --dbx this.json signed.efi
	said 'REVOKED by dbx'
}

@test "the kernel's list of hashes and its revocation keys" {
	kseal efi esl --cert-hash other.pem --hash "$(printf %064d 4)" --output more.esl
	run -0 kseal efi dbx --to hash-list --cert revoked.pem --output hashes dbx.json more.esl
	said '4 image digests, 0 certificates, 1 certificate digest, 0 SVNs; 2 others left out'
	tbs=$(openssl asn1parse -in other.pem -strparse 4 -noout -out /dev/stdout 2>/dev/null | sha256sum | cut -d ' ' -f 1)
	printf '"bin:%s",\n' "$(printf %064d 1 | tr 0 a)" "$(printf %064d 2)" "$(printf %064d 3)" "$(printf %064d 4)" >want
	printf '"tbs:%s"\n' "$tbs" >>want
	diff want hashes
	run -0 kseal efi dbx --to revocation-keys --cert revoked.pem --output keys.pem dbx.json more.esl
	said '1 certificate,'
	openssl x509 -in keys.pem -outform DER | cmp - revoked.der
	run -3 kseal efi dbx --to revocation-keys --output none more.esl
	kseal efi esl --cert other.pem --output certs.esl
	run -3 kseal efi dbx --to hash-list --output none certs.esl
	[ ! -e none ]
	# It is C when the kernel includes it.
	printf 'const char *const hashes[] = {\n#include "hashes"\n, 0 };\n' | gcc -x c -fsyntax-only -I. -
}

@test "JSON that is not Microsoft's is refused, and told where it is wrong" {
	while IFS='&' read -r change what; do
		jq "$change" nocert.json >bad.json
		run --separate-stderr -1 kseal efi dbx --output none bad.json
		# shellcheck disable=SC2154 # bats sets it
		[[ $stderr == *"bad.json"*"$what"* ]] || { echo "$change: $stderr"; false; }
	done <<-'EOF'
		del(.images)&no object "images"
		.images = []&no object "images"
		.images.x64 = 1&something else than a list: x64
		.images.x64[1].authenticodeHash = "12"&no SHA-256 in hex: x64[1].authenticodeHash
		.images.x64[1].authenticodeHash = 12&x64[1].authenticodeHash
		.images.x64[0].hashType = "SHA1"&another digest than SHA256: x64[0].hashType
		del(.images.arm64[1].hashType)&arm64[1].hashType
		.images.x64[0] = []&x64[0]
		.certificates = {}&something else than a list: certificates
		.certificates = [{}]&certificates[0].thumbprint
		.svns = [{}]&svns[0].value
		.images = {"x64": []} | .svns = []&forbids nothing
	EOF
	head -c 300 dbx.json >bad.json
	run -1 kseal efi dbx --output none bad.json
	said 'not JSON'
	{ cat nocert.json; echo x; } >bad.json
	run -1 kseal efi dbx --output none bad.json
	said 'not JSON'
	printf '{"images":%s' "$(printf '[%.0s' {1..1000})" >bad.json
	run -1 kseal efi dbx --output none bad.json
	said 'not JSON'
	run -1 kseal efi dbx --to text --output none more.esl
	kseal efi esl --cert-hash other.pem --output tbs.esl
	run -1 kseal efi dbx --to json --output none tbs.esl
	said 'no place for signatures of this kind: x509-sha256'
	[ ! -e none ]
}
