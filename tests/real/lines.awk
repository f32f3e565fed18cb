# SPDX-License-Identifier: LGPL-2.1-or-later
# lines.awk: of each modified file of `git diff -U0`, lines of the old file: PATH TAB SAME TAB BESIDE
# TAB FAR. SAME is one that upstream changed; BESIDE has one unchanged line between it and an upstream
# change, and one more below it; FAR is at least 20 lines away from all of them. 0: there is none.

function flush(	i, gap, at) {
	if (path == "" || whole)
		return
	same = beside = far = 0
	for (i = 1; i <= n; i++) {
		if (!same && count[i])
			same = start[i]
		# Below the last one the file may end.
		if (!beside && i < n && start[i + 1] > last[i] + 4)
			beside = last[i] + 2
	}
	for (i = 1; i < n && !far; i++) {
		gap = start[i + 1] - last[i]
		at = last[i] + int(gap / 2)
		if (gap >= 42)
			far = at
	}
	if (!far && start[1] >= 42)
		far = int(start[1] / 2)
	print path "\t" same "\t" beside "\t" far
}
/^diff --git / { flush(); path = ""; n = 0; whole = 0 }
/^(new|deleted) file mode/ || /^Binary/ { whole = 1 }
/^\+\+\+ b\// { path = substr($0, 7) }
/^@@ / {
	split(substr($2, 2), old, ",")
	n++
	start[n] = old[1]
	count[n] = old[2] == "" ? 1 : old[2]
	last[n] = count[n] ? old[1] + count[n] - 1 : old[1]
}
END { flush() }
