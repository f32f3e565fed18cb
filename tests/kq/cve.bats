#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq cve: what became of every known CVE, out of patches, the queue's own files and public records.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

bats_require_minimum_version 1.5.0

load cve

@test "cve: nothing is known, and a number that nobody knows is named" {
	patch "Upstream-status: never, ours"
	cve 0
	[ "$output" = "no CVE is known here" ]
	cve 3 CVE-2026-1234
	[ "$output" = "CVE-2026-1234: not known here" ]
	cve 2 2026-1234
	cve 2 --json --openvex
	run "$KQ" cve --queue queue --openvex
	[ "$status" -eq 0 ]
}

@test "cve: a patch fixes it, with where it comes from; a second number has its own line" {
	patch "Upstream-status: backport $UP (v6.19)\nStable-commit: $STABLE\nCVE: CVE-2026-23010\nCVE: CVE-2025-0001"
	cve 0
	[ "${lines[0]}" = "CVE-2025-0001: fixed; 0001-x.patch, backport $UP (v6.19), stable commit $STABLE" ]
	[ "${lines[1]}" = "CVE-2026-23010: fixed; 0001-x.patch, backport $UP (v6.19), stable commit $STABLE" ]
	[ "${#lines[@]}" -eq 2 ]
	cve 0 CVE-2026-23010
	[ "${#lines[@]}" -eq 1 ]
	cve 3 CVE-2026-23010 CVE-2026-23011
	[ "${lines[0]}" = "CVE-2026-23011: not known here" ]
	sed -i 's/CVE-2025-0001/CVE-25-1/' queue/0001-x.patch
	finds "0001-x.patch: CVE: CVE-25-1 is not a CVE number"
}

@test "cve: a patch for one SKU fixes it there only" {
	patch "Upstream-status: never, ours\nCVE: CVE-2026-1234"
	cve 0
	echo "0001-x.patch sku=vm" > queue/series
	cve 3
	[ "${lines[0]}" = "CVE-2026-1234: unfixed; 0001-x.patch fixes it, but only with sku=vm" ]
	cve 0 --sku vm
	[ "${lines[0]}" = "CVE-2026-1234: fixed; 0001-x.patch, never, ours" ]
	cve 3 --sku metal
}

@test "cve: the queue's own files, each state with what it needs" {
	patch "Upstream-status: never, ours"
	base 6.18.15
	decide CVE-2026-1001 "# why\nState: wontfix\nReason: the driver is gone in 6.19"
	cve 0
	[ "$output" = "CVE-2026-1001: wontfix; Reason: the driver is gone in 6.19" ]
	decide CVE-2026-1002 "State: not-affected\nJustification: component_not_present\nReason: XFS is off\nEvidence: a\nEvidence: b"
	decide CVE-2026-1003 "State: fixed\nFixed-in: 6.18.7 $STABLE"
	cve 0
	[ "${lines[1]}" = "CVE-2026-1002: not-affected; Justification: component_not_present; Reason: XFS is off; Evidence: a; Evidence: b" ]
	[ "${lines[2]}" = "CVE-2026-1003: fixed; Fixed-in: 6.18.7 $STABLE" ]
	decide CVE-2026-1004 "State: unfixed\nReason: the fix needs a rework"
	cve 3
	[ "${lines[3]}" = "CVE-2026-1004: unfixed; Reason: the fix needs a rework" ]
	cve 0 CVE-2026-1003
}

@test "cve: what is missing, wrong or past in such a file is a finding" {
	patch "Upstream-status: never, ours"
	base 6.18.15
	at=cve/CVE-2026-1001
	while IFS='|' read -r text want; do
		decide CVE-2026-1001 "$text"
		echo "# $text"
		finds "$at$want"
	done <<-EOF
		State: fixed|: no Fixed-in:
		State: fixed\nFixed-in: 6.18.7|:2: Fixed-in: want a release
		State: fixed\nFixed-in: 6.18.16 $STABLE|: Fixed-in is later than the base
		State: not-affected\nReason: x|: no Justification:
		State: not-affected\nReason: x\nJustification: luck|:3: Justification: want one of the five
		State: not-affected\nJustification: component_not_present|: no Reason:
		State: wontfix\nReason: x\nJustification: component_not_present|: Justification: does not go with wontfix
		State: wontfix|: no Reason:
		State: wontfix\nReason: x\nReason: y|:3: second Reason:
		State: wontfix\nReason: x\nStat: fixed|:3: want 'Key: value'
		State: wontfix\nReason: x\nIntroduced: 6.19|: Introduced is later than the base, but it is wontfix
		State: maybe\nReason: x|:1: State: want
		Reason: x|: no State:
		State: wontfix\nReason:|:2: nothing behind the colon
	EOF
	decide CVE-2026-1001 "State: wontfix\nReason: x"
	cve 0
	sed -i 's/^Review-by:.*/Review-by: 2025-12-31/' queue/cve/CVE-2026-1001
	finds "$at:4: Review-by: is past"
	sed -i '/^Owner/d; /^Review/d' queue/cve/CVE-2026-1001
	finds "$at: no Owner:"
	finds "$at: no Review-by:"
	mv queue/cve/CVE-2026-1001 queue/cve/notes
	finds "cve/notes: want a file named as its CVE"
}

