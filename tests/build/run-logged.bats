#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# scripts/run-logged: a long command, its log, its failure, its end by a signal.

load ../helpers

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
}

run_logged() { "$KSEAL_BIN/run-logged" --log log "$@"; }

@test "success: quiet in a pipe, everything in the log, status 0" {
	run run_logged -- sh -c 'echo "  CC      a.o"; echo warn >&2'
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	[ "$(cat log)" = '  CC      a.o
warn' ]
}

@test "a failing compile: its lines, the name of the log, its status" {
	run run_logged -- sh -c 'echo "  CC      a.o"
		echo "a.c:3:9: error: expected ;"
		echo "make[2]: *** [a.o] Error 1"
		exit 2'
	[ "$status" -eq 2 ]
	said 'a.c:3:9: error: expected ;'
	said '*** [a.o] Error 1'
	said 'run-logged: log: the command failed with status 2'
	not_said 'CC      a.o'
}

@test "no more than 30 lines of reasons" {
	# shellcheck disable=SC2016 # the inner shell's own variables
	run run_logged -- sh -c 'for i in $(seq 100); do echo "x.c:$i:1: error: no"; done; exit 1'
	[ "$status" -eq 1 ]
	[ "$(grep -c 'error: no' <<<"$output")" -eq 30 ]
	[ "$(wc -l <log)" -eq 100 ]
}

@test "objects are counted, links and archives are not" {
	run run_logged --total 4 --every 1 -- sh -c 'echo "  CC      a.o"; echo "  AS [M]  b.o"
		echo "  LD      c.o"; echo "  AR      d.a"; sleep 2.2'
	[ "$status" -eq 0 ]
	said '2 of 4 (50%) objects'
}

@test "a line without end and a very long one do no harm" {
	run run_logged -- sh -c 'head -c 100000 /dev/zero | tr "\0" x; printf "\na.c: error: last"; exit 1'
	[ "$status" -eq 1 ]
	said 'a.c: error: last'
	[ "$(wc -c <log)" -eq 100017 ]
}

# $1: signal. The command's own process group gets it; nothing is left running.
interrupt()
{
	env --default-signal=INT "$KSEAL_BIN/run-logged" --log log -- sh -c 'echo $$ >pid; sleep 60; echo late' &
	local pid=$! tries=0
	while [[ ! -s pid ]] && ((tries++ < 100)); do sleep 0.1; done
	kill "-$1" "$pid"
	status=0
	wait "$pid" || status=$?
	sleep 0.2
	! kill -0 "$(cat pid)" 2>/dev/null
}

@test "SIGINT ends the command, status 130" {
	interrupt INT
	[ "$status" -eq 130 ]
}

@test "SIGTERM ends the command, status 143" {
	interrupt TERM
	[ "$status" -eq 143 ]
}

@test "a background process that keeps the pipe open does not hold it" {
	# Without bats' own descriptor, which it waits for.
	run timeout 10 "$KSEAL_BIN/run-logged" --log log -- sh -c 'sleep 30 3>&- & echo $! >sleeper; echo done'
	kill "$(cat sleeper)"
	[ "$status" -eq 0 ]
	[ "$(cat log)" = "done" ]
}

@test "a log that cannot be written is a failure that says so" {
	run "$KSEAL_BIN/run-logged" --log /dev/full -- sh -c 'echo text; sleep 20'
	[ "$status" -ne 0 ]
	said 'cannot write, free some space'
}

@test "a missing command, a missing directory, a wrong call" {
	run -127 run_logged -- no-such-command
	[ "$status" -eq 127 ]
	said 'no-such-command: *** cannot run'
	run "$KSEAL_BIN/run-logged" --log no/such/log -- true
	[ "$status" -eq 1 ]
	said 'no/such/log: cannot open'
	run "$KSEAL_BIN/run-logged" -- true
	[ "$status" -eq 2 ]
	run run_logged --total -5 -- true
	[ "$status" -eq 2 ]
}
