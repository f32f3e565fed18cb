#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
#
# Whose keys sign what ships: files, a token, a program, or somebody elsewhere, in rounds. With the "Linux" of
# flow.bash and the real images; what a stand-in cannot show is that the result boots.

load flow
load flow-keys

PIN=1-MEMORABLE-pin

setup_file()
{
	keys_repo
	# All up to what the files of KEYS sign, which the others have to equal.
	variables
	make KEYS="$BATS_FILE_TMPDIR/keys" uki
	shipped >../want
	cp -a "$XDG_CACHE_HOME" ../cache.made
}

setup()
{
	cp -a "$BATS_FILE_TMPDIR/repo" "$BATS_TEST_TMPDIR/repo"
	cd "$BATS_TEST_TMPDIR/repo" || return 1
	variables
	cp -a "$BATS_FILE_TMPDIR/cache.made" "$XDG_CACHE_HOME"
	mkdir sigs
	# What the tests want must be of their own making.
	rm -rf out/tiny/{modules,enroll,linux.efi*,linux.unsigned.efi,vmlinuz-kexec}
}

# What ships and is signed, a hash each.
shipped()
{
	(cd out/tiny && find modules linux.efi linux.unsigned.efi linux.efi.extra.d vmlinuz-kexec enroll -type f -exec sha256sum {} + | sort -k 2)
}

same_as_files() { diff "$BATS_FILE_TMPDIR/want" <(shipped); }

@test "KEYS=DIR signs everything: modules, images, addon, policies, updates of firmware variables" {
	flow KEYS="$K" uki
	is_done
	[ "$ran" = 'sign uki' ]
	same_as_files
	kseal module verify --trust "$K/module.pem" out/tiny/modules
	kseal pe verify --trust "$K/uki.pem" out/tiny/linux.efi
	sbverify --cert "$K/module.pem" out/tiny/vmlinuz-kexec
	[ -z "$STUBS" ] || sbverify --cert "$K/uki.pem" out/tiny/linux.efi.extra.d/crashkernel.addon.efi
	kseal uki show out/tiny/linux.efi | grep pcrsig
	kseal efi auth-verify --name PK --pk "$K/PK.pem" out/tiny/enroll/PK.auth
	kseal efi auth-verify --name KEK --pk "$K/PK.pem" out/tiny/enroll/KEK.auth
	kseal efi auth-verify --name db --pk "$K/PK.pem" --kek "$K/KEK.pem" out/tiny/enroll/db.auth
	run -3 kseal efi auth-verify --name db --pk "$K/uki.pem" --kek "$K/uki.pem" out/tiny/enroll/db.auth
	# The firmware of the test has the same certificates.
	kseal efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --manifest keyring/microsoft.keyring --pk "$K/PK.pem" --kek "$K/KEK.pem" \
		--db "$K/uki.pem" --output vars.fd
	for name in PK KEK db; do
		certs_in "$name" >want
		[ -s want ]
		cmp want <(lists_of out/tiny/enroll/$name.esl)
	done
}

# The certificates of a list, or of a variable of a store.
lists_of() { kseal efi show "$1" | grep -oE '[0-9a-f]{64}' | sort; }
certs_in() { kseal efi show vars.fd | awk -v n="$1" '/^[^ ]/ { on = $1 == n || $1 == n ":" } on' | grep -oE '[0-9a-f]{64}' | sort; }

@test "keys of a token for everything, certificates from there too; PIN from a file; nothing shows it" {
	new_token
	flow "${TOKEN[@]}" PASSPHRASE_FILE=pin uki
	is_done
	[ "$ran" = 'keyring sign uki' ]
	same_as_files
	cmp out/tiny/certs/module.pem <(openssl x509 -in "$K/module.pem")
	run ! grep -r -F "$PIN" out/tiny
	# A report is of what was built, with or without the token.
	SOFTHSM2_CONF=/dev/null flow "${TOKEN[@]}" PASSPHRASE_FILE=pin report
	not_said 'no certificate'
	flow "${TOKEN[@]}" PASSPHRASE_FILE=pin uki
	is_done
	[ -z "$ran" ]
	# Another certificate on it is another signer, for what it signs and nothing else.
	openssl req -x509 -new -key "$K/PK.key" -out PK.pem -subj '/CN=another PK' -days 30
	pkcs11-tool --module "$MODULE" --token-label t --login --pin $PIN --delete-object --type cert --label PK >/dev/null
	put_cert PK PK.pem 04
	flow "${TOKEN[@]}" PASSPHRASE_FILE=pin uki
	is_done
	[ "$ran" = 'keyring sign' ]
}