@test "cve: a file for what a patch fixes is a finding" {
	patch "Upstream-status: never, ours\nCVE: CVE-2026-1234"
	cve 0
	decide CVE-2026-1234 "State: wontfix\nReason: x"
	finds "a patch fixes it: take cve/CVE-2026-1234 away"
	[[ "${lines[0]}" == "CVE-2026-1234: fixed; "* ]]
}

@test "cve --records: affected, fixed and not there yet, out of real records" {
	patch "Upstream-status: never, ours"
	records CVE-2026-23010 CVE-2026-23015 CVE-2026-23250
	echo "not json" > records/2026/CVE-2026-23010.mbox
	cve 1 --records records # no base.lock
	base 6.18.15
	cve 3 --records records
	[ "${lines[0]}" = "CVE-2026-23010: fixed; record: the base has the fix since 6.18.7" ]
	[ "${lines[1]}" = "CVE-2026-23015: fixed; record: the base has the fix since 6.18.6" ]
	[ "${lines[2]}" = "CVE-2026-23250: unfixed; record: the base is affected, fixed in 6.18.16" ]
	[ "${lines[3]}" = "    finding: no patch and no file below cve/ says anything of it" ]
	cve 0 --records records CVE-2026-23015
	base 6.18.6
	cve 3 --records records
	[ "${lines[0]}" = "CVE-2026-23010: unfixed; record: the base is affected, fixed in 6.18.7" ]
	[[ "${lines[2]}" == "CVE-2026-23015: fixed; "* ]]
	base 6.12.60
	cve 3 --records records
	[ "${lines[0]}" = "CVE-2026-23010: unfixed; record: the base is affected" ]
	[ "${lines[2]}" = "CVE-2026-23015: not-affected; record: the fault came later, with 6.13" ]
	[ "${lines[3]}" = "CVE-2026-23250: unfixed; record: the base is affected, fixed in 6.12.75" ]
	base 6.19-rc1
	cve 3 --records records
	[ "${lines[0]}" = "CVE-2026-23010: unfixed; record: the base is affected, fixed in 6.19" ]
	base 7.0
	cve 0 --records records
	[ "${lines[2]}" = "CVE-2026-23250: fixed; record: the base has the fix since 7.0" ]
}

