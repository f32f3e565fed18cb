#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every verb with every kind of file that is not what it wants: one line that begins with the program's
# name and has the file's, exit 1 or 3, and nothing on stdout or stderr that a terminal would obey.

load ../helpers

setup_file() {
	export K=$BATS_FILE_TMPDIR
	cd "$K" || return 1
	new_cert signer
	new_module x.ko
	cp "$IMAGE" x.efi
	cp "$STUB" stub.efi
	mkdir in in/dir
	: >in/empty
	echo 'some text' >in/text
	cp signer.key in/key
	openssl x509 -in signer.pem -outform DER | head -c 300 >in/cut-der
	openssl x509 -in signer.pem -outform DER | base64 -w0 >in/base64
	# Whole it is one of the forms of a key and of trust.
	openssl pkcs12 -export -in signer.pem -inkey signer.key -passout pass: | head -c 900 >in/p12
	gzip -c signer.pem >in/gzip
	{ printf '\241\131\300\245\344\224\247\112\207\265\253\025\134\053\360\162'; head -c 60 /dev/zero; } >in/esl
	{ head -c 16 /dev/zero; printf '\100\0\0\0\0\002\361\016'; head -c 60 /dev/zero; } >in/auth
	head -c 200 /bin/sh >in/cut-elf
	{ printf MZ; head -c 100 /dev/zero; } >in/cut-pe
	printf 'text' >"in/$(printf 'a\033[2Jb\nc\302\233d')"
}

# refuses FILE COMMAND...
refuses() {
	local file=$1 status=0
	shift

	"$KSEAL_BIN/kseal" "$@" >out 2>err </dev/null || status=$?
	[[ $status == 1 || $status == 3 ]] || echo "exit $status: $*"
	[[ $(wc -l <err) == 1 ]] || echo "not one line: $*: $(cat -v err)"
	[[ $(head -c 7 err) == 'kseal: ' ]] || echo "not by its name: $*: $(cat -v err)"
	grep -qF "${file##*/}" err || [[ $file == *$'\033'* ]] || echo "names no file: $*: $(cat -v err)"
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' out err || echo "control bytes: $*: $(cat -v out err)"
}

# Verbs that read one file, which is in place of FILE.
verbs=(
	'module show FILE' 'module strip FILE' 'module verify --trust signer.pem FILE'
	'module verify --trust FILE x.ko' 'module sign --key signer.key --cert signer.pem FILE'
	'module sign --key FILE --cert signer.pem x.ko' 'module sign --key signer.key --cert FILE x.ko'
	'pe sign --key signer.key --cert signer.pem --output o FILE' 'pe strip --output o FILE' 'pe hash FILE'
	'pe show FILE' 'pe verify --trust signer.pem FILE' 'pe verify --trust FILE x.efi'
	'uki show FILE' 'uki measure FILE' 'keyring show FILE' 'keyring build --manifest FILE --output o' 'efi show FILE'
	'efi vars --template FILE --output o' 'efi vars --template in/dir --pk FILE --output o'
	'efi vars --template vars --sbat-level FILE --output o' 'efi vars --template vars --dbx FILE --output o'
	'efi esl --output o FILE' 'efi esl --cert FILE --output o' 'efi esl --image FILE --output o' 'efi esl --cert-hash FILE --output o'
	'efi dbx --output o FILE' 'efi dbx --to json --cert FILE --output o in/text'
	'efi auth --name db --key signer.key --cert signer.pem --output o FILE' 'efi auth-prepare --name db --output o FILE'
	'efi auth-attach --name db --cert signer.pem --signature in/text --output o FILE'
	'efi auth-verify --name db --pk signer.pem FILE' 'efi auth-verify --name db --vars FILE x.efi'
	'offline attach --manifest FILE --signatures in/dir --cert signer.pem'
	'uki build --stub FILE --linux x.efi --cmdline a --os-release in/text --output o'
	'uki build --stub stub.efi --linux FILE --cmdline a --os-release in/text --output o'
	'uki build --stub stub.efi --linux x.efi --cmdline a --os-release in/text --splash FILE --output o'
	'uki build --stub stub.efi --linux x.efi --cmdline a --os-release in/text --dtb FILE --output o'
	'uki build --stub stub.efi --linux x.efi --cmdline a --os-release in/text --profile FILE --output o'
)

