# SPDX-License-Identifier: LGPL-2.1-or-later
# functions.awk -v op=OP [-v a=HEAD] [-v b=HEAD] [-v mark=LINE] FILE: functions of a C file, which are
# named by their first line.
#
#   find    8 lines that are in two functions and do not say in which: LINE TAB HEAD TAB OTHER HEAD
#   mark    the file with a line behind the 4th of the 8 lines of the file -v from=PLACE, in a
#   move    a behind all others
#   gone    without a
#   swap    a and b in each other's place
#   where   the heads of the functions that have the line "mark"

# A head starts in the first column, and its function ends with a brace there.
function read_functions(	i, head) {
	head = 0
	for (i = 1; i <= n; i++) {
		if (line[i] ~ /^[A-Za-z_].*\(/ && line[i] !~ /;[ \t]*$/ && line[i] !~ /^[A-Za-z_0-9]+:/ && !head)
			head = i
		else if (head && line[i] ~ /^[A-Za-z_#\/]/ && line[i] !~ /^[A-Za-z_0-9]+:/)
			head = line[i] ~ /^[A-Za-z_].*\(/ && line[i] !~ /;[ \t]*$/ ? i : 0
		if (line[i] == "}" && head) {
			start[++nr] = head
			end[nr] = i
			seen[line[head]]++
			head = 0
		}
	}
}
function of(text,	i) {
	for (i = 1; i <= nr; i++)
		if (line[start[i]] == text)
			return i
	return 0
}
function put(i,	k) { for (k = start[i]; k <= end[i]; k++) print line[k] }
function window(i,	k, text) {
	for (k = i - 3; k <= i + 4; k++)
		text = text "\n" line[k]
	return text
}
function find(	i, k, text) {
	for (i = 1; i <= nr; i++)
		for (k = start[i] + 5; k <= end[i] - 5; k++) {
			if (seen[line[start[i]]] > 1 || line[k] !~ /;$/ || line[k] ~ /"/)
				continue
			text = window(k)
			if (text in first && first[text] != i && !other[text])
				other[text] = i
			if (!(text in first)) {
				first[text] = i
				at[text] = k
				order[++texts] = text
			}
		}
	for (i = 1; i <= texts; i++)
		if (other[order[i]]) {
			text = order[i]
			print at[text] "\t" line[start[first[text]]] "\t" line[start[other[text]]]
			return
		}
}
# The same place in another version of the file: the lines of "window", in function a.
function mark_in(f,	k) {
	for (k = start[f] + 4; k <= end[f] - 4; k++)
		if (window(k) == place)
			return k
	return 0
}
{ line[++n] = $0 }
END {
	read_functions()
	if (op == "find") {
		find()
		exit
	}
	if (op == "where") {
		for (i = 1; i <= nr; i++)
			for (k = start[i]; k <= end[i]; k++)
				if (line[k] == mark)
					print line[start[i]]
		exit
	}
	f = of(a)
	g = b == "" ? f : of(b)
	if (!f || !g)
		exit 1
	if (op == "mark") {
		while ((getline text < from) > 0)
			place = place "\n" text
		at_line = mark_in(f)
		if (!at_line)
			exit 1
	}
	for (i = 1; i <= n; i++) {
		if (op ~ /gone|move/ && i >= start[f] && i <= end[f])
			continue
		if (op == "swap" && (i == start[f] || i == start[g])) {
			put(i == start[f] ? g : f)
			i = i == start[f] ? end[f] : end[g]
			continue
		}
		print line[i]
		if (op == "mark" && i == at_line)
			print mark
	}
	if (op == "move") {
		print ""
		put(f)
	}
}
