#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The checks of kselftest-extra/userland as text and as a protocol. That they pass is for the VM.

setup()
{
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	groups=kselftest-extra/userland
	# A group of its own, which nobody's machine minds.
	mkdir "$BATS_TEST_TMPDIR/checks"
	cp "$groups/lib.sh" "$BATS_TEST_TMPDIR/checks"
	group=$BATS_TEST_TMPDIR/checks/small
}

# $1: functions of the group
write_group()
{
	# shellcheck disable=SC2016 # the group's own variables
	printf '#!/bin/bash\n. "${0%%/*}/lib.sh"\n%s\nmain "$@"\n' "$1" >"$group"
	chmod +x "$group"
}

@test "each line of a check has its function, and each name is there once" {
	local file name
	for file in "$groups"/*.sh; do
		[[ $file != */lib.sh ]] || continue
		name=$(basename "$file" .sh)
		[[ $(grep -c '^#: ' "$file") -gt 0 ]]
		# Name, needs or -, and what it does.
		run grep -vE "^#: $name\.[a-z0-9_]+ (-|[a-z0-9-]+(,[a-z0-9-]+)*) [^ ].*" <(grep '^#: ' "$file")
		[ "$output" = '' ]
		while read -r check; do
			grep -q "^$check()" "$file" || { echo "$file has no function $check"; return 1; }
		done < <(sed -n "s/^#: $name\.\([a-z0-9_]*\) .*/\1/p" "$file")
	done
	run bash -c "sed -n 's/^#: \([^ ]*\) .*/\1/p' $groups/*.sh | sort | uniq -d"
	[ "$output" = '' ]
}

@test "a need of configs/needs names checks that are there" {
	[[ -d configs/needs ]] || skip 'no configs/needs here yet'
	run bash -c "awk '\$1 == \"check\" { for (i = 2; i <= NF; i++) print \$i }' configs/needs/*.need | sort -u |
		comm -23 - <(sed -n 's/^#: \([^ ]*\) .*/\1/p' $groups/*.sh | sort -u)"
	[ "$output" = '' ]
}

@test "a check that passes, fails and skips says so, with its last words" {
	write_group '
#: small.good - works
good() { true; }
#: small.bad - does not
bad() { echo because; false; echo never; }
#: small.absent - is not here
absent() { skip "no such thing"; }'
	run "$group"
	[ "$status" -eq 1 ]
	[ "${lines[1]}" = 1..3 ]
	[ "${lines[2]}" = 'ok 1 good' ]
	[[ ${lines[3]} == '# small.sh:bad: because'* ]]
	[ "${lines[4]}" = 'not ok 2 bad' ]
	[ "${lines[5]}" = 'ok 3 absent # SKIP no such thing' ]
}

@test "refused fails where the command works" {
	write_group '
#: small.open - was not refused
open() { refused true; }
#: small.closed - was refused
closed() { refused false; }'
	run "$group"
	[ "$status" -eq 1 ]
	[[ $output == *'must be refused, and was not: true'*'not ok 1 open'*'ok 2 closed'* ]]
}

@test "a check that does not end is stopped, and the next one runs" {
	write_group '
#: small.endless - never ends
endless() { sleep 600; }
#: small.good - works
good() { true; }'
	LIMIT=1 run "$group"
	[ "$status" -eq 1 ]
	[[ $output == *'still running after 1 s'*'not ok 1 endless'*'ok 2 good'* ]]
}

@test "the list of what must not pass takes known checks only, with a reason" {
	cp -r --parents kselftest-extra/userland configs/userland scripts/build/userland-expected "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	printf 'systemd.running here,too fail a reason\nnft.drop * skip another one\n' >configs/userland/expected
	run scripts/build/userland-expected here fail
	[ "$output" = 'systemd running a reason' ]
	run scripts/build/userland-expected there skip
	[ "$output" = 'nft drop another one' ]
	echo 'systemd.nothing * fail a reason' >configs/userland/expected
	run scripts/build/userland-expected here fail
	[ "$status" -eq 1 ]
	[[ $output == *'expected:1: systemd.nothing: no such check'* ]]
	echo 'systemd.running * fail' >configs/userland/expected
	run scripts/build/userland-expected here fail
	[ "$status" -eq 1 ]
	[[ $output == *'expected:1: wanted CHECK SKU,... skip|fail REASON'* ]]
}
