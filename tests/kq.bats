#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# The patch queue program on small trees made here; git apply is the oracle.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	bin=${KSEAL_BIN:-out/bin}
	case $bin in
	/*) KQ=$bin/kq ;;
	*) KQ=$ROOT/$bin/kq ;;
	esac
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null SOURCE_DATE_EPOCH=1767225600
	export GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR LC_ALL=C
	unset GIT_DIR GIT_WORK_TREE
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir -p a b tree queue
	: > queue/series
}

# message [BODY]: mail header, body and trailers
message() {
	printf 'From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n'
	printf 'From: A Person <a@example.org>\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n'
	printf 'Subject: [PATCH] test: change it\n\n'
	printf '%b\n\n' "${1:-Because.}"
	printf 'Upstream-status: never, a test\nOwner: kernel\nReview-by: 2027-01-01\n'
	printf 'Signed-off-by: A Person <a@example.org>\n---\n f | 1 +\n'
}

signature() { printf -- '-- \n2.39.5\n\n'; }

# queue_patch NAME [BODY]: what differs between a and b becomes a patch of the queue
queue_patch() {
	{ message "${2:-}"
	  git diff --no-index --no-prefix --no-renames --full-index a b |
		sed '/^diff --git/s, [ab]/\(.*\) [ab]/, a/\1 b/,'
	  signature; } > "queue/$1"
	echo "$1" >> queue/series
}

# queue_raw NAME: a patch whose diff comes from standard input
queue_raw() {
	{ message; cat; signature; } > "queue/$1"
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

# diff_of NAME: a one-line change of a file with that name
diff_of() {
	printf 'diff --git a/%s b/%s\n--- a/%s\n+++ b/%s\n@@ -1 +1 @@\n-x\n+y\n' "$1" "$1" "$1" "$1"
}

@test "paths that leave the tree are refused" {
	printf 'x\n' > outside
	for name in ../outside /outside d/../../outside ./f d//f .git/config .kq-applied; do
		: > queue/series
		diff_of "$name" | queue_raw 0001-x.patch
		refused 1 "0001-x.patch:14: file name leaves the tree or is no plain path"
	done
	: > queue/series
	diff_of link/outside | queue_raw 0001-x.patch
	ln -s .. tree/link
	refused 3 "link is a symbolic link, refused"
	rm tree/link && mkdir tree/link
	ln -s ../../outside tree/link/outside
	refused 3 "link/outside is a symbolic link, refused"
	[ "$(cat outside)" = x ]
	rm tree/link/outside && cp outside tree/link/outside # control
	applied
	[ "$(cat tree/link/outside)" = y ]
}

@test "names that differ between the header lines are refused" {
	diff_of f | sed 's,^+++ b/f,+++ b/g,' | queue_raw 0001-x.patch
	printf 'x\n' | tee tree/f > tree/g
	refused 1 "0001-x.patch:16: file name differs from the diff --git line"
	: > queue/series
	diff_of f | sed 's,^diff.*,diff --git a/f b/g,' | queue_raw 0001-x.patch
	refused 1 "0001-x.patch:14: want two equal names"
}

@test "a file in the way of a folder, and a folder in the way of a file, are refused" {
	mkdir b/n && printf 'x\n' > b/n/f
	queue_patch 0001-x.patch
	printf 'x\n' > tree/n
	refused 3 "0001-x.patch: "
	rm -rf b/n tree/n && printf 'x\n' > b/n
	queue_patch 0002-y.patch
	refused 3 "0002-y.patch: n: n/f is in the way"
}

@test "wrong counts, cut-off hunks and junk are refused at their line" {
	one_line_patch
	cp a/f tree/f
	cp queue/0001-x.patch good
	sed 's/^@@ .*/@@ -17,7 +17,8 @@/' good > queue/0001-x.patch
	refused 1 "0001-x.patch:27: hunk is shorter than its @@ line says"
	sed 's/^@@ .*/@@ -17,8 +17,7 @@/' good > queue/0001-x.patch
	refused 1 "0001-x.patch:27: hunk is shorter than its @@ line says"
	sed 's/^@@ .*/@@ -17,6 +17,6 @@/' good > queue/0001-x.patch
	refused 1 "0001-x.patch:26: this line belongs to no hunk"
	sed 's/^@@ .*/@@ -17,7 +17,6 @@/' good > queue/0001-x.patch
	refused 1 "hunk has other lines than its @@ line says"
	sed 's/^@@ .*/@@ bad @@/' good > queue/0001-x.patch
	refused 1 "0001-x.patch:18: damaged hunk header"
	head -22 good > queue/0001-x.patch
	refused 1 "0001-x.patch:23: hunk is shorter than its @@ line says"
	head -c -20 good | head -22 | head -c -2 > queue/0001-x.patch
	refused 1 "cut off"
	{ cat good; echo junk; } > queue/0001-x.patch
	refused 1 "belongs to no hunk"
	{ cat good; cat good; } > queue/0001-x.patch
	refused 1 "belongs to no hunk"
	head -13 good > queue/0001-x.patch
	refused 1 "no diff --git line"
	sed 's/$/\r/' good > queue/0001-x.patch
	refused 1 "CRLF line ends"
	cp good queue/0001-x.patch
	applied
}

