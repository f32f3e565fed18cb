#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# A conflict of kq rebase: shown whole, answered once, or given up; and a rebase that is called off.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load rebase

# Line 60 of f is changed by the second patch and by the new base.
setup_conflict() {
	mkdir -p old new want
	seq 1 100 > old/f
	seq 1 100 > old/g
	change 0001-x.patch f 's/^20$/new/'
	change 0002-y.patch f 's/^60$/sixty/'
	change 0003-z.patch g 's/^50$/fifty/'
	{ echo top; sed 's/^60$/upstream/' old/f; } > new/f
	cp old/g new/g
	work=.kq/rebase/conflict/tree
}

@test "the first conflict stops: sides, old base, cause and what to do are shown; the queue stays" {
	setup_conflict
	before=$(tree_hash queue)
	rebased 3
	for text in 'conflict in 0002-y.patch (for every SKU), old to new' '    -60' '    +upstream' \
		$'  new base:\n    upstream' $'  old base:\n    60' $'  ours:\n    sixty' \
		'kq drop 0002-y.patch --reason REASON' 'kq continue' 'kq abort'; do
		[[ "$output" == *"$text"* ]]
	done
	[ "$before" = "$(tree_hash queue)" ]
	[ "$(outcome 0001-x.patch) $(outcome 0002-y.patch) $(outcome 0003-z.patch)" = "kept conflict not judged" ]
	check_json --control kq/rebase <.kq/rebase-report.json
	[ "$(jq -r '.conflict.files[0].cause' .kq/rebase-report.json | grep -c '^+upstream$')" -eq 1 ]
	[ "$(git -C "$work" show old:f | sed -n 60p)" = 60 ]
	[ "$(git -C "$work" show patch:f | sed -n 60p)" = sixty ]
	[ "$(git -C "$work" show new:f | sed -n 61p)" = upstream ]
	[ "$(git -C "$work" branch --format='%(refname:short)' | xargs)" = 'new old patch work' ]
	rebased 3
	[[ "$output" == *"a rebase is under way"* ]]
}

