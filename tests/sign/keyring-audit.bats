#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal keyring audit: what expires and what fails then.

load ../helpers
load keyring

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	make_cert one
	make_cert revoked
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
}

@test "Microsoft's certificates of 2011 have expired, and those of 2023 take their place" {
	run -0 kseal keyring audit --at 2026-11-30 "$ROOT/keyring/microsoft.keyring"
	[ "$(grep -c '^  advice: expired: .*its successor is here: ' <<<"$output")" -eq 3 ]
	[[ $output == *"Corporation UEFI CA 2011"$'\n'"         48e99b99"*$'\n'"  advice: expired: "*": 155 days ago"* ]]
	[[ ${lines[-1]} == *"7 certificates, 0 fatal, 4 advice" ]]
	# Control: before, and one without its successor.
	run -0 kseal keyring audit --at 2026-06-23 "$ROOT/keyring/microsoft.keyring"
	[[ $output != *expired* ]]
	for name in uefi-ca-2011 windows-production-pca-2011 kek-ca-2011; do
		run -3 kseal keyring audit --at 2026-11-30 "$ROOT/keyring/certs/microsoft-$name.pem"
		[[ $output == *"  fatal: expired: "*" 2023: "* ]]
	done
}

@test "firmware that has only the certificates of 2011 is a clear no" {
	local vars=/usr/share/OVMF/OVMF_VARS_4M.ms.fd
	[ -r "$vars" ] || skip "no $vars"
	run -3 kseal keyring audit --at 2026-11-30 "$vars"
	[[ $output == *"updates of db and dbx will not be taken any more"* ]]
	[[ ${lines[-1]} == *"3 fatal"* ]]
	run -0 kseal keyring audit --at 2026-01-01 "$vars"
}

@test "what the kernel trusts is judged by what the kernel does" {
	make_kernel vmlinux one revoked.der
	run -0 kseal keyring audit vmlinux
	run -3 kseal keyring audit --at 2099-01-01 vmlinux
	# Of what is revoked the date does not count.
	[ "$(grep -c 'fatal: expired: the kernel does not look at the date' <<<"$output")" -eq 1 ]
	run -3 kseal keyring audit --at 2020-01-01 vmlinux
	[[ $output == *"fatal: not-yet: "* ]]
	make_kernel both one one.der
	run -3 kseal keyring audit both
	[[ $output == *"fatal: revoked: it is trusted and revoked at once"* ]]
	make_cert ed -newkey ed25519
	make_kernel drops ed revoked.der
	run -3 kseal keyring audit drops
	[[ $output == *"fatal: kernel: "*ED25519* ]]
}

@test "weak keys, duplicates, CAs and development keys are found" {
	make_cert weak -newkey rsa:1024
	run -3 kseal keyring audit weak.pem
	[[ $output == *"fatal: weak-key: its key is too short, replace it: RSA of 1024 bits"* ]]
	cat one.pem one.pem >twice.pem
	run -0 kseal keyring audit twice.pem
	[[ $output == *"advice: twice: "*"2 certificates, 0 fatal, 1 advice" ]]
	make_cert dev -newkey ec -pkeyopt ec_paramgen_curve:secp384r1 \
		-addext certificatePolicies=2.25.208377195612946152483276149083524719362
	run -3 kseal keyring audit dev.pem
	[[ $output == *"fatal: dev-keys: DEV KEYS"* ]]
	make_cert leaf -newkey ec -pkeyopt ec_paramgen_curve:secp384r1 -addext basicConstraints=critical,CA:FALSE
	make_manifest m one builtin leaf builtin
	run -0 kseal keyring audit m/m.keyring
	[ "$(grep -c 'advice: ca: ' <<<"$output")" -eq 1 ]
}

@test "--json has the findings by file and certificate" {
	run -3 --separate-stderr kseal keyring audit --json --at 2099-01-01 one.pem revoked.pem
	check_json --control kseal/keyring-audit <<<"$output"
	jq -e '.schema == "kseal/keyring-audit/1" and .at == "2099-01-01" and (.files | length) == 2 and
		.files[0].fatal == 1 and .files[0].certificates[0].findings[0].rule == "expired" and
		.files[0].certificates[0].findings[0].severity == "fatal" and
		(.files[0].certificates[0].key | startswith("EC"))' <<<"$output"
}

@test "what is no day is a usage error" {
	for day in 2026-02-30 2026-1-1 tomorrow 2026-01-01x 1969-12-31 10000-01-01; do
		run -2 kseal keyring audit --at "$day" one.pem
		[[ $output == *"YYYY-MM-DD: $day"* ]]
	done
}