# A token t with all five keys and their certificates; TOKEN: what make is told of it.
new_token()
{
	local name nr=0

	for MODULE in /usr/lib{,64,/x86_64-linux-gnu}/{softhsm,pkcs11}/libsofthsm2.so; do
		[ ! -e "$MODULE" ] || break
	done
	mkdir tokens
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD/tokens" >softhsm2.conf
	export SOFTHSM2_CONF=$PWD/softhsm2.conf PKCS11_MODULE_PATH=$MODULE
	softhsm2-util --init-token --free --label t --so-pin 87654321 --pin $PIN >/dev/null
	(umask 077 && echo "$PIN" >pin && echo 2-WRONG-pin >wrong)
	TOKEN=()
	for name in module uki pcr PK KEK; do
		nr=$((nr + 1))
		openssl pkcs8 -topk8 -nocrypt -in "$K/$name.key" -out p8.key
		softhsm2-util --import p8.key --token t --label $name --id 0$nr --pin $PIN >/dev/null
		put_cert $name "$K/$name.pem" 0$nr
		TOKEN+=("${name^^}_KEY=pkcs11:token=t;object=$name")
	done
	rm p8.key
}

# put_cert LABEL FILE ID: on the token
put_cert()
{
	openssl x509 -in "$2" -outform der -out cert.der
	pkcs11-tool --module "$MODULE" --token-label t --login --pin $PIN --write-object cert.der --type cert --label "$1" --id "$3" >/dev/null 2>&1
}

@test "one login for linux.efi and its addon, and for no certificate; X_CERT= may be a URI of its own" {
	[ -n "$STUBS" ] || skip 'no stub of an addon in the cache'
	new_token
	# shellcheck disable=SC2046 # a list of words
	gcc -Wall -D_GNU_SOURCE -shared -fPIC $(pkg-config --cflags p11-kit-1) -o count.so "$ROOT/tests/sign/p11-faulty.c" -ldl
	export P11_BEHIND=$MODULE P11_LOGINS=$PWD/logins PKCS11_MODULE_PATH=$PWD/count.so
	flow KEYS="$K" UKI_KEY='pkcs11:token=t;object=uki' UKI_CERT='pkcs11:type=cert;token=t;id=%02' PASSPHRASE_FILE=pin sign
	is_done
	# All that signed so far are files.
	[ ! -e logins ]
	cmp out/tiny/certs/uki.pem <(openssl x509 -in "$K/uki.pem")
	flow KEYS="$K" UKI_KEY='pkcs11:token=t;object=uki' UKI_CERT='pkcs11:type=cert;token=t;id=%02' PASSPHRASE_FILE=pin uki
	is_done
	[ "$ran" = uki ]
	[ "$(wc -l <logins)" -eq 1 ]
	same_as_files
	sbverify --cert "$K/uki.pem" out/tiny/linux.efi
	sbverify --cert "$K/uki.pem" out/tiny/linux.efi.extra.d/crashkernel.addon.efi
	# One that is not there is told before anything runs.
	flow KEYS="$K" UKI_KEY='pkcs11:token=t;object=uki' UKI_CERT='pkcs11:token=t;object=nothing' PASSPHRASE_FILE=pin uki
	[ "$status" -ne 0 ]
	[ -z "$ran" ]
	said 'UKI_CERT=: there is no certificate for pkcs11:token=t;object=nothing on a token'
	said 'token has no certificate of this object= and id='
	said 'name a file'
}

@test "an image that cannot be signed leaves no linux.efi, signed or not" {
	flow KEYS="$CERTS" UKI_KEY="exec:false" PCR_KEY="$K/pcr.key" MODULE_KEY="$K/module.key" uki
	[ "$status" -ne 0 ]
	said FAILED
	[ ! -e out/tiny/linux.efi ]
	[ -z "$(find out/tiny/linux.efi.extra.d -name '*.efi' 2>/dev/null)" ]
}

@test "a PIN in a URI is refused, before anything runs, and not repeated; a wrong one fails its stage once" {
	new_token
	for name in MODULE_KEY UKI_CERT; do
		flow KEYS="$K" "$name=pkcs11:token=t;object=module?pin-value=$PIN" uki
		[ "$status" -ne 0 ]
		[ -z "$ran" ]
		said "$name=: a pin-value is in it"
		not_said "$PIN"
		run ! grep -r -F "$PIN" out/tiny
	done
	flow "${TOKEN[@]}" PASSPHRASE_FILE=wrong sign
	[ "$status" -ne 0 ]
	[ "$ran" = 'keyring sign' ]
	said FAILED
	not_said 2-WRONG-pin
	run ! grep -r -F 2-WRONG-pin out/tiny
	[ ! -e out/tiny/modules ]
	flow "${TOKEN[@]}" PASSPHRASE_FILE=pin sign
	is_done
}

