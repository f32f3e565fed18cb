// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/subject.h"

#include <stdio.h>
#include <string.h>

#include "text/text.h"

static int hex_digit(u8 c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

static void put_q(struct ks_span s, struct ks_buf *out)
{
	size_t i;

	for (i = 0; i < s.bytes; i++) {
		int high = i + 2 < s.bytes ? hex_digit(s.p[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;

		if (s.p[i] == '=' && low >= 0) {
			ks_put_u8(out, (u8)(high << 4 | low));
			i += 2;
		} else {
			ks_put_u8(out, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
}

static void put_b(struct ks_span s, struct ks_buf *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	u32 bits = 0, nr_bits = 0;
	size_t i;

	for (i = 0; i < s.bytes; i++) {
		const char *at = s.p[i] ? strchr(letters, s.p[i]) : NULL;

		if (!at)
			return;
		bits = bits << 6 | (u32)(at - letters);
		nr_bits += 6;
		if (nr_bits < 8)
			continue;
		nr_bits -= 8;
		ks_put_u8(out, (u8)(bits >> nr_bits));
		bits &= (1U << nr_bits) - 1;
	}
}

/* "=?charset?q?text?=" at the front of @s. The charset does not matter for the letters of a name. */
static bool take_encoded_word(struct ks_span *s, struct ks_buf *out)
{
	struct ks_span rest = *s, text;
	const u8 *mark, *end;
	u8 kind;

	if (!kq_take(&rest, "=?"))
		return false;
	mark = rest.bytes ? memchr(rest.p, '?', rest.bytes) : NULL;
	if (!mark)
		return false;
	rest = kq_tail(rest, (size_t)(mark - rest.p) + 1);
	if (rest.bytes < 2 || rest.p[1] != '?')
		return false;
	kind = rest.p[0] | 0x20;
	text = kq_tail(rest, 2);
	end = text.bytes ? memmem(text.p, text.bytes, "?=", 2) : NULL;
	if (!end || (kind != 'q' && kind != 'b'))
		return false;
	*s = kq_tail(text, (size_t)(end - text.p) + 2);
	text = kq_head(text, (size_t)(end - text.p));
	if (kind == 'q')
		put_q(text, out);
	else
		put_b(text, out);
	return true;
}

/* Blanks between two encoded words belong to the encoding, all others to the text. */
static void put_decoded(struct ks_span s, struct ks_buf *out)
{
	while (s.bytes) {
		struct ks_span next;

		if (!take_encoded_word(&s, out)) {
			ks_put_u8(out, s.p[0]);
			s = kq_tail(s, 1);
			continue;
		}
		next = s;
		while (next.bytes && next.p[0] == ' ')
			next = kq_tail(next, 1);
		if (kq_starts(next, "=?"))
			s = next;
	}
}

/* A field goes on in lines that start with a blank. */
static void put_unfolded(struct ks_span head, const char *key, struct ks_buf *out)
{
	struct ks_span line;
	bool found = false;

	while (ks_span_line(&head, &line)) {
		if (found && (kq_starts(line, " ") || kq_starts(line, "\t")))
			ks_put_str(out, " ");
		else if (found || !kq_take(&line, key))
			continue;
		found = true;
		ks_put(out, ks_span_trim(line));
	}
}

void kq_subject(struct ks_span head, struct ks_buf *subject)
{
	__cleanup(ks_buf_done) struct ks_buf raw = { 0 }, decoded = { 0 };
	struct ks_span s;

	put_unfolded(head, "Subject:", &raw);
	put_decoded(ks_buf_span(&raw), &decoded);
	s = ks_span_trim(ks_buf_span(&decoded));
	while (s.bytes && s.p[0] == '[') {
		const u8 *end = memchr(s.p, ']', s.bytes);

		if (!end)
			break;
		s = ks_span_trim(kq_tail(s, (size_t)(end - s.p) + 1));
	}
	ks_put(subject, s);
}

static bool is_title(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '.' || c == '_';
}

/* Whatever is no letter of a title becomes one dash between two that are. */
static void put_title(struct ks_span subject, struct ks_buf *name)
{
	size_t start = name->bytes, i;
	bool gap = false;

	for (i = 0; i < subject.bytes; i++) {
		u8 c = subject.p[i];

		if (!is_title(c)) {
			gap = true;
			continue;
		}
		if (c == '.' && !gap && i && subject.p[i - 1] == '.')
			continue;
		if (gap && name->bytes > start)
			ks_put_u8(name, '-');
		gap = false;
		ks_put_u8(name, c);
	}
	while (name->bytes > start && strchr(".-", name->p[name->bytes - 1]))
		name->bytes--;
}

void kq_patch_name(struct ks_span subject, size_t number, size_t cut_bytes, struct ks_buf *name)
{
	size_t start = name->bytes;
	char digits[32];

	snprintf(digits, sizeof(digits), "%04zu-", number);
	ks_put_str(name, digits);
	put_title(subject, name);
	if (name->bytes - start > cut_bytes)
		name->bytes = start + cut_bytes;
	ks_put_str(name, ".patch");
}
