#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Are the tests of sign/base good enough? scripts/mutate plants small defects, one at a time.

load helpers

@test 'every small defect planted into sign/base is noticed by its test' {
	cd "$ROOT"
	run scripts/mutate
	echo "$output"
	[ "$status" -eq 0 ]
	said ' 0 unnoticed'
}

@test 'a test that looks away is found out' {
	cd "$ROOT"
	# Without its first test, which reads text, clock_test.c no longer sees the checks.
	sed 's/^.*cmocka_unit_test(the_build_time_must_be_a_number),$//' sign/test/clock_test.c |
		sed 's/^static void the_build_time_must/__attribute__((unused)) &/' >"$BATS_TEST_TMPDIR/clock_test.c"
	run scripts/mutate --tests "$BATS_TEST_TMPDIR" clock
	[ "$status" -eq 1 ]
	said 'of clock: '
	not_said ' 0 unnoticed'
	run scripts/mutate clock
	[ "$status" -eq 0 ]
}

@test 'a reason that excuses nothing is refused' {
	cp -r "$ROOT/sign" "$ROOT/scripts" "$BATS_TEST_TMPDIR"
	echo 'clock: return 12; # it never mattered' >>"$BATS_TEST_TMPDIR/scripts/mutants.equal"
	run "$BATS_TEST_TMPDIR/scripts/mutate" clock
	[ "$status" -eq 1 ]
	said 'no survivor is "clock: return 12;"'
}

@test 'a test that fails by itself proves nothing' {
	cd "$ROOT"
	sed 's/{ "1767225600", 1767225600 }/{ "1767225600", 1 }/' sign/test/clock_test.c >"$BATS_TEST_TMPDIR/clock_test.c"
	run scripts/mutate --tests "$BATS_TEST_TMPDIR" clock
	[ "$status" -eq 1 ]
	said 'clock_test fails without any defect'
	run scripts/mutate nothing
	[ "$status" -eq 2 ]
}