@test "what is refused is named, in one line, by every verb" {
	cd "$K"
	for input in in/* in/missing; do
		for verb in "${verbs[@]}"; do
			# The key is one, and an empty splash or device tree is none.
			[[ $input != in/key || $verb != *'--key FILE'* ]] || continue
			[[ $input != in/empty || $verb != *--splash* && $verb != *--dtb* ]] || continue
			read -r -a words <<<"$verb"
			for i in "${!words[@]}"; do [[ ${words[i]} != FILE ]] || words[i]=$input; done
			refuses "$input" "${words[@]}"
		done
	done >wrong
	cat wrong
	[ ! -s wrong ]
}

# make_named NAME: in the current directory, files that have NAME inside wherever they hold a name, and in
# their own
make_named() {
	local name=$1 filler=AAAAAAAAAAAAAAAAAAAAAAAA

	openssl req -x509 -new -nodes -newkey rsa:2048 -utf8 -subj "/CN=$name" -days 3650 -keyout key -out cert \
		-addext keyUsage=digitalSignature 2>/dev/null
	chmod 0600 key
	mkdir certs
	cp cert certs/one.pem
	echo "one $(openssl x509 -in cert -outform DER | sha256sum | cut -d ' ' -f 1) builtin" >keyring
	cert-to-efi-sig-list cert dbx.esl
	cp "$K/x.ko" "x $name.ko"
	cp "$K/x.ko" "plain $name.ko"
	cp "$K/stub.efi" "stub $name.efi"
	mkdir signatures
	kseal module sign --key key --cert cert "x $name.ko"
	kseal pe sign --key key --cert cert --output signed.efi "$K/x.efi"
	cp signed.efi "signed $name.efi"
	kseal efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --pk cert --kek cert --db cert --output vars
	kseal offline prepare --manifest offline --module "plain $name.ko" --module-cert cert
	printf 'ID=kseal\nPRETTY_NAME=%s\n' $filler >os
	kseal uki build --stub "$K/stub.efi" --linux "$K/x.efi" --os-release os --uname $filler --cmdline $filler \
		--output uki
	# Nobody builds such an image: its texts, and the name of a section, which has eight bytes.
	NAME=$name python3 - "uki $name.efi" <<-'EOF'
		import os, struct, sys
		name = os.fsencode(os.environ["NAME"])
		d = bytearray(open("uki", "rb").read().replace(b"A" * 24, name.rjust(24, b"A")))
		open(sys.argv[1], "wb").write(d)
		pe = struct.unpack_from("<I", d, 60)[0]
		nr, opt = struct.unpack_from("<H", d, pe + 6)[0], struct.unpack_from("<H", d, pe + 20)[0]
		for at in range(pe + 24 + opt, pe + 24 + opt + 40 * nr, 40):
		    if d[at:at + 8] == b".uname\0\0":
		        d[at:at + 8] = name[-8:]
		open("section.efi", "wb").write(d)
	EOF
}

# shows TEXT COMMAND...: what it prints has TEXT, and nothing that a terminal obeys
shows() {
	local text=$1
	shift

	"$KSEAL_BIN/kseal" "$@" >out 2>&1 </dev/null || :
	[[ -z $text ]] || grep -qF -- "$text" out || echo "no $text: $*: $(cat -v out)"
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c' out ||
		echo "raw: $*: $(cat -v out)"
	! grep -q '^INJECTED' out || echo "a line of its own: $*: $(cat -v out)"
}

# every_verb NAME TEXT: every verb that prints a name of a file, of who signed, or of what is in a file
every_verb() {
	local name=$1 text=$2 json

	for json in '' --json; do
		shows "$text" module show $json "x $name.ko"
		shows "$text" module verify $json --trust cert --trust "$K/signer.pem" "x $name.ko" "plain $name.ko"
		shows "$text" pe show $json "signed $name.efi"
		shows "$text" pe show $json signed.efi
		shows "$text" pe verify $json --trust cert "signed $name.efi"
		shows "$text" pe verify $json --trust cert signed.efi
		shows "$text" pe verify $json --trust "$K/signer.pem" "signed $name.efi"
		shows "$text" pe verify $json --trust cert --dbx dbx.esl signed.efi
		shows "$text" pe lint $json "stub $name.efi"
		shows "$text" keyring show $json cert
		shows "$text" keyring show $json keyring
		shows "$text" efi show $json vars
		shows "$text" uki show $json "uki $name.efi"
		shows "$text" uki show $json section.efi
		shows "$text" uki lint $json "uki $name.efi"
		shows '' uki lint $json section.efi
		shows '' pe lint $json section.efi
		shows '' uki measure $json "uki $name.efi"
	done
	shows "$text" pe hash "stub $name.efi"
	shows "$text" keyring build --manifest keyring --output o
	shows "$text" keyring dev-keys --output "dev $name"
	shows "$text" efi vars --template /usr/share/OVMF/OVMF_VARS_4M.fd --pk cert --kek cert --output "v $name"
	shows "$text" module sign --key key --cert cert "x $name.ko"
	shows "$text" module strip "plain $name.ko"
	shows "$text" offline prepare --manifest other --module "x $name.ko" --module-cert cert
	shows "$text" offline attach --manifest offline --signatures signatures --cert cert
	shows '' uki build --stub section.efi --linux "$K/x.efi" --os-release os --cmdline a --output o.efi
	# A file's name can be taken for a word of the command line.
	shows "$text" module show "--$name"
	shows "$text" "$name" show
	shows "$text" module "$name"
	shows "$text" help module show "$name"
}

@test "names that others chose steer no terminal, and are shown as they are if they are text" {
	hostile=$'a\nINJECTED\302\233\342\200\256\033[2J\177z' clean=$'a\303\261 clean name z'
	for name in "$clean" "$hostile"; do
		text='name z'
		[ "$name" = "$clean" ] || text='[2J?z'
		mkdir "$K/$text"
		cd "$K/$text"
		# One pair of keys is missing, and is made.
		if [ "$name" = "$hostile" ]; then
			cp -r "$K/name z/dev $clean" "dev $name"
			rm "dev $name"/uki.*
		fi
		make_named "$name" >made
		every_verb "$name" "$text"
	done >"$K/wrong"
	cat "$K/wrong"
	[ ! -s "$K/wrong" ]
}
