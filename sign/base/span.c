// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/span.h"

#include <string.h>

bool ks_span_sub(struct ks_span s, u64 off, u64 n, struct ks_span *ret_part)
{
	u64 end;

	if (__builtin_add_overflow(off, n, &end) || end > s.bytes)
		return false;
	ret_part->p = s.p ? s.p + off : NULL;
	ret_part->bytes = (size_t)n;
	return true;
}

struct ks_span ks_span_str(const char *text)
{
	return (struct ks_span){ (const u8 *)text, strlen(text) };
}

bool ks_span_eq(struct ks_span a, struct ks_span b)
{
	return a.bytes == b.bytes && (!a.bytes || !memcmp(a.p, b.p, a.bytes));
}

int ks_span_cmp(struct ks_span a, struct ks_span b)
{
	size_t least = a.bytes < b.bytes ? a.bytes : b.bytes;
	int order = least ? memcmp(a.p, b.p, least) : 0;

	return order ? order : (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

bool ks_span_ends_with(struct ks_span s, struct ks_span tail)
{
	struct ks_span end;

	return s.bytes >= tail.bytes && ks_span_sub(s, s.bytes - tail.bytes, tail.bytes, &end) &&
	       ks_span_eq(end, tail);
}

bool ks_span_is_zero(struct ks_span s)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		if (s.p[i])
			return false;
	return true;
}

static bool is_blank(u8 c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Cut @n bytes off the front; the caller knows that they are there. */
static struct ks_span take(struct ks_span *s, size_t n)
{
	struct ks_span head = { s->p, n };

	s->p += n;
	s->bytes -= n;
	return head;
}

bool ks_span_line(struct ks_span *text, struct ks_span *ret_line)
{
	const u8 *newline;

	if (!text->bytes)
		return false;
	newline = memchr(text->p, '\n', text->bytes);
	*ret_line = take(text, newline ? (size_t)(newline - text->p) : text->bytes);
	if (newline)
		take(text, 1);
	return true;
}

bool ks_span_word(struct ks_span *line, struct ks_span *ret_word)
{
	size_t n = 0;

	while (line->bytes && is_blank(line->p[0]))
		take(line, 1);
	while (n < line->bytes && !is_blank(line->p[n]))
		n++;
	if (!n)
		return false;
	*ret_word = take(line, n);
	return true;
}

struct ks_span ks_span_trim(struct ks_span s)
{
	while (s.bytes && is_blank(s.p[0]))
		take(&s, 1);
	while (s.bytes && is_blank(s.p[s.bytes - 1]))
		s.bytes--;
	return s;
}
