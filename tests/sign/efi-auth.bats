#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal efi auth, auth-prepare, auth-attach and auth-verify: updates of variables, compared with
# efitools' and sbvarsign's. What EDK2's own code says of them is asked in tests/real/efi.

load ../helpers

TEMPLATE=${OVMF_DIR:-/usr/share/OVMF}/OVMF_VARS_4M.fd

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	export SOURCE_DATE_EPOCH=1700000000
	for name in PK KEK db other; do
		new_cert $name
	done
	new_cert elliptic ec -pkeyopt ec_paramgen_curve:P-256
	kseal efi esl --cert other.pem --hash "$(printf %064d 1)" --output lists.esl
	kseal efi esl --cert PK.pem --output PK.esl
	[ ! -e "$TEMPLATE" ] ||
		kseal efi vars --template "$TEMPLATE" --pk PK.pem --kek KEK.pem --db db.pem --output vars.fd
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	# A minute after the store was made.
	export SOURCE_DATE_EPOCH=1700000060
}

# auth NAME KEY ARGUMENT...
auth() { kseal efi auth --name "$1" --key "$2.key" --cert "$2.pem" --output u.auth "${@:3}"; }
# verify NAME ARGUMENT...: the file is u.auth, the machine's keys are those of the test
verify() { kseal efi auth-verify --name "$1" --pk PK.pem --kek KEK.pem u.auth "${@:2}"; }

@test "PK and KEK may be CAs that sign updates themselves, and nothing else" {
	kseal keyring dev-keys --output dev
	grep -q 'Certificate Sign' <(openssl x509 -in dev/PK.pem -noout -ext keyUsage)
	kseal efi auth --name KEK --key dev/PK.key --cert dev/PK.pem --output u.auth lists.esl
	run -0 kseal efi auth-verify --name KEK --pk dev/PK.pem --kek dev/KEK.pem u.auth
	# Another one's PK does not take it.
	run -3 verify KEK
	run -1 kseal pe sign --key dev/PK.key --cert dev/PK.pem --output x.efi /usr/lib/systemd/boot/efi/linuxx64.efi.stub
	said 'certificate is of a CA (keyCertSign)'
}

@test "an update is taken for its variable, by its signer, and for nothing else" {
	while read -r name signer good; do
		auth "$name" "$signer" lists.esl
		if [[ $good == yes ]]; then
			run -0 verify "$name"
			said "user mode: taken, signed by test $signer of $signer"
		else
			run -3 verify "$name"
			said 'user mode: refused'
		fi
	done <<-'EOF'
		KEK PK yes
		KEK KEK no
		KEK other no
		db PK yes
		db KEK yes
		db db no
		db other no
		dbx KEK yes
		dbx db no
		dbt KEK yes
	EOF
	auth PK PK PK.esl
	run -0 verify PK
	kseal efi esl --cert other.pem --output new.esl
	# The old key hands over to the new one; the new one cannot take.
	auth PK PK new.esl
	run -0 verify PK
	auth PK other new.esl
	run -3 verify PK
	said "is not the platform key itself"
	said "setup mode: taken, the new platform key signed itself"
}

@test "another name, or append or not, is told from the signature" {
	auth dbx KEK --append lists.esl
	run -0 verify dbx --append
	said 'adds to dbx'
	run -3 verify dbx
	said 'of another variable or for another use: --name dbx --append'
	run -3 verify db --append
	said '--name dbx --append'
	run -3 verify db
	said '--name dbx --append'
}

@test "any changed byte of what is signed, and of the signature, is refused" {
	auth db KEK lists.esl
	size=$(stat -c %s u.auth)
	signature=$((40 + 0x$(xxd -p -s 16 -l 1 u.auth) + 256 * 0x$(xxd -p -s 17 -l 1 u.auth) - 24))
	cp u.auth whole.auth
	# Time, type, kind, around the digest, the end of the signature, all of the lists.
	for off in 0 2 3 6 7 15 22 24 39 40 41 53 60 $((signature - 1)) $(seq "$signature" 211 $((size - 1))); do
		cp whole.auth u.auth
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\x$(printf %02x $((0x$(xxd -p -s "$off" -l 1 u.auth) ^ 4)))" | dd of=u.auth bs=1 seek="$off" conv=notrunc status=none
		run verify db
		[ "$status" -eq 3 ] || [ "$status" -eq 1 ] || { echo "offset $off: $output"; false; }
	done
	cp whole.auth u.auth
	run -0 verify db
	# EDK2 does not look at the revision.
	printf '\7' | dd of=u.auth bs=1 seek=20 conv=notrunc status=none
	run -0 verify db
	for bytes in 0 15 16 39 40 100 $((signature - 1)) $((size - 1)); do
		head -c "$bytes" whole.auth >u.auth
		run verify db
		[ "$status" -eq 3 ] || [ "$status" -eq 1 ]
	done
}

