#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kconfig-check decide: nothing that a new base brought goes into a kernel undecided.

setup() {
	CHECK=${KSEAL_BIN:-out/bin}/kconfig-check
	case $CHECK in
	/*) ;;
	*) CHECK=$PWD/$CHECK ;;
	esac
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Write a file: fragment NAME LINE...
fragment() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$name"
}

decide() {
	run "$CHECK" decide --decisions decisions --sku one "$@"
}

@test "a new symbol stops the build until somebody decides" {
	fragment f CONFIG_ALPHA=y
	fragment decisions '# comment' '6.18.9 new BETA one,two undecided'
	decide f
	[ "$status" -eq 3 ]
	[ "$output" = 'kconfig-check: decisions:2: CONFIG_BETA came with 6.18.9: write "default" or "requested" and why' ]
	fragment decisions '6.18.9 new BETA one,two default not our hardware'
	decide f
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	fragment decisions '6.18.9 new BETA two,oneself undecided'
	decide f
	[ "$status" -eq 0 ]
}

@test "a decision that the fragments contradict is refused" {
	fragment f CONFIG_ALPHA=y '# CONFIG_NEWNAME is not set'
	fragment decisions '6.18.9 new ALPHA one default not needed'
	decide f
	[ "$status" -eq 3 ]
	[[ "$output" == *"decisions:1: CONFIG_ALPHA is said to have its default, but f:1 requests it" ]]
	fragment decisions '6.18.9 new ALPHA one requested needed' '6.18.9 new BETA one requested needed'
	decide f
	[ "$status" -eq 3 ]
	[[ "$output" == *"decisions:2: CONFIG_BETA is said to be requested, but no fragment does" ]]
	fragment decisions '6.18.9 removed ALPHA one undecided' '6.18.9 removed BETA one undecided'
	decide f
	[ "$status" -eq 3 ]
	[[ "$output" == *"decisions:1: CONFIG_ALPHA is gone in 6.18.9, but f:1 requests it" ]]
	fragment decisions '6.18.9 renamed OLDNAME=NEWNAME one requested off, as before'
	decide f
	[ "$status" -eq 0 ]
}

@test "a line that is not a decision is refused with its place" {
	fragment f CONFIG_ALPHA=y
	for line in '6.18.9 new BETA one maybe so' '6.18.9 grown BETA one default so' '6.18.9 new BETA' \
		'6.18.9 new BETA one default' $'6.18.9 new BETA one default so\r'; do
		fragment decisions '# first' "$line"
		decide f
		[ "$status" -eq 1 ]
		[[ "$output" == "kconfig-check: decisions:2"* ]]
	done
	run "$CHECK" decide --decisions decisions f
	[ "$status" -eq 2 ]
}

@test "the list of this repository is one" {
	fragment f CONFIG_ALPHA=y
	run "$CHECK" decide --decisions "$BATS_TEST_DIRNAME/../../configs/decisions" --sku nobody f
	echo "$output"
	[ "$status" -eq 0 ]
}
