#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a person makes of a conflict: what is no answer is refused, no work is lost, git's own words work.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load rebase

work=.kq/rebase/conflict/tree

# Line 60 of f is changed by the patch, which fixes a CVE, and by the new base.
one_conflict() {
	mkdir -p old new want
	seq 1 100 > old/f
	change 0001-x.patch f 's/^60$/sixty/'
	sed -i 's/^Upstream-status:.*/&\nCVE: CVE-2026-1234/' queue/0001-x.patch
	sed 's/^60$/upstream/' old/f > new/f
	cp -r queue before
}

# One patch of a and b, which the new base has changed both, and c, which it has not.
two_conflicts() {
	mkdir -p old new want a b
	for file in a b c; do
		seq 1 100 > "old/$file"
		cp "old/$file" a/
		sed 's/^60$/sixty/' "old/$file" > "b/$file"
		sed 's/^60$/upstream/' "old/$file" > "new/$file"
	done
	cp old/c new/c
	queue_patch 0001-x.patch
	rm -rf a b
	cp -r queue before
}

# refused_answer TEXT: kq continue says no, in words, and nothing of the queue or the answers changes
refused_answer() {
	kq_is 3 continue
	[[ "$output" == *"$1"* ]]
	diff -r before queue
	[ -z "$(find .kq/resolutions -type f)" ]
	[ ! -e queue/dropped.log ]
}

in_work() { (cd "$work" && git -c user.name=A -c user.email=a@example.org "$@"); }

# again: the conflict as it was
again() {
	rm -rf "$work"
	kq_is 3 continue
	grep -q '^<<<<<<< ' "$work/$1"
}

@test "the tree of the new base is no answer, however git was told to bring it back" {
	one_conflict
	rebased 3
	nr=0
	for words in 'reset -q --hard' 'checkout -q new -- .' 'restore --source=new .' \
		'restore --source=new --staged --worktree .' 'checkout -q --ours f' 'cherry-pick --abort' \
		'checkout -q -f new' 'cherry-pick --skip'; do
		# shellcheck disable=SC2086 # words
		in_work $words
		cmp new/f "$work/f"
		refused_answer "$work/f: is what the new base has"
		[[ "$output" == *"kq drop 0001-x.patch --reason REASON"* ]]
		again f
		nr=$((nr + 1))
	done
	[ "$nr" -eq 8 ]
	cp new/f "$work/f" # an editor's undo
	refused_answer 'is what the new base has'
	in_work add f
	refused_answer 'is what the new base has'
	in_work commit -q --allow-empty -m 'as it was'
	refused_answer 'is what the new base has'
	again f
	in_work add f
	in_work stash -q
	refused_answer 'is what the new base has'
	"$KQ" cve --queue queue CVE-2026-1234 | grep -q '0001-x.patch' # which still stands in the queue
	again f
	resolve f both # control
	kq_is 0 continue
	[ "$(outcome 0001-x.patch)" = merged ]
}

@test "the old base's file, none at all, or an empty one is no answer" {
	one_conflict
	rebased 3
	in_work checkout -q old -- f
	refused_answer 'is what the old base had'
	again f
	rm "$work/f"
	refused_answer 'is not there, but the new base and the patch have it'
	again f
	: > "$work/f"
	refused_answer 'is empty'
	again f
	in_work checkout -q --theirs f # control: the patch's file is one
	kq_is 0 continue
	sed 's/^60$/sixty/' old/f > want/f
	makes f
}