@test "binary patches, renames, copies and links are refused with a reason" {
	printf 'a\0b' > a/bin && printf 'a\0c' > b/bin
	{ message; git diff --no-index --no-prefix --binary a b || true; } > queue/0001-x.patch
	echo 0001-x.patch > queue/series
	cp a/bin tree/bin
	refused 1 "binary patches are refused"
	queue_patch 0001-x.patch
	echo 0001-x.patch > queue/series
	refused 1 "binary patches are refused"
	printf 'diff --git a/f b/f\nsimilarity index 100%%\nrename from f\nrename to g\n' | queue_raw 0002-y.patch
	echo 0002-y.patch > queue/series
	refused 1 "0002-y.patch:15: renames and copies are refused"
	printf 'diff --git a/f b/f\ncopy from g\ncopy to f\n' | queue_raw 0002-y.patch
	echo 0002-y.patch > queue/series
	refused 1 "renames and copies are refused"
	rm a/bin b/bin && ln -s x b/l
	queue_patch 0003-z.patch
	echo 0003-z.patch > queue/series
	refused 1 "symbolic links and submodules are refused"
	diff_of f | sed 's/+y/+y\x00/' | queue_raw 0004-z.patch
	echo 0004-z.patch > queue/series
	refused 1 "contains binary data"
}

@test "dashes in the message, removed dashes and the signature are told apart" {
	printf '1\n- \n3\n' > a/f
	printf '1\n3\n' > b/f
	queue_patch 0001-x.patch 'One.\n---\nTwo.\n-- \nThree.'
	cp a/f tree/f
	applied
	cmp b/f tree/f
	run "$KQ" lint --queue queue
	[ "$status" -eq 0 ]
}

@test "a diff inside of the message is refused, since others would apply it" {
	one_line_patch
	cp a/f tree/f
	sed 's/^Because.$/--- a\/f\n+++ b\/f\n@@ -1 +1 @@\n-1\n+2/' queue/0001-x.patch > queue/tmp
	mv queue/tmp queue/0001-x.patch
	refused 1 "hunk without a diff --git line"
}

@test "the series: comments, selection, and what is refused" {
	one_line_patch
	cp a/f tree/f
	cp queue/0001-x.patch queue/0002-y.patch
	sed -i 's/^+new$/+vm/' queue/0002-y.patch
	printf '# comment\n\n 0001-x.patch sku=metal # why\n0002-y.patch\tsku=vm,cloud arch=x86_64\n' > queue/series
	cp -a tree tree2
	run "$KQ" apply --queue queue --sku cloud --arch x86_64 tree2
	[ "$status" -eq 0 ]
	[ "$(sed -n 20p tree2/f)" = vm ]
	run "$KQ" apply --queue queue --sku metal tree
	[ "$(sed -n 20p tree/f)" = new ]
	run "$KQ" apply --queue queue --sku cloud --arch arm64 tree
	[ "$status" -eq 3 ]
	rm tree/.kq-applied
	while IFS='|' read -r line text; do
		printf '%b' "$line" > queue/series
		refused 1 "$text"
	done <<-'EOF'
		../0001-x.patch\n|queue/series:1: '../0001-x.patch' is not a plain file name
		dir/x.patch\n|is not a plain file name
		.hidden\n|is not a plain file name
		0001-x.patch\n#\n0001-x.patch\n|queue/series:3: 0001-x.patch is already on line 1
		0001-x.patch flavour=a\n|'flavour=a' is neither
		0001-x.patch sku=\n|one comma-separated list
		0001-x.patch sku=a,,b\n|one comma-separated list
		0001-x.patch sku=a sku=b\n|one comma-separated list
		# nothing\n|queue/series: lists no patch
		0007-absent.patch\n|0007-absent.patch
	EOF
	rm queue/series
	refused 1 "queue/series: cannot open"
}

