# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the tests of kq cve share: a queue with one patch, its own files, real records.

# shellcheck disable=SC2034,SC2154 # bats sets status, output and lines; the tests use the ids

load kq

UP=ddf96c393a33aef4887e2e406c76c2f8cda1419c     # the fix of CVE-2026-23010 in mainline
STABLE=8b6dcb565e419846bd521e31d5e1f98e4d0e1179 # and in 6.18.7
CAUSE=c46a74ff05c0ac76ba11ef21c930c3b447abf31a  # what brought CVE-2026-23015

# base RELEASE
base() {
	printf 'release %s\ntarball -\ntree %040d\n' "$1" 0 > queue/base.lock
}

# patch TRAILERS [NAME]: one_line_patch that says this of where it comes from
patch() {
	one_line_patch
	[ -z "${2:-}" ] || { mv queue/0001-x.patch "queue/$2"; sed -i "s/0001-x.patch/$2/" queue/series; }
	sed -i "s/^Upstream-status: .*/$1/" "queue/${2:-0001-x.patch}"
}

# decide ID LINES
decide() {
	mkdir -p queue/cve
	printf '%b\nOwner: net\nReview-by: 2027-01-01\n' "$2" > "queue/cve/$1"
}

# records ID...: these, out of tests/kq/cve
records() {
	mkdir -p records/2026
	for id; do cp "$BATS_TEST_DIRNAME/cve/$id.json" records/2026/; done
}

# cve STATUS [OPTION...]
cve() {
	run "$KQ" cve --queue queue "${@:2}"
	echo "$output"
	[ "$status" -eq "$1" ]
}

# finds TEXT [OPTION...]: exit 3 with this finding
finds() {
	cve 3 "${@:2}"
	[[ "$output" == *"finding: $1"* ]]
}
