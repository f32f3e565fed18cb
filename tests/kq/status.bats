#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq status: one line per patch, and what a rebase would say.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

# two_patches: 0001 on f, 0002 on g
two_patches() {
	one_line_patch
	cp a/f tree/f
	rm a/f b/f
	seq 1 40 > a/g
	sed 's/^30$/thirty/' a/g > b/g
	cp a/g tree/g
	queue_patch 0002-y.patch
	rm a/g b/g
}

# sku NAME QUEUE
sku() {
	mkdir -p configs/sku
	printf 'ARCH=x86_64\nQUEUE=%s\n' "$2" > "configs/sku/$1.sku"
}

status_of() {
	run checked "$KQ" status --queue queue "$@"
	echo "$output"
}

# json FILTER: of the last status --json
json() { python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1" <<< "$output"; }

@test "status: state, upstream status, CVE, files, SKUs, owner, and an overdue review" {
	two_patches
	sku vm queue && sku metal queue && sku other 6.12
	printf '0001-x.patch\n0002-y.patch sku=metal\n' > queue/series
	sed -i 's/^Upstream-status.*/Upstream-status: backport 0123456789012345678901234567890123456789 (v6.19)\nCVE: CVE-2026-1234\nCVE: CVE-2026-1235/' queue/0002-y.patch
	sed -i 's/2027-01-01/2025-12-31/' queue/0001-x.patch
	before=$(tree_hash queue)
	status_of --from tree
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "0001-x.patch: applies; never; 1 file; metal,vm; kernel; REVIEW OVERDUE since 2025-12-31" ]
	[ "${lines[1]}" = "0002-y.patch: applies; backport 012345678901 (v6.19); CVE-2026-1234 CVE-2026-1235; 1 file; metal; kernel" ]
	[ "${#lines[@]}" -eq 2 ]
	[ "$before" = "$(tree_hash queue)" ]
	status_of --from tree --json
	[ "$status" -eq 0 ]
	check_json --control kq/status <<<"$output"
	[ "$(json '[p["skus"] for p in d["patches"]]')" = "[['metal', 'vm'], ['metal']]" ]
	[ "$(json '[c["id"] for c in d["patches"][1]["cves"]]')" = "['CVE-2026-1234', 'CVE-2026-1235']" ]
	[ "$(json 'd["patches"][0]["overdue"], d["patches"][1]["only_sku"]')" = "(True, ['metal'])" ]
	[ "$(json '[f["file"] for p in d["patches"] for f in p["files"]]')" = "['f', 'g']" ]
}

@test "status: an offset is said, a patch that does not apply has its reason and does not hide the next" {
	two_patches
	{ seq 101 117; cat tree/g; } > t && mv t tree/g
	status_of --from tree
	[ "$status" -eq 0 ]
	[ "${lines[1]}" = "0002-y.patch: applies, offset 17; never; 1 file; no SKU; kernel" ]
	sed -i 's/^20$/other/' tree/f
	status_of --from tree
	[ "$status" -eq 3 ]
	[[ "${lines[0]}" == "0001-x.patch: does not apply; "* ]]
	[[ "${lines[1]}" == "    0001-x.patch: f: hunk 1 (patch line 22) does not match"* ]]
	[[ "${lines[2]}" == "0002-y.patch: applies, offset 17; "* ]]
	status_of --from tree --json
	[ "$status" -eq 3 ]
	[ "$(json '[p["applies"] for p in d["patches"]]')" = "[False, True]" ]
}

@test "status: a patch that fails for one SKU only is found" {
	one_line_patch
	cp a/f tree/f
	queue_patch 0002-y.patch # the same change once more, for vm
	printf '0001-x.patch sku=metal\n0002-y.patch sku=vm\n' > queue/series
	status_of --from tree
	[ "$status" -eq 0 ]
	printf '0001-x.patch\n0002-y.patch sku=vm\n' > queue/series
	status_of --from tree
	[ "$status" -eq 3 ]
	[[ "${lines[1]}" == "0002-y.patch: does not apply; "* ]]
}

