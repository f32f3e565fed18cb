#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# scripts/dev/run-tests on a checkout with small tests: what they change or leave behind makes it fail.
# shellcheck disable=SC2016 # the inner shells' own variables

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p scripts/build scripts/dev tests/none units out/check/{bin,lib} home
	export HOME=$PWD/home XDG_CACHE_HOME=$PWD/cache
	cp "$ROOT"/scripts/build/lock.bash scripts/build
	cp "$ROOT"/scripts/dev/{run-tests,tap.awk,machine-state} scripts/dev
	cp "$KSEAL_BIN/confine" out/check/bin
	touch out/check/lib/libkseal.a
	printf '#!/bin/sh\n' >scripts/build/setup
	printf 'tools unit replay:\nlist-units:\n\t@ls -d units/*\n' >scripts/build/tools.mk
	chmod +x scripts/build/setup
}

# a_test NAME TEXT: a program that does TEXT and passes if that does
a_test()
{
	printf '#!/bin/sh\necho 1..1\n%s\n[ $? = 0 ] || printf "not "\necho "ok 1 - %s"\n' "$2" "$1" >"units/$1"
	chmod +x "units/$1"
}

# What was before there was confine.
without_confine()
{
	printf '#!/bin/sh\n%s\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n' "${1-}" >out/check/bin/confine
}

needs_confine()
{
	run -0 out/check/bin/confine --tmp "$PWD" --read "$PWD" -- true
	[ -z "$output" ] || skip "$output"
}

# In a mount name space where /dev/null is a file of ours, which tests may ruin.
with_own_null()
{
	local ns=(unshare -m)

	[ "$(id -u)" = 0 ] || ns=(unshare -rm)
	"${ns[@]}" true 2>/dev/null || skip "no mount name space here (${ns[*]})"
	: >null
	chmod 0666 null
	run "${ns[@]}" sh -c 'mount --bind null /dev/null && exec scripts/dev/run-tests units'
	echo "$output"
}

@test "tests that keep to themselves pass" {
	needs_confine
	a_test good 'echo x >/tmp/f && rm /tmp/f && echo x >/dev/null && cat units/good >/dev/null'
	run scripts/dev/run-tests units
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = '2 passed, 0 failed, 0 skipped' ]
	said 'machine                                    1 passed'
	not_said 'name spaces'
	[ -z "$(ls -A home)" ]
}

@test "a test that writes elsewhere fails, and nothing is changed" {
	needs_confine
	a_test null 'chmod 0640 /dev/null'
	a_test home "touch $HOME/f"
	a_test checkout 'touch units/f'
	a_test cache "touch $XDG_CACHE_HOME/kseal/f"
	a_test stdin 'chmod 0640 /proc/self/fd/0'
	with_own_null
	[ "$status" -eq 1 ]
	for name in null home checkout cache stdin; do said "FAILED  units_$name: $name"; done
	said '1 passed, 5 failed'
	[ "$(stat -c %a null)" = 666 ]
	[ -z "$(ls -A home)" ]
}

@test "a test that leaves a file or a process fails, and both are gone" {
	needs_confine
	a_test file 'touch /var/tmp/forgotten ~/.history'
	a_test process 'sleep 4721 >/dev/null 2>&1 & true'
	run scripts/dev/run-tests units
	echo "$output"
	[ "$status" -eq 1 ]
	said 'units_file: exit code 121 although every test passed'
	[[ $output == *'left in /tmp: '*forgotten* && $output == *.history* ]]
	said 'units_process: exit code 120 although every test passed'
	said 'left running: sleep'
	run ! pgrep -f 'sleep 4721'
}

@test "a change of the machine is seen and named" {
	without_confine
	a_test null 'chmod 0640 /dev/null'
	with_own_null
	[ "$status" -eq 1 ]
	said 'FAILED  machine: the machine is as it was before the tests'
	said 'before: = /dev/null: regular empty file 0:0, mode 666'
	said 'after:  = /dev/null: regular empty file 0:0, mode 640'
	# The control: the same run of a test that changes nothing.
	a_test null 'true'
	with_own_null
	[ "$status" -eq 0 ]
}

@test "a process and a directory that all share are seen as well" {
	without_confine
	a_test process 'setsid sleep 4722 >/dev/null 2>&1 3>&- & echo $! >pid'
	a_test home 'chmod 0711 "$HOME"'
	run scripts/dev/run-tests units
	kill "$(cat pid)"
	[ "$status" -eq 1 ]
	said 'still runs: sleep 4722'
	said "after:  = $HOME: mode 711"
}

@test "without name spaces it says so and looks closer" {
	without_confine 'echo "confine: no name spaces here: running as you" >&2'
	export TMPDIR=$PWD/tmp
	mkdir tmp
	touch -d '2 hours ago' tmp/old
	a_test home 'touch "$HOME/f"'
	run scripts/dev/run-tests units
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = 'run-tests: confine: no name spaces here: running as you' ]
	said "after:  = $HOME/f: f, mode"
	rm home/f
	# What somebody makes in /tmp meanwhile is not a fault, but what lay there stays.
	a_test tmp "touch '$TMPDIR/new'"
	rm units/home
	run scripts/dev/run-tests units
	echo "$output"
	[ "$status" -eq 0 ]
	a_test tmp "rm '$TMPDIR/old'"
	run scripts/dev/run-tests units
	echo "$output"
	[ "$status" -eq 1 ]
	said "before: < $TMPDIR/old: f, mode"
	without_confine 'echo "confine: cannot make the mounts private: Invalid argument" >&2; exit 125'
	run scripts/dev/run-tests units
	echo "$output"
	[ "$status" -eq 1 ]
	said 'cannot make the mounts private'
	not_said TEST
}

@test "a pattern that fits no test is not a success" {
	a_test good true
	run scripts/dev/run-tests nothing-like-this
	[ "$status" -eq 1 ]
	said '0 passed, 0 failed, 0 skipped'
}