@test "a program signs: the same bytes; slow, failing, another form of answer are told with the reason" {
	cat >service <<-'END'
		#!/bin/sh
		# usage: exec:./service HOW KEY
		sign() { openssl pkeyutl -sign -inkey "$1" -pkeyopt "digest:$KSEAL_HASH"; }
		case $1 in
		well) sign "$2" ;;
		slow) sleep 2; sign "$2" ;;
		fails) sign "$2"; echo "service: quota exceeded" >&2; exit 7 ;;
		base64) sign "$2" | base64 -w 0 ;;
		pair) sign "$2" | openssl asn1parse -inform der | sed -n 's/.*INTEGER *://p' |
			while read -r half; do printf '%064s' "$half" | tr ' ' 0; done | tr a-f A-F | basenc -d --base16 ;;
		hangs) exec sleep 600 ;;
		esac
	END
	chmod +x service
	by() { PROGRAM=(); for name in module uki pcr PK KEK; do PROGRAM+=("${name^^}_KEY=exec:./service $1 $K/$name.key"); done; }
	by well
	flow KEYS="$CERTS" "${PROGRAM[@]}" uki
	is_done
	same_as_files
	by slow
	flow KEYS="$CERTS" "${PROGRAM[@]}" sign
	is_done
	for row in 'fails:service: quota exceeded' 'fails:signing command failed, see what it said: exit 7' \
		'base64:it is base64 text, decode it'; do
		flow KEYS="$CERTS" "${PROGRAM[@]}" MODULE_KEY="exec:./service ${row%%:*} $K/module.key" sign
		[ "$status" -ne 0 ]
		said "${row#*:}"
	done
	KSEAL_EXEC_TIMEOUT=1 flow KEYS="$CERTS" "${PROGRAM[@]}" MODULE_KEY="exec:./service hangs $K/module.key" sign
	[ "$status" -ne 0 ]
	said 'took too long, raise KSEAL_EXEC_TIMEOUT'
	[ ! -e out/tiny/modules.part/x ]
	# r and s side by side, as JSON Web Signatures have them.
	new_cert ec ec -pkeyopt ec_paramgen_curve:prime256v1
	flow KEYS="$CERTS" "${PROGRAM[@]}" MODULE_KEY="exec:./service pair $PWD/ec.key" MODULE_CERT=ec.pem sign
	[ "$status" -ne 0 ]
	said 'it is r and s side by side'
	flow KEYS="$CERTS" "${PROGRAM[@]}" MODULE_KEY="exec:./service well $PWD/ec.key" MODULE_CERT=ec.pem sign
	is_done
	kseal module verify --trust ec.pem out/tiny/modules
}

