#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
# kq against git apply on random trees.
# shellcheck disable=SC2030,SC2031 # bats sets status and output anew in every test

load kq

# make_cases N: random files a, changed files b, and trees where something else changed too
make_cases() {
	eval "mkdir -p c{0..$(($1 - 1))}/{a,b,k,g,queue}"
	awk -v n="$1" -v seed="${2:-20261122}" '
	function rnd(k) { return int(rand() * k) }
	function word() { return (kind % 2 ? "w" rnd(kind % 4 == 1 ? 2 : 5) : "line " rnd(100000)) (kind % 7 == 3 ? "\r" : "") }
	function edit(x, len, at,   i, op) {
		op = rnd(3)
		if (len == 0) op = 0
		if (op == 0) { for (i = len; i > at; i--) x[i] = x[i - 1]; x[at] = word(); return len + 1 }
		if (op == 1) { for (i = at; i < len - 1; i++) x[i] = x[i + 1]; return len - 1 }
		x[at] = word()
		return len
	}
	function put(file, x, len, cut,   i) {
		printf "" > file
		for (i = 0; i < len; i++) printf "%s%s", x[i], (i == len - 1 && cut) ? "" : "\n" > file
		close(file)
	}
	BEGIN {
		srand(seed)
		for (c = 0; c < n; c++) {
			kind = c
			len = c % 11 == 0 ? rnd(4) : 10 + rnd(40)
			for (i = 0; i < len; i++) { a[i] = word(); b[i] = a[i]; t[i] = a[i] }
			lb = lt = len
			for (k = 1 + rnd(3); k > 0; k--) lb = edit(b, lb, rnd(lb + (lb == 0)))
			for (k = rnd(3); k > 0; k--) lt = edit(t, lt, rnd(lt + (lt == 0)))
			if (c % 13 == 5) { lt = lb; for (i = 0; i < lb; i++) t[i] = b[i] }
			cut = c % 5 == 2
			put("c" c "/a/f", a, len, cut)
			put("c" c "/b/f", b, lb, c % 10 == 2 ? 0 : cut)
			put("c" c "/k/f", t, lt, cut)
			put("c" c "/g/f", t, lt, cut)
		}
	}'
}

# one_place PATCH FILE: every pre-image is in the file exactly once (a count of its own, in awk)
one_place() {
	awk -v cut="$(tail -c1 "$2")" '
	NR == FNR && /^@@/ { h++; next }
	NR == FNR && /^\\/ { if (last != "+") pre[h, n[h] - 1] = pre[h, n[h] - 1] "\n"; next }
	NR == FNR && h { last = substr($0, 1, 1) }
	NR == FNR && h && /^[ -]/ && !/^-- $/ { pre[h, n[h]++] = substr($0, 2); next }
	NR == FNR { next }
	{ f[nf++] = $0 }
	END {
		if (cut != "") f[nf - 1] = f[nf - 1] "\n" # "\n" marks a line without newline
		for (k = 1; k <= h; k++) {
			found = 0
			for (i = 0; i + n[k] <= nf; i++) {
				for (j = 0; j < n[k] && f[i + j] == pre[k, j]; j++);
				found += j == n[k]
			}
			if (found != 1) exit 1
		}
	}' "$1" "$2"
}

# compare_case N: kq and git apply on one random tree; adds what happened to verdicts
compare_case() {
	local patch=queue/0001-x.patch git_rc=0 kq_rc=0 said
	cd "$BATS_TEST_TMPDIR/c$1" || return 1
	message > "$patch"
	! git diff --no-index --no-prefix --full-index a/f b/f >> "$patch" || return 0
	signature >> "$patch"
	echo 0001-x.patch > queue/series
	git -C g apply --whitespace=nowarn "../$patch" 2> git.err || git_rc=$?
	said=$("$KQ" apply --queue queue k 2>&1) || kq_rc=$?
	echo "case $1: git $git_rc, kq $kq_rc: $said"
	case $git_rc/$kq_rc in
	0/0)
		cmp k/f g/f || return 1
		echo both ;;
	1/3) echo neither ;;
	0/3)
		# Only a guess may be refused that git takes, a result that is there already, or the one place
		# when it is below another heading than the @@ line says.
		[[ $said == *"result is in the file too"* || $said == *"as its @@ line says; line "* ]] ||
			! one_place "$patch" k/f || return 1
		echo stricter ;;
	*) return 1 ;;
	esac >> ../verdicts
}

@test "200 random trees: kq's result is git apply's, and kq is never the bolder one" {
	make_cases 200 "${KQ_SEED:-20261122}"
	for ((i = 0; i < 200; i++)); do
		compare_case "$i"
	done
	cd ..
	sort verdicts | uniq -c
	# The cases must really cover the three outcomes.
	[ "$(grep -c both verdicts)" -ge 60 ]
	[ "$(grep -c neither verdicts)" -ge 20 ]
	[ "$(grep -c stricter verdicts)" -ge 1 ]
}
