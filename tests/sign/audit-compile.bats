#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kseal audit compile: the rules of one kernel as plain lines. tests/kselftest/policy.bats has their reader.

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	printf '%s\n' '#' '# Linux/x86 6.18.15 Kernel Configuration' '#' CONFIG_X86_64=y CONFIG_A=y CONFIG_B=m CONFIG_N=64 'CONFIG_L="a,b"' \
		'# CONFIG_OFF is not set' >config
	printf '%s\n' 'source own a test' 'source kspp another' >p.policy
}

rules() { printf '%s\n' "$@" >>p.policy; }

compile() { kseal audit compile --policy p.policy --output rules "$@" config; }

# body: without the first lines, which are always the same
body()
{
	[ "$(sed -n 2,3p rules | xargs)" = "kseal-rules 1 kernel ${1-6.18 x86_64 -}" ]
	sed 1,3d rules
}

@test "each form of a value, effects and probes, in the order of the policy" {
	rules 'A y own,kspp config,runtime a is on' 'probe A path /proc/a' 'probe A sysctl kernel.a >= 1' 'effect a=0|off* A n' 'effect noa A n' \
		'B m|y own config b' 'OFF n own config c' 'GONE absent own config d' 'N >=64 own config e' 'N2 <=0x10 own config f' \
		'L contains a,b own config g' 'A2 one-of y,m own config h' 'T "a b" own config i'
	run -0 compile
	[ "$output" = 'rules: 9 rules with 2 probes, 0 needed, 0 excepted' ]
	body | diff - <(cat <<-'END'
		rule A ok
		why own,kspp: a is on
		config A is y
		effect a=0|off* n
		effect noa n
		probe path /proc/a
		probe sysctl kernel.a >= 1
		rule B ok
		why own: b
		config B on
		rule OFF ok
		why own: c
		config OFF off
		rule GONE ok
		why own: d
		config GONE absent
		rule N ok
		why own: e
		config N >= 64
		rule N2 ok
		why own: f
		config N2 <= 0x10
		rule L ok
		why own: g
		config L contains a,b
		rule A2 ok
		why own: h
		config A2 one-of y,m
		rule T ok
		why own: i
		config T is a b
		end 9
	END
	)
}

@test "what is for other kernels, other levels, or on a condition that does not hold, is left out" {
	rules 'A y own artifact not of a running one' 'B m own config until=6.17 old' 'OFF n own config since=6.19 new' 'N 64 own config arch=arm64 other' \
		'A=n requires B=y own config no' 'A=y requires L contains a own config yes' 'L contains b own config and more'
	compile
	body | diff - <(printf '%s\n' 'rule L ok' 'why own: yes' 'config L contains a' 'rule L.2 ok' 'why own: and more' 'config L contains b' 'end 2')
	compile --release 6.17
	body '6.17 x86_64 -' | grep -q 'rule B ok'
	# Nothing is left: the reader refuses such a file.
	printf '%s\n' 'source own a test' 'A y own artifact x' >p.policy
	compile
	[ "$(body)" = 'end 0' ]
}

@test "needed and excepted, with the reason; a long one is cut, and not within a character" {
	printf '%s\n' 'source x' 'unproved y' A >some.need
	echo "B one until=2099-12-31 owner=me $(printf 'ä%.0s' {1..200})" >exceptions
	rules 'A n own config a' 'B n own runtime b' 'probe B nopath /x' "N 64 own config $(printf 'x%.0s' {1..300})" 'OFF y own config the kernel will tell'
	compile --need some.need --exceptions exceptions --sku one
	body '6.18 x86_64 one' >said
	iconv -f UTF-8 -t UTF-8 said >/dev/null
	grep -A 1 -x 'rule A needed' said
	grep -x 'excuse needed by some' said
	grep -A 1 -x 'rule B excepted' said
	grep -q '^excuse until 2099-12-31, me: ä*\.\.\.$' said
	grep -q '^why own: x\{240\}\.\.\.$' said
	grep -A 2 -x 'rule OFF ok' said
	# Nobody excuses it without the SKU, whose exceptions they are.
	run -2 kseal audit compile --policy p.policy --exceptions exceptions --need some.need --output rules config
	said '--exceptions are those of a SKU, name it with --sku'
	compile --need some.need
	body | grep -x 'rule B ok'
}

@test "as JSON" {
	rules 'A y own config a'
	compile --json >json
	check_json --control kseal/audit-compile <json
	[ "$(jq -r '.output, .nr_rules' json | xargs)" = 'rules 1' ]
}

@test "an exception that is over or excuses nothing, a rule that nobody can probe, no release, no configuration" {
	rules 'A y own config a'
	compile
	echo 'A one until=2020-01-01 owner=me x' >exceptions
	run -1 compile --exceptions exceptions --sku one
	said 'exceptions:1: exception is over, decide again'
	echo 'A one until=2099-01-01 owner=me x' >exceptions
	run -1 compile --exceptions exceptions --sku one
	said 'exceptions:1: exception excuses nothing, delete it'
	rules 'B m own runtime b'
	run -1 compile
	said 'p.policy:4: level runtime without a line "probe SYMBOL ...": nobody could tell'
	sed -i '$d' p.policy
	sed -i 2d config
	rm rules
	run -1 compile
	said 'config: does not say of which release it is, give --release'
	[ ! -e rules ]
	compile --release 6.18
	sed -i /X86/d config
	run -1 compile --release 6.18
	said 'config: is of no architecture that is known'
	run -2 compile --release six
	said '--release wants MAJOR.MINOR'
	run -1 kseal audit compile --policy p.policy --output rules p.policy
	run -2 kseal audit compile --policy p.policy config
}
