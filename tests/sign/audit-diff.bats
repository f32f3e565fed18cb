#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal audit diff and explain.

load ../helpers
load keyring
load uki
load audit

setup() {
	enter_test
	policy 'A y us config,artifact,runtime because of a' 'B n us config,artifact because of b' 'A=y requires D y us config with a' \
		'effect a=0|off A n' 'effect a=* A *' 'probe A sysctl kernel.a = 1'
}

@test "of two configurations the policy comes first, then the symbols" {
	config CONFIG_A=y '# CONFIG_C is not set' CONFIG_D=y 'CONFIG_E="x"'
	cp .config from
	config CONFIG_A=m CONFIG_B=y CONFIG_D=y 'CONFIG_E="y"'
	run -3 kseal audit diff --policy p.policy from .config
	[ "$output" = "rules with another verdict or value: 3
  A, wanted y: ok y -> fail m
  B, wanted n: ok not there -> fail y
  D if A=y, wanted y: ok y -> other not there
symbols: 3
  A: y -> m
  B: n -> y
  E: x -> y
command lines: 0" ]
	kseal audit diff --policy p.policy --json from .config >diff.json || [ $? = 3 ]
	check_json --control kseal/audit-diff <diff.json
	[ "$(jq -c '[.rules[].change]' diff.json)" = '["verdict","verdict","verdict"]' ]
	# Not set and not there is the same to a kernel, and a policy is not needed.
	sed -i '/CONFIG_C/d' from
	config CONFIG_A=y '# CONFIG_F is not set' CONFIG_D=y 'CONFIG_E="x"'
	run -0 kseal audit diff from .config
	run -2 kseal audit diff from
	bad 'none: ' diff from none
}

@test "of two kernels certificates and command lines, too" {
	config CONFIG_A=y CONFIG_D=y
	kernel 6.18.15
	uki --linux "$PWD/bz" --cmdline quiet
	mv u.efi from.efi
	make_cert other
	make_kernel kernel.o other signer.der
	ld -Ttext-segment=0xffffffff81000000 -e 0 -o vmlinux kernel.o more.o
	make_bzimage bz vmlinux gzip
	efi_stub bz
	uki --linux "$PWD/bz" --cmdline 'quiet a=0'
	mv u.efi to.efi
	run -3 kseal audit diff --policy p.policy from.efi to.efi
	said '  A, wanted y: ok y -> fail n'
	said 'symbols: 0'
	said '  .cmdline: quiet -> quiet a=0'
	said 'other'
	kseal audit diff --policy p.policy --json from.efi to.efi >diff.json || [ $? = 3 ]
	check_json --control kseal/audit-diff <diff.json
	[ "$(jq -r '[.certificates.certificates[] | select(.change == "new").sha256] | join(" ")' diff.json)" = "$(fingerprint other.pem)" ]
	# A kernel with its configuration, and the same twice.
	run -3 kseal audit diff --policy p.policy .config to.efi
	said '  A, wanted y: ok y -> fail n'
	run -0 kseal audit diff --policy p.policy to.efi to.efi
}

@test "explain says what a symbol and a rule are, and who has to do with it" {
	printf '%s\n' 'source s' 'unproved u' 'B is used' 'A|B>=1 any' >x.need
	echo 'B one,two until=2026-06-30 owner=kernel it is slow' >exceptions
	local args=(--policy p.policy --need x.need --exceptions exceptions)

	run -0 kseal audit explain "${args[@]}" B
	[ "$output" = "B: has to be n (p.policy:3)
  why     because of b
  levels  config, artifact
  source  us: our own settings
need    x asks for B, which the rule contradicts (x.need:3)
need    x asks for A|B>=1 (x.need:4)
except  one,two until 2026-06-30, kernel: it is slow (exceptions:1)" ]
	run -0 kseal audit explain "${args[@]}" CONFIG_A
	said 'effect  a=0|off makes it n (p.policy:5)'
	said "effect  a=* makes it the parameter's value (p.policy:6)"
	said 'probe   sysctl kernel.a = 1 (p.policy:7)'
	run -0 kseal audit explain "${args[@]}" 'D if A=y'
	said 'D if A=y: has to be y (p.policy:4)'
	run -3 kseal audit explain "${args[@]}" NO_SUCH
	said 'no rule, need or exception of what was given is about it: NO_SUCH'
	kseal audit explain "${args[@]}" --json A >explain.json
	kseal audit explain "${args[@]}" --json B >more.json
	# One document that has all of it.
	jq -s '.[0] * {exceptions: .[1].exceptions} | {schema} + .' explain.json more.json | check_json --control kseal/audit-explain
	check_json --control kseal/audit-explain <explain.json
}
