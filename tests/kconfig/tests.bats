#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# kconfig-check verify --tests: a SKU's configuration has what the tests that it lists need. Small
# inputs; the last tests are about the directories of kselftest-extra themselves.

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p k/one k/two
	: >facts
	touch k/one/a.c k/one/b.c k/two/c.c
	: >fragment
	printf '%s\n' CONFIG_ALL=y '# needed by a' CONFIG_A=y '# needed by b a:f.one' '# why' CONFIG_B=m >k/one/config
	printf '%s\n' 'CONFIG_C=3' >k/two/config
	printf '%s\n' CONFIG_ALL=y CONFIG_A=y CONFIG_B=m CONFIG_C=3 >resolved
}

# verify TEST...: with these tests and, if there is one, the list of skips
verify()
{
	local skips=()

	[[ ! -e skips ]] || skips=(--skips skips)
	run "$KSEAL_BIN/kconfig-check" verify --config resolved --facts facts --tests "$*" "${skips[@]}" fragment
}

# lacks SYMBOL: it is not in the resolved configuration
lacks() { sed -i "/^CONFIG_$1=/d" resolved; }

accepted() { [[ $status -eq 0 && -z $output ]] || { echo "$output"; return 1; }; }

@test "a configuration that has all symbols is accepted, in silence" {
	verify k/one/a.c k/two/c.c k/one/b.c
	accepted
}

@test "a symbol that a listed test needs and that is missing: one line with file, line, symbol, values and what to do" {
	lacks A
	verify k/one/a.c
	[ "$status" -eq 3 ]
	[ "$output" = "kconfig-check: k/one/config:3: CONFIG_A: a needs y, got n; request it in a fragment, or take the test off the SKU's lists" ]
	# Nobody who needs it is listed.
	verify k/one/b.c k/two/c.c
	accepted
}

@test "what Kconfig says of the symbol stands behind it" {
	lacks A
	printf 'A\ty\tbool\tAlpha\tdefined at k:1, selected by nobody\n' >facts
	verify k/one/a.c
	[ "$status" -eq 3 ]
	[[ $output == *"take the test off the SKU's lists: defined at k:1, selected by nobody" ]]
	printf 'A\ty\tnone\t\t\n' >facts
	verify k/one/a.c
	[ "$status" -eq 3 ]
	[[ $output == *"take the test off the SKU's lists: no such symbol in this tree" ]]
}

@test "what stands above the first \"needed by\" is for all tests of the directory, and for no other" {
	lacks ALL
	verify k/one/b.c
	[ "$status" -eq 3 ]
	[[ $output == "kconfig-check: k/one/config:1: CONFIG_ALL: k/one needs y, got n; "* ]]
	verify k/two/c.c
	accepted
}

@test "another value is not the one that is needed" {
	sed -i 's/^CONFIG_B=m/CONFIG_B=y/; s/^CONFIG_C=3/CONFIG_C=4/' resolved
	verify k/one/b.c k/two/c.c
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *"k/one/config:6: CONFIG_B: b needs m, got y;"* ]]
	[[ ${lines[1]} == *"k/two/config:1: CONFIG_C: k/two needs 3, got 4;"* ]]
}

@test "a symbol that has to be off" {
	printf '# CONFIG_C is not set\n' >k/two/config
	verify k/two/c.c
	[ "$status" -eq 3 ]
	[[ $output == *"CONFIG_C: k/two needs n, got 3;"* ]]
	lacks C
	verify k/two/c.c
	accepted
}

@test "what a case needs may be missing if the list of skips has the case, and only that one" {
	lacks B
	verify k/one/a.c
	[ "$status" -eq 3 ]
	[[ $output == *"k/one/config:6: CONFIG_B: a:f.one needs m, got n; request it in a fragment, or list the case in the SKU's skips" ]]
	printf '%s\n' '# PROGRAM CASE reason' 'a f.two  another' 'b f.one  another program' >skips
	verify k/one/a.c
	[ "$status" -eq 3 ]
	[[ $output == *"or list the case in skips" ]]
	echo 'a f.one  not here' >>skips
	verify k/one/a.c
	accepted
	# b needs it as a whole.
	verify k/one/a.c k/one/b.c
	[ "$status" -eq 3 ]
	[[ $output == *"CONFIG_B: b needs m, got n;"* ]]
}

