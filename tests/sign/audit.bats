#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2030,SC2031 # each test is a shell of its own
#
# kseal audit config: what a .config holds of a policy, and whatever is wrong with what it is given.

load ../helpers
load keyring
load audit

setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "each kind of value holds and fails" {
	policy 'A y us config a' 'B n us config b' 'C m|y us config c' 'D absent us config d' 'E 0x10 us config e' \
		'F "text" us config f' 'G >=65536 us config g' 'H <=12 us config h' 'I contains ipe,bpf us config i' \
		'J one-of m,y us config j'
	config CONFIG_A=y CONFIG_C=m CONFIG_E=16 'CONFIG_F="text"' CONFIG_G=0x10000 CONFIG_H=12 \
		'CONFIG_I="yama,bpf,ipe"' CONFIG_J=m
	audit config .config
	check_json --control kseal/audit <audit.json
	[ "$(jq -c .counts audit.json)" = '{"ok":10,"needed":0,"excepted":0,"fail":0,"unknown":0,"other":0}' ]
	config CONFIG_A=m CONFIG_B=m '# CONFIG_C is not set' '# CONFIG_D is not set' CONFIG_E=17 'CONFIG_F="texts"' \
		CONFIG_G=65535 CONFIG_H=13 'CONFIG_I="yama,ipe"' CONFIG_J=n
	run -3 audit config .config
	[ "$(jq .counts.fail audit.json)" = 10 ]
	[ "$(of I effective)" = yama,ipe ]
	# What nobody mentions is off.
	config
	run -3 audit config .config
	[ "$(jq -r '[.rules[] | select(.verdict == "ok").symbol] | join(" ")' audit.json)" = 'B D' ]
}

@test "a rule in words: value, wish, source, reason and place; what holds only with --all" {
	policy 'A y us config nobody reads what was there' 'B n us config never'
	config
	run -3 kseal audit config --policy p.policy .config
	said '.config: Linux 6.18.15, x86_64, configuration in this file'
	said 'FAIL       A is not there, wanted y'
	said 'us: nobody reads what was there (p.policy:2)'
	said '.config: 1 FAIL, 0 unknown, 0 excepted, 0 needed, 1 ok, 0 other'
	not_said 'B is'
	run -3 kseal audit config --all --policy p.policy .config
	said 'ok         B is not there, wanted n'
}

@test "a need that contradicts the rule excuses it, one that does not is no excuse" {
	policy 'A n us config a' 'B >=4096 us config b' 'C y us config c' 'D n us config d'
	config CONFIG_A=y CONFIG_B=1024 CONFIG_C=m CONFIG_D=y CONFIG_E=y
	# B could be 4096 for both, C could be y, and E is enough for the need of D.
	printf '%s\n' 'source s' 'unproved u' 'A is used' 'B>=512 is used' 'C is used' 'D|E any' >x.need
	run -3 audit config --need x.need .config
	[ "$(of A) $(of B) $(of C) $(of D)" = 'needed fail fail fail' ]
	[ "$(of A 'need | "\(.name) \(.place)"')" = 'x x.need:3' ]
	# Without E only D meets it; and a need of another architecture is none of this kernel.
	sed -i /CONFIG_E/d .config
	run -3 audit config --need x.need .config
	[ "$(of D)" = needed ]
	sed -i 's/^A is used/A @arm64 is used/' x.need
	run -3 audit config --need x.need .config
	[ "$(of A)" = fail ]
}

@test "an exception excuses its SKU until its day" {
	policy 'A y us config a'
	config
	echo 'A one,two until=2026-06-30 owner=kernel it is slow' >exceptions
	export SOURCE_DATE_EPOCH=1782863999 # the last second of that day
	audit config --exceptions exceptions --sku two .config
	[ "$(of A)" = excepted ]
	[ "$(of A 'exception | "\(.until) \(.owner) \(.why) \(.place)"')" = '2026-06-30 kernel it is slow exceptions:1' ]
	run -3 audit config --exceptions exceptions --sku three .config
	SOURCE_DATE_EPOCH=1782864000 bad 'exceptions:1: exception is over' config --policy p.policy --exceptions exceptions --sku two .config
	# Whosever it is.
	SOURCE_DATE_EPOCH=1782864000 bad 'exception is over' config --policy p.policy --exceptions exceptions --sku three .config
	echo 'A * until=2026-06-30 owner=kernel it is slow' >exceptions
	audit config --exceptions exceptions --sku three .config
}

@test "an exception that is stale, of no rule, of a need or of no SKU is an error" {
	export SOURCE_DATE_EPOCH=1767225600
	local args=(config --policy p.policy --exceptions exceptions --sku one .config)

	policy 'A y us config a'
	config CONFIG_A=y
	echo 'A one until=2026-06-30 owner=kernel why' >exceptions
	bad 'exceptions:1: exception excuses nothing' "${args[@]}"
	# For all SKUs, of which another one may need it.
	echo 'A * until=2026-06-30 owner=kernel why' >exceptions
	kseal audit "${args[@]}"
	printf '\nB one until=2026-06-30 owner=kernel why\n' >exceptions
	bad 'exceptions:2: exception of a symbol that no rule has' "${args[@]}"
	policy 'A n us config a'
	echo 'A one until=2026-06-30 owner=kernel why' >exceptions
	printf '%s\n' 'source s' 'unproved u' 'A is used' >x.need
	kseal audit "${args[@]}"
	bad 'exceptions:1: exception of a rule that a need of the SKU contradicts already' "${args[@]}" --need x.need
	# With a directory of SKUs beside it, they are known.
	mkdir sku
	bad 'exceptions:1: exception for a SKU that has no file in sku/: one' "${args[@]}"
	touch sku/one.sku
	kseal audit "${args[@]}"
	echo 'A one,tow until=2026-06-30 owner=kernel why' >exceptions
	bad 'exceptions:1: exception for a SKU that has no file in sku/: tow' "${args[@]}"
}

