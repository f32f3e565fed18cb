# SPDX-License-Identifier: LGPL-2.1-or-later
# slice.awk CASES DIFF: the part of a `git diff` that is taken as a backport. CASES has rows of "PATH
# TAB HOW" with HOW all, first or odd (every other hunk, from the first on); other files are left out.

FNR == NR {
	split($0, row, "\t")
	how[row[1]] = row[2]
	next
}
/^diff --git / {
	path = $4
	sub(/^b\//, "", path)
	taken = path in how
	nr = shift = 0
	in_hunk = 0
}
!taken { next }
/^@@ / {
	nr++
	in_hunk = how[path] == "all" || nr == 1 || (how[path] == "odd" && nr % 2)
	split(substr($2, 2), old, ",")
	split(substr($3, 2), new, ",")
	old_count = old[2] == "" ? 1 : old[2]
	new_count = new[2] == "" ? 1 : new[2]
	# A whole file is one hunk; its numbers stay.
	if (in_hunk && old_count && new_count)
		printf "@@ -%d,%d +%d,%d @@\n", old[1], old_count, old[1] + shift, new_count
	else if (in_hunk)
		print
	if (in_hunk)
		shift += new_count - old_count
	next
}
!nr || in_hunk
