// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/section.h"

#include <ctype.h>
#include <string.h>

/* git's own: struct func_line of xdiff. */
#define HEADING_BYTES 80U
#define TAB_COLUMNS   8U

static size_t columns(struct ks_span line)
{
	size_t nr = 0, i;

	for (i = 0; i < line.bytes && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		nr += line.p[i] == '\t' ? TAB_COLUMNS - nr % TAB_COLUMNS : 1;
	return nr;
}

static bool is_word(u8 c)
{
	return isalnum(c) || c == '_';
}

bool kq_is_label(struct ks_span text)
{
	size_t n = 0;

	while (n < text.bytes && is_word(text.p[n]))
		n++;
	if (!n || n == text.bytes || text.p[n] != ':')
		return false;
	text = ks_span_trim(kq_tail(text, n + 1));
	return !text.bytes || kq_starts(text, "/*") || kq_starts(text, "//");
}

/* A line that others can stand below; a prototype is none. */
static bool is_head(struct ks_span text)
{
	return text.bytes && (is_word(text.p[0]) || strchr("$.&@<[\"", text.p[0])) &&
	       !kq_is_label(text) && text.p[text.bytes - 1] != ';';
}

/* Lines whose indentation says nothing of the block that they are in. */
static bool says_nothing(struct ks_span text)
{
	return !text.bytes || text.p[0] == '#' || text.p[0] == '{' || kq_is_label(text);
}

size_t kq_section_indent(const struct kq_line *line, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		struct ks_span text = ks_span_trim(line[i].text);

		if (!says_nothing(text) && text.p[0] != '}')
			return columns(line[i].text);
	}
	return 1;
}

/* Go up to the next line that the place stands below. */
static bool go_up(struct kq_spot *spot, struct ks_span *ret_text)
{
	while (spot->indent && spot->idx) {
		struct ks_span line = spot->lines->line[--spot->idx], text = ks_span_trim(line);
		size_t indent;

		if (says_nothing(text))
			continue;
		indent = columns(line);
		if (indent >= spot->indent)
			continue;
		/* A block that ends above: what is as far left is beside us. */
		if (text.p[0] == '}' || text.p[0] == ')')
			spot->indent = indent;
		if (!is_head(text))
			continue;
		spot->indent = indent;
		*ret_text = text;
		return true;
	}
	return false;
}

/* The name of a function outlives a change of its type and arguments; a macro in capitals is not a
 * name. */
static struct ks_span key_of(struct ks_span text)
{
	size_t start, end = 0, i;
	bool is_macro = true;

	while (end < text.bytes && text.p[end] != '(' && text.p[end] != '=')
		end++;
	if (end == text.bytes || text.p[end] == '=' || kq_starts(kq_tail(text, end), "(("))
		return text;
	start = end;
	while (start && is_word(text.p[start - 1]))
		start--;
	for (i = start; i < end; i++)
		is_macro &= !islower(text.p[i]);
	return start == end || is_macro ? text : kq_tail(kq_head(text, end), start);
}

static struct ks_span key_at(struct ks_span text, size_t indent)
{
	return indent ? text : key_of(text);
}

/* How many of the lines [0, end) are a head with this key and indentation? */
static size_t count_heads(const struct kq_lines *lines, size_t end, struct ks_span key,
			  size_t indent)
{
	size_t nr = 0, i;

	for (i = 0; i < end; i++) {
		struct ks_span text;

		if (columns(lines->line[i]) != indent)
			continue;
		text = ks_span_trim(lines->line[i]);
		nr += is_head(text) && ks_span_eq(key_at(text, indent), key);
	}
	return nr;
}

/* Of several that are called the same, the order says which it is, while there are as many. */
static bool is_same_of_many(const struct kq_spot *old, const struct kq_spot *onto,
			    struct ks_span key)
{
	return count_heads(old->lines, old->idx, key, old->indent) ==
		       count_heads(onto->lines, onto->idx, key, onto->indent) &&
	       count_heads(old->lines, old->lines->nr, key, old->indent) ==
		       count_heads(onto->lines, onto->lines->nr, key, onto->indent);
}

enum kq_same_section kq_section_compare(struct kq_spot old, struct kq_spot onto)
{
	enum kq_same_section same = KQ_SAME_SECTION;
	struct ks_span was = { 0 }, is = { 0 };

	for (;;) {
		bool has = go_up(&old, &was);

		if (has != go_up(&onto, &is))
			return KQ_OTHER_SECTION;
		if (!has)
			return same;
		was = key_at(was, old.indent);
		is = key_at(is, onto.indent);
		if (ks_span_eq(was, is)) {
			if (!old.indent && !is_same_of_many(&old, &onto, was))
				return KQ_OTHER_SECTION;
		} else if (count_heads(onto.lines, onto.lines->nr, was, old.indent) ||
			   count_heads(onto.lines, onto.lines->nr, is, onto.indent) <=
				   count_heads(old.lines, old.lines->nr, is, onto.indent)) {
			/* The old one is still there, or no more of the other ones than before. */
			return KQ_OTHER_SECTION;
		} else {
			same = KQ_NEW_SECTION;
		}
	}
}

static bool is_cut_to(struct ks_span line, struct ks_span heading)
{
	line = ks_span_trim(kq_head(line, HEADING_BYTES));
	return ks_span_eq(line, heading);
}

void kq_headings_pass(struct kq_headings *headings, struct ks_span line, struct ks_span heading)
{
	if (line.bytes && isspace(line.p[0])) {
		headings->is_unsure |= is_cut_to(ks_span_trim(line), heading);
		return;
	}
	if (!line.bytes || !(isalpha(line.p[0]) || line.p[0] == '_' || line.p[0] == '$'))
		return;
	headings->any = line;
	if (!kq_is_label(ks_span_trim(line)))
		headings->no_label = line;
}

bool kq_headings_are(const struct kq_headings *headings, struct ks_span heading)
{
	return is_cut_to(headings->any, heading) || is_cut_to(headings->no_label, heading);
}
