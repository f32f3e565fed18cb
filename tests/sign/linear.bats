#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# No reader works longer on a file than in proportion to its size: sign/test/linear_test.c, which compares
# times and so is built without the sanitizers.

load ../helpers

@test "sixteen times the input is at most a few times sixteen times the work" {
	cd "$ROOT" || return 1
	# As much optimization as ratios need.
	env -u MAKEFLAGS make -s -f scripts/build/tools.mk -j"$(nproc)" HOSTFLAGS='-O1 -g0' "O=$BATS_TEST_TMPDIR/o" "$BATS_TEST_TMPDIR/o/test/sign/test/linear_test"
	run "$BATS_TEST_TMPDIR/o/test/sign/test/linear_test"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"# nested elements of a message: "* ]]
}
