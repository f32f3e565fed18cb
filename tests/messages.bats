#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every verb with every kind of file that is not what it wants: one line that begins with the program's
# name and has the file's, exit 1 or 3, and nothing on stdout or stderr that a terminal would obey.

load helpers

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
	openssl pkcs12 -export -in signer.pem -inkey signer.key -passout pass: -out in/p12
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