@test "a file of two that is left as the new base has it: refused, unless it is given up with a reason" {
	two_conflicts
	rebased 3
	resolve a both
	in_work checkout -q new -- b
	refused_answer "$work/b: is what the new base has"
	[[ "$output" == *"kq drop 0001-x.patch --reason REASON FILE"* ]]
	for file in c d; do
		kq_is 3 drop 0001-x.patch --reason why "$file"
		[[ "$output" == *"$file: is not in the conflict of 0001-x.patch that waits"* ]]
	done
	kq_is 0 drop 0001-x.patch --reason 'b does it itself now' b
	kq_is 0 resolutions --queue queue
	[[ "$output" == *"0001-x.patch  b  dropped: b does it itself now"* ]]
	kq_is 0 continue
	[ "$(outcome 0001-x.patch)" = merged ]
	[ "$(jq -c '[.patches[0].files[] | [.file, .outcome]]' .kq/rebase-report.json)" = \
		'[["a","merged"],["b","dropped"],["c","kept"]]' ]
	grep -q 'b does it itself now$' .kq/rebase-report.md
	sed 's/^upstream$/both/' new/a > want/a
	cp new/b want/b
	sed 's/^60$/sixty/' new/c > want/c
	makes a b c
	[ "$(grep -c '^diff --git' queue/0001-x.patch)" -eq 2 ]
	grep -l '^result new-base$' queue/resolutions/* | xargs grep -q '^Reason: b does it itself now$'
	# It is an answer like the others: for everybody.
	cp -r queue/resolutions before/
	rm -rf queue .kq
	mv before queue
	rebased 0
	makes a b c
}

@test "a change that is given up and edited is asked about; one that is all of the patch drops it, not upstream" {
	one_conflict
	rebased 3
	resolve f both
	kq_is 0 drop 0001-x.patch --reason 'not needed' f
	kq_is 3 continue
	[[ "$output" == *"$work/f: was edited, and is given up too"* ]]
	grep -q both "$work/f"
	kq_is 0 resolutions --queue queue --forget f
	cp new/f "$work/f"
	kq_is 3 continue
	kq_is 0 drop 0001-x.patch --reason 'not needed' f
	kq_is 0 continue
	[ "$(outcome 0001-x.patch)" = dropped ]
	[ "$(cut -f 6,7 queue/dropped.log | tail -n 1)" = \
		$'accepted\tf stays as the new base has it, by a resolution: not needed' ]
	run "$KQ" cve --queue queue CVE-2026-1234
	[ "$status" -ne 0 ]
	[[ "$output" != *fixed* || "$output" == *unfixed* ]]
}


@test "an answer of an earlier kq that is the new base, for a region or a file, is asked again, not upstream" {
	one_conflict
	rebased 3
	resolve f both
	kq_is 0 continue
	id=$(basename queue/resolutions/*)
	cp -r queue/resolutions kept
	rm -rf queue .kq
	cp -r before queue
	cp -r kept queue/resolutions
	sed -i 's/^=both$/=upstream/' "queue/resolutions/$id"
	rebased 3
	[[ "$output" == *"conflict in 0001-x.patch"* ]]
	[ ! -e queue/dropped.log ]
	resolve f better # and what is said now replaces it
	kq_is 0 continue
	grep -q '^=better$' "queue/resolutions/$id"
	[ "$(outcome 0001-x.patch)" = merged ]
	# The whole file.
	rm -rf queue .kq
	cp -r before queue
	rebased 3
	resolve f both
	sed -i 's/^70$/seventy/' "$work/f"
	kq_is 0 continue
	cp queue/resolutions/* whole
	id=$(basename queue/resolutions/*)
	rm -rf queue .kq
	cp -r before queue
	mkdir queue/resolutions
	{ sed '/^result /,$d' whole; echo result 100; sed 's/^/=/' new/f; } > "queue/resolutions/$id"
	rebased 3
	[[ "$output" == *"conflict in 0001-x.patch"* ]]
	resolve f both
	kq_is 0 continue
	[ "$(outcome 0001-x.patch)" = merged ]
	cp whole "queue/resolutions/$id" # control: a whole file that is an answer
}

@test "a file that the new base has deleted: reset is no answer, removing it drops the change, and never as upstream" {
	one_conflict
	rm new/f
	rebased 3
	in_work reset -q --hard
	[ ! -e "$work/f" ]
	refused_answer 'is what the new base has'
	again f
	in_work rm -q f
	kq_is 0 continue
	[ "$(outcome 0001-x.patch)" = dropped ]
	[ "$(cut -f 6 queue/dropped.log | tail -n 1)" = accepted ]
	run "$KQ" cve --queue queue CVE-2026-1234
	[ "$status" -ne 0 ]
}

@test "a file that the patch makes, one that it deletes, a binary one, a directory in the way: each has its way out" {
	mkdir -p old new a b
	echo x > old/z
	cp old/z new/z
	seq 1 5 > b/f
	queue_patch 0001-x.patch
	seq 2 9 > new/f
	cp -r queue before
	rebased 3
	[ "$(in_work ls-files -u | cut -f 1 | cut -d ' ' -f 3 | xargs)" = "2 3" ]
	in_work checkout -q --ours f
	refused_answer 'is what the new base has'
	rm "$work/f"
	refused_answer 'is not there'
	in_work checkout -q --theirs f
	kq_is 0 continue
	# Deleted by the patch, changed by the new base.
	rm -rf .kq queue before b/f
	mkdir queue
	seq 1 5 | tee a/f > old/f
	queue_patch 0001-x.patch
	cp -r queue before
	rebased 3
	[ "$(in_work ls-files -u | cut -f 1 | cut -d ' ' -f 3 | xargs)" = "1 2" ]
	sed -i 1d "$work/f" # the line that says what to do, and no more
	refused_answer 'is what the new base has'
	in_work rm -q f
	kq_is 0 continue
	[ "$(outcome 0001-x.patch)" = merged ]
	# Binary on the new base.
	rm -rf .kq queue before
	mkdir queue
	sed 's/3/three/' a/f > b/f
	queue_patch 0001-x.patch
	printf '1\n2\0\n' > new/f
	cp -r queue before
	rebased 3
	in_work checkout -q --theirs f
	refused_answer 'is binary on the new base'
	# A directory.
	rm -rf .kq queue before new/f a/f old/f
	mkdir -p queue new/f
	queue_patch 0001-x.patch
	echo 1 > new/f/g
	cp -r queue before
	rebased 3
	refused_answer 'a directory or a link is where the file should be'
	kq_is 3 drop 0001-x.patch --reason why f
	kq_is 0 drop 0001-x.patch --reason why
	kq_is 0 continue
	[ "$(outcome 0001-x.patch)" = dropped ]
}

@test "two files, one after the other: what was resolved stays" {
	two_conflicts
	rebased 3
	resolve a both
	refused_answer "$work/b:60: a conflict marker is left"
	sed -n 60p "$work/a" | grep -q -x both
	resolve b both
	kq_is 0 continue
	for file in a b; do
		sed 's/^upstream$/both/' "new/$file" > "want/$file"
	done
	makes a b
	[ -z "$(find .kq -name 'conflict-*')" ]
	# The other way round.
	rm -rf queue .kq
	cp -r before queue
	rebased 3
	resolve b both
	refused_answer "$work/a:60: a conflict marker is left"
	resolve a both
	kq_is 0 continue
	makes a b
}

@test "the index is unmerged, as git cherry-pick leaves it: mergetool, --ours, --theirs, -m and commit work" {
	two_conflicts
	rebased 3
	[ "$(in_work diff --name-only --diff-filter=U | xargs)" = "a b" ]
	[ "$(in_work ls-files -u | cut -f 1 | cut -d ' ' -f 3 | xargs)" = "1 2 3 1 2 3" ]
	in_work status | grep -q 'cherry-picking'
	for stage in 1:old 2:new 3:patch; do
		[ "$(in_work rev-parse ":${stage%:*}:a")" = "$(in_work rev-parse "${stage#*:}:a")" ]
	done
	in_work checkout -q --theirs a
	sed -n 60p "$work/a" | grep -q -x sixty
	in_work checkout -q --ours a
	sed -n 60p "$work/a" | grep -q -x upstream
	in_work checkout -q -m a
	grep -q '^||||||| ' "$work/a"
	# A merge tool that takes both lines, and leaves what such tools leave.
	# shellcheck disable=SC2016 # git's variables
	in_work -c mergetool.t.cmd='git merge-file -p --union "$LOCAL" "$BASE" "$REMOTE" > "$MERGED"' \
		-c mergetool.t.trustExitCode=true mergetool -y -t t > said 2>&1
	[ -z "$(in_work ls-files -u)" ]
	[ -e "$work/a.orig" ]
	in_work commit -q --no-edit
	kq_is 0 continue
	for file in a b; do
		sed 's/^upstream$/upstream\nsixty/' "new/$file" > "want/$file"
	done
	makes a b
}

@test "what editors, merge tools and taggers leave is not looked at; another file still is" {
	one_conflict
	rebased 3
	resolve f both
	for name in f.orig f~ f.rej tags TAGS cscope.out .f.swp f_BACKUP_1.c; do
		echo x > "$work/$name"
	done
	echo x > "$work/g"
	kq_is 3 continue
	[[ "$output" == *"$work/g: is not in conflict"* ]]
	rm "$work/g"
	kq_is 0 continue
}

@test "an edited tree is never removed: abort, drop, another new base and a broken plan move it aside" {
	two_conflicts
	rebased 3
	resolve a both
	kq_is 0 abort
	[[ "$output" == *".kq/conflict-0001-x.patch: a work tree that was edited"* ]]
	grep -q -x both .kq/conflict-0001-x.patch/a
	[ ! -e .kq/rebase ]
	rebased 3
	resolve a 'both again'
	kq_is 0 drop 0001-x.patch --reason why
	kq_is 0 continue
	[[ "$output" == *".kq/conflict-0001-x.patch.2: a work tree"* ]]
	grep -q -x 'both again' .kq/conflict-0001-x.patch.2/a
	rm -rf queue
	cp -r before queue
	rebased 3
	resolve a third
	sed -i 's/^upstream$/else/' new/b
	kq_is 3 continue
	grep -q -x third .kq/conflict-0001-x.patch.3/a
	in_work reset -q --hard
	in_work checkout -q -b mine # the work is in a branch
	echo fourth > "$work/a"
	in_work commit -q -a -m mine
	in_work checkout -q work
	echo '{' > .kq/rebase/plan.json
	kq_is 0 abort
	git -C .kq/conflict-0001-x.patch.4 show mine:a | grep -q fourth
	# What nobody touched goes.
	rebased 3
	kq_is 0 abort
	[ "$(find .kq -maxdepth 1 -name 'conflict-*' | wc -l)" -eq 4 ]
	# Not even where there is no place for it.
	rebased 3
	resolve a fifth
	rm .kq/rebase/plan.json
	rebased 3
	grep -q -x fifth .kq/conflict-0001-x.patch.5/a
}

# Two patches in conflict, one in f and one in g.
two_patches() {
	mkdir -p old new want
	seq 1 100 > old/f
	seq 1 100 > old/g
	change 0001-x.patch f 's/^60$/sixty/'
	change 0002-y.patch g 's/^60$/sixty/'
	sed 's/^60$/upstream/' old/f > new/f
	cp new/f new/g
	cp -r queue before
}

@test "abort keeps the answers that were given; they are listed, and can be taken back" {
	two_patches
	kq_is 0 resolutions --queue queue
	[ -z "$output" ]
	rebased 3
	resolve f both
	kq_is 3 continue
	[[ "$output" == *"conflict in 0002-y.patch"* ]]
	kq_is 0 abort
	diff -r before queue
	kq_is 0 resolutions --queue queue
	[[ "$output" =~ ^[0-9a-f]{12}\ \ pending\ \ 0001-x.patch\ \ f\ \ 5\ bytes$ ]]
	id=${output%% *}
	rebased 3
	[[ "$output" == *"conflict in 0002-y.patch"* ]]
	[ "$(outcome 0001-x.patch)" = merged ]
	for name in 000000000000 "${id:0:6}" 0009-no.patch; do
		kq_is 3 resolutions --queue queue --forget "$id" "$name"
		[[ "$output" == *"$name: is not an answer"* ]]
	done
	kq_is 2 resolutions --queue queue --forget
	kq_is 2 resolutions --queue queue "$id"
	kq_is 0 resolutions --queue queue --forget "$id"
	kq_is 3 continue
	[[ "$output" == *"conflict in 0001-x.patch"* ]]
	resolve f better
	kq_is 3 continue
	resolve g both
	kq_is 0 continue
	sed 's/^upstream$/better/' new/f > want/f
	makes f
	[ ! -e .kq/resolutions ]
	kq_is 0 resolutions --queue queue
	[ "$(cut -d ' ' -f 3 <<< "$output" | xargs)" = "queue queue" ]
	kq_is 0 resolutions --queue queue --forget 0001-x.patch
	[ "$(find queue/resolutions -type f | wc -l)" -eq 1 ]
}

@test "an answer that a rebase did not need stays pending, and does not get into the queue" {
	two_patches
	rebased 3
	resolve f both
	kq_is 3 continue
	kq_is 0 abort
	cp old/f new/f
	rebased 3
	resolve g both
	kq_is 0 continue
	[ "$(find queue/resolutions -type f | wc -l)" -eq 1 ]
	kq_is 0 resolutions --queue queue
	[ "$(cut -d ' ' -f 3,5 <<< "$output" | sort | xargs)" = "pending 0001-x.patch queue" ]
}

@test "two kq at once: the second is told, and the queue is right" {
	local pid

	two_patches
	rebased 3
	exec 9< .kq
	flock 9
	for verb in continue abort 'drop 0001-x.patch --reason why' 'resolutions --forget f'; do
		# shellcheck disable=SC2086 # words
		kq_is 3 $verb
		[[ "$output" == *".kq: another kq is at work here"* ]]
	done
	exec 9<&-
	resolve f both
	kq_is 3 continue
	resolve g both
	exec 9< .
	flock 9
	kq_is 3 continue
	[[ "$output" == *".: another kq is at work here"* ]]
	# With a state of its own: in this one a rebase is under way, which is a no already.
	run "$KQ" edit --state other --queue queue --from old 0001-x.patch -- sed -i 's/^1$/one/' f
	[ "$status" -eq 3 ]
	[[ "$output" == *"another kq is at work here"* ]]
	diff -r before queue
	exec 9<&-
	for ((i = 0; i < 4; i++)); do
		"$KQ" continue > "said.$i" 2>&1 &
	done
	for pid in $(jobs -p); do
		wait "$pid" || :
	done
	[ "$(grep -l -e 'queue: now on new' said.* | wc -l)" -eq 1 ]
	sed 's/^upstream$/both/' new/f > want/f
	cp want/f want/g
	makes f g
	[ ! -e .kq/rebase ]
}

@test "what somebody else writes into the queue while kq works is not lost with the old directory" {
	two_patches
	rebased 3
	resolve f both
	kq_is 3 continue
	resolve g both
	cat > wrapper << 'EOF'
#!/bin/sh
# git, and a person who saves a file meanwhile
echo '# mine' >> queue/series
exec "$REAL_GIT" "$@"
EOF
	chmod +x wrapper
	mkdir bin
	mv wrapper bin/git
	REAL_GIT=$(command -v git) PATH=$PWD/bin:$PATH run "$KQ" continue
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"queue/series: changed since the rebase began"* ]]
	grep -q '^# mine$' queue/series
	cp before/series queue/series # control
	kq_is 0 continue
}

# small_disk KIB: directory "small" is a file system of its own
small_disk() {
	mkdir small
	mount -t tmpfs -o "size=${1}k" tmpfs small 2> /dev/null || skip "may not mount here"
}

teardown() {
	cd / || return
	umount "$BATS_TEST_TMPDIR/small" 2> /dev/null || :
}

@test "a full disk: no answer is lost, none is half stored, and the queue is whole" {
	local free rc

	two_conflicts
	export TMPDIR=$BATS_TEST_TMPDIR
	small_disk 400
	cp -r queue old new small/
	cd small
	rebased 3
	resolve a both
	resolve b both
	cp -r .kq ../asked
	for free in 0 1 4 8 12 16 20 24 32 64; do
		rm -rf .kq queue fill
		cp -r ../queue queue
		cp -r ../asked .kq
		dd if=/dev/zero of=fill bs=1k \
			count=$(($(df --output=avail -k . | tail -n 1) - free)) 2> /dev/null
		"$KQ" continue > ../said 2>&1 && rc=0 || rc=$?
		if [ "$rc" -eq 0 ]; then
			fits=yes
		else
			[ "$rc" -eq 1 ]
			full=yes
			[ "$(grep -c . ../said)" -eq 1 ]
			diff -r ../queue queue
			rm fill
			"$KQ" continue > ../said
		fi
		[ "$(grep -r -x -c '=both' queue/resolutions | awk -F : '{ n += $2 } END { print n }')" -eq 2 ]
		[ ! -e .kq/rebase ]
	done
	[ "$fits $full" = "yes yes" ]
}

@test "a directory that cannot be written: one line, and the work stays" {
	one_conflict
	small_disk 4000
	cp -r queue old new small/
	cd small
	rebased 3
	resolve f both
	mount -o remount,ro "$BATS_TEST_TMPDIR/small"
	for verb in continue abort 'drop 0001-x.patch --reason why'; do
		# shellcheck disable=SC2086 # words
		kq_is 1 $verb
		[ "${#lines[@]}" -eq 1 ]
	done
	kq_is 0 resolutions --queue queue
	run "$KQ" status --queue queue --from old --on new
	[ "$status" -eq 3 ]
	grep -q -x both "$work/f"
	mount -o remount,rw "$BATS_TEST_TMPDIR/small"
	kq_is 0 continue
}
