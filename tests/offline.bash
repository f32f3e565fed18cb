# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of offline signing share: keys, two modules and an image, and the signing service.

# shellcheck disable=SC2154 # bats sets status, output and lines

load helpers

# new_cert NAME ALGORITHM...: NAME.key and NAME.pem
new_cert() {
	local name=$1
	shift
	openssl req -x509 -new -nodes -newkey "$@" -keyout "$name.key" -out "$name.pem" \
		-subj "/CN=test $name" -days 3650 2>/dev/null
	chmod 0600 "$name.key"
}

offline_setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert module rsa:2048
	new_cert uki rsa:3072
	new_cert other rsa:2048
	new_cert ec ec -pkeyopt ec_paramgen_curve:secp384r1
	printf 'char m[] __attribute__((section(".modinfo"))) = "license=GPL";\n' | gcc -x c -c -o a.ko -
	printf 'char n[] __attribute__((section(".modinfo"))) = "author=me";\n' | gcc -x c -c -o b.ko -
	# The services are the examples of the manual.
	example service >service.sh
	example token-service >token-service.sh
	chmod +x service.sh token-service.sh
}

# The example of the manual whose usage line names $1.
example() {
	awk -v name="$1" '
		/^\.Bd/ { text = ""; next }
		/^\.Ed/ && text ~ "# usage: .*" name " MANIFEST" && text !~ "-" name { printf "%s", text }
		{ text = text $0 "\n" }' "$ROOT/sign/man/kseal-offline-prepare.1" | sed 's/\\e/\\/g'
}

offline_setup() {
	cd "$BATS_TEST_TMPDIR" || return
	K=$BATS_FILE_TMPDIR
	export SOURCE_DATE_EPOCH=2000000000
	mkdir tree sigs
	cp "$K/a.ko" "$K/b.ko" tree/
	cp /usr/lib/systemd/boot/efi/linuxx64.efi.stub stub.efi
}

kseal() { "$KSEAL_BIN/kseal" "$@"; }

prepare() {
	kseal offline prepare --manifest m.json --module tree --module-cert "$K/module.pem" \
		--pe stub.efi --pe-output signed.efi --pe-cert "$K/uki.pem" "$@"
}
serve() { "$K/service.sh" m.json sigs "$K/module.key" "$K/uki.key" x; }
attach() { kseal offline attach --manifest m.json --signatures sigs "$@"; }

# Remember the files; and later: none was written, nor left aside.
remember() {
	rm -rf before
	cp -a tree before
}
untouched() {
	diff -r before tree
	[ ! -e signed.efi ]
	[ -z "$(find . -name 'signed.efi*')" ]
}