@test "cve --records: the queue decides, and contradictions are findings" {
	base 6.18.15
	patch "Upstream-status: never, ours"
	records CVE-2026-23010 CVE-2026-23250
	decide CVE-2026-23250 "State: not-affected\nJustification: component_not_present\nReason: XFS is off"
	cve 0 --records records
	[[ "${lines[1]}" == "CVE-2026-23250: not-affected; Justification: component_not_present; Reason: XFS is off; record: the base is affected"* ]]
	decide CVE-2026-23250 "State: not-affected\nJustification: vulnerable_code_not_present\nReason: x\nIntroduced: 6.19"
	finds "cve/CVE-2026-23250 says introduced later, the record says affected" --records records
	decide CVE-2026-23250 "State: fixed\nFixed-in: 6.18.14 $STABLE"
	finds "cve/CVE-2026-23250 says fixed, the record says affected" --records records
	rm queue/cve/*
	decide CVE-2026-23010 "State: unfixed\nReason: x"
	finds "cve/CVE-2026-23010 says unfixed, the record says fixed since 6.18.7" --records records
	decide CVE-2026-23010 "State: fixed\nFixed-in: 6.18.7 $STABLE"
	cve 0 --records records CVE-2026-23010
	decide CVE-2026-23010 "State: fixed\nFixed-in: 6.18.8 $STABLE"
	finds "cve/CVE-2026-23010: Fixed-in: the record says 6.18.7" --records records
	decide CVE-2026-23010 "State: fixed\nFixed-in: 6.18.7 $CAUSE"
	finds "cve/CVE-2026-23010: Fixed-in: the record knows no fix $CAUSE" --records records
	base 6.12.60
	records CVE-2026-23015
	decide CVE-2026-23015 "State: unfixed\nReason: x"
	finds "cve/CVE-2026-23015 says unfixed, the record says that the fault came later" --records records
}

@test "cve --records: a patch's ids must be the record's, and not swapped" {
	base 6.18.5
	records CVE-2026-23010
	patch "Upstream-status: backport $UP (v6.19)\nStable-commit: $STABLE\nCVE: CVE-2026-23010"
	cve 0 --records records
	sed -i "s/$UP/X/; s/$STABLE/$UP/; s/X/$STABLE/" queue/0001-x.patch
	cve 0
	finds "0001-x.patch: Stable-commit is mainline's fix in the record: the ids look swapped" --records records
	sed -i "s/$UP/$STABLE/" queue/0001-x.patch
	finds "0001-x.patch: Stable-commit is the commit of Upstream-status"
	sed -i "/^Stable/d; s/$STABLE/$CAUSE/" queue/0001-x.patch
	finds "the record knows no fix that a patch is a backport of" --records records
}

@test "cve --records: a backport that brings the fault makes the queue affected" {
	base 6.12.60
	records CVE-2026-23015
	patch "Upstream-status: backport $UP (v6.13)"
	cve 0 --records records
	sed -i "s/$UP/$CAUSE/" queue/0001-x.patch
	finds "0001-x.patch brings the fault into the queue" --records records
	[[ "${lines[0]}" == "CVE-2026-23015: unfixed; "* ]]
}

@test "cve --records: taken back, of others than Linux, damaged, misnamed, twice" {
	base 6.18.15
	patch "Upstream-status: never, ours"
	records CVE-2026-23250
	r=records/2026/CVE-2026-23250.json
	sed -i 's/PUBLISHED/REJECTED/' $r
	cve 0 --records records
	[ "$output" = "no CVE is known here" ]
	decide CVE-2026-23250 "State: wontfix\nReason: x"
	finds "record: the number was taken back" --records records
	rm queue/cve/*
	records CVE-2026-23250
	cve 3 --records records
	sed -i 's/"vendor": "Linux"/"vendor": "Other"/' $r
	cve 0 --records records
	records CVE-2026-23250
	sed -i 's/"6.10"/"six"/; s/"defaultStatus": "affected"/"defaultStatus": "unaffected"/' $r
	cve 3 --records records # what cannot be read counts as affected
	cp $r records/2026/CVE-2026-23251.json
	cve 1 --records records
	[[ "$output" == *"CVE-2026-23251.json: is the record of CVE-2026-23250" ]]
	rm records/2026/CVE-2026-23251.json
	mkdir records/2025 && cp $r records/2025
	cve 1 --records records
	[[ "$output" == *"two records of CVE-2026-23250" ]]
	echo '[' > records/2025/CVE-2026-23250.json
	cve 1 --records records
}

@test "cve --tree: a faulty file that the base has not is evidence, not a decision" {
	base 6.18.15
	patch "Upstream-status: never, ours"
	records CVE-2026-23250
	mkdir -p tree/fs/xfs/scrub && touch tree/fs/xfs/scrub/common.c tree/fs/xfs/scrub/scrub.c
	printf 'VERSION = 6\nPATCHLEVEL = 18\nSUBLEVEL = 15\nEXTRAVERSION =\n' > tree/Makefile
	cve 3 --records records --tree tree
	[ "${lines[0]}" = "CVE-2026-23250: unfixed; record: the base is affected, fixed in 6.18.16; record: its file fs/xfs/scrub/repair.c is not in the base" ]
	sed -i 's/15/14/' tree/Makefile
	cve 3 --tree tree
	[[ "$output" == *"tree: is 6.18.14, the queue is on 6.18.15" ]]
}

@test "cve --git: the stable commit must name mainline's, not the other way round" {
	git init -q repo
	g() { git -C repo -c user.name=a -c user.email=a@example.org "$@"; }
	g commit -q --allow-empty -m main && main=$(g rev-parse HEAD)
	g commit -q --allow-empty -m "fix" -m "commit $main upstream." && backport=$(g rev-parse HEAD)
	patch "Upstream-status: backport $main (v6.19)\nStable-commit: $backport\nCVE: CVE-2026-1234"
	cve 0 --git repo
	sed -i "s/$main/X/; s/$backport/$main/; s/X/$backport/" queue/0001-x.patch
	finds "0001-x.patch: Stable-commit and the commit of Upstream-status are swapped" --git repo
	sed -i "s/^Stable-commit.*/Stable-commit: $STABLE/" queue/0001-x.patch
	finds "0001-x.patch: repo has no commit $STABLE" --git repo
	cve 1 --git tree
}

