#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq rebase: the outcome of every patch, the report, and that nothing changes without a reason.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load rebase

setup_bases() {
	mkdir -p old new want
	seq 1 100 > old/f
	seq 1 100 > old/g
	cp old/f old/g new/
}

@test "kept: line numbers and blob ids follow, every other byte stays" {
	setup_bases
	change 0001-x.patch f 's/^20$/new/'
	{ seq 201 217; seq 1 100; } > new/f
	sed 's/^20$/new/' new/f > want/f
	cp -r queue before
	rebased 0
	[ "$(outcome 0001-x.patch)" = kept ]
	makes f
	diff before/0001-x.patch queue/0001-x.patch > changes || true
	grep -q '^> @@ -34,7 +34,7 @@' changes
	[ "$(grep '^[<>]' changes | grep -v -c -E '^[<>] (@@|index) ')" -eq 0 ]
	grep -q "^index $(git hash-object new/f)\.\.$(git hash-object want/f) 100644$" queue/0001-x.patch
	[ "$(jq '.patches[0].files[0].hunks[0].offset' .kq/rebase-report.json)" = 17 ]
	[ ! -e .kq/rebase ]
}

@test "onto the same base no byte, time or inode of the queue changes" {
	setup_bases
	change 0001-x.patch f 's/^20$/new/'
	change 0002-y.patch g 's/^5$/five/;s/^95$/ninety-five/'
	echo 'a note' > queue/README
	state() { find queue -printf '%p %i %m %T@ %s\n' | sort; find queue -type f -exec sha256sum {} + | sort; }
	state > before
	rebased 0
	[[ "$output" == *"nothing changed"* ]]
	state | cmp before -
	rm -rf new
	mkdir new
	{ echo 0; cat old/f; } > new/f
	cp old/g new/g
	rebased 0 # control: another base does change it
	[ "$(state)" != "$(cat before)" ]
	state > before
	run "$KQ" rebase --queue queue --from new --to new
	[ "$status" -eq 0 ]
	state | cmp before -
}

@test "what is hidden in paths, reasons and lines is seen on the terminal and in the report" {
	setup_bases
	local rlo=$'\xe2\x80\xae' zwsp=$'\xe2\x80\x8b'
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.quotePath GIT_CONFIG_VALUE_0=false
	mv old/f "old/f$rlo"
	rm new/f
	change 0001-x.patch "f$rlo" "s/^20$/ne${zwsp}w/"
	change 0002-y.patch g 's/^5$/five/'
	sed "s/^20$/ot${zwsp}her/" "old/f$rlo" > "new/f$rlo"
	seen() { [[ "$1" != *"$rlo"* && "$1" != *"$zwsp"* && "$1" == *"$2"* ]]; }
	run "$KQ" status --queue queue --from old --on new
	[ "$status" -eq 3 ]
	seen "$output" 'f<U+202E>: '
	rebased 3
	seen "$output" 'f<U+202E>: '
	seen "$output" 'ot<U+200B>her'
	# shellcheck disable=SC2016 # Markdown's
	seen "$(cat .kq/rebase-report.md)" '`f<U+202E>`: '
	seen "$(cat .kq/rebase-report.md)" 'ot<U+200B>her'
	run "$KQ" drop 0001-x.patch --reason "no${zwsp}body"
	[ "$status" -eq 0 ]
	run "$KQ" resolutions --queue queue
	seen "$output" 'dropped: no<U+200B>body'
	run "$KQ" continue
	[ "$status" -eq 0 ]
	seen "$output" 'no<U+200B>body'
	seen "$(cat .kq/rebase-report.md)" '| 0001-x.patch | all | dropped | no<U+200B>body |'
	# For programs it is what it is.
	[ "$(jq -r '.patches[0].evidence' .kq/rebase-report.json)" = "no${zwsp}body" ]
	# A tab in a line is a tab.
	rm -rf top queue old new .kq
	mkdir -p queue old new
	printf '\tone\n\ttwo\n' | tee old/f > new/f
	change 0001-x.patch f 's/one/ours/'
	sed -i 's/one/theirs/' new/f
	rebased 3
	grep -q "^    $(printf '\ttheirs')$" <<< "$output"
	grep -q "^    +$(printf '\ttheirs')$" .kq/rebase-report.md
}

