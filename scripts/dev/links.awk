# SPDX-License-Identifier: LGPL-2.1-or-later
#
# links.awk -v pages=N LIST PAGE... PAGE...: links between our Markdown pages. LIST has all paths below the
# root, one per line; the N pages are given twice, first for their headings, then for their links. Prints
# what is wrong:
#
#   - a link whose file or directory does not exist, or whose #anchor is not a heading there (as GitHub makes it);
#   - in docs/claims.md a table row without a link: nothing proves it;
#   - in docs/claims.md a "name" behind a link that does not stand in the linked file.

function complain(what)
{
	print file ":" FNR ": " what
}

function slug(text)
{
	gsub(/`|\]\([^)]*\)|\[/, "", text)
	text = tolower(text)
	gsub(/[^a-z0-9 _-]/, "", text)
	gsub(/ /, "-", text)
	return text
}

# The path from the root of what this page calls TO.
function resolve(to,   path)
{
	path = file
	sub(/[^\/]*$/, "", path)
	path = path to
	sub(/\/$/, "", path)
	while (path !~ /^\.\./ && sub(/[^\/]+\/\.\.(\/|$)/, "", path))
		;
	sub(/\/$/, "", path)
	if (path == "")
		path = "."
	return path
}

# Is NAME in a line of PATH?
function has(path, name,   line, found)
{
	while (!found && (getline line < path) > 0)
		found = index(line, name)
	close(path)
	return found
}

# Complains about a broken link; returns the path of one that is not.
function follow(to,   anchor)
{
	if (to ~ /^[a-z]+:/)
		return ""
	anchor = to
	if (!sub(/^[^#]*#/, "", anchor))
		anchor = ""
	sub(/#.*/, "", to)
	to = to == "" ? file : resolve(to)
	if (!(to in there)) {
		complain(to ": no such file or directory")
		return ""
	}
	if (anchor != "" && !((to, anchor) in heading))
		complain(to " has no heading #" anchor)
	return to
}

FNR == 1 {
	part++
	fenced = rows = 0
	file = FILENAME
	sub(/^\.\//, "", file)
}
part == 1 {
	sub(/^\.\//, "")
	there[$0]
	next
}
/^ *```/ { fenced = !fenced }
fenced { next }
part <= pages + 1 {
	if (sub(/^#+ +/, ""))
		heading[file, slug($0)]
	next
}
{
	row = /^\|/ ? rows++ : rows = 0
	links = 0
	proof = ""
	gsub(/`[^`]*`/, "")
	while (match($0, /\]\([^) ]+\)|"[^"]+"/)) {
		word = substr($0, RSTART, RLENGTH)
		$0 = substr($0, RSTART + RLENGTH)
		if (word ~ /^\]/) {
			links++
			proof = follow(substr(word, 3, length(word) - 3))
			continue
		}
		name = substr(word, 2, length(word) - 2)
		if (file == "docs/claims.md" && proof != "" && !has(proof, name))
			complain(proof " has nothing that is named \"" name "\"")
	}
	# The first two rows are the head of the table and the line below it.
	if (file == "docs/claims.md" && row >= 2 && !links)
		complain("a claim without a link to what proves it")
}
