#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2030,SC2031 # each test is a subshell of its own
#
# A SKU with a policy: the stage config stops at a rule that its configuration breaks, makes the rules for the booted
# kernel, and runs again when the policy says something else; scripts/build/audit does the same with what ships.

load flow

setup_file()
{
	new_repo
	cd repo || return 1
	mkdir -p configs/{policy,needs}
	printf '%s\n' CONFIG_X86_64=y >>configs/fragments/base.config
	printf '%s\n' POLICY=one >>configs/sku/tiny.sku
	printf '%s\n' 'include base' 'BETA n own config nobody needs it' >configs/policy/one.policy
	printf '%s\n' 'source own a test' 'ALPHA y own config,runtime everybody needs it' 'probe ALPHA path /proc/alpha' >configs/policy/base.policy
}

config() { flow config; }

@test "what holds goes on, with the rules for the booted kernel; nothing changed runs nothing" {
	config
	is_done
	grep -q -x 'kernel 9.9 x86_64 tiny' out/tiny/policy.rules
	grep -q -x 'probe path /proc/alpha' out/tiny/policy.rules
	[ "$(tail -n 1 out/tiny/policy.rules)" = 'end 2' ]
	config
	is_done
	[ -z "$ran" ]
}

@test "a rule that fails stops the stage, with its line; a need or an exception lets it go on, until a day" {
	echo CONFIG_BETA=y >>configs/fragments/base.config
	# No test of this SKU wants it off.
	sed -i 's/^TESTS=.*/TESTS=/' configs/sku/tiny.sku
	config
	[ "$status" -ne 0 ]
	said 'kseal: configs/policy/one.policy:2: CONFIG_BETA is y, wanted n: nobody needs it (own)'
	not_said ALPHA
	[ ! -e out/tiny/policy.rules ]
	[ ! -e out/tiny/build/.config ]
	printf '%s\n' 'source x' 'unproved y' BETA >configs/needs/beta.need
	echo NEEDS=beta >>configs/sku/tiny.sku
	config
	is_done
	grep -q -x 'excuse needed by beta' out/tiny/policy.rules
	sed -i '$d' configs/sku/tiny.sku
	echo 'BETA tiny until=2099-12-31 owner=me for a while' >configs/exceptions
	config
	is_done
	grep -q -x 'excuse until 2099-12-31, me: for a while' out/tiny/policy.rules
	sed -i s/2099/2020/ configs/exceptions
	config
	[ "$status" -ne 0 ]
	said 'configs/exceptions:1: exception is over, decide again'
}

@test "a policy that is changed, or whose include is, runs the stage again; one that is none is named" {
	config
	is_done
	echo '# and one line more' >>configs/policy/base.policy
	config
	is_done
	[ "$ran" = config ]
	echo 'GAMMA y own config x' >>configs/policy/base.policy
	config
	[ "$status" -ne 0 ]
	said 'kseal: configs/policy/base.policy:5: CONFIG_GAMMA is not there, wanted y: x (own)'
	echo 'ALPHA n own config x' >configs/policy/one.policy
	sed -i '$d' configs/policy/base.policy
	echo 'include base' >>configs/policy/one.policy
	config
	[ "$status" -ne 0 ]
	said 'base.policy:2: contradicts the rule for the same releases: ALPHA'
	sed -i s/POLICY=.*/POLICY=none/ configs/sku/tiny.sku
	config
	[ "$status" -ne 0 ]
	said 'configs/sku/tiny.sku:10: names a policy that is not in policy/: none'
}

# image CONFIG-LINE...: a kernel that has this configuration inside
image()
{
	printf 'CONFIG_%s\n' X86_64=y "$@" | gzip -n >config.gz
	printf '%s\n' '.section .rodata, "a"' '.ascii "Linux version 9.9.1-kseal (a@b) (gcc) #1 SMP"' '.byte 10, 0' '.ascii "IKCFG_ST"' \
		'.incbin "config.gz"' '.ascii "IKCFG_ED"' >image.S
	gcc -c -o image.o image.S
	ld -Ttext-segment=0xffffffff81000000 -e 0 -o vmlinux image.o
}

# audit VERB...
audit() { run env O=out SKU=tiny LINUX=9.9.1 scripts/build/audit "$1" one '' "${@:2}"; }

@test "an image: what fails, and the audit stays; what is in order says nothing" {
	sed -i 's/own config/own config,artifact/' configs/policy/*.policy
	image ALPHA=y
	audit image vmlinux audit.json
	# It has no keys, of which more could be told.
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[ "$(jq -r '.counts.ok' audit.json)" = 2 ]
	image BETA=y
	audit image vmlinux audit.json
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 2 ]
	said 'kseal: configs/policy/base.policy:2: CONFIG_ALPHA is not there, wanted y: everybody needs it (own)'
	said 'kseal: configs/policy/one.policy:2: CONFIG_BETA is y, wanted n: nobody needs it (own)'
	[ "$(jq -r '.counts.ok' audit.json)" = 0 ]
	# A kernel that does not say what it is made of is not in order.
	echo 'int x;' | gcc -c -x c -o bare.o -
	audit image bare.o audit.json
	[ "$status" -eq 1 ]
	[ ! -e audit.json ]
}