# dropped VERDICT BASE: as kq rebase writes it
dropped() {
	printf '2026-01-01\t0003-z.patch\t%064d\t6.18.5\t%s\t%s\tf:17 has it\tCVE-2026-23010,CVE-2026-23250\n' 0 "$2" "$1" > queue/dropped.log
}

@test "cve: what a rebase took out of the queue is not forgotten" {
	patch "Upstream-status: never, ours"
	base 6.18.15
	dropped upstream 6.18.9
	cve 0
	[ "${lines[0]}" = "CVE-2026-23010: fixed; dropped.log: 0003-z.patch left the queue, the change is in 6.18.9" ]
	[ "${#lines[@]}" -eq 2 ]
	records CVE-2026-23010 CVE-2026-23250
	finds "dropped.log has it in the base, the record says affected" --records records
	cve 0 --records records CVE-2026-23010
	base 6.18.5 # and back
	finds "the patch for it left the queue; decide in cve/"
	[[ "${lines[0]}" == "CVE-2026-23010: unfixed; "* ]]
	base 6.18.15
	dropped accepted 6.18.9
	finds "the patch for it left the queue; decide in cve/"
	[[ "${lines[0]}" == "CVE-2026-23010: unfixed; dropped.log: 0003-z.patch was given up for 6.18.9" ]]
	cve 0 --records records CVE-2026-23010 # the record says that the base has it all the same
	decide CVE-2026-23010 "State: wontfix\nReason: x"
	cve 0 CVE-2026-23010
}

@test "cve: kq rebase itself leaves the number in dropped.log" {
	patch "Upstream-status: never, ours\nCVE: CVE-2026-1234\nCVE: CVE-2026-1235"
	mkdir old new
	cp a/f old/f && cp b/f new/f
	cp a/f old/g && cp a/f new/g
	rm -rf a b && mkdir a b && cp old/g a/g && sed 's/^30$/thirty/' a/g > b/g
	queue_patch 0002-y.patch
	cve 0
	before=("${lines[@]%%;*}")
	"$KQ" rebase --queue queue --from old --to new
	[ ! -e queue/0001-x.patch ]
	cve 0
	[ "${lines[*]%%;*}" = "${before[*]}" ]
	[ "${lines[1]}" = "CVE-2026-1235: fixed; dropped.log: 0001-x.patch left the queue, the change is in new" ]
}