@test "rules of other releases, architectures and conditions do not apply, and it is said" {
	policy 'NEW y us config since=6.17 new' 'OLD y us config until=6.11 old' 'ARM y us config arch=arm64 arm' \
		'KEXEC_FILE=y requires KEXEC_SIG y us config signed' 'RENAMED y us config was=FORMER renamed'
	config CONFIG_FORMER=y
	sed -i 's/6\.18\.15/6.12.40/' .config
	audit config .config
	[ "$(jq -r '[.rules[] | "\(.verdict) \(.other)"] | join(",")' audit.json)" = \
		'other release,other release,other architecture,other condition,ok null' ]
	run -0 kseal audit config --policy p.policy .config
	said '2 rules are for other releases than 6.12.40 and do not apply'
	run -0 kseal audit config --all --policy p.policy .config
	said 'for releases since 6.17, and this is 6.12.40: the rule does not apply'
	# The controls: where they are for this kernel, they fail.
	config CONFIG_KEXEC_FILE=y
	run -3 audit config .config
	[ "$(of NEW) $(of OLD) $(of KEXEC_SIG) $(of RENAMED)" = 'fail other fail fail' ]
	run -3 audit config --release 6.11 .config
	[ "$(of NEW) $(of OLD)" = 'other fail' ]
	run -2 kseal audit config --policy p.policy --release six .config
}

@test "policies include others, once and not in a circle" {
	mkdir d
	printf '%s\n' 'include b' 'include b' 'A y us config a' >d/a.policy
	printf '%s\n' 'source us we' 'B y us config b' >d/b.policy
	config CONFIG_A=y CONFIG_B=y
	kseal audit config --policy d/a.policy --policy d/b.policy .config
	[ "$(kseal audit config --policy d/a.policy --json .config | jq -c .policies)" = '["d/a.policy","d/b.policy"]' ]
	echo 'include a' >>d/b.policy
	bad 'd/b.policy:3: this include leads back to its own file' config --policy d/a.policy .config
	printf 'include c\n' >d/b.policy
	bad 'd/b.policy:1: cannot read what is included here: d/c.policy' config --policy d/a.policy .config
}

# refused WORDS LINE...: as a policy
refused() {
	printf '%s\n' 'source us we' "${@:2}" >p.policy
	bad "$1" config --policy p.policy .config
}

@test "what is wrong in a policy has its file and line" {
	config
	refused 'p.policy:3: contradicts the rule for the same releases: A, at p.policy:2' 'A y us config a' 'A n us config a'
	refused 'p.policy:3: has a rule for the same releases already: A, at p.policy:2' 'A y us config a' 'A y us config a'
	refused 'p.policy:3: contradicts' 'A y us config until=6.12 a' 'A n us config since=6.12 a'
	refused 'p.policy:2: names a source that no line "source WORD DOCUMENT" declares: cis' 'A y us,cis config a'
	refused 'p.policy:2: level runtime without a line "probe SYMBOL ..."' 'A y us config,runtime a'
	refused 'p.policy:2: levels are' 'A y us confg a'
	refused 'p.policy:2: until= is before since=' 'A y us config since=6.12 until=6.11 a'
	refused 'p.policy:2: since= wants a release' 'A y us config since=6.12.1 a'
	refused 'p.policy:2: attribute is there twice' 'A y us config since=6.12 since=6.13 a'
	refused 'p.policy:2: arch= wants' 'A y us config arch=x86 a'
	refused 'p.policy:2: symbols are written without CONFIG_' 'CONFIG_A y us config a'
	refused 'p.policy:2: no value' 'A yes us config a'
	refused 'p.policy:2: rule without a reason' 'A y us config'
	refused 'p.policy:2: is about a symbol that no rule has' 'effect x=1 B n' 'A y us config a'
	refused 'p.policy:2: line of more than 1000 bytes' "A y us config $(printf '%01000d' 0)"
	# The controls.
	printf '%s\n' 'source us we' 'A n us config until=6.11 a' 'A y us config since=6.12 a' >p.policy
	run -3 kseal audit config --policy p.policy .config
	said 'A is not there'
}

@test "files that are none: too large, no text, no configuration, nothing there" {
	policy 'A y us config a'
	config
	head -c 100000000 /dev/zero | tr '\0' a >large
	bad 'large: ' config --policy large .config
	bad 'large: ' config --policy p.policy large
	bad 'large: ' config --policy p.policy --exceptions large --sku one .config
	printf 'source us we\nA y us config a\r\n' >cr.policy
	bad 'cr.policy:2: control byte' config --policy cr.policy .config
	bad '.policy: ' config --policy none.policy .config
	bad 'p.policy: line of the configuration is neither' config --policy p.policy p.policy
	printf 'CONFIG_A=y\nCONFIG_A=n\n' >twice
	bad 'twice: configuration names a symbol twice' config --policy p.policy twice
	run -2 kseal audit config .config
	run -2 kseal audit config --policy p.policy --json --sarif .config
	run -2 kseal audit config --policy p.policy --exceptions exceptions .config
}
