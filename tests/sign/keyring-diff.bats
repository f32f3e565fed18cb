#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal keyring diff: two files that hold certificates, of any kind.

load ../helpers
load keyring

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	make_cert one
	make_cert two
	make_cert three
	cat one.pem two.pem >both.pem
	make_kernel vmlinux one two.der
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
}

@test "what came, what went and what is the same are told apart, and a difference is a no" {
	cat two.pem three.pem >later.pem
	run -3 kseal keyring diff both.pem later.pem
	[ "${#lines[@]}" -eq 7 ]
	[[ ${lines[0]} == "- -        until "*"  certificate one" ]]
	[ "${lines[1]}" = "           $(fingerprint one.pem)" ]
	[[ ${lines[2]} == "  -        until "* && ${lines[3]} == *" $(fingerprint two.pem)" ]]
	[[ ${lines[4]} == "+ -        until "* && ${lines[5]} == *" $(fingerprint three.pem)" ]]
	[ "${lines[6]}" = "1 new, 1 gone, 0 changed, 1 the same" ]
	# Control: the order of a list is no difference.
	cat three.pem two.pem >again.pem
	run -0 kseal keyring diff later.pem again.pem
	[ "${lines[4]}" = "0 new, 0 gone, 0 changed, 2 the same" ]
}

@test "a manifest is compared with a kernel by what a kernel can hold" {
	make_manifest m one builtin two revoked three db,kek
	run -0 kseal keyring diff m/m.keyring vmlinux
	[ "${lines[4]}" = "0 new, 0 gone, 0 changed, 2 the same" ]
	# Control: one that the kernel does not hold.
	make_manifest n one builtin two revoked three builtin,db
	run -3 kseal keyring diff n/n.keyring vmlinux
	[[ ${lines[4]} == "- builtin  until "* && ${lines[5]} == *" $(fingerprint three.pem)" ]]
	# Certificates alone do not say what they are for: all are compared.
	run -3 kseal keyring diff m/m.keyring both.pem
	[ "${lines[6]}" = "0 new, 1 gone, 0 changed, 2 the same" ]
}

@test "a certificate that is revoked now is a difference" {
	make_manifest old one builtin two builtin
	run -3 kseal keyring diff old/old.keyring vmlinux
	[[ ${lines[2]} == "! builtin -> revoked  until "* && ${lines[3]} == *" $(fingerprint two.pem)" ]]
	[ "${lines[4]}" = "0 new, 0 gone, 1 changed, 1 the same" ]
}

@test "firmware's variables are compared with a manifest" {
	local vars=/usr/share/OVMF/OVMF_VARS_4M.ms.fd
	[ -r "$vars" ] || skip "no $vars"
	# Debian's has Microsoft's certificates of 2011, and its own.
	run -3 kseal keyring diff "$vars" "$BATS_TEST_DIRNAME/../../keyring/microsoft.keyring"
	[ "$(grep -c '^  .*2011$' <<<"$output")" -eq 3 ]
	[ "$(grep -c '^+ .*2023$' <<<"$output")" -eq 3 ]
	[[ $output != *Mariner* ]]
}

@test "signature lists hold certificates as well" {
	local template=/usr/share/OVMF/OVMF_VARS_4M.fd
	[ -r "$template" ] || skip "no $template"
	make_cert rsa1 -newkey rsa:2048
	make_cert rsa2 -newkey rsa:2048
	kseal efi vars --template "$template" --output enrolled.fd --pk rsa1.pem --kek rsa1.pem --db rsa2.pem
	# One that is PK and KEK is one certificate.
	run -0 kseal keyring show enrolled.fd
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[0]} == "kek      until "* && ${lines[1]} == *" $(fingerprint rsa1.pem)" ]]
	[[ ${lines[2]} == "db       until "* && ${lines[3]} == *" $(fingerprint rsa2.pem)" ]]
	cert-to-efi-sig-list rsa2.pem rsa2.esl
	run -0 kseal keyring diff rsa2.esl rsa2.pem
	run -3 kseal keyring diff rsa2.esl one.pem
}

@test "--json has the numbers and a row for each certificate" {
	make_manifest old one builtin two builtin
	run -3 --separate-stderr kseal keyring diff --json old/old.keyring vmlinux
	check_json --control kseal/keyring-diff <<<"$output"
	jq -e '.schema == "kseal/keyring-diff/1" and .changed == 1 and .same == 1 and .new == 0 and
		.certificates[1].change == "changed" and .certificates[1].old_purposes == ["builtin"] and
		.certificates[1].new_purposes == ["revoked"] and .certificates[1].name == "certificate two"' <<<"$output"
}

@test "what is not two files is a usage error, what holds no certificate an error" {
	run -2 kseal keyring diff both.pem
	[[ $output == *"two files"* ]]
	head -c 64 /dev/zero >zeros
	run -1 --separate-stderr kseal keyring diff both.pem zeros
	[ -z "$output" ]
	# shellcheck disable=SC2154 # run --separate-stderr sets it
	[[ $stderr == "kseal: zeros: "* ]]
	# A certificate twice would make numbers that are not of certificates.
	cat one.pem one.pem >twice.pem
	run -1 --separate-stderr kseal keyring diff both.pem twice.pem
	[ -z "$output" ]
	[[ $stderr == *"twice"* ]]
}
