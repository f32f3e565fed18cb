#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq import: mailboxes and ranges of commits become patches, byte for byte; git is the oracle.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load import

# list DIR: the series of a directory of patches
list() { (cd "$1" && ls -- *.patch > series.tmp && mv series.tmp series); }

# three_commits [BODY]: of the first one
three_commits() {
	sed -i '10s/.*/ten/' repo/f &&
		commit 'f: change ten' "${1-$(printf -- '---\n--- a dash line\n-- \n> quoted\nFrom here on, nothing.')}"
	echo new > repo/dir/new && printf 'with newline\n' > repo/dir/n && commit 'größe: a new file, and Ümläute in the subject that is long enough to be folded'
	rm repo/dir/g && chmod 755 repo/f && commit 'dir: remove g'
}

# import_refused STATUS TEXT ARGS...: in one line, and the queue is as before
import_refused() {
	local want=$1 text=$2 before

	before=$(tree_hash queue)
	shift 2
	import "$@"
	[ "$status" -eq "$want" ]
	[[ "$output" == *"$text"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ "$before" = "$(tree_hash queue)" ]
}

@test "import: a mailbox, its single files and the range give the files that git format-patch writes" {
	base_repo
	three_commits
	format_patch HEAD~3 -o ../want
	list want
	format_patch --stdout HEAD~3 > all.mbox
	import all.mbox
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	diff -r want queue
	: > queue/series && rm queue/*.patch
	import want/0001* want/0002* want/0003*
	[ "$status" -eq 0 ]
	diff -r want queue
	: > queue/series && rm queue/*.patch
	import --git repo HEAD~3..HEAD
	[ "$status" -eq 0 ]
	diff -r want queue
	cp -r tree applied
	"$KQ" apply --queue queue applied
	rm applied/.kq-applied
	diff -r -x .git repo applied
}

@test "import: git am of the queue and git format-patch of that give the same bytes again" {
	base_repo
	three_commits 'No line of dashes: there git am would end the message.'
	import --git repo HEAD~3..HEAD
	as_git checkout -q HEAD~3
	as_git am -q --keep-cr "$PWD"/queue/*.patch
	format_patch HEAD~3 -o ../again
	list again
	diff -r again queue
}

@test "import: rebased onto another tree and back, and edited without a change, the bytes are the same" {
	base_repo
	three_commits
	format_patch HEAD~3 -o ../want
	list want
	import --git repo HEAD~3..HEAD
	cp -r tree next && echo more > next/more
	for to in next tree; do
		from=tree && [ "$to" = next ] || from=next
		run "$KQ" rebase --queue queue --from "$from" --to "$to"
		echo "$output"
		[ "$status" -eq 0 ]
		diff -r want queue
	done
	(cd queue && printf '%s\n' *.patch) | while read -r patch; do
		"$KQ" edit --queue queue --from tree "$patch" -- true
	done
	diff -r want queue
}

@test "import: one after the other goes on counting, the series keeps its comments" {
	base_repo
	three_commits
	printf '# the queue\n\n' > queue/series
	import --git repo HEAD~2^!
	[ "$output" = "0001-f-change-ten.patch" ]
	printf '# more' >> queue/series
	import --git repo HEAD~1^!
	[ "$status" -eq 0 ]
	[[ "$output" == 0002-gr-e-a-new-file-* ]]
	printf '# the queue\n\n0001-f-change-ten.patch\n%s\n# more\n' "$output" | diff - queue/series
}

@test "import: what is for all goes before what has a condition, which counts from 1001" {
	base_repo
	three_commits
	import --sku vm,metal --arch x86_64 --git repo HEAD~2^!
	[ "$output" = 1001-f-change-ten.patch ]
	import --git repo HEAD^!
	[ "$output" = 0001-dir-remove-g.patch ]
	printf '0001-dir-remove-g.patch\n1001-f-change-ten.patch sku=vm,metal arch=x86_64\n' | diff - queue/series
	import --sku vm --git repo HEAD~1^!
	[[ "$output" == 1002-* ]]
	sed -i 's/^1001/0002/' queue/series && mv queue/1001-f-change-ten.patch queue/0002-f-change-ten.patch
	seq 1 5 > repo/h && commit 'h: new'
	import_refused 3 "no numbers are free for 1 patches from 0002 on before 0002" --git repo HEAD^!
}

@test "import: a patch that does not fit for one SKU only is refused and the SKU named" {
	base_repo
	sed -i '10s/.*/vm/' repo/f && commit 'f: vm'
	import --sku vm --git repo HEAD^!
	[ "$status" -eq 0 ]
	as_git reset -q --hard HEAD^
	sed -i '12s/.*/all/' repo/f && commit 'f: all'
	import_refused 3 "with sku=vm arch=-: 1001-f-vm.patch: f: hunk 1" --git repo HEAD^!
	as_git reset -q --hard HEAD^
	sed -i '40s/.*/all/' repo/f && commit 'f: all'
	import --git repo HEAD^!
	[ "$status" -eq 0 ]
}

@test "import: a change that is there already and one that does not apply are refused, with the verdict" {
	base_repo
	sed -i '10s/.*/ten/' repo/f && commit 'f: ten'
	import --git repo HEAD^!
	import_refused 3 "HEAD^!, mail 1: f: hunk 1 (patch line 15) is already applied, at line 7" --git repo HEAD^!
	sed -i '12s/.*/x/' repo/f && commit 'f: between'
	sed -i '11s/.*/y/' repo/f && commit 'f: on top'
	import_refused 3 "HEAD^!, mail 1: f: hunk 1 (patch line 21) does not match" --git repo HEAD^!
	import --git repo HEAD~2..HEAD
	[ "$status" -eq 0 ]
}

@test "import: all or none, also when the second mail is bad or the disk is full" {
	base_repo
	three_commits
	format_patch --stdout HEAD~2 > all.mbox
	head -n -4 all.mbox > cut.mbox
	import_refused 1 "cut.mbox, mail 2:" cut.mbox
	touch queue/0002-dir-remove-g.patch
	import_refused 3 "queue/0002-dir-remove-g.patch: is there already, but not in the series" all.mbox
	rm queue/0002-dir-remove-g.patch
	chmod a-w queue
	[ "$(id -u)" -eq 0 ] || import_refused 1 "queue" all.mbox
	chmod u+w queue
	import all.mbox
	[ "$status" -eq 0 ]
}

@test "import: binary, renames, merges and mails without a diff or a subject are refused" {
	base_repo
	sed -i '10s/.*/ten/' repo/f && commit 'f: ten'
	format_patch --stdout HEAD^ > good
	sed '/^Subject/d' good > bad
	import_refused 1 "bad, mail 1: has no Subject" bad
	sed '/^diff/,/^-- $/{/^-- $/!d}' good > bad
	import_refused 1 "no diff --git line, nothing to apply" bad
	sed 's/^Subject:/Content-Transfer-Encoding: 8bit\n&/' good > fine
	import fine
	[ "$status" -eq 0 ]
	printf '\0\1' > repo/bin && commit 'bin: x'
	import_refused 1 "binary patches are refused" --git repo HEAD^!
	as_git mv f ff && commit 'f: move'
	as_git format-patch -q -M --stdout -1 > bad
	import_refused 1 "want two equal names, a/NAME b/NAME (no rename)" bad
	as_git checkout -q -b other HEAD~3
	echo > repo/z && commit 'z: new'
	as_git merge -q --no-edit --no-ff -m merge "@{-1}"
	import_refused 3 "is a merge, which has no patch" --git repo HEAD^1..HEAD
	import_refused 3 "HEAD..HEAD: has no commits" --git repo HEAD..HEAD
	import_refused 1 "no-such: no such file, and no range" no-such
	import_refused 1 "git rev-list" --git repo no..such
	: > empty
	import_refused 1 "no mail in what was given" empty
}
