# SPDX-License-Identifier: LGPL-2.1-or-later
#
# rebase.awk: what another release means for the configurations of all SKUs, as Markdown, each symbol once.
# Reads role=names (all symbols, sorted), then for each sku=: role=old and role=new (resolved
# configurations), role=asked (listnewconfig), role=gone (symbols that the new tree has not) and role=help
# (helpnewconfig). from= and to= are the releases. Line 3 is the sum.

function value_of(line)
{
	if (line ~ /^# CONFIG_[A-Za-z0-9_]+ is not set$/)
		return "n"
	sub(/^[^=]*=/, "", line)
	return line
}

function name_of(line)
{
	match(line, /CONFIG_[A-Za-z0-9_]+/)
	return substr(line, RSTART + 7, RLENGTH - 7)
}

FNR == 1 && role == "old" { sku_name[++nr_skus] = sku }
role == "names" { name[++nr_names] = substr($0, 8); next }
role == "old" || role == "new" {
	if ($0 ~ /^(# )?CONFIG_/)
		value[role, sku, name_of($0)] = value_of($0)
	next
}
role == "asked" {
	if ($0 ~ /^CONFIG_/)
		asked[name_of($0)] = 1
	next
}
role == "gone" { gone[name_of($0)] = 1; next }

# -----, the help text, what conf knows about the symbol, -----. A help text may have such a line too, and
# conf's own part begins with these two.
role == "help" && /^-----$/ && !in_block { in_block = 1; has_type = 0; block = symbol = ""; next }
role == "help" && /^-----$/ && has_type {
	sub(/\n+$/, "\n", block)
	if (symbol && !(symbol in help))
		help[symbol] = block
	in_block = 0
	next
}
role == "help" {
	gsub(/[\001-\010\013-\037\177]/, "?")
	if (/^Symbol: /) {
		symbol = $2
		next
	}
	has_type = has_type || /^Type  : /
	# Its heading says it; of this SKU only.
	if (/^CONFIG_[A-Za-z0-9_]+:$/ && !block)
		next
	sub(/[[:blank:]]+$/, "")
	if (block || $0)
		block = block ($0 ? "    " $0 : "") "\n"
}

# What SKU number i has of a symbol: where it is new or gone its value, else how that changed; "" for nothing.
function told(kind, symbol, i,    old, new)
{
	old = value["old", sku_name[i], symbol]
	new = value["new", sku_name[i], symbol]
	if (kind == "came")
		return new
	if (kind == "went")
		return old
	return old == new ? "" : (old == "" ? "-" : old) " -> " (new == "" ? "-" : new)
}

# "y: azure-vm, test; n: microvm"
function by_sku(kind, symbol,    i, k, what, texts, text, list, nr, out)
{
	split("", list)
	for (i = 1; i <= nr_skus; i++) {
		what = told(kind, symbol, i)
		if (what == "")
			continue
		if (!(what in list))
			text[++texts] = what
		list[what] = list[what] (list[what] ? ", " : "") sku_name[i]
		nr[what]++
	}
	for (k = 1; k <= texts; k++)
		out = out (k > 1 ? "; " : "") "`" text[k] "` " (nr[text[k]] == nr_skus ? "all" : list[text[k]])
	return out
}

function section(title, text, is_there)
{
	if (is_there)
		printf "\n## %s\n\n%s", title, text
}

END {
	for (i = 1; i <= nr_names; i++) {
		symbol = name[i]
		if (symbol in asked) {
			nr_came++
			came = came "### " symbol ": " by_sku("came", symbol) "\n\n" help[symbol] "\n"
		} else if (symbol in gone) {
			nr_gone++
			went = went "- " symbol ": " by_sku("went", symbol) "\n"
		} else if ((how = by_sku("changed", symbol))) {
			nr_changed++
			changed = changed "- " symbol ": " how "\n"
		}
	}
	for (i = 1; i <= nr_skus; i++)
		all = all (i > 1 ? ", " : "") sku_name[i]
	printf "# Configurations: %s to %s\n\n%d came, %d went, %d changed otherwise, for %s\n", from, to, nr_came, nr_gone, nr_changed, all
	section("Went: Linux " to " has no such symbol", went, went)
	section("Changed, without a question", "`-` is a symbol that cannot be had there.\n\n" changed, changed)
	section("Came, with a question", "Nobody has answered these, so they have the default unless a fragment requests them. Values in brackets are\n" \
		"those of the first SKU that is asked.\n\n" came, came)
}
