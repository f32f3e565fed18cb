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
	run "$KQ" status --queue queue "$@"
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
	[ "$(json '[p["skus"] for p in d["patches"]]')" = "[['metal', 'vm'], ['metal']]" ]
	[ "$(json '[c["id"] for c in d["patches"][1]["cve"]]')" = "['CVE-2026-1234', 'CVE-2026-1235']" ]
	[ "$(json 'd["patches"][0]["overdue"], d["patches"][1]["only_sku"]')" = "(True, ['metal'])" ]
	[ "$(json '[f["path"] for p in d["patches"] for f in p["files"]]')" = "['f', 'g']" ]
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
