#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq apply on small trees made here; git apply is the oracle.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

@test "a hunk at its line is applied and recorded, nothing else is said" {
	one_line_patch
	cp a/f tree/f
	applied
	cmp b/f tree/f
	[ "$output" = "tree: 1 patch applied, 1 file changed" ]
	grep -q "^patch $(sha256sum < queue/0001-x.patch | cut -d' ' -f1) 0001-x.patch$" tree/.kq-applied
	[ ! -e tree/.kq-applying ]
	[ "$(find tree -type f | wc -l)" -eq 2 ]
}

@test "an offset down and up is applied and reported" {
	one_line_patch
	{ seq 101 117; cat a/f; } > tree/f
	applied
	[[ "$output" == *"0001-x.patch: f: hunk 1 applied 17 lines later"* ]]
	{ seq 101 117; cat b/f; } | cmp - tree/f
	rm -rf tree/.kq-applied
	sed 1d a/f > tree/f
	applied
	[[ "$output" == *"0001-x.patch: f: hunk 1 applied 1 line earlier"* ]]
}

@test "several places are AMBIGUOUS, unless the stated line is one of them" {
	{ seq 1 9; seq 1 9; seq 1 9; } > a/f
	sed '14s/.*/new/' a/f > b/f
	queue_patch 0001-x.patch
	cp a/f tree/f
	applied
	cmp b/f tree/f
	rm tree/.kq-applied
	{ echo shift; cat a/f; } > tree/f
	refused 3 "0001-x.patch: f: hunk 1 (patch line 18) is AMBIGUOUS: matches at 3 places (lines 3, 12, ...)"
	git -C tree apply ../queue/0001-x.patch # what git guesses here, kq must not
}

@test "a hunk that is there already is refused, alone and beside a second copy of its place" {
	one_line_patch
	cp b/f tree/f
	refused 3 "hunk 1 (patch line 18) is already applied, at line 17"
	{ cat b/f; seq 1 40; } > tree/f
	refused 3 "its result is in the file too"
}

@test "a hunk that does not match names patch, file, hunk, line, wanted and found text" {
	one_line_patch
	sed 's/^21$/other/' a/f > tree/f
	refused 3 "kq: 0001-x.patch: f: hunk 1 (patch line 24) does not match: line 21 of the file should be '21', is 'other'"
	printf 'nothing\n' > tree/f
	refused 3 "does not match"
	rm tree/f
	refused 3 "0001-x.patch: f: no such file in the tree"
}

@test "no fuzz: a changed outermost context line is enough to refuse" {
	one_line_patch
	sed 's/^17$/other/' a/f > tree/f
	refused 3 "should be '17', is 'other'"
	patch -p1 -d tree --dry-run < queue/0001-x.patch # control: GNU patch takes it
}

@test "the last patch fails: none is written" {
	one_line_patch
	cp a/f tree/f
	rm -f a/f b/f
	seq 1 9 > a/g
	{ seq 1 9; echo 10; } > b/g
	queue_patch 0002-y.patch
	seq 1 8 > tree/g
	refused 3 "0002-y.patch: g: hunk 1"
	cp a/g tree/g # control: with the right file both go
	applied
	[[ "$output" == *"2 patches applied, 2 files changed"* ]]
}

@test "a second apply is refused with the record; what differs is named" {
	one_line_patch
	cp a/f tree/f
	applied
	refused 3 "tree/.kq-applied: this queue is applied already"
	echo >> queue/0001-x.patch
	refused 3 "0001-x.patch has changed since"
	printf '0009-new.patch\n' >> queue/series
	sed '$d' queue/0001-x.patch > queue/tmp && mv queue/tmp queue/0001-x.patch
	cp queue/0001-x.patch queue/0009-new.patch
	refused 3 "0009-new.patch is new"
	printf '0009-new.patch\n' > queue/series
	run "$KQ" apply --queue queue tree
	[ "$status" -eq 3 ]
	printf '0001-x.patch\n' > queue/series
	before=$(tree_hash tree)
	run "$KQ" apply --queue queue --sku vm tree
	[ "$status" -eq 3 ]
	[[ "$output" == *"the same patches are applied, with 'select sku=- arch=-'"* ]]
	[ "$before" = "$(tree_hash tree)" ]
}

@test "an interrupted write is recognised" {
	one_line_patch
	cp a/f tree/f
	: > tree/.kq-applying
	refused 3 "tree/.kq-applying: an earlier apply was cut off"
	rm tree/.kq-applying
	applied
}

