# SPDX-License-Identifier: LGPL-2.1-or-later
# mutants.awk FILE.c: print every small defect that can be planted into a C source of kernel style,
# one per line: line number, TAB, the line as it becomes (empty: the line goes).
#
# Comparisons off by one, operators turned round, numbers one higher, checks without their "!",
# arguments swapped, statements dropped. Comments, strings and preprocessor lines are left alone.

BEGIN {
	add(" < ", " <= "); add(" <= ", " < "); add(" > ", " >= "); add(" >= ", " > ")
	add(" == ", " != "); add(" != ", " == "); add(" && ", " || "); add(" || ", " && ")
	add(" + ", " - "); add(" - ", " + "); add(" << ", " >> "); add(" >> ", " << ")
	add(" & ", " | "); add(" | ", " & "); add(" % ", " / "); add(" * ", " + ")
	add(" += ", " -= "); add(" -= ", " += "); add("++", "--"); add("--", "++")
	add("true", "false"); add("false", "true")
}

function add(from, to)
{
	nr_rules++
	rule_from[nr_rules] = from
	rule_to[nr_rules] = to
}

function emit(text)
{
	print FNR "\t" text
}

# The line with strings and characters blanked out, so that nothing inside of them matches.
function masked(text,	out, i, c, quote)
{
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (quote) {
			if (c == "\\") {
				out = out "__"
				i++
				continue
			}
			if (c == quote)
				quote = ""
			c = "_"
		} else if (c == "\"" || c == "'") {
			quote = c
			c = "_"
		}
		out = out c
	}
	return out
}

function replace_all_places(text, mask, from, to,	at, skip)
{
	skip = 0
	while ((at = index(substr(mask, skip + 1), from))) {
		emit(substr(text, 1, skip + at - 1) to substr(text, skip + at + length(from)))
		skip += at + length(from) - 1
	}
}

function numbers(text, mask,	skip, value, more)
{
	skip = 0
	while (match(substr(mask, skip + 1), /(^|[^A-Za-z0-9_])(0x[0-9a-f]+|[0-9]+)/)) {
		value = substr(mask, skip + RSTART, RLENGTH)
		more = value
		sub(/^[^0-9]/, "", value)
		emit(substr(text, 1, skip + RSTART + length(more) - length(value) - 1) "(" value " + 1)" \
			substr(text, skip + RSTART + RLENGTH))
		skip += RSTART + RLENGTH - 1
	}
}

function negations(text, mask,	i)
{
	for (i = 1; i < length(mask); i++)
		if (substr(mask, i, 1) == "!" && substr(mask, i + 1, 1) ~ /[A-Za-z_(*]/)
			emit(substr(text, 1, i - 1) substr(text, i + 1))
}

# f(a, b: the first two arguments, where both are plain
function swaps(text, mask,	inner, part)
{
	if (!match(mask, /\([a-z_.>-]+, [a-z_.>-]+[,)]/))
		return
	inner = substr(text, RSTART + 1, RLENGTH - 2)
	split(inner, part, ", ")
	if (part[1] != part[2])
		emit(substr(text, 1, RSTART) part[2] ", " part[1] substr(text, RSTART + RLENGTH - 1))
}

# A statement of one line that is not a declaration; and what comes after "if (...)" on its own line.
function drops(text, mask)
{
	if (mask !~ /^\t+.*;$/ || prev !~ /[;{}]$|^$|\*\/$|\)$|else$/)
		return
	if (mask ~ /^\t+(return|goto|va_end|struct|static|const|__cleanup|u8|u16|u32|u64|size_t|int|char|bool|ssize_t|mode_t|va_list)[^a-z0-9_]/)
		return
	match(text, /[^\t]/)
	emit(substr(text, 1, RSTART - 1) "; /* " substr(text, RSTART) " */")
}

/^[ \t]*\/\*/ { comment = 1 }
comment || /^#/ || /^__attribute__/ || /^\/\// {
	if (/\*\//)
		comment = 0
	next
}
!/^[\t{]/ && !/^static|^(int|bool|void|u[0-9]+|struct) / { prev = $0; next }
# The first line of a function and its parameters have nothing to plant into.
/^[^\t{]/ && !/=/ { prev = $0; next }
{
	mask = masked($0)
	for (r = 1; r <= nr_rules; r++)
		replace_all_places($0, mask, rule_from[r], rule_to[r])
	numbers($0, mask)
	negations($0, mask)
	swaps($0, mask)
	drops($0, mask)
	prev = mask
}
