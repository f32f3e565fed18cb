#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq edit: a patch in a small git work tree; what is not edited keeps its bytes.
# shellcheck disable=SC2016,SC2030,SC2031 # the inner shell's own words; bats sets output anew

load kq

# three_patches: 0001 and 0003 on f, 0002 on g
three_patches() {
	seq 1 80 > tree/f
	seq 1 40 > tree/g
	seq 1 9 > tree/other
	cp -r tree state
	step 0001-x.patch f 's/^10$/ten/'
	step 0002-y.patch g 's/^20$/twenty/'
	step 0003-z.patch f 's/^60$/sixty/'
	cp -r queue queue.old
}

# edit PATCH SCRIPT: with the script in place of a shell
edit() {
	run "$KQ" edit --queue queue --from tree "$1" -- sh -e -c "$2"
	echo "$output"
}

# edit_refused STATUS TEXT PATCH SCRIPT: one line, and the queue is bit-identical
edit_refused() {
	edit "$3" "$4"
	[ "$status" -eq "$1" ]
	[[ "$output" == "kq: "*"$2"* ]]
	[ "${#lines[@]}" -eq 1 ]
	diff -r queue.old queue
	[ -z "$(find . -maxdepth 1 -name '.queue*')" ]
}

# changed NAME...: these files of the queue differ from before, and no others
changed() { diff -rq queue.old queue | sed -E 's/.* queue\/([^ ]*) differ/\1/' | sort | diff - <(printf '%s\n' "$@"); }

applies() { rm -rf applied && cp -r tree applied && "$KQ" apply --queue queue applied > /dev/null; }

@test "edit: nothing done changes nothing, and leaves nothing" {
	three_patches
	edit 0001-x.patch :
	[ "$status" -eq 0 ]
	[ "$output" = "0001-x.patch: not changed" ]
	[ ! -e .kq/edit ]
	edit 0001-x.patch 'git commit -q --amend --no-edit --date=now; touch f~ x.o'
	[ "$output" = "0001-x.patch: not changed" ]
	diff -r queue.old queue
}

@test "edit: the work tree has the files of the queue before the patch, and the patch on top" {
	three_patches
	edit 0002-y.patch 'test "$(git log --format=%s | head -1)" = y
		test "$(sed -n 20p g)" = twenty
		test "$(git show HEAD^:g | sed -n 20p)" = 20
		test "$(sed -n 10p f)" = ten
		test "$(sed -n 60p f)" = 60
		test ! -e other
		test -z "$(git status --short)"
		git log -1 --format=%b | grep -q "^Upstream-status: never, a test"'
	[ "$output" = "0002-y.patch: not changed" ]
	edit 0002-y.patch 'test "$(sed -n 10p f)" = 10' # control: the script's no is heard
	[ "$status" -eq 1 ]
}

@test "edit: a change of the work tree, an amended and an added commit become the patch alike" {
	three_patches
	for finish in : 'git commit -q -a --amend --no-edit' 'git commit -q -a -m "fixup"'; do
		rm -rf queue && cp -r queue.old queue
		edit 0002-y.patch "sed -i 's/^30\$/thirty/' g; $finish"
		[ "$status" -eq 0 ]
		[ "$output" = "0002-y.patch: edited" ]
		changed 0002-y.patch
		diff <(sed -n '1,/^---$/p' queue.old/0002-y.patch) <(sed -n '1,/^---$/p' queue/0002-y.patch)
		cp queue/0002-y.patch "made.$((++nr))"
		applies
		[ "$(sed -n '20p;30p' applied/g | xargs)" = "twenty thirty" ]
	done
	cmp made.1 made.2 && cmp made.1 made.3
	run "$KQ" lint --queue queue --tree tree
	[ "$output" = "queue: clean" ]
}