@test "patches build on each other in memory: create, change, delete" {
	one_line_patch
	cp a/f tree/f
	cp b/f a/f
	sed 's/^new$/newer/' a/f > b/f
	mkdir -p b/dir/sub
	seq 1 5 > b/dir/sub/n
	queue_patch 0002-y.patch
	rm -rf a b && mkdir -p a/dir/sub b
	seq 1 5 > a/dir/sub/n
	queue_patch 0003-z.patch
	applied
	[ "$(sed -n 20p tree/f)" = newer ]
	[ ! -e tree/dir ]
}

@test "new, deleted, empty files and modes end as git apply leaves them" {
	mkdir -p a/old/dir b/new/dir git
	printf 'x\n' > a/old/dir/gone
	: > a/gone-empty
	: > a/filled
	printf 'x\ny\n' > a/emptied
	printf 'x\n' > a/program
	printf 'x\n' > a/changed-program
	chmod 755 a/changed-program
	cp -p a/changed-program a/program a/filled a/emptied b/
	chmod 755 b/program
	chmod 644 b/changed-program
	printf 'y\n' >> b/changed-program
	printf 'now\n' > b/filled
	: > b/emptied
	printf 'n\n' > b/new/dir/file
	: > b/new-empty
	printf '#!/bin/sh\n' > b/new-program
	chmod 755 b/new-program
	cp -a a/. tree/ && cp -a a/. git/
	queue_patch 0001-x.patch
	applied
	[[ "$output" == *"9 files changed"* ]]
	git -C git apply ../queue/0001-x.patch
	rm tree/.kq-applied
	diff -r git tree
	[ "$(tree_hash git)" = "$(tree_hash tree)" ]
	[ -x tree/program ] && [ ! -x tree/changed-program ] && [ -x tree/new-program ]
}

@test "a new file that exists, a deleted file with more in it, another mode are refused" {
	printf 'x\n' > b/n
	queue_patch 0001-x.patch
	: > tree/n
	refused 3 "0001-x.patch: n: should be new, but exists already"
	rm -f b/n queue/* && : > queue/series
	printf 'x\n' > a/d
	queue_patch 0001-x.patch
	rm tree/n
	printf 'x\nmore\n' > tree/d
	refused 3 "must be at the end of the file"
	rm -f a/d queue/* && : > queue/series
	printf 'x\n' | tee a/m > b/m
	chmod 755 b/m
	queue_patch 0001-x.patch
	printf 'x\n' > tree/m
	chmod 755 tree/m
	refused 3 "m: has another mode than the patch says"
	chmod 644 tree/m
	applied
}

@test "a missing newline at the end is kept, added and removed exactly" {
	printf '1\n2\n3' > a/keep && printf '1\nb\n3' > b/keep
	printf '1\n2\n3' > a/add && printf '1\n2\n3\n' > b/add
	printf '1\n2\n3\n' > a/drop && printf '1\n2\n3' > b/drop
	cp a/* tree/
	queue_patch 0001-x.patch
	applied
	for f in keep add drop; do cmp "b/$f" "tree/$f"; done
	rm tree/.kq-applied
	printf '1\n2\n3\n' > tree/keep
	cp a/add a/drop tree/
	refused 3 "should be '3' without newline, is '3'"
}

@test "a last line without newline does not match the start of a longer text" {
	printf 'x\ny' > a/f
	printf 'x\ny\ny' > b/f
	queue_patch 0001-x.patch
	cp b/f tree/f
	refused 3 "already applied"
	git -C tree apply ../queue/0001-x.patch # git takes it, and glues two lines
	[ "$(cat tree/f)" = "$(printf 'x\ny\nyy')" ]
}

@test "CRLF files keep their bytes, and CRLF is not LF" {
	seq 1 9 | sed 's/$/\r/' > a/f
	sed 's/^5\r/five\r/' a/f > b/f
	queue_patch 0001-x.patch
	seq 1 9 > tree/f
	refused 3 "does not match"
	cp a/f tree/f
	applied
	cmp b/f tree/f
}

@test "hunks at the start and the end of a file stay there, as with git apply" {
	seq 1 9 > a/f
	{ echo 0; seq 1 9; } > b/f
	queue_patch 0001-x.patch
	{ echo above; seq 1 9; } > tree/f
	refused 3 "must be at the start of the file"
	run git -C tree apply ../queue/0001-x.patch
	[ "$status" -ne 0 ]
	: > queue/series
	{ seq 1 9; echo 10; } > b/f
	queue_patch 0002-y.patch
	{ seq 1 9; echo below; } > tree/f
	refused 3 "must be at the end of the file"
	run git -C tree apply ../queue/0002-y.patch
	[ "$status" -ne 0 ]
	{ echo above; seq 1 9; } > tree/f
	applied
	[ "$(tail -1 tree/f)" = 10 ]
}
