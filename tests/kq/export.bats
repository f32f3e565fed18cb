#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq export --git, and kq import --git of that branch: git am and git format-patch are the oracles.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

as_git() { git -C repo -c user.name='Ä Person' -c user.email=a@example.org -c advice.detachedHead=false "$@"; }

is() {
	local want=$1 verb=$2

	shift 2
	run "$KQ" "$verb" --queue queue --from git:repo:main "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}

# no STATUS TEXT VERB...: one line, and neither queue nor branches are others
no() {
	local want=$1 text=$2 before

	before=$(tree_hash queue; as_git show-ref)
	shift 2
	is "$want" "$@"
	[[ "$output" == "kq: "*"$text"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ "$before" = "$(tree_hash queue; as_git show-ref)" ]
}

commit() {
	as_git add -A
	as_git commit -q -m "$1" -m "${2:-Because.}"
}

# setup_queue: three patches, made by git format-patch, on main; the first of them moved by hand
setup_queue() {
	git init -q -b main repo
	seq 1 60 > repo/f
	seq 1 40 > repo/g
	echo gone > repo/h
	commit base
	as_git checkout -q -b topic
	sed -i '10s/.*/ten/' repo/f && as_git add -A &&
		as_git -c user.name='O. "Q" Person' commit -q -m 'größe: a subject that is long enough to be folded into two lines, as git does' -m 'Why.

    indented

---
and a line of dashes' --date='Thu, 1 Jan 2026 12:00:00 +0530'
	rm repo/h && echo new > repo/n && chmod 755 repo/g && commit 'f: second'
	sed -i '40s/.*/forty/' repo/f && commit 'f: third'
	as_git format-patch -q -N --full-index --no-renames --zero-commit -o ../queue main
	(cd queue && printf '# all\n' > series && ls -- *.patch >> series)
	as_git checkout -q main
	cp -r queue want
}

@test "export: a commit for each patch, with its author, date and message; the same again is the same" {
	setup_queue
	is 0 export --git repo:work
	[ "$output" = "work: 3 patches on main" ]
	diff <(as_git log --format='%an %ae %aD%n%B' topic) <(as_git log --format='%an %ae %aD%n%B' work)
	[ "$(as_git rev-parse 'topic^{tree}')" = "$(as_git rev-parse 'work^{tree}')" ]
	[ "$(as_git merge-base main work)" = "$(as_git rev-parse main)" ]
	tip=$(as_git rev-parse work)
	is 0 export --git repo:work
	[ "$output" = "work: 3 patches on main, as it was" ]
	[ "$tip" = "$(as_git rev-parse work)" ]
	(cd repo && "$KQ" export --queue ../queue --from git:.:main --git other)
	[ "$tip" = "$(as_git rev-parse other)" ]
	[ -z "$(as_git status --short)" ]
	[ -z "$(as_git for-each-ref refs/kq/exporting)" ]
}

@test "export: git am of the queue gives the tree of the branch" {
	setup_queue
	is 0 export --git repo:work
	as_git checkout -q -b am main
	as_git am -q --keep-cr "$PWD"/queue/*.patch
	[ "$(as_git rev-parse 'am^{tree}')" = "$(as_git rev-parse 'work^{tree}')" ]
}

@test "export: git format-patch of the branch gives the queue again, byte for byte" {
	setup_queue
	is 0 export --git repo:work
	as_git format-patch -q -N --full-index --no-renames --zero-commit -o ../again main..work
	rm want/series
	diff -r want again
	rm -r queue && mkdir queue && : > queue/series
	run "$KQ" import --queue queue --from git:repo:main --git repo main..work
	echo "$output"
	[ "$status" -eq 0 ]
	rm queue/series
	diff -r want queue
}

@test "back: nothing was changed, so no byte is another, however the patches were written" {
	setup_queue
	# A patch with a section text, a width of the diffstat and notes of its own.
	sed -i 's/^@@ -37,7 +37,7 @@.*/@@ -37,7 +37,7 @@ my words/; s/^---$/---\nA note for readers.\n/; s/^2\.[0-9.]*$/9.9/' queue/0003-*.patch
	rm -rf want && cp -r queue want
	is 0 export --git repo:work
	is 0 import --git repo:work
	[ "$output" = "the queue is as the branch" ]
	diff -r want queue
}

@test "back: what git rebase has made of it comes back in order, and the others keep their bytes" {
	setup_queue
	is 0 export --git repo:work
	as_git checkout -q work
	sed -i '1i zero' repo/f && commit 'f: new on top'
	sed -i '20s/.*/twenty/' repo/g && as_git commit -q -a --fixup HEAD~2
	GIT_SEQUENCE_EDITOR=true as_git rebase -q -i --autosquash main
	as_git checkout -q main
	no 3 "work: has commits that kq export did not make; kq import --git repo:work takes them" export --git repo:work
	is 0 import --git repo:work
	[[ "$output" == *"0004-f-new-on-top.patch: new"* ]]
	[[ "$output" == *"0002-f-second.patch: as the branch has it"* ]]
	for patch in 0001-gr-e-a-subject-that-is-long-enough-to-be-folded-into.patch 0003-f-third.patch; do
		cmp "want/$patch" "queue/$patch"
	done
	printf '%s\n' '# all' 0001-gr-e-a-subject-that-is-long-enough-to-be-folded-into.patch 0002-f-second.patch 0003-f-third.patch 0004-f-new-on-top.patch | diff - queue/series
	tree=$(as_git rev-parse 'work^{tree}')
	is 0 export --git repo:work
	[ "$tree" = "$(as_git rev-parse 'work^{tree}')" ]
	is 0 import --git repo:work
	[ "$output" = "the queue is as the branch" ]
}

@test "back: commits that were dropped, swapped or retitled" {
	setup_queue
	is 0 export --git repo:work
	as_git checkout -q -b mine main
	as_git cherry-pick work work~2 > /dev/null
	as_git commit -q --amend -m 'f: another title'
	as_git checkout -q main
	as_git branch -q -f work mine
	is 0 import --git repo:work
	[[ "$output" == *"0002-f-second.patch: removed"* ]]
	[ "$(tail -n 1 queue/dropped.log | cut -f 2,6,7)" = $'0002-f-second.patch\taccepted\tnot in the branch work' ]
	[ "$(grep -c patch queue/series)" -eq 2 ]
	[ "$(grep patch queue/series | sed 's/^....//')" = "$(printf '%s\n' -f-third.patch -f-another-title.patch)" ]
	run "$KQ" lint --queue queue
	[[ "$output" != *"number does not follow"* ]]
	[[ "$output" != *"subject makes"* ]]
}

@test "a SKU's queue goes there and back; without its name nothing is taken for something else" {
	setup_queue
	sed -i 's/^0003.*/& sku=vm/' queue/series
	rm -rf want && cp -r queue want
	is 0 export --git repo:common
	[ "$output" = "common: 2 patches on main" ]
	is 0 export --git repo:vm --sku vm
	[ "$output" = "vm: 3 patches on main" ]
	is 0 import --git repo:common
	is 0 import --git repo:vm --sku vm
	diff -r want queue
	no 3 "give --sku" import --git repo:vm
	as_git checkout -q vm
	sed -i '50s/.*/fifty/' repo/f && commit 'f: of vm'
	as_git checkout -q main
	is 0 import --git repo:vm --sku vm
	[ "$(tail -n 1 queue/series)" = "1001-f-of-vm.patch sku=vm" ]
}

@test "export and back refuse what would lose something, or cannot be" {
	setup_queue
	no 3 "topic: has commits that kq export did not make" export --git repo:topic
	is 0 export --git repo:work
	as_git checkout -q work
	is 0 export --git repo:work # nothing to do
	printf '# more\n' >> queue/series && "$KQ" remove --queue queue --from git:repo:main 3
	no 3 "work: is checked out in" export --git repo:work
	as_git checkout -q main
	is 0 export --git repo:work
	[ "$output" = "work: 2 patches on main" ]
	no 1 "is not a name for a branch" export --git 'repo:a..b'
	no 1 "has no branch none" import --git repo:none
	is 2 export
	is 2 import
	run "$KQ" export --queue queue --git repo:work
	[ "$status" -eq 1 ]
	[[ "$output" == *"base.lock: is not there; say with --from git:REPO:REV"* ]]
	run "$KQ" export --queue queue --from git:repo:v9 --git repo:work
	[[ "$output" == *"repo: has no v9; fetch it"* ]]
	as_git checkout -q work && as_git merge -q --no-ff -m merge topic -s ours && as_git checkout -q main
	no 3 "is a merge" import --git repo:work
}

@test "an empty queue is a branch that is the release, and back" {
	setup_queue
	rm queue/*.patch && : > queue/series
	is 0 export --git repo:work
	[ "$output" = "work: 0 patches on main" ]
	[ "$(as_git rev-parse work)" = "$(as_git rev-parse main)" ]
	is 0 import --git repo:work
	as_git branch -q -f work topic
	is 0 import --git repo:work
	rm queue/series want/series
	diff -r want queue
}