@test "files with a passphrase, under any name: known by their public half, and never by a hash of the file" {
	mkdir locked
	(umask 077 && echo "a passphrase" >pass)
	cp "$K"/*.pem locked/
	for name in module uki pcr PK KEK; do
		(umask 077 && openssl pkcs8 -topk8 -in "$K/$name.key" -passout file:pass -out "locked/$name.key")
	done
	flow KEYS=locked PASSPHRASE_FILE=pass uki
	is_done
	same_as_files
	grep -q -E "^READ=key [0-9a-f]{64} $PWD/locked/module.key" out/tiny/stages/sign
	(umask 077 && cp "$K/uki.key" uki-secret.pem)
	flow KEYS="$K" UKI_KEY=uki-secret.pem UKI_CERT="$K/uki.pem" uki
	is_done
	grep -q -E "^READ=key [0-9a-f]{64} $PWD/uki-secret.pem" out/tiny/stages/uki
	for key in locked/*.key uki-secret.pem pass; do
		run ! grep -r "$(sha256sum <"$key" | cut -d ' ' -f 1)" out/tiny/stages out/tiny/stamps
	done
	flow KEYS=locked uki </dev/null
	[ "$status" -ne 0 ]
	said 'a passphrase is wanted'
}

# serve ROUND [NAME=KEY]: a signing service, which sees digests and nothing else, answers into sigs/
serve()
{
	local name file hash digest cert
	local -A key=()

	for name in module uki pcr PK KEK; do
		key[$(openssl x509 -in "$CERTS/$name.pem" -outform der | sha256sum | cut -d ' ' -f 1)]=$K/$name.key
	done
	rm -rf sigs
	mkdir sigs
	while IFS=$'\t' read -r file hash digest cert; do
		tr a-f A-F <<<"$digest" | basenc -d --base16 |
			openssl pkeyutl -sign -inkey "${2:-${key[$cert]}}" -pkeyopt "digest:$hash" -out "sigs/$file"
	done < <(jq -r '.entries[] | [.signature, .hash, .digest, .certificate] | @tsv' "out/tiny/offline/round-$1.json")
}

kinds() { jq -r '[.entries[] | .kind + ":" + (.file | split("/") | last)] | sort | join(" ")' "out/tiny/offline/round-$1.json"; }

@test "in two phases: one list of all kinds, what it signs round by round, and on to the end; the same bytes" {
	flow KEYS="$CERTS" uki
	[ "$status" -ne 0 ]
	said 'there is no MODULE_KEY to sign modules, and nobody signed it elsewhere: give MODULE_KEY= or KEYS=, or make prepare'
	flow KEYS="$CERTS" attach SIGNATURES=sigs
	[ "$status" -ne 0 ]
	said 'nothing is listed yet, make prepare does that'
	flow KEYS="$CERTS" prepare
	is_done
	said 'round 1 of 2: out/tiny/offline/round-1.json: '
	addon=${STUBS:+ pe:crashkernel.addon.efi}
	[ "$(kinds 1)" = "auth:KEK.tbs auth:PK.tbs auth:db.tbs module:a.ko pcr:linux.efi pcr:linux.efi pcr:linux.efi pcr:linux.efi$addon pe:vmlinuz-kexec" ]
	[ ! -e out/tiny/modules ]
	[ ! -e out/tiny/linux.efi ]
	flow KEYS="$CERTS" attach
	[ "$status" -ne 0 ]
	said 'SIGNATURES=DIR'
	serve 1
	flow KEYS="$CERTS" attach SIGNATURES=sigs
	is_done
	said 'round 2 of 2: out/tiny/offline/round-2.json: 1 signatures to be made; then make attach'
	[ "$(kinds 2)" = pe:linux.efi ]
	[ ! -e out/tiny/linux.efi ]
	# The same signatures again are not those of the second round.
	flow KEYS="$CERTS" attach SIGNATURES=sigs
	[ "$status" -ne 0 ]
	said 'linux.efi (pe-1): '
	serve 2
	flow KEYS="$CERTS" attach SIGNATURES=sigs
	is_done
	[[ $ran == 'sign test uki userland' ]]
	said PROVED
	same_as_files
	flow KEYS="$CERTS" all
	is_done
	[ -z "$ran" ]
	flow KEYS="$CERTS" attach
	is_done
	said 'all rounds are attached'
}

@test "a round that fails changes nothing, says why, and can be done again" {
	flow KEYS="$CERTS" prepare
	is_done
	serve 1
	cp -r sigs good
	find out/tiny/offline -type f -exec sha256sum {} + | sort >before
	while IFS=: read -r file change reason; do
		rm -rf sigs
		cp -r good sigs
		# shellcheck disable=SC2086 # a command
		(cd sigs && eval "$change")
		flow KEYS="$CERTS" attach SIGNATURES=sigs
		[[ $status -ne 0 && $output == *"($file): $reason"* ]] || {
			printf '%s: %s\n' "$file" "$output"
			return 1
		}
		find out/tiny/offline -path '*/part' -prune -o -type f -exec sha256sum {} + | sort | diff before -
	done <<-'END'
		module-1:rm module-1.sig:its signature is missing
		module-1:base64 -w 0 module-1.sig >m; mv m module-1.sig:the certificate does not verify the raw signature: it is base64 text
		pe-2:cp module-1.sig pe-2.sig:the certificate does not verify
		module-1:truncate -s -1 module-1.sig:the certificate does not verify
	END
	serve 1 "$K/uki.key"
	flow KEYS="$CERTS" attach SIGNATURES=sigs
	[ "$status" -ne 0 ]
	said '(pcr-'
	said '(auth-'
	flow KEYS="$CERTS" attach SIGNATURES=good
	is_done
	said 'round 2 of 2'
}

