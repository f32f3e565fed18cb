# SPDX-License-Identifier: LGPL-2.1-or-later
# A list that holds nothing is a copy or a download that failed, and no verdict is based on it.

load ../helpers

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	new_cert db
	new_cert other
	kseal pe sign --key db.key --cert db.pem --output s.efi "$IMAGE"
}

@test "a dbx without an entry clears no image" {
	: >none
	printf '\x27\0\0\0' >attributes
	# What SetVariable() deletes a variable with: a time, a signature, and nothing behind it.
	openssl cms -sign -binary -noattr -md sha256 -signer db.pem -inkey db.key -in none -outform DER -out p7 2>/dev/null
	{
		printf '\xea\x07\x0b\x1d\0\0\0\0\0\0\0\0\0\0\0\0'
		printf "%b" "$(printf '\\x%02x\\x%02x\\0\\0' $((($(stat -c %s p7) + 24) & 255)) $((($(stat -c %s p7) + 24) >> 8)))"
		printf '\0\x02\xf1\x0e\x9d\xd2\xaf\x4a\xdf\x68\xee\x49\x8a\xa9\x34\x7d\x37\x56\x65\xa7'
		cat p7
	} >delete.auth
	mkdir directory
	for dbx in none attributes delete.auth directory; do
		run -1 kseal pe verify --trust db.pem --dbx $dbx s.efi
		said "$dbx: "
		not_said 'not in dbx'
		run -1 kseal pe show --dbx $dbx s.efi
		said "$dbx: "
	done
	run -1 kseal pe verify --trust db.pem --dbx none s.efi
	said 'none: dbx has no entry and forbids nothing, leave --dbx out'
	# Controls: one that has an entry, and none asked for.
	cert-to-efi-sig-list other.pem dbx.esl
	run -0 kseal pe verify --trust db.pem --dbx dbx.esl s.efi
	said 'not in dbx'
	run -0 kseal pe verify --trust db.pem s.efi
}

@test "a certificate file without a certificate trusts nobody" {
	: >none
	printf '\n' >line
	mkdir -p directory
	for trust in none line directory /dev/null; do
		run -1 kseal pe verify --trust $trust s.efi
		run -1 kseal pe verify --trust db.pem --trust $trust s.efi
		run -1 kseal module verify --trust $trust s.efi
		run -1 kseal keyring show $trust
		run -1 kseal efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --pk db.pem --kek db.pem --db $trust --output v.fd
		[ ! -e v.fd ]
	done
	run -0 kseal pe verify --trust db.pem s.efi
	kseal efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --pk db.pem --kek db.pem --db db.pem --output v.fd
}