@test "edit: files of the patch that were not touched keep their bytes, the diffstat is made anew" {
	three_patches
	mkdir -p a b && cp state/g state/f a/ && sed 's/^5$/five/' a/g > b/g && sed 's/^30$/thirty/' a/f > b/f
	queue_patch 0004-w.patch
	sed -i 's/^@@ -2,7 +2,7 @@.*/@@ -2,7 +2,7 @@ my words/; s/^ f | 1 +$/ f | 2 +-\n g | 2 +-\n 2 files changed, 2 insertions(+), 2 deletions(-)/' queue/0004-w.patch
	rm -rf queue.old && cp -r queue queue.old
	edit 0004-w.patch "sed -i 's/^31\$/x/' f; echo new > dir.c"
	[ "$status" -eq 0 ]
	changed 0004-w.patch
	grep -q '^@@ -2,7 +2,7 @@ my words$' queue/0004-w.patch
	grep -q '^ 3 files changed, 4 insertions(+), 3 deletions(-)$' queue/0004-w.patch
	applies
	[ "$(cat applied/dir.c)" = new ]
	edit 0004-w.patch 'git checkout -q HEAD^ -- f; rm dir.c'
	applies
	[ ! -e applied/dir.c ]
	[ "$(grep -c '^diff --git' queue/0004-w.patch)" -eq 1 ]
}

