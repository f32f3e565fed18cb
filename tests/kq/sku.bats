#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq rebase of a series with lines for some SKUs and architectures only.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load rebase

setup_bases() {
	mkdir -p old new want
	seq 1 100 > old/f
	seq 1 100 > old/g
	{ echo top; cat old/f; } > new/f
	cp old/g new/g
}

# only CONDITION...: the last line of the series gets conditions
only() { sed -i "\$s/\$/ $*/" queue/series; }

# makes_for SKU FILE...: as makes(), with the patches of one SKU
makes_for() {
	local sku=$1 file

	shift
	rm -rf made
	cp -r new made
	"$KQ" apply --queue queue --sku "$sku" made
	for file; do
		cmp "want/$file" "made/$file"
	done
}

@test "each SKU has its own state after the first line that tells them apart" {
	setup_bases
	change 0001-x.patch f 's/^20$/new/'
	cp top/f common
	change 0002-a.patch f 's/^60$/sixty a/'
	only sku=a
	cp common top/f
	change 0003-b.patch f 's/^60$/sixty b/'
	only sku=b,c arch=x86_64
	rebased 0
	[ "$(total kept)" = 3 ]
	[ "$(jq -r '.patches[1].sku, .patches[2].sku, .patches[2].arch' .kq/rebase-report.json | xargs)" = "a b,c x86_64" ]
	sed 's/^20$/new/; s/^60$/sixty a/' new/f > want/f
	makes_for a f
	sed 's/^20$/new/; s/^60$/sixty b/' new/f > want/f
	rm -rf made
	cp -r new made
	"$KQ" apply --queue queue --sku c --arch x86_64 made
	cmp want/f made/f
	sed 's/^20$/new/' new/f > want/f
	makes_for other f
	[ "$(cat queue/series)" = "$(printf '0001-x.patch\n0002-a.patch sku=a\n0003-b.patch sku=b,c arch=x86_64')" ]
}

@test "a conflict names the SKU; its resolution serves the same conflict of another SKU" {
	setup_bases
	cp old/f common
	change 0001-a.patch f 's/^60$/sixty/'
	only sku=a
	cp common top/f
	change 0002-b.patch f 's/^60$/sixty/;s/^90$/ninety/'
	only sku=b
	sed -i 's/^60$/upstream/' new/f
	rebased 3
	[[ "$output" == *"conflict in 0001-a.patch (for a)"* ]]
	resolve f both
	kq_is 0 continue
	[ "$(outcome 0002-b.patch)" = merged ]
	[ "$(jq '.patches[1].files[0].resolved' .kq/rebase-report.json)" = true ]
	[ "$(find queue/resolutions -type f | wc -l)" -eq 1 ]
	sed 's/^upstream$/both/; s/^90$/ninety/' new/f > want/f
	makes_for b f
}

@test "a patch of two SKUs that comes out alike stays one file" {
	setup_bases
	change 0001-a.patch g 's/^5$/five/'
	only sku=a
	change 0002-both.patch f 's/^60$/sixty/'
	only sku=a,b
	rebased 0
	sed 's/^60$/sixty/' new/f > want/f
	makes_for a f
	makes_for b f
	# The line above is another one for a, so the blob ids and the merge are too; the change is not.
	rm -rf queue top
	mkdir queue
	: > queue/series
	change 0001-a.patch f 's/^40$/forty a/'
	only sku=a
	cp old/f top/f
	change 0002-both.patch f 's/^20$/twenty/;s/^47$/forty-seven/'
	only sku=a,b
	sed -i 's/^44$/upstream/;s/^45$/upstream/' new/f
	rebased 0
	[ "$(outcome 0002-both.patch)" = merged ]
	sed 's/^20$/twenty/;s/^47$/forty-seven/' new/f > want/f
	makes_for b f
	sed 's/^20$/twenty/;s/^47$/forty-seven/;s/^40$/forty a/' new/f > want/f
	makes_for a f
}

@test "a patch that would come out differently for two SKUs is refused with advice" {
	setup_bases
	change 0001-a.patch f 's/^45$/forty-five a/'
	only sku=a
	cp old/f top/f
	change 0002-both.patch f 's/^50$/fifty/'
	only sku=a,b
	sed -i 's/^4[5678]$/up/' new/f
	before=$(tree_hash queue)
	rebased 3
	# For a the lines above go back to what they were, so 0002 has another context there.
	resolve f $'forty-five a\n46\n47\n48'
	kq_is 3 continue
	[[ "$output" == *"0002-both.patch: comes out differently for a (kept) and for b (merged); make it two patches, one for each"* ]]
	[ "$before" = "$(tree_hash queue)" ]
	kq_is 0 abort
	rebased 3 # the answer is still there
	[[ "$output" == *"take back the answer that parted them: kq resolutions"* ]]
	kq_is 0 resolutions --queue queue --forget 0001-a.patch
	rebased 3 # control
	resolve f $'forty-five a\nup\nup\nup'
	kq_is 0 continue
	sed '0,/^up$/s//forty-five a/; s/^50$/fifty/' new/f > want/f
	makes_for a f
	sed 's/^50$/fifty/' new/f > want/f
	makes_for b f
}

@test "--sku: a trial for one SKU; the queue stays, its resolutions are kept" {
	setup_bases
	change 0001-x.patch f 's/^60$/sixty/'
	change 0002-a.patch g 's/^5$/five/'
	only sku=a
	sed -i 's/^60$/upstream/' new/f
	cp -r queue before
	rebased 3 --sku b
	resolve f both
	kq_is 0 continue
	[[ "$output" == *"--sku all moves it"* ]]
	[ "$(outcome 0002-a.patch)" = "other SKU" ]
	[ "$(total in)" = 2 ]
	[ "$(total other_sku)" = 1 ]
	run diff -r before queue
	[ "$output" = "Only in queue: resolutions" ]
	rebased 0 # no question any more
	[ "$(total merged)" = 1 ]
	[ "$(total kept)" = 1 ]
	# With nothing for others, one SKU is the whole queue.
	rm -rf old && mv new old && cp -r old new && sed -i 1d new/f
	sed -i 's/ sku=a//' queue/series
	rebased 0 --sku b
	[[ "$output" == *"queue: now on new"* ]]
}
