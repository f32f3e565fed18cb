# SPDX-License-Identifier: LGPL-2.1-or-later
# Ours to them and theirs to us: sbsigntools, pesign, osslsigncode, OpenSSL. The one certificate is
# known to all of them; each also has to refuse the image after a byte was changed.

load ../helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert signer rsa:2048 -addext extendedKeyUsage=codeSigning
	new_cert other rsa:2048 -addext extendedKeyUsage=codeSigning
	kseal pe sign --key signer.key --cert signer.pem --output ours.efi "$IMAGE"
	torn ours.efi ours-torn.efi
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# torn IN OUT: one byte of the code changed
torn() {
	cp "$1" "$2"
	printf X | dd of="$2" bs=1 seek=5000 conv=notrunc 2>/dev/null
}
# theirs FILE: we take it, with the certificate that signed it and no other
theirs() {
	run -0 kseal pe verify --trust signer.pem "$1"
	run -3 kseal pe verify --trust other.pem "$1"
	torn "$1" torn.efi
	run -3 kseal pe verify --trust signer.pem torn.efi
}
signers() { kseal pe show --json "$1" | jq -cr '[.signatures[].signer.name]'; }

@test "sbsign and sbverify" {
	sbverify --cert signer.pem ours.efi
	run ! sbverify --cert signer.pem ours-torn.efi
	sbsign --key signer.key --cert signer.pem --output s.efi "$STUB"
	theirs s.efi
	# A second one by sbsign on ours, and of ours on sbsign's.
	sbsign --key other.key --cert other.pem --output both.efi ours.efi
	[ "$(signers both.efi)" = '["test signer","test other"]' ]
	kseal pe sign --signed add --key other.key --cert other.pem --output both2.efi s.efi
	for f in both.efi both2.efi; do
		for name in signer other; do
			sbverify --cert $name.pem $f
			kseal pe verify --trust $name.pem $f
		done
	done
	# The same certificate twice by sbsign is told, and not added to.
	sbsign --key signer.key --cert signer.pem --output twice.efi s.efi
	[ "$(signers twice.efi)" = '["test signer","test signer"]' ]
	run -1 kseal pe sign --signed add --key signer.key --cert signer.pem --output x.efi twice.efi
	said "by this certificate already"
}

@test "sbattach takes our signature out and puts it back" {
	sbattach --detach sig.p7 ours.efi
	kseal pe strip --output bare.efi ours.efi
	sbattach --attach sig.p7 bare.efi
	theirs bare.efi
}

@test "pesign lists ours, computes our digest, and we take what it signs" {
	command -v certutil >/dev/null || skip "certutil (libnss3-tools) is not installed"
	run -0 pesign -S -i ours.efi
	said "test signer"
	[ "$(pesign -h -i ours.efi | awk '{ print $NF }')" = "$(kseal pe hash ours.efi | cut -d' ' -f1)" ]
	mkdir nss
	certutil -N -d nss --empty-password
	openssl pkcs12 -export -inkey signer.key -in signer.pem -name test -passout pass: -out s.p12
	pk12util -i s.p12 -d nss -W ""
	pesign -n nss -c test -s -i "$IMAGE" -o p.efi
	theirs p.efi
	# pesign writes no CheckSum; signing again by us sets it.
	kseal pe sign --signed replace --key other.key --cert other.pem --output again.efi p.efi
	[ "$(kseal pe show --json again.efi | jq .checksum_ok)" = true ]
}

# 2.5, which Debian 12 has, takes nobody's signature but its own; 2.9 takes both.
@test "osslsigncode verifies ours" {
	sbsign --key signer.key --cert signer.pem --output sb.efi "$IMAGE"
	osslsigncode verify -CAfile signer.pem -in sb.efi ||
		skip "this osslsigncode refuses what sbsign signs, too"
	osslsigncode verify -CAfile signer.pem -in ours.efi
	run ! osslsigncode verify -CAfile signer.pem -in ours-torn.efi
}

@test "we take what osslsigncode signs with each SHA-2, and with SHA-1 as firmware does" {
	for hash in sha256 sha384 sha512; do
		rm -f o.efi
		osslsigncode sign -certs signer.pem -key signer.key -h $hash -in "$IMAGE" -out o.efi
		theirs o.efi
		[ "$(kseal pe show --json o.efi | jq -r '.signatures[0].hash')" = $hash ]
	done
	rm -f o.efi
	osslsigncode sign -certs signer.pem -key signer.key -h sha1 -in "$IMAGE" -out o.efi
	theirs o.efi
}

@test "a signature nested inside of another, which firmware does not see, is not counted" {
	rm -f n.efi
	osslsigncode sign -nest -certs other.pem -key other.key -h sha256 -in ours.efi -out n.efi
	[ "$(signers n.efi)" = '["test signer"]' ]
	kseal pe verify --trust signer.pem n.efi
	run -3 kseal pe verify --trust other.pem n.efi
	run ! sbverify --cert other.pem n.efi
}

@test "OpenSSL verifies the message over the content that Authenticode digests" {
	sbattach --detach sig.p7 ours.efi
	at=$(openssl asn1parse -inform DER -in sig.p7 |
		awk -F: '/:1.3.6.1.4.1.311.2.1.4$/ { getline; getline; print $1 + 0; exit }')
	openssl asn1parse -inform DER -in sig.p7 -strparse "$at" -noout -out content
	# Without the two bytes of tag and length.
	tail -c +3 content >inner
	openssl smime -verify -inform DER -in sig.p7 -content inner -binary -CAfile signer.pem \
		-purpose any -out /dev/null
	run ! openssl smime -verify -inform DER -in sig.p7 -content inner -binary -CAfile other.pem \
		-purpose any -out /dev/null
	[ "$(tail -c 32 inner | od -An -tx1 | tr -d ' \n')" = "$(kseal pe hash ours.efi | cut -d' ' -f1)" ]
	openssl pkcs7 -inform DER -in sig.p7 -print_certs | openssl x509 | cmp - <(openssl x509 -in signer.pem)
}

@test "strip gives back what was signed, but for CheckSum and padding" {
	for f in "$STUB" "$IMAGE"; do
		kseal pe sign --key signer.key --cert signer.pem --output s.efi "$f"
		kseal pe strip --output u.efi s.efi
		# At most the four bytes of CheckSum differ, and at most seven zeros follow.
		bytes=$(stat -c %s "$f")
		[ "$(cmp -l -n "$bytes" u.efi "$f" | wc -l)" -le 4 ]
		[ "$(($(stat -c %s u.efi) - bytes))" -le 7 ]
		[ -z "$(tail -c +$((bytes + 1)) u.efi | tr -d '\0')" ]
		# From then on it is the same file, whoever signed.
		kseal pe sign --key other.key --cert other.pem --output s.efi u.efi
		kseal pe strip --output u2.efi s.efi
		cmp u.efi u2.efi
		sbsign --key signer.key --cert signer.pem --output s.efi u.efi
		kseal pe strip --output u2.efi s.efi
		cmp u.efi u2.efi
	done
	run -3 kseal pe strip --output u2.efi u.efi
}
