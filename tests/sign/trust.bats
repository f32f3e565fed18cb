# SPDX-License-Identifier: LGPL-2.1-or-later
# --trust, --dbx and --sbat-level: one reader for every form in which such files come, made by the tools that make them.

load ../helpers
load keyring

OVMF=/usr/share/OVMF/OVMF_VARS_4M.fd

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	make_cert good -newkey rsa:2048
	make_cert other -newkey rsa:2048
	chmod 0600 ./*.key
	kseal pe sign --key good.key --cert good.pem --output good.efi "$IMAGE"
	new_module good.ko
	kseal module sign --key good.key --cert good.pem good.ko >/dev/null
	kseal efi vars --template "$OVMF" --output nodb.fd --pk good.pem --kek good.pem >/dev/null
	: >empty
	for name in good other; do
		not=other
		[ $name = good ] || not=good
		cert-to-efi-sig-list $name.pem $name.esl
		sign-efi-sig-list -k other.key -c other.pem db $name.esl $name.auth
		{ printf '\x27\0\0\0'; cat $name.esl; } >$name.efivarfs
		# What is in PK, KEK and dbx starts nothing.
		kseal efi vars --template "$OVMF" --output $name.fd --pk "$not.pem" --kek "$not.pem" --db $name.pem \
			--dbx-cert "$not.pem" >/dev/null
		make_manifest $name $name builtin,db "$not" revoked
		make_kernel $name.vmlinux $name "$not.der"
		cat "$not.pem" $name.pem >$name.both
	done
}

setup() { cd "$BATS_FILE_TMPDIR" || return; }

# forms FILE-OF-THE-GOOD FILE-OF-THE-OTHER...: with the first the image and the module verify, with the second not
forms() {
	kseal pe verify --trust "$1" good.efi >/dev/null
	kseal module verify --trust "$1" good.ko >/dev/null
	run -3 kseal pe verify --trust "$2" good.efi
	said 'no signature is by a trusted certificate'
	run -3 kseal module verify --trust "$2" good.ko
	[[ $output == *ENOKEY* || $output == *'signer is revoked (EKEYREJECTED)'* ]]
}

@test "--trust takes every file that holds certificates, and what it holds decides" {
	forms good.pem other.pem
	forms good.der other.der
	forms good.esl other.esl
	forms good.auth other.auth
	forms good.efivarfs other.efivarfs
	forms good/good.keyring other/other.keyring
	forms good.vmlinux other.vmlinux
	kseal pe verify --trust good.both good.efi
	for name in good other; do
		openssl pkcs12 -export -nokeys -in $name.pem -passout pass: -out $name.p12
		openssl pkcs12 -export -inkey $name.key -in $name.pem -passout pass:secret -out $name.pfx
	done
	forms good.p12 other.p12
	echo secret >phrase
	chmod 0600 phrase
	kseal pe verify --passphrase-file phrase --trust good.pfx good.efi
	run -3 kseal pe verify --passphrase-file phrase --trust other.pfx good.efi
	kseal module verify --passphrase-file phrase --trust good.pfx good.ko
	echo other >wrong
	chmod 0600 wrong
	run -1 kseal pe verify --passphrase-file wrong --trust good.pfx good.efi
	said 'good.pfx: wrong passphrase'
	kseal pe verify --trust other.pem --trust good.fd good.efi
}

@test "of a variable store db alone is trust: PK, KEK and dbx are not" {
	forms good.fd other.fd
	run -1 kseal pe verify --trust nodb.fd good.efi
	said 'nodb.fd: no certificate in it is for trust (ENOKEY)'
}

@test "what a manifest or a kernel revokes is no trust, and module verify takes its revocations from either" {
	make_manifest gone good revoked
	run -1 kseal pe verify --trust gone/gone.keyring good.efi
	said 'no certificate in it is for trust'
	for revoked in good.pem good.der good.esl other.fd gone/gone.keyring; do
		run -3 kseal module verify --trust good.pem --revoked $revoked good.ko
		said 'EKEYREJECTED'
	done
	for revoked in other.pem other.esl good.fd; do
		kseal module verify --trust good.pem --revoked $revoked good.ko
	done
	run -1 kseal module verify --trust good.pem --revoked nodb.fd good.ko
	said 'no certificate in it is revoked'
}

@test "what holds no certificate is refused, by its name" {
	head -c 64 /dev/zero >zeros
	for file in zeros empty good.key good.ko; do
		run -1 kseal pe verify --trust $file good.efi
		said "kseal: $file: "
	done
	run -1 kseal module verify --trust good.vmlinux --trust other.vmlinux good.ko
	said '--trust takes one kernel: other.vmlinux'
}

@test "--dbx takes every form of a dbx, and what it holds decides" {
	local digest dbx name

	digest=$(kseal pe hash good.efi | cut -d ' ' -f 1)
	kseal efi esl --cert good.pem --output dbx-good.esl >/dev/null
	kseal efi esl --hash "$digest" --output dbx-digest.esl >/dev/null
	for name in good digest; do
		sign-efi-sig-list -k other.key -c other.pem -a dbx dbx-$name.esl dbx-$name.bin
		{ printf '\x27\0\0\0'; cat dbx-$name.esl; } >dbx-$name.efivarfs
	done
	kseal efi dbx --to json --output dbx-digest.json dbx-digest.esl >/dev/null
	kseal efi vars --template "$OVMF" --output dbx-digest.fd --pk other.pem --dbx-hash "$digest" >/dev/null
	for dbx in dbx-good.esl dbx-good.bin dbx-good.efivarfs other.fd dbx-digest.esl dbx-digest.bin dbx-digest.json \
		dbx-digest.fd; do
		run -3 kseal pe verify --trust good.pem --dbx $dbx good.efi
		said 'dbx has'
	done
	for dbx in other.esl other.auth other.efivarfs good.fd; do
		run -0 kseal pe verify --trust good.pem --dbx $dbx good.efi
		said 'not in dbx'
	done
	run -1 kseal pe verify --trust good.pem --dbx nodb.fd good.efi
	said 'nodb.fd: variable store has no dbx'
	run -1 kseal pe verify --trust good.pem --dbx good.pem good.efi
}

@test "two hashes under their names: sha256sum's, and the one that Authenticode signs" {
	run -0 kseal pe verify --trust good.pem good.efi
	said "sha256sum    $(sha256sum <good.efi | cut -d ' ' -f 1)"
	# pesign has a digest of its own.
	pesign -h -i good.efi >theirs
	said "Authenticode $(grep -oE '[0-9a-f]{64}' theirs)"
	kseal pe verify --json --trust good.pem good.efi >j
	[ "$(jq -r '.sha256, .authenticode_sha256' j)" = "$(sha256sum <good.efi | cut -d ' ' -f 1)
$(grep -oE '[0-9a-f]{64}' theirs)" ]
}

@test "which signature decided: the first that is trusted, or the first that refuses" {
	kseal pe sign --signed add --key other.key --cert other.pem --output two.efi good.efi
	for n in 1:good 2:other; do
		run -0 kseal pe verify --trust ${n#*:}.pem two.efi
		said "verified by signature ${n%:*} of 2; neither dbx nor SBAT level was given"
		[ "$(kseal pe verify --json --trust ${n#*:}.pem two.efi | jq .decided_by)" = "${n%:*}" ]
	done
	run -3 kseal pe verify --trust good.pem --dbx other.esl two.efi
	said 'decided by signature 2 of 2'
	kseal efi esl --hash "$(kseal pe hash two.efi | cut -d ' ' -f 1)" --output dbx-digest.esl >/dev/null
	run -3 --separate-stderr kseal pe verify --json --trust good.pem --dbx other.esl two.efi
	[ "$(jq -c '[.verdict, .decided_by, .errors[0].errno]' <<<"$output")" = '["refused",2,"EKEYREJECTED"]' ]
	run -3 kseal pe verify --trust good.pem --dbx dbx-digest.esl two.efi
	not_said 'decided by signature'
}

# level NAME LINE...: a level that begins as shim's do
level() { printf 'sbat,1,2024040900\n' >"$1" && printf '%s\n' "${@:2}" >>"$1"; }

# What shim's verify_sbat() compares: each component of the image with each line of the level, as numbers.
@test "SBAT: a generation below that of the level is refused, in every form of the level" {
	objcopy --dump-section .sbat=text "$IMAGE" unused.efi
	grep -q '^systemd,1,' text
	level low shim,99 systemd,1 grub,99
	level high shim,4 systemd,2
	for name in low high; do
		{ printf '\x06\0\0\0'; cat $name; } >$name.efivarfs
		kseal efi vars --template "$OVMF" --output $name.fd --sbat-level $name >/dev/null
	done
	for form in '' .efivarfs .fd; do
		run -0 kseal pe verify --trust good.pem --sbat-level low$form good.efi
		said 'SBAT: not revoked by the level'
		run -3 kseal pe verify --trust good.pem --sbat-level high$form good.efi
		said 'SBAT: systemd REVOKED, generation 1 of at least 2'
		said 'SBAT revokes a component, shim does not start the image: systemd,1, the level has 2 (EKEYREJECTED)'
	done
	run -3 --separate-stderr kseal pe verify --json --trust good.pem --sbat-level high good.efi
	[ "$(jq -c '[.verdict, (.sbat[] | select(.component == "systemd") | .generation, .least)]' <<<"$output")" = \
		'["refused",1,2]' ]
	# The names are compared whole, and of two lines both count.
	level whole system,9 systemd.debia,9
	kseal pe verify --trust good.pem --sbat-level whole good.efi
	level twice systemd,2 systemd,1
	run -3 kseal pe verify --trust good.pem --sbat-level twice good.efi
	# An untrusted image stays that, whatever its SBAT.
	run -3 kseal pe verify --trust other.pem --sbat-level high good.efi
	said 'no signature is by a trusted certificate'
}

@test "SBAT: shim starts no image without .sbat; a level that is none is refused" {
	kseal pe sign --key good.key --cert good.pem --output hello.efi /usr/lib/efitools/x86_64-linux-gnu/HelloWorld.efi
	level low systemd,1
	run -0 kseal pe verify --trust good.pem hello.efi
	run -3 kseal pe verify --trust good.pem --sbat-level low hello.efi
	said 'no .sbat section, shim does not start the image'
	[ "$(kseal pe show --json hello.efi | jq .sbat)" = null ]
	level wide systemd,65536
	run -1 kseal pe verify --trust good.pem --sbat-level wide good.efi
	said 'over 65535'
	for bad in good.pem empty nodb.fd; do
		run -1 kseal pe verify --trust good.pem --sbat-level $bad good.efi
	done
}