@test "continue is refused while markers are left, and goes on afterwards" {
	setup_conflict
	rebased 3
	before=$(tree_hash queue)
	kq_is 3 continue
	[[ "$output" == *"$work/f:61: a conflict marker is left"* ]]
	sed -i '/^<<<<<<< /d; /^||||||| /,/^=======/d' "$work/f"
	kq_is 3 continue
	[[ "$output" == *"a conflict marker is left"* ]]
	[ "$before" = "$(tree_hash queue)" ]
	sed -i '/^>>>>>>> /d; s/^sixty$/sixty upstream/; /^upstream$/d' "$work/f"
	kq_is 0 continue
	[ "$(outcome 0002-y.patch)" = merged ]
	sed 's/^20$/new/; s/^upstream$/sixty upstream/' new/f > want/f
	sed 's/^50$/fifty/' new/g > want/g
	makes f g
	[ ! -e .kq/rebase ]
	[ "$(find queue/resolutions -type f | wc -l)" -eq 1 ]
	grep -q '^=sixty upstream$' queue/resolutions/*
	grep -q '^Patch: 0002-y.patch$' queue/resolutions/*
}

@test "asked once: another clone of the queue with the resolution goes through, one without asks" {
	setup_conflict
	cp -r queue other
	rebased 3
	resolve f both
	kq_is 0 continue
	mv queue first
	cp -r first/resolutions other/
	cp -r other queue
	# Edits elsewhere in the file do not matter.
	sed -i 's/^99$/ninety-nine/' new/f
	rebased 0
	[ "$(jq '.patches[1].files[0].resolved' .kq/rebase-report.json)" = true ]
	grep -q 'by a stored resolution' .kq/rebase-report.md
	sed 's/^20$/new/; s/^upstream$/both/' new/f > want/f
	makes f
	rm -rf queue other/resolutions # control
	mv other queue
	rebased 3
}

@test "another text on the new base is another question" {
	setup_conflict
	cp -r queue other
	rebased 3
	resolve f both
	kq_is 0 continue
	cp -r queue/resolutions other/
	rm -rf queue
	mv other queue
	sed -i 's/^upstream$/upstream 2/' new/f
	rebased 3
}

@test "a resolution that is damaged is refused, not used" {
	setup_conflict
	cp -r queue other
	rebased 3
	resolve f both
	kq_is 0 continue
	cp -r queue/resolutions other/
	rm -rf queue
	mv other queue
	sed -i 's/^<upstream$/<Upstream/' queue/resolutions/*
	rebased 1
	[[ "$output" == *"is not the resolution that its name says"* ]]
	sed -i 's/^<Upstream$/<upstream/' queue/resolutions/* # control
	rebased 0
}

@test "an edit outside of the regions makes a resolution of the whole file" {
	setup_conflict
	cp -r queue other
	rebased 3
	resolve f both
	sed -i 's/^70$/seventy/' "$work/f"
	kq_is 0 continue
	sed 's/^20$/new/; s/^upstream$/both/; s/^70$/seventy/' new/f > want/f
	makes f
	grep -q '^@ [0-9a-f]*$' queue/resolutions/*
	cp -r queue/resolutions other/
	rm -rf queue
	mv other queue
	rebased 0
	makes f
}

@test "a change beside the files in conflict would be lost, so it is refused" {
	setup_conflict
	rebased 3
	resolve f both
	echo more > "$work/h"
	kq_is 3 continue
	[[ "$output" == *"$work/h: is not in conflict"* ]]
	git -C "$work" add h
	git -C "$work" -c user.name=A -c user.email=a@example.org commit -q -a -m 'all of it'
	kq_is 3 continue
	git -C "$work" rm -q h
	kq_is 0 continue # a commit in the work tree does no harm
}

@test "drop --reason: the patch leaves with its reason, the ones behind it go on" {
	setup_conflict
	rebased 3
	kq_is 2 drop 0002-y.patch --reason '  '
	kq_is 2 drop 0002-y.patch --reason $'two\nlines'
	kq_is 3 drop 0009-none.patch --reason why
	kq_is 0 drop 0002-y.patch --reason 'upstream does it better'
	kq_is 0 continue
	[ "$(outcome 0002-y.patch)" = dropped ]
	[ "$(total dropped)" = 1 ]
	printf '0001-x.patch\n0003-z.patch\n' | cmp - queue/series
	[ "$(tail -n 1 queue/dropped.log | cut -f 2,6,7)" = $'0002-y.patch\taccepted\tupstream does it better' ]
	sed 's/^20$/new/' new/f > want/f
	makes f
}

@test "--accept is what --reason was called, and does the same" {
	setup_conflict
	rebased 3
	kq_is 2 drop 0002-y.patch --accept one --reason two
	[[ "$output" == *"--reason can only be given once"* ]]
	kq_is 0 drop 0002-y.patch --accept 'upstream does it better'
	kq_is 0 continue
	[ "$(tail -n 1 queue/dropped.log | cut -f 2,6,7)" = $'0002-y.patch\taccepted\tupstream does it better' ]
	run "$KQ" help drop
	[[ "$output" == *"--reason REASON"* && "$output" != *"--accept"* ]]
}

@test "a patch on top of a dropped one is judged without it" {
	setup_conflict
	change 0004-w.patch f 's/^sixty$/sixty-one/'
	rebased 3
	kq_is 0 drop 0002-y.patch --reason 'not needed'
	kq_is 3 continue
	[[ "$output" == *"conflict in 0004-w.patch"* ]]
	kq_is 0 drop 0004-w.patch --reason 'neither'
	kq_is 0 continue
	[ "$(total dropped)" = 2 ]
}

@test "a deleted file is not raised from the dead; removing it in the work tree is an answer" {
	setup_conflict
	sed 's/^60$/60/' old/f > new/f
	rm new/g
	change 0004-w.patch f 's/^90$/ninety/'
	rebased 3
	[[ "$output" == *"conflict in 0003-z.patch"*"g: "* ]]
	[ ! -e new/g ]
	kq_is 3 continue
	[[ "$output" == *"a conflict marker is left"* ]]
	rm "$work/g"
	kq_is 0 continue
	rm -rf made
	cp -r new made
	"$KQ" apply --queue queue made
	[ ! -e made/g ]
	grep -q '^result absent$' queue/resolutions/*
}

@test "abort leaves the queue bit by bit, with its times, and forgets the answers" {
	setup_conflict
	state() { find queue -printf '%p %i %m %T@ %s\n' | sort; find queue -type f -exec sha256sum {} + | sort; }
	state > before
	rebased 3
	resolve f both
	kq_is 0 drop 0003-z.patch --reason why
	kq_is 0 abort
	state | cmp before -
	[ ! -e .kq/rebase ]
	[ -z "$(find . -maxdepth 1 -name '.queue*')" ]
	rebased 3
}

@test "what changes under a rebase stops it: patch, series, base" {
	setup_conflict
	rebased 3
	resolve f both
	cp -r queue kept
	echo >> queue/0001-x.patch
	kq_is 3 continue
	[[ "$output" == *"queue/0001-x.patch: changed since the rebase began"* ]]
	cp kept/0001-x.patch queue/
	echo '# more' >> queue/series
	kq_is 3 continue
	kq_is 3 drop 0001-x.patch --reason why
	cp kept/series queue/
	# Another new base asks another question: what was answered does not count for it.
	sed -i 's/^upstream$/else/' new/f
	kq_is 3 continue
	sed -i 's/^else$/upstream/' new/f
	kq_is 3 continue
	resolve f both
	kq_is 0 continue
}