@test "usage errors exit 2, a missing tree 1" {
	one_line_patch
	for args in "" "unknown" "apply tree" "apply --queue queue" "apply --queue queue tree more" \
		"apply --queue queue --queue queue tree" "apply --fuzz 2 --queue queue tree" \
		"apply --queue" "lint --queue queue more" "apply --tree t --queue queue tree"; do
		# shellcheck disable=SC2086 # several words on purpose
		run "$KQ" $args
		echo "$args: $output"
		[ "$status" -eq 2 ]
	done
	run "$KQ" apply --queue queue no-such-tree
	[ "$status" -eq 1 ]
	run "$KQ" --help
	[ "$status" -eq 0 ]
}

# in_small_tree OPTIONS SCRIPT: run with a tmpfs on ./small, in a mount name space of its own
in_small_tree() {
	unshare -rm true 2> /dev/null || skip "no mount name space here (unshare -rm)"
	mkdir -p small
	run unshare -rm sh -c "mount -t tmpfs -o $1 none small && cp -a tree small/ && $2"
	echo "$output"
}

@test "a full disk: what was written is put back and the tree can be used" {
	one_line_patch
	cp a/f tree/f
	rm a/f b/f
	seq 1 60000 > b/big
	queue_patch 0002-y.patch
	in_small_tree size=128k "find small/tree -type f -exec sha256sum {} + > before
		'$KQ' apply --queue queue small/tree; echo rc=\$?
		find small/tree -type f -exec sha256sum {} + > after; ls -A small/tree"
	[[ "$output" == *"No space left"*"rc=1"* ]]
	[[ "$output" != *".kq-"* ]]
	cmp before after
	in_small_tree size=4m "'$KQ' apply --queue queue small/tree; echo rc=\$?"
	[[ "$output" == *"rc=0"* ]]
}

@test "a read-only tree is refused and stays" {
	one_line_patch
	cp a/f tree/f
	in_small_tree size=1m "mount -o remount,ro none small &&
		{ '$KQ' apply --queue queue small/tree; echo rc=\$?; ls -A small/tree; }"
	[[ "$output" == *"Read-only file system"*"rc=1"* ]]
	[[ "$output" != *".kq-appl"*".kq-appl"* ]]
	[ "${lines[-1]}" = f ]
}

# lint_finds TEXT: one finding, which says so
lint_finds() {
	run "$KQ" lint --queue queue
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"$1"* ]]
	[ "${#lines[@]}" -eq 1 ]
}

