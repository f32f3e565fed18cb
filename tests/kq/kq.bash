# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of kq share: a queue and a small tree to apply it to.

# shellcheck disable=SC2154 # bats sets status, output and lines

load ../helpers

setup() {
	KQ=$KSEAL_BIN/kq
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null SOURCE_DATE_EPOCH=1767225600
	export GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR LC_ALL=C
	unset GIT_DIR GIT_WORK_TREE
	cd "$BATS_TEST_TMPDIR" || return 1
	# That of the machine is read-only for a test, and not there on a new one.
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	mkdir -p a b tree queue
	: > queue/series
}

# message [BODY] [SUBJECT]: mail header, body and trailers
message() {
	printf 'From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n'
	printf 'From: A Person <a@example.org>\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n'
	printf 'Subject: [PATCH] %s\n\n' "${2:-test: change it}"
	printf '%b\n\n' "${1:-Because.}"
	printf 'Upstream-status: never, a test\nOwner: kernel\nReview-by: 2027-01-01\n'
	printf 'Signed-off-by: A Person <a@example.org>\n---\n f | 1 +\n'
}

# title NAME: the subject that makes this file name
title() { sed -E 's/^[0-9]+-//; s/\.patch$//' <<< "$1"; }

signature() { printf -- '-- \n2.39.5\n\n'; }

# queue_patch NAME [BODY]: what differs between a and b becomes a patch of the queue
queue_patch() {
	{ message "${2:-}" "$(title "$1")"
	  git diff --no-index --no-prefix --no-renames --full-index a b |
		sed '/^diff --git/s, [ab]/\(.*\) [ab]/, a/\1 b/,'
	  signature; } > "queue/$1"
	echo "$1" >> queue/series
}

# queue_raw NAME: a patch whose diff comes from standard input
queue_raw() {
	{ message "" "$(title "$1")"; cat; signature; } > "queue/$1"
	echo "$1" >> queue/series
}

tree_hash() {
	(cd "$1" && find . -printf '%p %y %m %l\n' | sort && find . -type f -exec sha256sum {} + |
		sort) | sha256sum
}

# refused STATUS TEXT: apply ends so, says so in one line, and the tree is untouched
refused() {
	before=$(tree_hash tree)
	run "$KQ" apply --queue queue tree
	echo "$output"
	[ "$status" -eq "$1" ]
	[[ "$output" == *"$2"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ "$before" = "$(tree_hash tree)" ]
}

applied() {
	run "$KQ" apply --queue queue tree
	echo "$output"
	[ "$status" -eq 0 ]
}

# one_line_patch: line 20 of forty becomes "new"
one_line_patch() {
	seq 1 40 > a/f
	sed 's/^20$/new/' a/f > b/f
	queue_patch 0001-x.patch
}

# step NAME FILE SED: one more patch of the queue, on what the ones before made
step() {
	cp "state/$2" "a/$2" && sed "$3" "a/$2" > "b/$2"
	cp "b/$2" "state/$2"
	queue_patch "$1"
	rm -rf a b && mkdir a b
}
