# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of offline signing share: keys, two modules and an image, and the signing service.

# shellcheck disable=SC2154 # bats sets status, output and lines

load ../helpers

offline_setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	new_cert module
	new_cert uki rsa:3072
	new_cert other
	new_cert ec ec -pkeyopt ec_paramgen_curve:secp384r1
	new_module a.ko
	new_module b.ko author=me
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
	cp "$STUB" stub.efi
}

prepare() {
	kseal offline prepare --manifest m.json --module tree --module-cert "$K/module.pem" \
		--pe stub.efi --pe-output signed.efi --pe-cert "$K/uki.pem" "$@"
}
serve() { "$K/service.sh" m.json sigs "$K/module.key" "$K/uki.key" x; }
# attach OPTION...: by the certificates of the tests, unless the caller names some
attach() {
	local certs=(--cert "$K/module.pem" --cert "$K/uki.pem" --cert "$K/other.pem" --cert "$K/ec.pem")

	[[ " $* " != *' --cert '* ]] || certs=()
	kseal offline attach --manifest "${MANIFEST-m.json}" --signatures sigs "${certs[@]}" "$@"
}

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
