// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/cmdline.h"

#include <string.h>

#include "base/limits.h"

static bool is_blank(u8 c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(u8 c)
{
	return c >= '0' && c <= '9';
}

static u8 folded(u8 c, bool is_name)
{
	return is_name && c == '-' ? '_' : c;
}

static struct ks_span part(struct ks_span s, size_t from, size_t to)
{
	struct ks_span sub = { 0 };

	(void)!ks_span_sub(s, from, to - from, &sub);
	return sub;
}

/*
 * Is @text what @pattern says? In a name quotes do not count. '*' first stands for nothing, and for one
 * character more each time that what follows it does not fit.
 */
static bool is_match(struct ks_span pattern, struct ks_span text, bool is_name)
{
	size_t p = 0, t = 0, star_p = 0, star_t = 0;
	bool has_star = false;

	while (t < text.bytes) {
		u8 want = p < pattern.bytes ? pattern.p[p] : 0, c = text.p[t];

		if (is_name && c == '"') {
			t++;
		} else if (want == '*') {
			has_star = true;
			star_p = ++p;
			star_t = t;
		} else if (want == '#' && is_digit(c)) {
			while (t < text.bytes && is_digit(text.p[t]))
				t++;
			p++;
		} else if (want && folded(want, is_name) == folded(c, is_name)) {
			p++;
			t++;
		} else if (has_star) {
			p = star_p;
			t = ++star_t;
		} else {
			return false;
		}
	}
	while (p < pattern.bytes && pattern.p[p] == '*')
		p++;
	return p == pattern.bytes;
}

/* Is it one of the row's values? @is_item: of those with a comma before them, which are parts of a list. */
static bool is_listed(const char *values, struct ks_span text, bool is_item)
{
	struct ks_span rest = ks_span_str(values), value;

	while (ks_span_word(&rest, &value)) {
		if ((value.p[0] == ',') != is_item)
			continue;
		if (is_match(part(value, is_item, value.bytes), text, false))
			return true;
	}
	return false;
}

static bool is_harmless(const char *values, struct ks_span value)
{
	size_t start, end;

	if (!value.bytes)
		return is_listed(values, ks_span_str("-"), false);
	if (is_listed(values, value, false))
		return true;
	for (start = 0; start <= value.bytes; start = end + 1) {
		for (end = start; end < value.bytes && value.p[end] != ','; end++)
			;
		if (!is_listed(values, part(value, start, end), true))
			return false;
	}
	return true;
}

/* @want_guarded: the kernel's guard knows only its own rows, of which the first one that fits decides. */
static const struct ks_cmdline_row *find_row(struct ks_span name, bool want_guarded)
{
	size_t i;

	for (i = 0; i < ks_cmdline_nr_rows; i++)
		if (ks_cmdline_table[i].is_guarded == want_guarded &&
		    is_match(ks_span_str(ks_cmdline_table[i].name), name, true))
			return &ks_cmdline_table[i];
	return NULL;
}

static bool judge_word(struct ks_span word, bool is_quoted, struct ks_cmdline_finding *f)
{
	const struct ks_cmdline_row *row;
	size_t name_bytes = 0;
	struct ks_span name;

	while (name_bytes < word.bytes && word.p[name_bytes] != '=')
		name_bytes++;
	name = part(word, 0, name_bytes);
	row = find_row(name, true);
	if (!row)
		row = find_row(name, false);
	if (!row)
		return false;
	f->is_guarded = row->is_guarded;
	f->reason = row->reason;
	f->what = "argument weakens the kernel, a locked-down one of this fork takes it off";
	if (!row->is_guarded)
		f->what = "argument weakens the system";
	if (!is_harmless(row->values, part(word, name_bytes + (name_bytes < word.bytes), word.bytes)))
		return true;
	f->what = "argument has quotes, of which each reader of a command line has its own idea";
	return row->is_guarded && is_quoted;
}

/*
 * The argument at @start, as next_arg() cuts it. Return: false if a quote in it is not closed, and then
 * it ends where it would without that.
 */
static bool cut(struct ks_span line, size_t start, size_t *ret_end, bool *ret_quoted)
{
	size_t end = start, first_blank = 0;
	bool in_quotes = false;

	*ret_quoted = false;
	for (; end < line.bytes; end++) {
		if (is_blank(line.p[end])) {
			if (!in_quotes)
				break;
			if (!first_blank)
				first_blank = end;
		}
		if (line.p[end] == '"') {
			in_quotes = !in_quotes;
			*ret_quoted = true;
		}
	}
	*ret_end = in_quotes && first_blank ? first_blank : end;
	return !in_quotes;
}

static bool is_plain(struct ks_span arg)
{
	size_t i;

	for (i = 0; i < arg.bytes; i++)
		if (arg.p[i] < 0x20 || arg.p[i] > 0x7e)
			return false;
	return true;
}

bool ks_cmdline_word(struct ks_span line, size_t *off, struct ks_cmdline_word *ret_word)
{
	size_t end;

	if (line.bytes > KS_MAX_CMDLINE_BYTES)
		line.bytes = KS_MAX_CMDLINE_BYTES;
	while (*off < line.bytes && is_blank(line.p[*off]))
		(*off)++;
	if (*off >= line.bytes)
		return false;
	ret_word->is_closed = cut(line, *off, &end, &ret_word->is_quoted);
	ret_word->arg = part(line, *off, end);
	ret_word->off = *off;
	*off = end;
	return true;
}

bool ks_cmdline_judge(const struct ks_cmdline_word *word, struct ks_cmdline_finding *f)
{
	size_t start, end;

	*f = (struct ks_cmdline_finding){ .arg = word->arg, .off = word->off, .is_guarded = true };
	f->what = "argument has a quote that is not closed";
	if (!word->is_closed)
		return true;
	f->what = "argument has a byte that is not printable ASCII";
	if (!is_plain(f->arg))
		return true;
	/* Some readers begin to compare at each word in quotes. */
	for (start = 0; start < f->arg.bytes; start = end + 1) {
		for (end = start; end < f->arg.bytes && f->arg.p[end] != ' '; end++)
			;
		if (judge_word(part(f->arg, start, end), word->is_quoted, f))
			return true;
	}
	return false;
}

bool ks_cmdline_next(struct ks_span line, size_t *off, struct ks_cmdline_finding *ret_finding)
{
	struct ks_cmdline_word word;

	while (ks_cmdline_word(line, off, &word))
		if (ks_cmdline_judge(&word, ret_finding))
			return true;
	return false;
}

bool ks_cmdline_is_name(struct ks_span name, struct ks_span other)
{
	size_t i;

	if (name.bytes != other.bytes)
		return false;
	for (i = 0; i < name.bytes; i++)
		if ((name.p[i] == '-' ? '_' : name.p[i]) != (other.p[i] == '-' ? '_' : other.p[i]))
			return false;
	return true;
}
