#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq init: a queue out of nothing, outside of the toolkit's checkout; and a queue without a patch.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

kernel() {
	mkdir -p "$1"
	printf 'VERSION = 6\nPATCHLEVEL = 18\nSUBLEVEL = %s\nEXTRAVERSION =\n' "$2" > "$1/Makefile"
	seq 1 60 > "$1/f"
}

is() {
	local want=$1

	shift
	run "$KQ" "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}

a_mail() {
	mkdir -p a b && cp "$1/f" a/ && sed 's/^10$/ten/' a/f > b/f
	mkdir -p made && : > made/series
	{ message "" x; git diff --no-index --no-prefix --no-renames --full-index a b |
		sed '/^diff --git/s, [ab]/\(.*\) [ab]/, a/\1 b/,'; signature; } > x.mbox
}

releases() {
	rm -rf queue
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	for nr in 15 16; do
		kernel "linux-6.18.$nr" "$nr"
		tar -cf "linux-6.18.$nr.tar" "linux-6.18.$nr"
	done
	a_mail linux-6.18.15
}

@test "init: on a tarball, then every verb knows where it is" {
	releases
	is 0 init linux-6.18.15.tar
	[ "$output" = "patches/6.18: an empty queue on 6.18.15" ]
	grep -q '^release 6.18.15$' patches/6.18/base.lock
	[ "$(grep -c -v '^#' patches/6.18/series)" -eq 0 ]
	is 0 import x.mbox
	[ "$output" = 0001-x.patch ]
	is 0 status
	is 0 edit 1 -- sed -i s/^20$/twenty/ f
	is 0 refresh
	is 0 rebase --to linux-6.18.16.tar
	grep -q '^release 6.18.16$' patches/6.18/base.lock
	is 0 refresh
	is 3 init linux-6.18.15.tar
	[[ "$output" == "kq: patches/6.18: is a queue already" ]]
	# Where it was read is a hint, and what is there is compared.
	cp linux-6.18.15.tar linux-6.18.16.tar
	rm -r "$XDG_CACHE_HOME/kseal/kq/manifests"
	is 3 refresh
	rm linux-6.18.16.tar
	is 1 refresh
	[[ "$output" == "kq: 6.18.16: where is it? Say so once with --from TARBALL or --from git:REPO:REV" ]]
}

@test "init: on a commit, which may be a branch that goes on" {
	releases
	git init -q -b main repo && cp linux-6.18.15/* repo/
	as_git() { git -C repo -c user.name=A -c user.email=a@b "$@"; }
	as_git add -A && as_git commit -q -m 6.18.15
	is 0 init --queue my/queue git:repo:main
	echo more >> repo/f && as_git commit -q -a -m more
	(cd my && is 0 import --queue queue ../x.mbox)
	is 3 import --queue my/queue --from git:repo:main x.mbox
	[[ "$output" == *"base.lock"* ]]
}

@test "init: on a directory, and on nothing, says what is left to do" {
	releases
	is 0 init --queue q linux-6.18.15
	[[ "$output" == "q: an empty queue; a directory has no identity, so give --from linux-6.18.15 to each verb, or kq lock --write a tarball of 6.18.15" ]]
	[ ! -e q/base.lock ]
	is 0 import --queue q --from linux-6.18.15 x.mbox
	is 1 refresh --queue q
	[[ "$output" == *"q/base.lock: is not there; say with --from what the queue is on"* ]]
	is 0 init --queue p
	[[ "$output" == *"kq lock --write SOURCE" ]]
	is 0 lock --queue p --write linux-6.18.15.tar
	is 0 import --queue p x.mbox
}

@test "init: what is there stays: a queue, a directory with something in it, a file" {
	releases
	mkdir full && echo mine > full/0001-x.patch && echo mine > file
	is 3 init --queue full linux-6.18.15.tar
	[ "$(ls -A full)" = 0001-x.patch ]
	is 1 init --queue file
	[ "$(cat file)" = mine ]
	[ -z "$(find . -maxdepth 1 -name '.f*')" ]
	mkdir empty
	is 0 init --queue empty/ linux-6.18.15.tar
	is 1 init --queue new no-such.tar
	[ ! -e new ]
	is 1 init --queue new f.tar
	tar -cf none.tar x.mbox
	is 3 init --queue new none.tar
	[ ! -e new ]
}

@test "init: killed anywhere, there is a whole queue or none" {
	releases
	for call in mkdir linkat rename renameat2 fsync; do
		for nr in 1 2 3 4 5 6; do
			rm -rf q .q*
			strace -qq -o /dev/null -e trace="$call" -e inject="$call:signal=KILL:when=$nr" \
				"$KQ" init --queue q linux-6.18.15.tar > /dev/null 2>&1 || :
			[ ! -e q ] || { [ -s q/series ] && [ -s q/base.lock ]; }
			[ -e q/series ] || is 0 init --queue q linux-6.18.15.tar
		done
	done
}

@test "no queue: every verb says the one thing to do" {
	rm -rf queue
	cd tree
	for args in "apply ." "import x" "edit 1 -- true" "lint" "status" "refresh" "move --before 1 2" "remove 1" \
		"rename 1" "renumber" "rebase --to . --from ."; do
		# shellcheck disable=SC2086 # several words on purpose
		is 1 $args
		[[ "$output" == *"patches/6.18/series: cannot open, there is no queue: say --queue DIR, or kq init --queue patches/6.18 makes one"* ]] ||
			[ "$args" = "import x" ]
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "an empty series: all went upstream, and every verb goes on" {
	releases
	is 0 init linux-6.18.15.tar
	for args in "lint" "status" "status --on linux-6.18.16.tar" "status --json" "refresh" "renumber" \
		"rebase --to linux-6.18.16.tar"; do
		# shellcheck disable=SC2086 # several words on purpose
		is 0 $args
	done
	grep -q '^release 6.18.16$' patches/6.18/base.lock
	is 0 apply linux-6.18.16
	[[ "$output" == "linux-6.18.16: 0 patches applied, 0 files changed" ]]
	is 3 apply linux-6.18.16
	is 3 edit 1
	mkdir records && is 0 cve --records records || [ "$status" -eq 0 ]
	# What all went upstream leaves behind is such a queue.
	is 0 init --queue q linux-6.18.15.tar
	is 0 import --queue q x.mbox
	sed -i 's/^10$/ten/' linux-6.18.16/f && rm linux-6.18.16/.kq-applied && tar -cf up.tar linux-6.18.16
	is 0 rebase --queue q --to up.tar
	[ "$(grep -c -v '^#' q/series)" -eq 0 ]
	[ "$(find q -name '*.patch')" = "" ]
	is 0 rebase --queue q --to linux-6.18.15.tar
	is 0 lint --queue q
}
