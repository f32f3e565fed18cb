// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

void kc_say(const char *path, u32 line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "kconfig-check: %s:%u: ", path, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int kc_word_fail(struct ks_diag *diag, int err, const char *path, u32 line, const char *what,
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

int kc_line_fail(struct ks_diag *diag, int err, const char *path, u32 line, const char *what)
{
	return kc_word_fail(diag, err, path, line, what, NULL);
}

void kc_put_place(struct ks_buf *out, const char *before, const char *path, u32 line)
{
	char number[32];

	ks_put_str(out, before);
	ks_put_str(out, path);
	snprintf(number, sizeof(number), ":%u", line);
	ks_put_str(out, number);
}

bool kc_cut_prefix(struct ks_span *s, const char *prefix)
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

bool kc_is_symbol_byte(u8 c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

bool kc_cut_symbol(struct ks_span *s, struct ks_span *ret_symbol)
{
	struct ks_span symbol;
	struct ks_span rest;
	size_t n = 0;

	while (n < s->bytes && kc_is_symbol_byte(s->p[n]))
		n++;
	if (!n || !ks_span_sub(*s, 0, n, &symbol) || !ks_span_sub(*s, n, s->bytes - n, &rest))
		return false;
	*ret_symbol = symbol;
	*s = rest;
	return true;
}

bool kc_has_word(const char *words, struct ks_span value)
{
	struct ks_span rest = ks_span_str(words), word;

	while (ks_span_word(&rest, &word))
		if (ks_span_eq(word, value))
			return true;
	return false;
}

bool kc_is_clean(struct ks_span s)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		if ((s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}
