#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016 # what the commands expand themselves

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	side_by_side=$ROOT/scripts/build/side-by-side
}

@test "every line is a command's last argument, and no more run at once than were asked for" {
	seq 1 7 >lines
	"$side_by_side" 2 sh -c 'echo + >>log; sleep 0.2; echo - >>log; echo "$2" >>seen' sh first <lines
	[ "$(sort seen | xargs)" = '1 2 3 4 5 6 7' ]
	awk '{ n += $1 == "+" ? 1 : -1; if (n > 2) bad = 1; if (n == 2) both = 1 } END { exit bad || !both || n }' log
}

@test "one that fails stops no other and is not forgotten, first or last" {
	for bad in 1 2 4; do
		rm -f seen
		run "$side_by_side" 2 sh -c 'echo "$2" >>seen; [ "$2" != "$1" ]' sh $bad <<<$'1\n2\n3\n4'
		[ "$status" -eq 1 ]
		[ "$(wc -l <seen)" -eq 4 ]
	done
	"$side_by_side" 2 sh -c 'exit 0' <<<$'1\n2\n3\n4'
	"$side_by_side" 2 sh -c 'exit 1' </dev/null
}

@test "no standard input of ours, and none that waits for the terminal" {
	"$side_by_side" 1 sh -c 'cat >>said; echo "$0" >>said' <<<$'1\n2'
	[ "$(xargs <said)" = '1 2' ]
}

# $1: signal. To the group, as a terminal sends Ctrl-C. The commands end slowly, and so must it.
ended_by()
{
	rm -f started.* ended.*
	setsid env --default-signal=INT,TERM "$side_by_side" 2 bash -c \
		'trap "sleep 0.5; touch ended.\$0; exit" TERM; touch started.$0; sleep 60 & wait' <<<$'1\n2\n3' &
	pid=$!
	until [ -e started.1 ] && [ -e started.2 ]; do sleep 0.05; done
	kill "-$1" -- -$pid
	wait $pid
}

@test "Ctrl-C and SIGTERM end what runs, start no more, and wait until all is over" {
	for signal in INT TERM; do
		run ended_by $signal
		[ "$status" -eq 130 ]
		[ "$(printf '%s ' started.* ended.*)" = 'started.1 started.2 ended.1 ended.2 ' ]
	done
}
