# SPDX-License-Identifier: LGPL-2.1-or-later
# split.awk -v dir=DIR CASES DIFF: a `git diff --full-index` becomes mailbox patches DIR/NAME.patch.
# CASES has rows of "PATH TAB NAME"; files with the same name go into one patch.

FNR == NR {
	split($0, row, "\t")
	name[row[1]] = row[2]
	next
}
/^diff --git / {
	path = $4
	sub(/^b\//, "", path)
	if (!(path in name)) {
		print "split: no case for " path > "/dev/stderr"
		exit 1
	}
	to = name[path]
	if (!(to in text))
		text[to] = "From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n" \
			"From: Real Input <real@example.org>\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n" \
			"Subject: [PATCH] " to "\n\nMade of two releases by tests/real/queue.\n---\n\n"
}
{ text[to] = text[to] $0 "\n" }
END {
	for (to in text) {
		file = dir "/" to ".patch"
		printf "%s-- \n2.39.5\n\n", text[to] > file
		close(file)
	}
}
