#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq refresh, move, remove, rename, renumber, and an import in the middle: the others follow, or nothing
# happens.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

# three_patches: 0001 and 0003 on f, 0002 on g
three_patches() {
	seq 1 80 > tree/f
	seq 1 40 > tree/g
	cp -r tree state
	step 0001-x.patch f '5i five and a half
s/^10$/ten/'
	step 0002-y.patch g 's/^20$/twenty/'
	step 0003-z.patch f 's/^60$/sixty/'
	cp -r queue queue.old
}

# is STATUS VERB...: with the queue, from the tree
is() {
	local want=$1 verb=$2

	shift 2
	run "$KQ" "$verb" --queue queue "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}

# no STATUS TEXT VERB...: one line, and no byte of the queue is another
no() {
	local want=$1 text=$2 before

	before=$(tree_hash queue)
	shift 2
	is "$want" "$@"
	[[ "$output" == "kq: "*"$text"* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ "$before" = "$(tree_hash queue)" ]
	[ -z "$(find . -maxdepth 1 -name '.queue*')" ]
}

series_is() { diff <(printf '%s\n' "$@") queue/series; }

# applied_is: the queue makes the same tree as before
applied_is() {
	rm -rf applied && cp -r tree applied && "$KQ" apply --queue queue applied > notes
	diff -r -x .kq-applied state applied
	[ "$(grep -c -v 'patches applied' notes)" -eq 0 ]
}

clean() {
	run "$KQ" lint --queue queue --tree tree
	echo "$output"
	[ "$output" = "queue: clean" ]
}

@test "refresh: nothing to do is nothing done" {
	three_patches
	for args in "" --all "1 2" 0003-z.patch; do
		# shellcheck disable=SC2086 # several words on purpose
		is 0 refresh --from tree $args
		[ "$output" = "nothing to refresh" ]
		diff -r queue.old queue
	done
	is 2 refresh --from tree --all 1
}

@test "refresh: ids that are short or not there, offsets and the diffstat; only of those that are named" {
	three_patches
	sed -i -E 's/^(@@ -)([0-9]+)(.*\+)([0-9]+)/\17\39/; /^index/d' queue/0003-z.patch
	sed -i -E 's/^index (.{7}).*\.\.(.{7}).* /index \1..\2 /; s/^ f \| 1 \+$/ g | 9 +++++++++\n 1 file changed, 9 insertions(+)/' queue/0002-y.patch
	cp -r queue broken
	run "$KQ" lint --queue queue --tree tree
	[ "$status" -eq 3 ]
	is 0 refresh --from tree 2
	[ "$output" = "0002-y.patch: kept, other line numbers or ids" ]
	grep -q '^ g | 2 +-$' queue/0002-y.patch
	grep -q '^ 1 file changed, 1 insertion(+), 1 deletion(-)$' queue/0002-y.patch
	diff <(sed -n '/^diff/,$p' queue.old/0002-y.patch) <(sed -n '/^diff/,$p' queue/0002-y.patch)
	cmp broken/0003-z.patch queue/0003-z.patch
	is 0 refresh --from tree --all
	[ "$output" = "0003-z.patch: kept, other line numbers or ids" ]
	cmp queue.old/0003-z.patch queue/0003-z.patch
	clean
	is 0 refresh --from tree
	[ "$output" = "nothing to refresh" ]
}

@test "refresh: new, deleted and mode changed files get ids as git writes them" {
	mkdir -p tree repo && seq 1 9 > tree/f && cp tree/f tree/g && cp tree/f tree/m && cp -r tree/. repo
	git init -q repo
	as() { git -C repo -c user.name=A -c user.email=a@b "$@"; }
	as add -A && as commit -q -m base
	echo new > repo/new && rm repo/g && chmod 755 repo/m && sed -i 's/^5$/five/' repo/m && : > repo/empty
	as add -A && as commit -q -m 'all of it'
	as format-patch -q -N --full-index --no-renames --zero-commit -o ../queue HEAD^
	echo 0001-all-of-it.patch > queue/series
	cp queue/0001-all-of-it.patch want
	is 0 refresh --from tree
	[ "$output" = "nothing to refresh" ]
	sed -i -E 's/^index (.{7}).*\.\.(.{7})[0-9a-f]*/index \1..\2/' queue/0001-all-of-it.patch
	is 0 refresh --from tree
	cmp want queue/0001-all-of-it.patch
	sed -i '/^index/d' queue/0001-all-of-it.patch
	is 0 refresh --from tree
	grep -v '^index e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\|^index .*e69de29bb2d1d6434b8b29ae775ad8c2e48c5391$' want > want2
	diff want2 <(grep -v 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' queue/0001-all-of-it.patch)
}

@test "refresh: a patch that does not apply is named, and no other is touched" {
	three_patches
	sed -i 's/^ 18$/ eighteen/' queue/0002-y.patch
	sed -i 's/^index .*/index 1234567..abcdefa 100644/' queue/0001-x.patch
	no 3 "0002-y.patch: g: hunk 1" refresh --from tree
}

@test "move: down and up; it gets a number between, and those that it passes follow" {
	three_patches
	printf '# all\n\n0001-x.patch # why\n# g\n0002-y.patch\n0003-z.patch\n# end\n' > queue/series
	is 0 move --from tree --after 3 1
	series_is '# all' '' '# g' 0002-y.patch 0003-z.patch '0004-x.patch # why' '# end'
	[[ "$output" == *"0003-z.patch: kept, other line numbers or ids"* ]]
	[[ "$output" == *"0001-x.patch: now 0004-x.patch"* ]]
	cmp queue.old/0002-y.patch queue/0002-y.patch
	applied_is
	clean
	is 0 move --from tree --before 2 4
	series_is '# all' '' '# g' '0001-x.patch # why' 0002-y.patch 0003-z.patch '# end'
	for patch in 0001-x.patch 0002-y.patch 0003-z.patch; do
		cmp "queue.old/$patch" "queue/$patch"
	done
	is 0 move --from tree --before 2 1
	[ "$output" = "it is there already" ]
}

@test "move: several go in the order in which they are named; where no number is free the next gives way" {
	three_patches
	is 0 move --from tree --before 1 3 2
	series_is 0001-z.patch 0002-y.patch 0003-x.patch
	applied_is
	clean
}

@test "move: a patch that does not fit where it would go is refused, and so is what says no place" {
	three_patches
	step 0004-w.patch f 's/^sixty$/six/'
	no 3 "0004-w.patch: f: conflicts" move --from tree --before 1 4
	no 2 "say where to" move --from tree 4
	no 2 "one place" move --from tree --before 1 --after 2 4
	no 3 "is named twice" move --from tree --before 1 4 4
	no 3 "is named twice" move --from tree --before 4 4
	no 3 "0009: is not in the series of queue" move --from tree --before 0009 4
	is 0 move --from tree --before 1 2 # control
}

@test "a patch is a number, a name, or a part that only one has; digits are never a part" {
	three_patches
	step 0010-another-z1.patch g 's/^30$/thirty/'
	mv queue/0003-z.patch queue/0003-some-z.patch && sed -i 's/0003-z/0003-some-z/' queue/series
	no 3 "z: may be any of 2 patches: 0003-some-z.patch, 0010-another-z1.patch" remove --from tree z
	no 3 "100: is not in the series" remove --from tree 100
	no 3 "patches/0001: is not in the series" remove --from tree patches/0001
	for name in 10 010 0010 another 0010-another-z1.patch queue/0010-another-z1.patch; do
		run "$KQ" edit --queue queue --from tree "$name" -- true
		echo "$output"
		[ "$status" -eq 0 ]
	done
	is 0 remove --from tree 1
	series_is 0002-y.patch 0003-some-z.patch 0010-another-z1.patch
}

@test "remove: the file goes, the log says why, those behind follow, the comments stay" {
	three_patches
	sed -i 's/^Signed/CVE: CVE-2026-1234\nSigned/' queue/0001-x.patch
	printf '# x\n0001-x.patch\n0002-y.patch\n0003-z.patch\n' > queue/series
	sum=$(sha256sum < queue/0001-x.patch | cut -d ' ' -f 1)
	is 0 remove --from tree --reason 'a better way' x
	[ "${lines[0]}" = "0001-x.patch: removed" ]
	[ "${lines[1]}" = "0003-z.patch: kept, other line numbers or ids" ]
	series_is '# x' 0002-y.patch 0003-z.patch
	[ ! -e queue/0001-x.patch ]
	[ "$(tail -n 1 queue/dropped.log)" = $'2026-01-01\t0001-x.patch\t'"$sum"$'\ttree\ttree\taccepted\ta better way\tCVE-2026-1234' ]
	clean
	cp tree/f state/f && sed -i 's/^60$/sixty/' state/f
	applied_is
	is 0 remove --from tree 2 3
	series_is '# x'
	rm -rf applied && cp -r tree applied && "$KQ" apply --queue queue applied
	[ "$(grep -c accepted queue/dropped.log)" -eq 3 ]
}

@test "remove: a patch that others need stays" {
	three_patches
	step 0004-w.patch f 's/^sixty$/six/'
	no 3 "0004-w.patch: f: conflicts" remove --from tree 3
	no 2 "--reason" remove --from tree --reason $'two\tfields' 3
	is 0 remove --from tree 3 4
}

@test "rename and renumber: names as subjects make them, numbers without gaps; the release is not asked" {
	three_patches
	mv queue/0002-y.patch queue/0007-foo.patch
	printf '0001-x.patch\n0007-foo.patch arch=x86_64\n0009-z.patch # z\n' > queue/series
	mv queue/0003-z.patch queue/0009-z.patch
	is 0 rename 7
	[ "$output" = "0007-foo.patch: now 0007-y.patch" ]
	series_is 0001-x.patch '0007-y.patch arch=x86_64' '0009-z.patch # z'
	no 3 "does not come before 0009-z.patch" rename 7 0010-y.patch
	no 3 "does not follow 0001-x.patch" rename 7 0001-y.patch
	no 2 "want a file name" rename 7 0008
	no 2 "want a file name" rename 7 '0008-a b.patch'
	no 2 "want a file name" rename 9 ../0009-a.patch
	no 1 "is not a plain file name" rename 9 '0009-ä.patch'
	is 0 rename 7 0008-why.patch
	is 0 renumber
	series_is 0001-x.patch '1001-why.patch arch=x86_64' '1002-z.patch # z'
	is 0 renumber
	[ "$output" = "the numbers are without gaps already" ]
	touch queue/0001-free.patch
	no 3 "queue/0001-free.patch: is there already" rename 1 0001-free.patch
}

@test "import: in front of a patch or behind one; the others follow" {
	three_patches
	mkdir -p a b && cp tree/f a/ && sed '1i zero' a/f > b/f
	cp queue/series series && queue_patch 0001-w.patch && mv queue/0001-w.patch w.mbox && mv series queue/series
	is 0 import --from tree --before 1 w.mbox
	[ "${lines[0]}" = 0001-w.patch ]
	series_is 0001-w.patch 0002-x.patch 0003-y.patch 0004-z.patch
	clean
	sed -i '1i zero' state/f
	applied_is
	no 3 "mail 1: f: hunk 1" import --from tree --after 1 w.mbox
	mkdir -p a b && cp state/f a/ && sed '$a end' a/f > b/f
	cp queue/series series && queue_patch 0001-v.patch && mv queue/0001-v.patch v.mbox && mv series queue/series
	is 0 import --from tree --after z --sku vm v.mbox
	series_is 0001-w.patch 0002-x.patch 0003-y.patch 0004-z.patch '1001-v.patch sku=vm'
}

@test "while a rebase waits for a person, no verb changes the queue under it" {
	three_patches
	cp -r tree new && sed -i 's/^60$/upstream/' new/f
	run "$KQ" rebase --queue queue --from tree --to new
	[ -e .kq/rebase/plan.json ]
	for verb in "refresh" "move --before 1 3" "remove 3" "import queue.old/0003-z.patch"; do
		# shellcheck disable=SC2086 # several words on purpose
		no 3 "a rebase is under way" $verb --from tree
	done
	for verb in "rename 1 0001-q.patch" "renumber"; do
		# shellcheck disable=SC2086 # several words on purpose
		no 3 "a rebase is under way" $verb
	done
	run "$KQ" edit --queue queue --from tree 1 -- true
	[ "$status" -eq 3 ]
	"$KQ" abort
	is 0 remove --from tree 3
}