@test "against a store: time, size and setup mode" {
	[ -e vars.fd ] || skip "OVMF is not installed"
	verify_vars() { kseal efi auth-verify --vars "${VARS:-vars.fd}" "$@" u.auth; }
	auth db KEK lists.esl
	run -0 verify_vars --name db
	said 'user mode: taken, signed by test KEK of KEK'
	said 'setup mode: taken, whoever signed it'
	for now in 1700000000 1600000000; do
		SOURCE_DATE_EPOCH=$now auth db KEK lists.esl
		run -3 verify_vars --name db
		said 'not younger than the variable, sign it anew: 2023-11-14 22:13:20'
	done
	# An append may be older, and so may the first content of a variable.
	SOURCE_DATE_EPOCH=1 auth db KEK --append lists.esl
	run -0 verify_vars --name db --append
	SOURCE_DATE_EPOCH=1 auth dbx KEK lists.esl
	run -0 verify_vars --name dbx
	# In setup mode anybody may write anything but PK.
	auth db other lists.esl
	VARS=$TEMPLATE run -0 verify_vars --name db
	said 'setup mode: taken, whoever signed it'
	not_said 'user mode'
	VARS=$TEMPLATE run -0 verify_vars --name db --append
	auth PK other PK.esl
	VARS=$TEMPLATE run -3 verify_vars --name PK
	auth PK PK PK.esl
	VARS=$TEMPLATE run -0 verify_vars --name PK
	# 33 KiB with the variable's header and name: digests of 48 bytes
	python3 -c 'import struct, sys
n = int(sys.argv[1])
sys.stdout.buffer.write(bytes.fromhex("2616c4c14c509240aca941f936934328") + struct.pack("<III", 28 + 48 * n, 0, 48))
for i in range(n): sys.stdout.buffer.write(bytes(16) + struct.pack("<I", i) + bytes(28))' 702 >large.esl
	auth dbx KEK large.esl
	run -0 verify_vars --name dbx
	python3 -c 'import sys
b = bytearray(open("large.esl", "rb").read())
b += bytes(16) + b"\xff" * 32
b[16:20] = len(b).to_bytes(4, "little")
open("larger.esl", "wb").write(b)'
	auth dbx KEK larger.esl
	run -3 verify_vars --name dbx
	said "larger than OVMF's limit"
}

@test "in two phases the bytes are those of one" {
	for options in '' --append; do
		# shellcheck disable=SC2086 # an option or none
		auth db KEK $options lists.esl
		# shellcheck disable=SC2086
		run -0 kseal efi auth-prepare --name db $options --output tbs lists.esl
		said "SHA-256 $(sha256sum tbs | cut -d ' ' -f 1)"
		openssl dgst -sha256 -sign KEK.key -out sig tbs
		# Time and content are those of the first phase.
		SOURCE_DATE_EPOCH=1800000000 kseal efi auth-attach --name db --cert KEK.pem --signature sig --output two.auth tbs
		cmp u.auth two.auth
	done
	for args in '--name dbx --cert KEK.pem --signature sig' '--name db --cert PK.pem --signature sig' \
		'--name db --cert KEK.pem --signature tbs'; do
		# shellcheck disable=SC2086
		run ! kseal efi auth-attach $args --output none.auth tbs
	done
	printf x >>tbs
	run ! kseal efi auth-attach --name db --cert KEK.pem --signature sig --output none.auth tbs
	[ ! -e none.auth ]
	# What is signed is what efitools would sign.
	kseal efi auth-prepare --name db --append --output tbs lists.esl
	sign-efi-sig-list -a -o -t '2023-11-14 22:14:20' db lists.esl want.tbs
	cmp want.tbs tbs
}

@test "updates of efitools and sbvarsign are taken, and are ours but for the message around the signature" {
	auth db KEK lists.esl
	sign-efi-sig-list -t '2023-11-14 22:14:20' -k KEK.key -c KEK.pem db lists.esl efitools.auth
	sbvarsign --key KEK.key --cert KEK.pem --attr NON_VOLATILE,RUNTIME_ACCESS,BOOTSERVICE_ACCESS \
		--output sbvarsign.auth db lists.esl
	# The raw signature is PKCS #1 and so the same for the same time: it is in both.
	python3 - <<-'EOF'
		ours, theirs = open("u.auth", "rb").read(), open("efitools.auth", "rb").read()
		assert ours[:16] == theirs[:16] and ours[20:40] == theirs[20:40]
		end = 16 + int.from_bytes(ours[16:20], "little")
		assert ours[end - 256:end] in theirs
		assert theirs.endswith(ours[end:])
	EOF
	for file in efitools sbvarsign; do
		cp $file.auth u.auth
		run -0 verify db
		run -3 verify dbx
		said -- '--name db'
	done
}

@test "a chain to KEK, of which the update has the middle" {
	openssl req -new -nodes -newkey rsa:2048 -keyout leaf.key -out leaf.csr -subj '/CN=test leaf' 2>/dev/null
	openssl x509 -req -in leaf.csr -CA KEK.pem -CAkey KEK.key -CAcreateserial -days 30 -out leaf.pem 2>/dev/null
	chmod 0600 leaf.key
	auth db leaf lists.esl
	run -0 verify db
	said 'signed by test KEK of KEK'
	auth db leaf --add-cert KEK.pem lists.esl
	run -0 verify db
	# For PK there is no chain.
	openssl x509 -req -in leaf.csr -CA PK.pem -CAkey PK.key -CAcreateserial -days 30 -out leaf.pem 2>/dev/null
	auth KEK leaf lists.esl
	run -3 verify KEK
}

