#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kconfig-check: no request of a fragment is lost in silence. Small inputs, no kernel tree.

setup() {
	CHECK=${KSEAL_BIN:-out/bin}/kconfig-check
	case $CHECK in
	/*) ;;
	*) CHECK=$PWD/$CHECK ;;
	esac
	cd "$BATS_TEST_TMPDIR" || return 1

	# What the kernel's Kconfig says (resolve.bats).
	: >facts
}

# Write a file: fragment NAME LINE...
fragment() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$name"
}

# fact SYMBOL VALUE TYPE REASON
fact() { printf '%s\t%s\t%s\tPrompt\t%s\n' "$@" >>facts; }

verify() {
	run "$CHECK" verify --config resolved --facts facts "$@"
}

# --- verify ---

@test "every request that survived is accepted, in silence" {
	fragment a.config 'CONFIG_ALPHA=y' 'CONFIG_NAME="two words, #1"' 'CONFIG_BETA=m'
	cp a.config resolved
	verify a.config
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "a dropped symbol is one line: fragment, line, values and what Kconfig says of it" {
	fragment a.config '# why' 'CONFIG_BETA=y'
	fragment resolved 'CONFIG_ALPHA=y'
	verify a.config
	[ "$status" -eq 3 ]
	[ "$output" = 'kconfig-check: a.config:2: CONFIG_BETA: requested y, got n' ]
	fact BETA m tristate 'asked about another value'
	fact BETA y tristate 'defined at drivers/Kconfig:3, depends on PCI[=n]'
	verify a.config
	[ "$status" -eq 3 ]
	[ "$output" = 'kconfig-check: a.config:2: CONFIG_BETA: requested y, got n: defined at drivers/Kconfig:3, depends on PCI[=n]' ]
}

@test "a symbol that no Kconfig file defines is called unknown" {
	fragment a.config 'CONFIG_ALFA=y'
	fragment resolved 'CONFIG_ALPHA=y'
	fact ALFA y none ''
	verify a.config
	[ "$status" -eq 3 ]
	[ "$output" = "kconfig-check: a.config:1: CONFIG_ALFA: requested y: no such symbol in this tree" ]
}

@test "facts that are none are refused with their place" {
	fragment a.config 'CONFIG_ALPHA=y'
	cp a.config resolved
	for bad in ALPHA $'ALPHA\ty\tbool\tPrompt' $'ALPHA\ty\tbool\tPrompt\t\t' $'\ty\tbool\tPrompt\t'; do
		printf 'NET\ty\tbool\tNet\t\n%s\n' "$bad" >facts
		verify a.config
		[ "$status" -eq 1 ]
		[ "$output" = 'kconfig-check: facts:2: not five fields with tabs between them (EBADMSG)' ]
	done
}

@test "y is not m, and one string is not another" {
	fragment a.config 'CONFIG_BETA=y' 'CONFIG_NAME="a b"'
	fragment resolved 'CONFIG_BETA=m' 'CONFIG_NAME="a  b"'
	verify a.config
	[ "$status" -eq 3 ]
	[[ $output == *"CONFIG_BETA: requested y, got m"* ]]
	[[ $output == *'CONFIG_NAME: requested "a b", got "a  b"'* ]]
}

@test "a request for n holds when the symbol is absent or not set, both ways of writing it" {
	fragment a.config '# CONFIG_ALPHA is not set' 'CONFIG_BETA=n' '# CONFIG_NOWHERE is not set'
	fragment resolved '# CONFIG_ALPHA is not set'
	verify a.config
	[ "$status" -eq 0 ]
}

@test "a request for n fails when the symbol is on" {
	fragment a.config '# CONFIG_GAMMA is not set'
	fragment resolved 'CONFIG_GAMMA=y' 'CONFIG_PULLER=y'
	verify a.config
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == *"CONFIG_GAMMA: requested n, got y"* ]]
}

# --- merge ---

@test "merge keeps the order, names each source and writes a repeated request once" {
	fragment a.config 'CONFIG_ALPHA=y' 'CONFIG_NAME="a b"'
	fragment b.config 'CONFIG_ALPHA=y' '# CONFIG_BETA is not set' 'CONFIG_GAMMA=n'
	run "$CHECK" merge --output out a.config b.config
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(grep -c '^CONFIG_ALPHA=y$' out)" -eq 1 ]
	grep -qx 'CONFIG_NAME="a b"' out
	grep -qx '# CONFIG_BETA is not set' out
	grep -qx '# CONFIG_GAMMA is not set' out
	grep -qx '# a.config:2' out
	grep -qx '# b.config:1: same as a.config:1' out
}

@test "two fragments that disagree stop the merge, both places named, nothing written" {
	fragment a.config 'CONFIG_ALPHA=y'
	fragment b.config '' 'CONFIG_ALPHA=m'
	echo old >out
	run "$CHECK" merge --output out a.config b.config
	[ "$status" -eq 3 ]
	[[ $output == *"b.config:2: CONFIG_ALPHA: requested m here and y at a.config:1"* ]]
	[ "$(cat out)" = old ]
}

@test "a conflict is found although a longer name stands between" {
	fragment a.config 'CONFIG_ALPHA=y' 'CONFIG_ALPHA_TWO=y' 'CONFIG_ALPHA=m'
	run "$CHECK" merge --output out a.config
	[ "$status" -eq 3 ]
	[[ $output == *"a.config:3: CONFIG_ALPHA: requested m here and y at a.config:1"* ]]
}

@test "verify reports the same conflict" {
	fragment a.config 'CONFIG_ALPHA=y'
	fragment b.config '# CONFIG_ALPHA is not set'
	fragment resolved '# nothing'
	verify a.config b.config
	[ "$status" -eq 3 ]
	[[ $output == *"requested n here and y at a.config:1"* ]]
}

@test "an override with a reason wins, in merge and in verify" {
	fragment a.config 'CONFIG_NAME=""'
	fragment b.config '# override: the file exists' 'CONFIG_NAME="certs/x.pem"'
	run "$CHECK" merge --output out a.config b.config
	[ "$status" -eq 0 ]
	[ "$(grep -c '^CONFIG_NAME=' out)" -eq 1 ]
	grep -qx 'CONFIG_NAME="certs/x.pem"' out
	grep -qx '# a.config:1: overridden by b.config:2' out
	grep -qx '# b.config:2: override: the file exists' out
	cp b.config resolved
	verify a.config b.config
	[ "$status" -eq 0 ]
	cp a.config resolved
	verify a.config b.config
	[ "$status" -eq 3 ]
}

@test "an override must override something, have a reason and stand above its request" {
	fragment a.config '# override: of nothing' 'CONFIG_ALPHA=y'
	run "$CHECK" merge --output out a.config
	[ "$status" -eq 3 ]
	[[ $output == *"a.config:2: CONFIG_ALPHA: overrides nothing"* ]]
	fragment a.config '# override:' 'CONFIG_ALPHA=y'
	run "$CHECK" merge --output out a.config
	[ "$status" -eq 1 ]
	[[ $output == *"a.config:1: override without a reason"* ]]
	fragment a.config '# override: why' '' 'CONFIG_ALPHA=y'
	run "$CHECK" merge --output out a.config
	[ "$status" -eq 1 ]
	[[ $output == *"must stand right above"* ]]
	fragment a.config '# override: why'
	run "$CHECK" merge --output out a.config
	[ "$status" -eq 1 ]
	[ ! -e out ]
}

# --- bad input ---

@test "a line that is neither request nor comment is refused with its place" {
	local bad
	for bad in 'ALPHA=y' 'CONFIG_ALPHA y' 'CONFIG_ALPHA=' 'CONFIG_ALPHA=y ' ' CONFIG_ALPHA=y' \
		'CONFIG_NAME="open' 'CONFIG_NAME="a"b"' 'CONFIG_ALPHA=y # no' 'CONFIG_=y'; do
		fragment a.config '# first' "$bad"
		run "$CHECK" merge --output out a.config
		echo "$bad: $status $output"
		[ "$status" -eq 1 ]
		[[ $output == "kconfig-check: a.config:2: "* ]]
		[ ! -e out ]
	done
}

@test "a comment that only resembles a request for n is refused" {
	local bad
	for bad in '#CONFIG_ALPHA is not set' '# CONFIG_ALPHA is not set ' '#  CONFIG_ALPHA is not set'; do
		fragment a.config "$bad"
		run "$CHECK" merge --output out a.config
		[ "$status" -eq 1 ]
		[[ $output == *'write it exactly so'* ]]
	done
	fragment a.config '# CONFIG_ALPHA=y is a comment'
	run "$CHECK" merge --output out a.config
	[ "$status" -eq 0 ]
}

@test "control bytes are refused, not printed" {
	printf 'CONFIG_ALPHA=y\r\n' >a.config
	run "$CHECK" merge --output out a.config
	[ "$status" -eq 1 ]
	printf 'CONFIG_NAME="\033[31m"\n' >a.config
	run "$CHECK" merge --output out a.config
	[ "$status" -eq 1 ]
	[[ $output != *$'\033'* ]]
}

@test "an unreadable fragment, config or list of facts is not a no" {
	fragment a.config 'CONFIG_BETA=y'
	fragment resolved '# nothing'
	run "$CHECK" merge --output out missing.config
	[ "$status" -eq 1 ]
	[[ $output == *missing.config* ]]
	verify missing.config
	[ "$status" -eq 1 ]
	run "$CHECK" verify --config missing --facts facts a.config
	[ "$status" -eq 1 ]
	run "$CHECK" verify --config resolved --facts missing a.config
	[ "$status" -eq 1 ]
	mkdir empty
	run "$CHECK" merge --output out empty
	[ "$status" -eq 1 ]
}

@test "a resolved config that names a symbol twice is refused" {
	fragment a.config 'CONFIG_ALPHA=y'
	fragment resolved 'CONFIG_ALPHA=y' '# CONFIG_ALPHA is not set'
	verify a.config
	[ "$status" -eq 1 ]
	[[ $output == *"resolved:2: symbol stands here twice"* ]]
}

@test "a wrong command line is a usage error" {
	fragment a.config 'CONFIG_ALPHA=y'
	cp a.config resolved
	local args
	for args in '' 'merge' 'merge a.config' 'merge --output out' 'verify a.config' \
		'verify --config resolved a.config' 'verify --config resolved --facts facts' \
		'merge --output out --facts facts a.config' 'merge --output o --output p a.config' \
		'frobnicate --output out a.config' 'merge --nonsense a.config'; do
		# shellcheck disable=SC2086 # the words are the arguments
		run "$CHECK" $args
		echo "$args: $status"
		[ "$status" -eq 2 ]
	done
	run "$CHECK" --help
	[ "$status" -eq 0 ]
}
