# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For scripts/bootparams/boot-params, decide(): names on standard input, beside the decisions of the file that is named
# by -v file=; -v all=all says that there are no other names.

function pattern(glob) {
	gsub(/-/, "_", glob)
	gsub(/[.]/, "[.]", glob)
	gsub(/[*]/, ".*", glob)
	gsub(/#/, "[0-9]+", glob)
	return "^" glob "$"
}
function say(text) { print "boot-params: " text > "/dev/stderr"; bad = 1 }
# The first line that matches a name decides.
function verdict(name,   i) {
	for (i = 1; i <= nr; i++)
		if (name ~ regex[i])
			return rule[i] " " glob[i]
	return ""
}
function is_known(glob, regex,   name) {
	gsub(/-/, "_", glob)
	if (glob in known)
		return 1
	for (name in known)
		if (name ~ regex)
			return 1
	return 0
}
BEGIN {
	while ((getline line < file) > 0) {
		where = file ":" ++at
		if (line ~ /^(#|$)/)
			continue
		n = split(line, word, " ")
		if (word[1] == "because" && n > 1 && (reason = 1))
			continue
		if (word[1] !~ /^(guard|warn|free)$/ || n < 2)
			say(where ": \"" line "\", wanted because REASON, guard or warn NAME [VALUE...], or free NAME...")
		else if (!reason)
			say(where ": no because line above it")
		for (i = 2; i <= (word[1] == "free" ? n : 2); i++) {
			if (word[i] in line_of)
				say(where ": " word[i] " has its decision in line " line_of[word[i]])
			line_of[word[i]] = at
			rule[++nr] = word[1]
			glob[nr] = word[i]
			regex[nr] = pattern(word[i])
		}
	}
	if (!nr)
		say(file ": no decisions in it")
}
{
	name = $2
	prefix = $1 == "setup" && name !~ /=/
	sub(/=.*/, "", name)
	gsub(/-/, "_", name)
	known[name]
	if ($1 == "module")
		next
	asked++
	found = verdict(name)
	if (found == "") {
		if (!told[name]++)
			say(name ": undecided (" $3 "); add a guard or free line to " file)
	} else if (prefix && found ~ /^guard / && found !~ /[*]$/) {
		say(name ": __setup() without \"=\" (" $3 "), guarded as \"" substr(found, 7) "\"; wanted " name "*, it takes longer words, too")
	}
}
END {
	if (!asked)
		say("no parameters were found to compare " file " with")
	for (i = 1; asked && all == "all" && i <= nr; i++)
		if (rule[i] == "guard" && !is_known(glob[i], regex[i]))
			say(file ":" line_of[glob[i]] ": guarded " glob[i] " is not a parameter of this kernel; wanted the name that the sources have")
	exit bad
}