@test "upstream: dropped with evidence, the series keeps its comments" {
	setup_bases
	printf '# first\n' > queue/series
	change 0001-x.patch f 's/^20$/new/'
	printf '\n# second\n' >> queue/series
	change 0002-y.patch g 's/^50$/fifty/'
	sed 's/^20$/new/' old/f > new/f
	hash=$(sha256sum < queue/0001-x.patch | cut -d ' ' -f 1)
	rebased 0
	[ "$(outcome 0001-x.patch)" = upstream ]
	[ "$(outcome 0002-y.patch)" = kept ]
	[ "$(total dropped)" = 1 ]
	[ ! -e queue/0001-x.patch ]
	printf '# first\n\n# second\n0002-y.patch\n' | cmp - queue/series
	grep -q -P "^2026-01-01\t0001-x.patch\t$hash\told\tnew\tupstream\tf:17 ." queue/dropped.log
	cp new/f want/f
	sed 's/^50$/fifty/' new/g > want/g
	makes f g
}

@test "dropped.log only grows" {
	setup_bases
	change 0001-x.patch f 's/^20$/new/'
	change 0002-y.patch g 's/^50$/fifty/'
	change 0003-z.patch g 's/^90$/ninety/'
	printf '# mine\nan older line\n' > queue/dropped.log
	sed 's/^20$/new/' old/f > new/f
	rebased 0
	sed 's/^50$/fifty/' new/g > g2
	rm -rf old
	mv new old
	mkdir new
	cp old/f new/f
	mv g2 new/g
	rebased 0
	[ "$(head -n 2 queue/dropped.log)" = "$(printf '# mine\nan older line')" ]
	[ "$(cut -f 2 queue/dropped.log | tail -n 2 | tr '\n' ' ')" = "0001-x.patch 0002-y.patch " ]
	[ "$(cat queue/series)" = 0003-z.patch ]
}

@test "partial: the hunk that upstream has goes, the patch is named and shown" {
	setup_bases
	change 0001-x.patch f 's/^20$/new/;s/^80$/eighty/'
	sed 's/^20$/new/' old/f > new/f
	rebased 0
	[ "$(outcome 0001-x.patch)" = partial ]
	[ "$(total partial)" = 1 ]
	[ "$(grep -c '^@@' queue/0001-x.patch)" -eq 1 ]
	sed 's/^80$/eighty/' new/f > want/f
	makes f
	grep -q '^### 0001-x.patch: partial' .kq/rebase-report.md
	grep -q '^    -+new$' .kq/rebase-report.md
	[ ! -e queue/dropped.log ]
}

@test "merged: an edit beside ours is merged and shown, never silent" {
	setup_bases
	change 0001-x.patch f 's/^20$/new/'
	sed 's/^18$/upstream/' old/f > new/f
	rebased 0
	[ "$(outcome 0001-x.patch)" = merged ]
	[[ "$output" == *"merged     0001-x.patch"* ]]
	sed 's/^20$/new/' new/f > want/f
	makes f
	jq -e '.patches[0].look and (.patches[0].interdiff | contains("+ upstream"))' .kq/rebase-report.json
	grep -q '^## To look at by eye' .kq/rebase-report.md
}

@test "a whole queue: totals add up, and everything is dropped when upstream has it all" {
	setup_bases
	change 0001-a.patch f 's/^10$/ten/'
	change 0002-b.patch f 's/^30$/thirty/'
	change 0003-c.patch f 's/^50$/fifty/;s/^90$/ninety/'
	change 0004-d.patch f 's/^70$/seventy/'
	sed 's/^30$/thirty/; s/^50$/fifty/; s/^72$/other/' old/f > new/f
	rebased 0
	check_json --control kq/rebase <.kq/rebase-report.json
	[ "$(jq -c .totals .kq/rebase-report.json)" = \
		'{"in":4,"kept":1,"partial":1,"merged":1,"dropped":1,"conflicts":0,"not_judged":0,"other_sku":0}' ]
	sed 's/^10$/ten/; s/^90$/ninety/; s/^70$/seventy/' new/f > want/f
	makes f
	rm -rf old
	cp -r new old
	cp want/f new/f
	rebased 0
	[ "$(total dropped)" = 3 ]
	[ "$(grep -c . queue/series)" -eq 0 ]
}