@test "status --on: the verdicts of a rebase, per hunk in JSON; nothing is changed" {
	two_patches
	cp -r tree next
	{ echo 0; cat tree/f; } > next/f
	sed -i 's/^30$/thirty/' next/g
	before=$(tree_hash queue)
	status_of --from tree --on next
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == "0001-x.patch: kept; "* ]]
	[[ "${lines[1]}" == "0002-y.patch: upstream; "* ]]
	status_of --from tree --on next --json
	check_json --control kq/status <<<"$output"
	[ "$(json '[[h["verdict"], h["old_line"], h["new_line"]] for p in d["patches"] for f in p["verdict"]["files"] for h in f["hunks"]]')" = \
		"[['FWD', 17, 18], ['REV', 27, 27]]" ]
	sed -i 's/^30$/no/; s/^thirty$/no/' next/g
	status_of --from tree --on next
	[ "$status" -eq 3 ]
	[[ "${lines[1]}" == "0002-y.patch: conflict; "* ]]
	status_of --from tree --on tree # control
	[ "$status" -eq 0 ]
	[[ "${lines[1]}" == "0002-y.patch: kept; "* ]]
	[ "$before" = "$(tree_hash queue)" ]
}

@test "status: what cannot be read exits 1 in one line, a wrong option 2" {
	two_patches
	for args in "--from none" "--from tree --on none"; do
		# shellcheck disable=SC2086 # words
		status_of $args
		[ "$status" -eq 1 ]
		[ "${#lines[@]}" -eq 1 ]
		[[ "$output" == "kq: "*none* ]]
	done
	status_of --from tree --sku vm
	[ "$status" -eq 2 ]
	sed -i '$d' queue/0002-y.patch && sed -i '/^-- $/d' queue/0002-y.patch
	status_of --from tree
	[ "$status" -eq 1 ]
}

# rebase_says: what kq rebase makes of a copy of the queue: "PATCH OUTCOME" up to the first conflict
rebase_says() {
	rm -rf try state
	cp -r queue try
	"$KQ" rebase --queue try --state state --from tree --to next > said 2>&1 || :
	jq -r '.patches[] | select(.outcome != "not judged") | "\(.patch) \(.outcome)"' state/rebase-report.json
}

# status_says: the same of kq status
status_says() {
	checked "$KQ" status --queue queue --state none --from tree --on next --json |
		jq -r '.patches[] | select(.verdict.behind_conflict | not) | "\(.patch) \(.verdict.outcome)"'
}

@test "status --on: a stored resolution counts as it does in the rebase, and so does one that waits" {
	two_patches
	cp -r tree next
	sed -i 's/^20$/other/' next/f
	sed -i '$s/$/ sku=vm/' queue/series
	cp -r queue before
	status_of --from tree --on next
	[ "$status" -eq 3 ]
	[[ "${lines[0]}" == "0001-x.patch: conflict; "* ]]
	[ "${lines[1]}" = "    for any other SKU: f: the new base has changed the same lines" ]
	[[ "${lines[2]}" == "0002-y.patch: kept without the conflict before; "* ]]
	diff <(rebase_says) <(status_says)
	"$KQ" rebase --queue queue --from tree --to next > said && return 1
	sed -i '/^<<<<<<< /,/^>>>>>>> /c both' .kq/rebase/conflict/tree/f
	"$KQ" continue > said
	cp -r queue/resolutions before/
	rm -rf queue && mv before queue
	status_of --from tree --on next
	[ "$status" -eq 0 ]
	[[ "${lines[0]}" == "0001-x.patch: merged; "* ]]
	[[ "${lines[1]}" == "0002-y.patch: kept; "* ]]
	diff <(rebase_says) <(status_says)
	mkdir -p .kq && mv queue/resolutions .kq/
	status_of --from tree --on next
	[ "$status" -eq 0 ]
	status_of --state none --from tree --on next # control
	[ "$status" -eq 3 ]
}