@test "edit: a new subject renames the file, its line keeps the condition; a new body keeps the head" {
	three_patches
	printf '0001-x.patch\n0002-y.patch\n# z\n0003-z.patch  sku=vm # why\n' > queue/series
	edit 0003-z.patch 'git log -1 --format=%B | sed "1s/.*/f: größer und länger als es eine Zeile des Kopfes zulässt, daher/; s/^Because.*/Since./" | git commit -q --amend -F -'
	[ "$status" -eq 0 ]
	new=0003-f-gr-er-und-l-nger-als-es-eine-Zeile-des-Kopfes-zul-.patch
	[ "$output" = "$new: edited" ]
	[ ! -e queue/0003-z.patch ]
	diff queue/series - <<< "$(printf '0001-x.patch\n0002-y.patch\n# z\n%s  sku=vm # why' "$new")"
	run "$KQ" lint --queue queue
	echo "$output"
	[ "$output" = "queue: clean" ]
	[ "$(diff queue.old/0003-z.patch "queue/$new" | grep '^>' | grep -c -v '^> Subject: \|^>  \|^> Since')" -eq 0 ]
	git init -q am && cp tree/* am/ && git -C am add . && git -C am -c user.name=a -c user.email=a@b commit -q -m 0
	git -C am -c user.name=a -c user.email=a@b am -q "$PWD/queue/0001-x.patch" "$PWD/queue/$new"
	[ "$(git -C am log -1 --format=%s)" = "f: größer und länger als es eine Zeile des Kopfes zulässt, daher" ]
}

@test "edit: later patches get new line numbers, and a merge is shown" {
	three_patches
	edit 0001-x.patch "sed -i '1i zero' f"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "0001-x.patch: edited" ]
	[ "${lines[1]}" = "0003-z.patch: kept, other line numbers or ids" ]
	[ "${#lines[@]}" -eq 2 ]
	changed 0001-x.patch 0003-z.patch
	grep -q '^@@ -58,7 +58,7 @@' queue/0003-z.patch
	applies
	run "$KQ" lint --queue queue --tree tree
	[ "$output" = "queue: clean" ]
	rm -rf queue && cp -r queue.old queue
	edit 0001-x.patch "sed -i 's/^57\$/x/' f"
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "0003-z.patch: merged: look at it" ]
	applies
	[ "$(sed -n '57p;60p' applied/f | xargs)" = "x sixty" ]
}

@test "edit: a later patch in conflict, or with nothing left to do, refuses; the work is kept" {
	three_patches
	edit_refused 3 "0003-z.patch: f: conflicts with the edit" 0001-x.patch "sed -i 's/^60\$/other/' f"
	[[ "$output" == *"(your work is still in .kq/edit)" ]]
	[ "$(sed -n 60p .kq/edit/f)" = other ]
	edit_refused 3 "an edit waits for a conflict; kq continue or kq abort first" 0002-y.patch :
	"$KQ" abort
	edit_refused 3 ".kq/edit: is left from an edit that did not end well" 0002-y.patch :
	rm -r .kq/edit
	edit_refused 3 "0003-z.patch: has nothing left to do" 0001-x.patch "sed -i 's/^60\$/sixty/' f"
	rm -r .kq/edit
	edit_refused 3 "0001-x.patch: nothing is left of it" 0001-x.patch "git reset -q --hard HEAD^"
}

@test "edit: a patch of one SKU is edited on top of its own, and must fit all that share what follows" {
	three_patches
	step 0004-v.patch f 's/^30$/thirty/'
	step 0005-m.patch f 's/^30$/THIRTY/' # not in vm: no change, and so no patch
	sed -i '$d' queue/series && rm -f queue/0005-m.patch
	cp state/f keep && sed -i 's/^thirty$/30/' state/f
	step 0005-m.patch f 's/^30$/metal/'
	printf '0001-x.patch\n0002-y.patch\n0003-z.patch\n0004-v.patch sku=vm\n0005-m.patch sku=metal,vm2\n' > queue/series
	rm -rf queue.old && cp -r queue queue.old
	edit 0005-m.patch 'test "$(sed -n 30p f)" = metal; sed -i "s/^40$/forty/" f'
	[ "$status" -eq 0 ]
	changed 0005-m.patch
	rm -rf queue && cp -r queue.old queue
	edit_refused 3 "0004-v.patch: f: conflicts with the edit" 0001-x.patch "sed -i 's/^30\$/all/' f"
	"$KQ" abort
	rm -r .kq/edit
	run "$KQ" edit --queue queue --from tree --sku vm 0005-m.patch -- true
	[ "$status" -eq 3 ]
}

@test "edit: a command that says no changes nothing; an untouched work tree is removed, another one kept" {
	three_patches
	edit_refused 1 "nothing is changed, since sh ended with 7" 0001-x.patch 'exit 7'
	[ ! -e .kq/edit ]
	edit_refused 1 "(your work is still in .kq/edit)" 0001-x.patch 'echo x >> f; exit 1'
	[ "$(tail -1 .kq/edit/f)" = x ]
	rm -r .kq/edit
	edit_refused 3 "0009-no.patch: is not in the series" 0009-no.patch :
	edit_refused 3 "below HEAD" 0001-x.patch 'git checkout -q --orphan new; git commit -q -m new'
	rm -r .kq/edit
	edit_refused 3 "is a link or a submodule" 0001-x.patch 'ln -s f link'
	rm -r .kq/edit
	edit 0001-x.patch 'sed -i s/^11$/x/ f; echo "# new" >> ../../queue/series'
	[ "$status" -eq 3 ]
	[[ "$output" == "kq: queue: was changed by somebody else meanwhile (your work is still in .kq/edit)" ]]
	sed -i '/# new/d' queue/series
	diff -r queue.old queue
}

@test "edit: a file that the queue does not touch may be brought in; a killed edit is named, not trusted" {
	three_patches
	edit 0002-y.patch 'cp ../../tree/other . && sed -i s/^5$/five/ other'
	[ "$status" -eq 0 ]
	grep -q "^index $(git hash-object tree/other)" queue/0002-y.patch
	applies
	[ "$(sed -n 5p applied/other)" = five ]
	rm -rf queue && cp -r queue.old queue
	"$KQ" edit --queue queue --from tree 0001-x.patch -- sh -c 'echo $PPID > ../../pid; kill -9 $PPID; sleep 1' || :
	diff -r queue.old queue
	edit_refused 3 ".kq/edit: is left from an edit" 0001-x.patch :
}

@test "edit: another author is written, one that is nobody is refused; git log names the old one" {
	three_patches
	edit 0002-y.patch 'test "$(git log -1 --format="%an <%ae>")" = "A Person <a@example.org>"'
	[ "$output" = "0002-y.patch: not changed" ]
	edit 2 'git commit -q --amend --no-edit --author="Jörg Ä. Other <o@example.org>"'
	[ "$status" -eq 0 ]
	[ "$(diff queue.old/0002-y.patch queue/0002-y.patch | grep -c '^[<>]')" -eq 2 ]
	git init -q am && cp tree/* am/ && git -C am add . && git -C am -c user.name=a -c user.email=a@b commit -q -m 0
	git -C am -c user.name=a -c user.email=a@b am -q "$PWD/queue/0002-y.patch"
	[ "$(git -C am log -1 --format='%an <%ae>')" = "Jörg Ä. Other <o@example.org>" ]
	rm -rf queue && cp -r queue.old queue
	edit_refused 3 "the author is kq now" 0002-y.patch 'git commit -q --amend --no-edit --reset-author'
}

@test "edit: the message of a second commit is not lost: a fixup is folded in, another one refused" {
	three_patches
	edit_refused 3 "would be lost" 0002-y.patch 'sed -i s/^30$/thirty/ g; git commit -q -a -m "g: thirty" -m "This is why."'
	[ "$(git -C .kq/edit log -1 --format=%s)" = "g: thirty" ]
	rm -r .kq/edit
	edit_refused 3 "would be lost" 0002-y.patch 'sed -i s/^30$/thirty/ g; git commit -q -a -m "fixup! y" -m "This is why."'
	rm -r .kq/edit
	edit 0002-y.patch 'sed -i s/^30$/thirty/ g; git commit -q -a --fixup HEAD'
	[ "$status" -eq 0 ]
	[ "$output" = "0002-y.patch: edited" ]
}

# take TEXT: put a text in place of the conflict region of f
take() {
	awk -v text="$1" '/^<<<<<<< / { print text; skip = 1 } !skip { print } /^>>>>>>> / { skip = 0 }' \
		.kq/pending/conflict/tree/f > resolved
	cp resolved .kq/pending/conflict/tree/f
}

@test "edit: a conflict with later patches waits for a person, as often as it must, and continue goes on" {
	three_patches
	step 0004-w.patch f 's/^61$/sixty-one/'
	step 0005-v.patch g 's/^30$/thirty/'
	rm -rf queue.old && cp -r queue queue.old
	edit_refused 3 "resolve it in .kq/pending/conflict/tree, then kq continue, or kq abort" 0001-x.patch "sed -i 's/^60\$/other/' f; git commit -q --amend -a -m 'another title' -m Because."
	run "$KQ" continue
	echo "$output"
	[ "$status" -eq 3 ]
	[[ "$output" == *"a conflict marker is left"* ]]
	run "$KQ" rebase --queue queue --from tree --to tree
	[ "$status" -eq 3 ]
	[[ "$output" == *"an edit waits"* ]]
	diff -r queue.old queue
	[ "$(git -C .kq/pending/conflict/tree diff --name-only --diff-filter=U)" = f ]
	take 'other sixty'
	run "$KQ" continue
	echo "$output"
	while [ "$status" -eq 3 ] && [[ "$output" == *"0004-w.patch: f: conflicts"* ]]; do
		diff -r queue.old queue
		take $'other sixty\nsixty-one'
		run "$KQ" continue
		echo "$output"
	done
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "0001-another-title.patch: edited" ]
	[[ "$output" == *"0003-z.patch: merged: look at it"* ]]
	applies
	[ "$(sed -n '10p;60,61p' applied/f | xargs)" = "ten other sixty sixty-one" ]
	cmp queue.old/0002-y.patch queue/0002-y.patch
	cmp queue.old/0005-v.patch queue/0005-v.patch
	[ ! -e .kq/pending ]
	[ ! -e .kq/edit ]
	edit 2 : # control: nothing waits
	[ "$status" -eq 0 ]
}

@test "edit: abort of a conflict keeps the edit and what was resolved; a changed queue is not written over" {
	three_patches
	edit_refused 3 "conflicts with the edit" 0001-x.patch "sed -i 's/^60\$/other/' f"
	take 'other sixty'
	sed -i 's/^19$/ 19/; s/^Because/Since/' queue/0002-y.patch
	run "$KQ" continue
	[ "$status" -eq 3 ]
	[[ "$output" == *"was changed since the edit"* ]]
	cp queue.old/0002-y.patch queue/
	run "$KQ" abort
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"a work tree that was edited and not used"* ]]
	[ "$(sed -n 60p .kq/edit/f)" = other ]
	grep -rq '^other sixty$' .kq --include=f
	diff -r queue.old queue
	run "$KQ" continue
	[ "$status" -eq 3 ]
}