@test "a revert in the queue stays, a change that the new base has is never applied twice" {
	setup_bases
	sed 's/^20$/upstream/' old/f > f2
	cp f2 old/f
	cp f2 new/f
	change 0001-revert.patch f 's/^upstream$/20/'
	rebased 0
	[ "$(outcome 0001-revert.patch)" = kept ]
	# The same lines twice, one of them inserted by the patch: GNU patch would insert it once more.
	rm -rf queue top
	mkdir queue
	: > queue/series
	{ seq 1 9; echo call; seq 1 9; } > old/f
	change 0001-x.patch f '10a call'
	cp top/f new/f
	rebased 0
	[ "$(outcome 0001-x.patch)" = upstream ]
}

@test "the queue must apply to its old base exactly: exit 3, nothing changed, nothing under way" {
	setup_bases
	change 0001-x.patch f 's/^20$/new/'
	sed -i 's/^19$/else/' old/f
	before=$(tree_hash queue)
	rebased 3
	[[ "$output" == *"0001-x.patch: f: hunk 1"* ]]
	[ "$before" = "$(tree_hash queue)" ]
	[ ! -e .kq/rebase ]
	sed -i 's/^else$/19/' old/f # control
	rebased 0
}

@test "usage errors exit 2, what cannot be read 1, a clear no 3" {
	setup_bases
	change 0001-x.patch f 's/^20$/new/'
	for args in rebase "rebase --to" "rebase --to new more" "drop 0001-x.patch" "drop --reason why" \
		"continue more" "abort --to new"; do
		# shellcheck disable=SC2086 # several words on purpose
		kq_is 2 $args
	done
	kq_is 1 rebase --queue queue --to new
	[[ "$output" == *"--from"* ]]
	kq_is 1 rebase --queue queue --from old --to no-such-base
	kq_is 1 rebase --queue no-such-queue --from old --to new
	for verb in continue abort "drop 0001-x.patch --reason why"; do
		# shellcheck disable=SC2086
		kq_is 3 $verb
		[[ "$output" == *"no rebase is under way"* ]]
	done
	mkdir link
	ln -s ../f queue/link
	rebased 1
	[[ "$output" == *"neither a file nor a directory"* ]]
	rm queue/link
	rebased 0
}

# kernel_repo: "repo" with two tagged releases that have a Makefile, as a kernel has
kernel_repo() {
	local nr

	export XDG_CACHE_HOME=$PWD/cache
	git init -q repo
	for nr in 5 6; do
		printf 'VERSION = 6\nPATCHLEVEL = 18\nSUBLEVEL = %d\nEXTRAVERSION =\n' "$nr" > repo/Makefile
		{ seq 1 $((nr * 10)); cat old/f; } > repo/f
		git -C repo add -A
		git -C repo -c user.name=A -c user.email=a@example.org commit -q -m "6.18.$nr"
		git -C repo tag "v6.18.$nr"
	done
}

@test "base.lock: written with release and tree id, and the old base must be the one it names" {
	setup_bases
	kernel_repo
	git -C repo show v6.18.5:f > old/f
	change 0001-x.patch f '70s/^20$/new/'
	kq_is 0 rebase --queue queue --from git:repo:v6.18.5 --to git:repo:v6.18.6
	[[ "$output" == *"queue: now on 6.18.6"* ]]
	grep -q '^release 6.18.6$' queue/base.lock
	grep -q "^tree $(git -C repo rev-parse 'v6.18.6^{tree}')$" queue/base.lock
	[ "$(jq -r .from .kq/rebase-report.json)" = 6.18.5 ]
	before=$(tree_hash queue)
	kq_is 3 rebase --queue queue --from git:repo:v6.18.5 --to git:repo:v6.18.6
	[[ "$output" == *"the queue is made on 6.18.6, this is 6.18.5"* ]]
	kq_is 3 rebase --queue queue --from git:repo:v6.18.6 --to old
	[[ "$output" == *"has no identity for base.lock"* ]]
	kq_is 0 rebase --queue queue --from git:repo:v6.18.6 --to git:repo:v6.18.6
	[ "$before" = "$(tree_hash queue)" ]
	# Without --from it is the release of base.lock, which scripts/build/fetch gets.
	mkdir -p scripts/build
	# shellcheck disable=SC2016 # the script's own variables
	printf '#!/bin/sh\ngit -C repo archive --prefix=linux/ -o "$PWD/$1.tar" "v$1"\necho "$PWD/$1.tar"\n' > scripts/build/fetch
	chmod +x scripts/build/fetch
	kq_is 0 rebase --queue queue --to 6.18.5
	grep -q '^release 6.18.5$' queue/base.lock
	grep -q "^tree $(git -C repo rev-parse 'v6.18.5^{tree}')$" queue/base.lock
}