@test "lint: a good queue is clean, each fault is one finding at its line" {
	one_line_patch
	run "$KQ" lint --queue queue
	[ "$status" -eq 0 ]
	[ "$output" = "queue: clean" ]
	cp queue/0001-x.patch good
	while IFS='|' read -r edit text; do
		sed "$edit" good > queue/0001-x.patch
		cmp -s good queue/0001-x.patch && return 1
		lint_finds "$text"
	done <<-'EOF'
		/^From: /d|queue/0001-x.patch:1: no From: field
		/^Date: /d|queue/0001-x.patch:1: no Date: field
		/^Subject: /d|queue/0001-x.patch:1: no Subject: field
		/^Because/d|queue/0001-x.patch:6: message does not say why
		/^Upstream-status/d|no Upstream-status: in the message
		/^Owner/d|no Owner: in the message
		s/^Owner.*/Owner:/|queue/0001-x.patch:9: Owner: is empty
		/^Review-by/d|no Review-by: in the message
		/^Signed-off-by/d|no Signed-off-by: in the message
		s/^Signed-off-by.*/Signed-off-by: me/|queue/0001-x.patch:11: want 'Name <address>'
		s/^Owner.*/&\n&/|queue/0001-x.patch:10: second Owner:
		s/never, .*/never/|queue/0001-x.patch:8: Upstream-status: want
		s/never, .*/never, /|Upstream-status: want
		s/never, .*/backport 123 (v6.19)/|Upstream-status: want
		s/never, .*/backport 0123456789012345678901234567890123456789/|Upstream-status: want
		s/never, .*/backport 0123456789012345678901234567890123456789 (6.19)/|Upstream-status: want
		s/never, .*/submitted soon/|Upstream-status: want
		s/never, .*/perhaps/|Upstream-status: want
		s/2027-01-01/2025-12-31/|queue/0001-x.patch:10: Review-by: 2025-12-31 is past
		s/2027-01-01/2027-02-29/|Review-by: want a date
		s/2027-01-01/soon/|Review-by: want a date
		/^index/d|queue/0001-x.patch:14: f: no index line
		s/^index .*/index 1234567..89abcde 100644/|queue/0001-x.patch:15: index line has short ids
		s/+17,7/+18,7/|queue/0001-x.patch:18: new line number in @@
		s/+17,7/+17,8/|queue/0001-x.patch:27: hunk is shorter
		s/^Because.*/&\r/|queue/0001-x.patch:6: line ends with CRLF
		s/^+new/&\r/|queue/0001-x.patch:23: added line ends with CRLF
		$s/.*/junk/|belongs to no hunk
	EOF
	for status_text in "backport 0123456789012345678901234567890123456789 (v6.19)" \
		"backport 0123456789012345678901234567890123456789 (v6.19-rc2)" \
		"submitted https://lore.kernel.org/r/1" "submitted <1@example.org>"; do
		sed "s,never.*,$status_text," good > queue/0001-x.patch
		run "$KQ" lint --queue queue
		[ "$status" -eq 0 ]
	done
}

@test "lint: Review-by is compared with today when no clock is set" {
	one_line_patch
	sed -i 's/2027-01-01/2020-01-01/' queue/0001-x.patch
	unset SOURCE_DATE_EPOCH
	lint_finds "2020-01-01 is past"
	SOURCE_DATE_EPOCH=1500000000 run "$KQ" lint --queue queue
	[ "$status" -eq 0 ]
	SOURCE_DATE_EPOCH=soon run "$KQ" lint --queue queue
	[ "$status" -eq 2 ]
}

@test "lint: the series and the folder must agree, names count upwards" {
	one_line_patch
	cp queue/0001-x.patch queue/0002-y.patch
	lint_finds "queue/0002-y.patch: not in the series"
	printf '0002-y.patch\n0001-x.patch\n' > queue/series
	lint_finds "queue/series:2: 0001-x.patch: number does not follow 0002"
	rm queue/0002-y.patch
	printf '0001-x.patch\n0002-y.patch\n' > queue/series
	lint_finds "queue/series:2: 0002-y.patch: no such patch"
	mv queue/0001-x.patch queue/x.patch
	echo x.patch > queue/series
	lint_finds "queue/series:1: x.patch: want a name like NNNN-subject.patch"
}

@test "lint --tree: the queue must fit and the blob ids must be those of the tree" {
	one_line_patch
	cp a/f tree/f
	before=$(tree_hash tree)
	run "$KQ" lint --queue queue --tree tree
	[ "$status" -eq 0 ]
	echo more >> tree/f
	run "$KQ" lint --queue queue --tree tree
	[ "$status" -eq 3 ]
	[[ "$output" == *"0001-x.patch:15: f: old id is $(git hash-object a/f), in the tree $(git hash-object tree/f)"* ]]
	cp b/f tree/f
	run "$KQ" lint --queue queue --tree tree
	[ "$status" -eq 3 ]
	[[ "$output" == *"does not apply"*"already applied"* ]]
	cp a/f tree/f
	[ "$before" = "$(tree_hash tree)" ]
}