@test "what was signed elsewhere is of one build: another kernel, another certificate want another list" {
	flow KEYS="$CERTS" prepare
	serve 1
	flow KEYS="$CERTS" attach SIGNATURES=sigs
	serve 2
	flow KEYS="$CERTS" attach SIGNATURES=sigs
	is_done
	sed -i 's/^CMDLINE=.*/CMDLINE=loud/' configs/sku/tiny.sku
	flow KEYS="$CERTS" uki
	[ "$status" -ne 0 ]
	said 'offline/signed/linux.efi: what was signed elsewhere is not what is built now; make prepare again'
	flow KEYS="$CERTS" prepare
	is_done
	said 'round 1 of 2'
	sed -i 's/^CMDLINE=.*/CMDLINE=quiet/' configs/sku/tiny.sku
	# The keys are here after all.
	flow KEYS="$K" uki
	is_done
	same_as_files
}

@test "a part of the keys is elsewhere: only that is listed; without policies one round will do" {
	flow KEYS="$K" prepare
	[ "$status" -ne 0 ]
	said 'every key is at hand, so there is nothing to list'
	flow KEYS="$CERTS" MODULE_KEY="$K/module.key" PK_KEY="$K/PK.key" KEK_KEY="$K/KEK.key" prepare
	is_done
	said 'round 1 of 2'
	[ "$(kinds 1)" = "pcr:linux.efi pcr:linux.efi pcr:linux.efi pcr:linux.efi${STUBS:+ pe:crashkernel.addon.efi}" ]
	# A certificate alone says that its key is elsewhere, whatever development keys there are.
	cp -r "$K" out/keys
	flow MODULE_CERT="$CERTS/module.pem" UKI_CERT="$CERTS/uki.pem" PCR_CERT="$CERTS/pcr.pem" prepare
	is_done
	[[ $(kinds 1) == module:a.ko\ pcr:* ]]
	flow KEYS="$CERTS" UKI_KEY="$K/uki.key" prepare
	[ "$status" -ne 0 ]
	said 'UKI_KEY is at hand and PCR_KEY is not'
	mkdir few
	cp "$CERTS"/{module,uki,PK,KEK}.pem few
	flow KEYS=few MODULE_KEY="$K/module.key" PK_KEY="$K/PK.key" KEK_KEY="$K/KEK.key" prepare
	is_done
	said 'round 1 of 1'
	[ "$(kinds 1)" = "${STUBS:+pe:crashkernel.addon.efi }pe:linux.efi" ]
	serve 1
	flow KEYS=few MODULE_KEY="$K/module.key" PK_KEY="$K/PK.key" KEK_KEY="$K/KEK.key" attach SIGNATURES=sigs
	is_done
	said PROVED
	sbverify --cert "$K/uki.pem" out/tiny/linux.efi
	run ! grep pcrsig <(kseal uki show out/tiny/linux.efi)
	same_as_files | grep -v linux.efi >differs || :
	run ! grep '^[<>]' <(grep -v linux differs)
}

@test "a key without its certificate, or a certificate that is of another key, is told by name" {
	flow MODULE_KEY="exec:./service" uki
	[ "$status" -ne 0 ]
	[ -z "$ran" ]
	said 'MODULE_KEY= is given without its certificate: give MODULE_CERT=FILE, or KEYS=DIR with module.pem'
	flow KEYS="$K" UKI_CERT="$PWD/nowhere.pem" uki
	[ "$status" -ne 0 ]
	said "UKI_CERT=$PWD/nowhere.pem: cannot be read"
	flow KEYS="$K" PASSPHRASE_FILE=nowhere uki
	[ "$status" -ne 0 ]
	said 'nowhere: is not a file that can be read'
	flow KEYS="$K" MODULE_CERT="$K/PK.pem" sign
	[ "$status" -ne 0 ]
	said 'FAILED'
	[ ! -e out/tiny/modules ]
	# Another certificate of the same key is another signer.
	openssl req -x509 -new -key "$K/uki.key" -out other.pem -subj '/CN=other' -days 30
	flow KEYS="$K" uki
	flow KEYS="$K" UKI_CERT=other.pem uki
	is_done
	[ "$ran" = 'keyring sign uki' ]
	sbverify --cert other.pem out/tiny/linux.efi
}

@test "a release takes no development key for its policies either" {
	kseal keyring dev-keys --output dev >/dev/null
	mkdir mixed
	cp "$K"/* mixed
	cp dev/pcr.* mixed
	flow KEYS=mixed RELEASE=1 keyring
	[ "$status" -ne 0 ]
	said 'pcr.pem: is of a development key, and RELEASE=1 refuses those'
	flow KEYS="$K" RELEASE=1 keyring
	is_done
	flow KEYS=mixed keyring
	is_done
}