@test "the list of skips excuses no request of a fragment" {
	lacks B
	echo 'a f.one  not here' >skips
	echo CONFIG_B=m >fragment
	verify k/one/a.c
	[ "$status" -eq 3 ]
	[[ $output == *"fragment:1: CONFIG_B: requested m, got n"* ]]
	[[ $output != *"needs m"* ]]
}

@test "a name that is not a test of any directory is an error" {
	verify k/one/a.c nothing
	[ "$status" -eq 3 ]
	[ "$output" = "kconfig-check: the SKU lists the test nothing, but no directory has a nothing.c" ]
}

@test "a \"needed by\" that names nothing, or what is not there, is refused with its place" {
	echo '# needed by d' >>k/one/config
	verify k/one/a.c
	[ "$status" -eq 1 ]
	[[ $output == *"k/one/config:7: \"needed by\" names a program whose .c is not here"* ]]
	sed -i '7s/ d$//' k/one/config
	verify k/one/a.c
	[ "$status" -eq 1 ]
	[[ $output == *"k/one/config:7: \"needed by\" names nothing"* ]]
	# The directory of no listed test is not read.
	verify k/two/c.c
	accepted
}

@test "a directory without config, an unreadable list of skips and a line that is not a request are not a no" {
	mkdir k/three
	touch k/three/d.c
	verify k/three/d.c
	[ "$status" -eq 1 ]
	[[ $output == *k/three/config* ]]
	mkdir skips
	verify k/one/a.c
	[ "$status" -eq 1 ]
	[[ $output == *skips* ]]
	rmdir skips
	echo A=y >>k/one/config
	verify k/one/a.c
	[ "$status" -eq 1 ]
	[[ $output == *"k/one/config:7: neither a request nor a comment"* ]]
}

@test "--skips without --tests, and --tests in another verb, are usage errors" {
	touch skips
	run "$KSEAL_BIN/kconfig-check" verify --config resolved --facts facts --skips skips fragment
	[ "$status" -eq 2 ]
	run "$KSEAL_BIN/kconfig-check" merge --output out --tests k/one/a.c fragment
	[ "$status" -eq 2 ]
}

# Every symbol that a directory of kselftest-extra asks for, as its own resolved configuration
all_needs() { sed -n '/^CONFIG_/p; /^# CONFIG_.* is not set$/p' "$ROOT"/kselftest-extra/*/config | sort -u; }

sources()
{
	local sku=$1 name

	for name in init $(cd "$ROOT" && "$KSEAL_BIN/kconfig-check" sku "$sku" | sed -n -E 's/^(TESTS|KEXEC_TESTS)=//p') boot_params ima_builtin; do
		printf '%s\n' "$ROOT"/kselftest-extra/*/"$name.c"
	done | sort -u
}

@test "the tests of each SKU are found, and all configs of kselftest-extra can be met at once" {
	local sku

	for sku in "$ROOT"/configs/sku/*.sku; do
		all_needs >resolved
		# shellcheck disable=SC2046 # words
		verify $(sources "$(basename "$sku" .sku)")
		accepted
	done
}

@test "every symbol that a test skips itself for stands in the config of its directory, with the case" {
	local file symbol

	while IFS=: read -r file symbol; do
		grep -q "^$symbol=" "${file%/*}/config" || {
			echo "$file: $symbol is not in ${file%/*}/config"
			return 1
		}
	done < <(grep -o -E '(SKIP_IF_ABSENT|EXPECT_DENIED_WHEN_LOCKED)\("CONFIG_[A-Z0-9_]+"' -r "$ROOT/kselftest-extra" --include='*.c' |
		sed -E 's/:.*"(CONFIG_[A-Z0-9_]+)"/:\1/')
}
