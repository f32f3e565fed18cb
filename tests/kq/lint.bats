#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq lint: each fault is one finding at its line.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

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

@test "lint: the series and the directory must agree, names count upwards" {
	one_line_patch
	sed 's/ x$/ y/' queue/0001-x.patch > queue/0002-y.patch
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

@test "the project's own queue is clean" {
	[ -e "$ROOT/patches/6.18/series" ] || skip "no queue in this tree"
	run "$KQ" lint --queue "$ROOT/patches/6.18"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "lint: a line in the message at which git am cuts it, or that it takes for a field" {
	seq 1 40 > a/f
	sed 's/^20$/new/' a/f > b/f
	git init -q repo && cp a/f repo/ && git -C repo add f &&
		git -C repo -c user.name=a -c user.email=a@example.org commit -q -m base
	while IFS='|' read -r cut text; do
		echo "# $text"
		: > queue/series
		queue_patch 0001-x.patch "Why it is so.\n\n$text\nand more."
		run "$KQ" lint --queue queue
		found=no
		[[ "$output" != *"0001-x.patch:8: git am"* ]] || found=yes
		# git itself: what is missing of the message
		for scissors in --no-scissors --scissors; do
			git mailinfo $scissors msg patch < queue/0001-x.patch > info
			if grep -q '^Why it' msg && grep -q '^and more' msg; then kept=yes; else kept=no; fi
			echo "$scissors $kept $found"
			[ "$kept" = yes ] || [ "$found" = yes ]
			[ "$scissors" = --no-scissors ] || [ "$kept" != "$found" ]
		done
		[ "$found" = "$cut" ]
	done <<-'END'
		yes|---
		yes|---\x20\t\x20
		yes|--- a/f
		yes|---\x20
		no|----
		no|---- a/f
		no|---x
		yes|diff -u a b
		no|different
		yes|Index: f
		no|index: f
		yes|-- >8 --
		yes|--- 8< --- cut here --- 8< ---
		no|>8
		yes|- - - - 8< - - - -
		no|a very long line about scissors that has -- >8 -- in it
	END
	: > queue/series
	queue_patch 0001-x.patch "From: B <b@example.org>\n\nWhy."
	run "$KQ" lint --queue queue
	[[ "$output" == *"0001-x.patch:6: git am takes this line for a field of the mail"* ]]
	git mailinfo msg patch < queue/0001-x.patch | grep -q 'b@example.org'
	: > queue/series
	queue_patch 0001-x.patch "Why.\n\nFrom: B <b@example.org>"
	run "$KQ" lint --queue queue
	[[ "$output" != *"git am"* ]]
}
