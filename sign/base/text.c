// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/text.h"

#include <stdio.h>
#include <string.h>

int ks_text_fail_word(struct ks_diag *diag, int err, const char *path, u32 line, const char *what,
		      const char *word)
{
	char place[4096];

	snprintf(place, sizeof(place), "%s:%u", path, line);
	if (word)
		ks_fail_detail(diag, err, what, word);
	else
		ks_fail(diag, err, KS_NO_OFF, what);
	ks_diag_in(diag, place);
	return err;
}

int ks_text_fail(struct ks_diag *diag, int err, const char *path, u32 line, const char *what)
{
	return ks_text_fail_word(diag, err, path, line, what, NULL);
}

bool ks_text_cut(struct ks_span *s, const char *prefix)
{
	struct ks_span want = ks_span_str(prefix);
	struct ks_span head;
	struct ks_span rest;

	if (!ks_span_sub(*s, 0, want.bytes, &head) || !ks_span_eq(head, want) ||
	    !ks_span_sub(*s, want.bytes, s->bytes - want.bytes, &rest))
		return false;
	*s = rest;
	return true;
}

bool ks_text_is_symbol_byte(u8 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

bool ks_text_symbol(struct ks_span *s, struct ks_span *ret_symbol)
{
	struct ks_span symbol;
	struct ks_span rest;
	size_t n = 0;

	while (n < s->bytes && ks_text_is_symbol_byte(s->p[n]))
		n++;
	if (!n || !ks_span_sub(*s, 0, n, &symbol) || !ks_span_sub(*s, n, s->bytes - n, &rest))
		return false;
	*ret_symbol = symbol;
	*s = rest;
	return true;
}

bool ks_text_has_word(const char *words, struct ks_span value)
{
	struct ks_span rest = ks_span_str(words), word;

	while (ks_span_word(&rest, &word))
		if (ks_span_eq(word, value))
			return true;
	return false;
}

bool ks_text_item(struct ks_span *list, struct ks_span *ret_item)
{
	const u8 *comma = list->bytes ? memchr(list->p, ',', list->bytes) : NULL;
	size_t bytes = comma ? (size_t)(comma - list->p) : list->bytes;

	if (!list->bytes || !ks_span_sub(*list, 0, bytes, ret_item))
		return false;
	bytes += comma != NULL;
	return ks_span_sub(*list, bytes, list->bytes - bytes, list);
}

bool ks_text_list_has(struct ks_span list, struct ks_span item)
{
	struct ks_span other;

	while (ks_text_item(&list, &other))
		if (ks_span_eq(other, item))
			return true;
	return false;
}

bool ks_text_is_clean(struct ks_span s)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		if ((s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}