@test "status --on: every SKU is judged, and what the rebase is refused for is said" {
	seq 1 100 > tree/f
	seq 1 100 > a/f
	sed 's/^40$/forty/' a/f > b/f
	queue_patch 0001-a.patch
	sed 's/^60$/sixty/' a/f > b/f
	queue_patch 0002-b.patch
	printf '0001-a.patch sku=a\n0002-b.patch sku=a,b\n' > queue/series
	mkdir next
	# Only b has the conflict: a has no line of its own near it.
	sed 's/^40$/44/' a/f > next/f
	printf '0001-a.patch sku=a\n0002-b.patch sku=b\n' > queue/series
	sed -i 's/^60$/upstream/; s/^44$/40/' next/f
	status_of --from tree --on next
	[ "$status" -eq 3 ]
	[[ "${lines[0]}" == "0001-a.patch: kept; "* ]]
	[[ "${lines[1]}" == "0002-b.patch: conflict; "* ]]
	[ "${lines[2]}" = "    for b: f: the new base has changed the same lines" ]
	diff <(rebase_says) <(status_says)
	# Comes out differently for two SKUs: 0001 makes a's lines what they were.
	cp a/f b/f && sed -i 's/^45$/forty-five a/' b/f
	: > queue/series
	queue_patch 0001-a.patch
	sed 's/^50$/fifty/' a/f > b/f
	queue_patch 0002-b.patch
	printf '0001-a.patch sku=a\n0002-b.patch sku=a,b\n' > queue/series
	sed 's/^4[5678]$/up/' a/f > next/f
	mkdir -p queue/resolutions
	"$KQ" rebase --queue queue --from tree --to next > said && return 1
	sed -i '/^<<<<<<< /,/^>>>>>>> /c forty-five a\n46\n47\n48' .kq/rebase/conflict/tree/f
	run "$KQ" continue
	[ "$status" -eq 3 ]
	refusal=${output##*$'\n'}
	[[ "$refusal" == "kq: 0002-b.patch: comes out differently for a (kept) and for b (merged)"* ]]
	status_of --from tree --on next
	[ "$status" -eq 3 ]
	[ "$output" = "$refusal" ]
}

@test "the same exit codes for all verbs: 1 for what cannot be read, 2 usage, 3 a no or work" {
	two_patches
	cp -r tree next
	cp -r queue broken
	sed -i 's/^@@ .*/@@ nonsense/' broken/0001-x.patch
	for verb in 'apply tree' 'lint' 'status --from tree' 'rebase --from tree --to next' \
		'edit --from tree 0002-y.patch -- true' 'cve'; do
		words=${verb#* }
		[ "$words" != "$verb" ] || words=
		for queue in none broken; do
			# shellcheck disable=SC2086 # words
			run "$KQ" "${verb%% *}" --queue "$queue" $words
			echo "$verb $queue: $status $output"
			[ "$status" -eq 1 ] || { [ "$verb $queue" = "lint broken" ] && [ "$status" -eq 3 ]; }
		done
		run "$KQ" "${verb%% *}" --no-such-option
		[ "$status" -eq 2 ]
	done
	for verb in 'status --from tree' 'rebase --from tree --to next' lint cve; do
		words=${verb#* }
		[ "$words" != "$verb" ] || words=
		# shellcheck disable=SC2086 # words
		SOURCE_DATE_EPOCH=never run "$KQ" "${verb%% *}" --queue queue $words
		[ "$status" -eq 2 ]
	done
	sed -i 's/^20$/other/; s/^30$/other/' next/f next/g
	for verb in 'apply next' 'status --from next' 'rebase --from next --to tree' \
		'status --from tree --on next' 'rebase --from tree --to next' 'continue' 'edit --from tree 0009-z.patch'; do
		words=${verb#* }
		queue="--queue queue"
		[ "$words" != "$verb" ] || words='' queue=''
		# shellcheck disable=SC2086 # words
		run "$KQ" "${verb%% *}" $queue $words
		echo "$verb: $status $output"
		[ "$status" -eq 3 ]
	done
}
