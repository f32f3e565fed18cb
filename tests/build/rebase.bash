# shellcheck shell=bash disable=SC2154 # bats sets status and output
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of make rebase have in common.

# makes STATUS ARGUMENT...: make, whose output shows when the test fails
makes()
{
	local want=$1

	shift
	run make -s "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}