@test "cve --json: states, sources, commits and totals" {
	base 6.18.15
	patch "Upstream-status: backport $UP (v6.19)\nStable-commit: $STABLE\nCVE: CVE-2026-1234"
	records CVE-2026-23010 CVE-2026-23250
	decide CVE-2026-1001 "State: wontfix\nReason: x"
	run --separate-stderr checked "$KQ" cve --queue queue --records records --json
	[ "$status" -eq 3 ]
	[ "$(jq -r '.cves[] | .id + " " + .state + " " + .by' <<< "$output")" = "CVE-2026-1001 wontfix file
CVE-2026-1234 fixed patch
CVE-2026-23010 fixed record
CVE-2026-23250 unfixed record" ]
	check_json --control kq/cve <<<"$output"
	[ "$(jq -c .totals <<< "$output")" = '{"unfixed":1,"wontfix":1,"not_affected":0,"fixed":2}' ]
	[ "$(jq -r '.cves[1].patches[0].stable' <<< "$output")" = "$STABLE" ]
	[ "$(jq -r '.cves[3].record | .says, .release, (.fixes | length)' <<< "$output" | xargs)" = "affected 6.18.16 4" ]
	[ "$(jq -r '.base, .cves[0].decision.reason, (.cves[3].findings | length)' <<< "$output" | xargs)" = "6.18.15 x 1" ]
}

@test "cve: a backport of the record's fix counts by its commit, and the CVE trailer is asked for" {
	base 6.18.5
	patch "Upstream-status: backport $UP (v6.19)" 0007-x.patch
	records CVE-2026-23010 CVE-2026-23250
	finds "fixed, add CVE: CVE-2026-23010 to 0007-x.patch" --records records CVE-2026-23010
	[ "${lines[0]}" = "CVE-2026-23010: fixed; 0007-x.patch, backport $UP (v6.19); record: the base is affected, fixed in 6.18.7" ]
	[ "${#lines[@]}" -eq 2 ]
	run --separate-stderr checked "$KQ" cve --queue queue --records records --json
	[ "$(jq -r '.cves[0] | .state, .by, .patches[0].patch, .patches[0].selected' <<< "$output" | xargs)" = "fixed patch 0007-x.patch true" ]
	run --separate-stderr "$KQ" cve --queue queue --records records --openvex
	[ "$(jq -r '.statements[] | select(.vulnerability.name == "CVE-2026-23010").status' <<< "$output")" = fixed ]
	cve 3 --records records CVE-2026-23250 # the other one has another fix
	[[ "$output" != *"0007-x.patch"* ]]
	sed -i "s/^Owner:/CVE: CVE-2026-23010\n&/" queue/0007-x.patch
	cve 0 --records records CVE-2026-23010
	sed -i "/^CVE:/d; s/$UP/$CAUSE/; s/^Owner:/Stable-commit: $STABLE\n&/" queue/0007-x.patch
	finds "fixed, add CVE: CVE-2026-23010 to 0007-x.patch" --records records CVE-2026-23010
	sed -i "s/$STABLE/$CAUSE/" queue/0007-x.patch
	cve 3 --records records CVE-2026-23010
	[[ "${lines[0]}" == "CVE-2026-23010: unfixed; "* ]]
}

@test "cve: by commit, a patch for one SKU fixes it there, and one that the base needs not says nothing" {
	base 6.18.5
	patch "Upstream-status: backport $UP (v6.19)"
	records CVE-2026-23010
	echo "0001-x.patch sku=vm" > queue/series
	cve 3 --records records --sku metal
	[[ "${lines[0]}" == "CVE-2026-23010: unfixed; 0001-x.patch fixes it, but only with sku=vm"* ]]
	cve 3 --records records --sku vm
	[[ "${lines[0]}" == "CVE-2026-23010: fixed; "* ]]
	base 6.18.15
	cve 0 --records records --sku vm
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == "CVE-2026-23010: fixed; record: the base has the fix since 6.18.7" ]]
}

@test "cve: a directory of records with tens of thousands of other files, links and a repository" {
	base 6.18.5
	patch "Upstream-status: never, ours"
	records CVE-2026-23010
	mkdir -p records/2025 records/.git/objects
	(cd records/2025 && seq -f 'CVE-2025-%.0f.mbox' 1 35000 | xargs touch &&
		seq -f 'CVE-2025-%.0f.sha1' 1 35000 | xargs touch)
	ln -s nowhere records/2025/link
	mkfifo records/2025/pipe
	echo '[' > records/.git/objects/CVE-2025-0001.json
	cve 3 --records records
	[ "${#lines[@]}" -eq 2 ]
	[[ "${lines[0]}" == "CVE-2026-23010: unfixed; "* ]]
	ln -s nowhere records/2025/CVE-2025-0001.json # what has a record's name must be one
	cve 1 --records records
	[[ "$output" == *"CVE-2025-0001.json: is neither a file nor a directory" ]]
}

@test "cve: as many records and files below cve/ as there are take seconds, not minutes" {
	base 6.18.5
	patch "Upstream-status: never, ours"
	records CVE-2026-23010
	mkdir queue/cve
	awk 'BEGIN { for (i = 10001; i <= 22000; i++) { f = "queue/cve/CVE-2020-" i
		print "State: wontfix\nReason: x\nOwner: a\nReview-by: 2027-01-01" > f; close(f) } }'
	run timeout 20 "$KQ" cve --queue queue --records records
	[ "$status" -eq 3 ]
	[ "${#lines[@]}" -eq 12002 ]
	# A record of 300,000 commits is refused, not compared with itself.
	{ printf '{"cveMetadata":{"cveId":"CVE-2026-23010"},"containers":{"cna":{"affected":[{"vendor":"Linux","product":"Linux","versions":[{}'
	  seq -f ',{"versionType":"git","status":"affected","version":"0","lessThan":"%040.0f"}' 1 300000
	  echo ']}]}}}'; } > big.json
	mv big.json records/2026/CVE-2026-23010.json
	run timeout 20 "$KQ" cve --queue queue --records records
	[ "$status" -eq 1 ]
	[[ "$output" == *"CVE-2026-23010.json: names more than 262144 bytes of commits or files" ]]
}