@test "what SetVariable() refuses is not signed; what it would refuse is told" {
	kseal efi esl --cert elliptic.pem --output ec.esl
	kseal efi esl --cert db.pem --cert other.pem --output two.esl
	python3 -c 'import sys, struct
sys.stdout.buffer.write(bytes(range(16)) + struct.pack("<III", 28 + 48, 0, 48) + bytes(48))' >unknown.esl
	python3 -c 'import sys, struct
sys.stdout.buffer.write(bytes.fromhex("a159c0a5e494a74a87b5ab155c2bf072") + struct.pack("<III", 28 + 48, 0, 48) + bytes(48))' >nocert.esl
	python3 -c 'import sys, struct
sys.stdout.buffer.write(bytes.fromhex("a159c0a5e494a74a87b5ab155c2bf072") + struct.pack("<III", 28, 0, 48))' >none.esl
	for list in ec unknown nocert none; do
		run -3 auth db KEK $list.esl
		sign-efi-sig-list -k KEK.key -c KEK.pem db $list.esl u.auth
		run -3 verify db
		said 'setup mode: refused'
	done
	run -3 auth PK PK two.esl
	said 'one platform key'
	sign-efi-sig-list -k PK.key -c PK.pem PK two.esl u.auth
	run -3 verify PK
	run -1 auth db elliptic lists.esl
	said 'RSA keys alone'
	for args in 'db' 'db --delete lists.esl' 'db --delete --append'; do
		# shellcheck disable=SC2086
		read -r -a words <<<"$args"
		run -2 auth "${words[0]}" KEK "${words[@]:1}"
	done
	run -1 auth MokList KEK lists.esl
	said 'PK, KEK, db, dbx, dbt'
	: >empty
	run -1 auth db KEK empty
	said '--delete'
}

@test "a deletion is signed as any update" {
	auth db KEK --delete
	run -0 verify db
	said 'deletes db'
	auth PK PK --delete
	run -0 verify PK
	auth PK KEK --delete
	run -3 verify PK
	# An append of nothing is refused by firmware, whoever signed it.
	: >empty
	sign-efi-sig-list -a -k KEK.key -c KEK.pem db empty u.auth
	run -3 verify db --append
	said 'appends nothing'
}

@test "digests that only newer firmware takes, and a ContentInfo, are refused with that reason" {
	kseal efi auth-prepare --name db --output tbs lists.esl
	for hash in sha1 sha256 sha384; do
		openssl cms -sign -binary -md $hash -signer KEK.pem -inkey KEK.key -noattr -outform DER -in tbs -out $hash.cms
		python3 - $hash <<-'EOF'
			import sys
			cms, tbs = open(sys.argv[1] + ".cms", "rb").read(), open("tbs", "rb").read()
			time, lists = tbs[4 + 16 + 4:][:16], open("lists.esl", "rb").read()
			kind = bytes.fromhex("9dd2af4adf68ee498aa9347d375665a7")
			def put(name, message):
			    open(name, "wb").write(time + (len(message) + 24).to_bytes(4, "little") + b"\0\2\xf1\x0e" + kind + message + lists)
			put(sys.argv[1] + ".wrapped", cms)
			put(sys.argv[1] + ".bare", cms[19:])
		EOF
	done
	for file in sha256.wrapped sha384.bare sha384.wrapped; do
		cp $file u.auth
		run -3 verify db
		said 'OVMF 2022.11'
	done
	cp sha256.bare u.auth
	run -0 verify db
	cp sha1.bare u.auth
	run -3 verify db
	said 'not one of SHA-2'
}

@test "the verdict as JSON" {
	auth dbx KEK --append lists.esl
	verify dbx --append --json >j
	check_json --control kseal/efi-auth-verify <j
	[ "$(jq -c '[.schema, .file, .name, .append, .time, .nr_signatures, .mode, .verdict, .errors, .anchor, .anchor_in, .setup_mode]' j)" = \
		'["kseal/efi-auth-verify/1","u.auth","dbx",true,"2023-11-14 22:14:20",2,"user","taken",[],"test KEK","KEK",{"verdict":"taken","errors":[]}]' ]
	verify dbx --json >j 2>err && return 1
	[ "$(jq -c '[.verdict, .errors[0].detail, .anchor]' j)" = '["refused","--name dbx --append",null]' ]
	[ "$(wc -l <err)" -eq 1 ]
	check_json --control kseal/efi-auth-verify <j
	kseal efi show --json u.auth >j
	[ "$(jq -c '[.kind, .time, .signer.name, (.signatures | length)]' j)" = '["update","2023-11-14 22:14:20","test KEK",2]' ]
	run -0 kseal efi show u.auth
	said 'update, 2023-11-14 22:14:20 UTC, signed by test KEK'
	run -2 kseal efi auth-verify --name db u.auth
	run -2 kseal efi auth-verify --name db --pk PK.pem --vars x u.auth
}