# make_cases N: random files a, changed files b, and trees where something else changed too
make_cases() {
	eval "mkdir -p c{0..$(($1 - 1))}/{a,b,k,g,queue}"
	awk -v n="$1" -v seed="${2:-20261122}" '
	function rnd(k) { return int(rand() * k) }
	function word() { return (kind % 2 ? "w" rnd(kind % 4 == 1 ? 2 : 5) : "line " rnd(100000)) (kind % 7 == 3 ? "\r" : "") }
	function edit(x, len, at,   i, op) {
		op = rnd(3)
		if (len == 0) op = 0
		if (op == 0) { for (i = len; i > at; i--) x[i] = x[i - 1]; x[at] = word(); return len + 1 }
		if (op == 1) { for (i = at; i < len - 1; i++) x[i] = x[i + 1]; return len - 1 }
		x[at] = word()
		return len
	}
	function put(file, x, len, cut,   i) {
		printf "" > file
		for (i = 0; i < len; i++) printf "%s%s", x[i], (i == len - 1 && cut) ? "" : "\n" > file
		close(file)
	}
	BEGIN {
		srand(seed)
		for (c = 0; c < n; c++) {
			kind = c
			len = c % 11 == 0 ? rnd(4) : 10 + rnd(40)
			for (i = 0; i < len; i++) { a[i] = word(); b[i] = a[i]; t[i] = a[i] }
			lb = lt = len
			for (k = 1 + rnd(3); k > 0; k--) lb = edit(b, lb, rnd(lb + (lb == 0)))
			for (k = rnd(3); k > 0; k--) lt = edit(t, lt, rnd(lt + (lt == 0)))
			if (c % 13 == 5) { lt = lb; for (i = 0; i < lb; i++) t[i] = b[i] }
			cut = c % 5 == 2
			put("c" c "/a/f", a, len, cut)
			put("c" c "/b/f", b, lb, c % 10 == 2 ? 0 : cut)
			put("c" c "/k/f", t, lt, cut)
			put("c" c "/g/f", t, lt, cut)
		}
	}'
}

# one_place PATCH FILE: every pre-image is in the file exactly once (a count of its own, in awk)
one_place() {
	awk -v cut="$(tail -c1 "$2")" '
	NR == FNR && /^@@/ { h++; next }
	NR == FNR && /^\\/ { if (last != "+") pre[h, n[h] - 1] = pre[h, n[h] - 1] "\n"; next }
	NR == FNR && h { last = substr($0, 1, 1) }
	NR == FNR && h && /^[ -]/ && !/^-- $/ { pre[h, n[h]++] = substr($0, 2); next }
	NR == FNR { next }
	{ f[nf++] = $0 }
	END {
		if (cut != "") f[nf - 1] = f[nf - 1] "\n" # "\n" marks a line without newline
		for (k = 1; k <= h; k++) {
			found = 0
			for (i = 0; i + n[k] <= nf; i++) {
				for (j = 0; j < n[k] && f[i + j] == pre[k, j]; j++);
				found += j == n[k]
			}
			if (found != 1) exit 1
		}
	}' "$1" "$2"
}

# compare_case N: kq and git apply on one random tree; adds what happened to verdicts
compare_case() {
	local patch=queue/0001-x.patch git_rc=0 kq_rc=0 said
	cd "$BATS_TEST_TMPDIR/c$1" || return 1
	message > "$patch"
	! git diff --no-index --no-prefix --full-index a/f b/f >> "$patch" || return 0
	signature >> "$patch"
	echo 0001-x.patch > queue/series
	git -C g apply --whitespace=nowarn "../$patch" 2> git.err || git_rc=$?
	said=$("$KQ" apply --queue queue k 2>&1) || kq_rc=$?
	echo "case $1: git $git_rc, kq $kq_rc: $said"
	case $git_rc/$kq_rc in
	0/0)
		cmp k/f g/f || return 1
		echo both ;;
	1/3) echo neither ;;
	0/3)
		# Only a guess may be refused that git takes, or a result that is there already.
		[[ $said == *"result is in the file too"* ]] || ! one_place "$patch" k/f || return 1
		echo stricter ;;
	*) return 1 ;;
	esac >> ../verdicts
}

@test "200 random trees: kq's result is git apply's, and kq is never the bolder one" {
	make_cases 200 "${KQ_SEED:-20261122}"
	for ((i = 0; i < 200; i++)); do
		compare_case "$i"
	done
	cd ..
	sort verdicts | uniq -c
	# The cases must really cover the three outcomes.
	[ "$(grep -c both verdicts)" -ge 60 ]
	[ "$(grep -c neither verdicts)" -ge 20 ]
	[ "$(grep -c stricter verdicts)" -ge 1 ]
}

@test "the project's own queue is clean" {
	[ -e "$ROOT/patches/6.18/series" ] || skip "no queue in this tree"
	run "$KQ" lint --queue "$ROOT/patches/6.18"
	echo "$output"
	[ "$status" -eq 0 ]
}
