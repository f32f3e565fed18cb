// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   +------------------------------+ aligned to 8, as each of these
 *   | number of symbols, le32      |
 *   +------------------------------+
 *   | names: length, 1 or 2 bytes, | a byte of a name is the index of a token; the first character
 *   | and that many bytes, each    | that they make is the symbol's type
 *   +------------------------------+
 *   | markers, le32 each           | where each 256th name starts
 *   +------------------------------+
 *   | 256 tokens, each with a NUL  |
 *   +------------------------------+
 *   | 256 offsets of tokens, le16  |
 *   +------------------------------+
 *   | offsets of symbols, le32     | to 6.14, where variables of a CPU count from 0: negative ones are
 *   |                              | base - 1 - address, others are the address
 *   +------------------------------+
 *   | what they count from, le64   |
 *   +------------------------------+
 *
 * Found from the tokens, which nothing else looks like: 256 texts, and 256 numbers behind them that say
 * where each starts.
 */
#include "fmt/kallsyms.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/limits.h"

#define ALIGN 8U
#define NR_TOKENS 256U
#define INDEX_BYTES (2U * NR_TOKENS)
#define NAMES_PER_MARKER 256U
/* KSYM_NAME_LEN, with the type and the NUL. */
#define MAX_NAME_BYTES 514U
/* Of the names behind the last marker: 256 of 250 bytes, ten times what they have. */
#define MAX_LAST_NAMES_BYTES (64U << 10)

struct tables {
	struct ks_span image;
	u64 tokens_off;
	u64 index_off;
	u64 markers_off;
	u64 names_off;
	u32 nr_markers;
	u32 nr_symbols;
	bool has_negative;
};

static u32 number_at(struct ks_span image, u64 off, u64 bytes)
{
	struct ks_span part;
	struct ks_cursor c;

	if (!ks_span_sub(image, off, bytes, &part))
		return 0;
	ks_cursor_init(&c, part, off);
	return bytes == 2 ? ks_get_le16(&c) : ks_get_le32(&c);
}

static u32 token_off(const struct tables *t, u32 idx)
{
	return number_at(t->image, t->index_off + 2 * (u64)idx, 2);
}

/* Offsets that grow by the length of a token, one after the other, from 0 on. */
static bool is_index(struct ks_span image, u64 off)
{
	u32 i, before = 0, now;

	if (number_at(image, off, 2) || off > image.bytes || image.bytes - off < INDEX_BYTES)
		return false;
	for (i = 1; i < NR_TOKENS; i++, before = now) {
		now = number_at(image, off + 2 * (u64)i, 2);
		if (now <= before || now - before > MAX_NAME_BYTES)
			return false;
	}
	return true;
}

/* Token @idx: a text that ends where the next one starts. */
static bool is_token(const struct tables *t, u32 idx, struct ks_span *ret_text)
{
	u64 off = t->tokens_off + token_off(t, idx), room = MAX_NAME_BYTES;
	struct ks_span text;
	const u8 *end;

	if (idx + 1 < NR_TOKENS)
		room = token_off(t, idx + 1) - token_off(t, idx);
	if (room > t->index_off - off)
		room = t->index_off - off;
	if (!ks_span_sub(t->image, off, room, &text))
		return false;
	end = memchr(text.p, 0, text.bytes);
	if (!end || (idx + 1 < NR_TOKENS && (u64)(end - text.p) + 1 != room))
		return false;
	return ks_span_sub(text, 0, (u64)(end - text.p), ret_text);
}

/* The last token has no offset behind it: its length is what is tried. */
static bool find_tokens(struct tables *t)
{
	u64 back = ks_align_up((u64)token_off(t, NR_TOKENS - 1) + 1, ALIGN);
	u64 most = back + MAX_NAME_BYTES;
	struct ks_span text = { 0 };
	u32 i;

	for (; back <= most && back <= t->index_off; back += ALIGN) {
		t->tokens_off = t->index_off - back;
		for (i = 0; i < NR_TOKENS && is_token(t, i, &text); i++)
			;
		if (i == NR_TOKENS &&
		    ks_align_up((u64)token_off(t, NR_TOKENS - 1) + text.bytes + 1, ALIGN) == back)
			return true;
	}
	return false;
}

/* Back from the tokens, as long as they fall, to the first, which is 0. */
static bool find_markers(struct tables *t)
{
	u64 off = t->tokens_off;
	u32 now, later;

	if (off < ALIGN)
		return false;
	/* An odd number of them has 4 bytes of padding. */
	off -= number_at(t->image, off - 4, 4) ? 4 : 8;
	now = number_at(t->image, off, 4);
	for (t->nr_markers = 1; now; t->nr_markers++) {
		if (off < 4)
			return false;
		later = now;
		off -= 4;
		now = number_at(t->image, off, 4);
		if (now >= later)
			return false;
	}
	t->markers_off = off;
	return off % ALIGN == 0;
}

static u32 marker(const struct tables *t, u32 idx)
{
	return number_at(t->image, t->markers_off + 4 * (u64)idx, 4);
}

/* Cut one name off. Return: false if there is none, or if it is empty. */
static bool next_name(struct ks_span *names, struct ks_span *ret_name)
{
	struct ks_cursor c;
	u32 bytes, head_bytes = 1;

	ks_cursor_init(&c, *names, 0);
	bytes = ks_get_u8(&c);
	if (bytes & 0x80) {
		bytes = (bytes & 0x7f) | (u32)ks_get_u8(&c) << 7;
		head_bytes++;
	}
	return !c.bad && bytes && ks_span_sub(*names, head_bytes, bytes, ret_name) &&
	       ks_span_sub(*names, head_bytes + bytes, names->bytes - head_bytes - bytes, names);
}

/* Do the names behind the last marker, as many as there have to be, end where the markers start? */
static bool are_names(const struct tables *t)
{
	u64 off = t->names_off + marker(t, t->nr_markers - 1);
	struct ks_span rest, name;
	u32 i, nr = t->nr_symbols - (t->nr_markers - 1) * NAMES_PER_MARKER;

	if (off > t->markers_off || !ks_span_sub(t->image, off, t->markers_off - off, &rest))
		return false;
	for (i = 0; i < nr; i++)
		if (!next_name(&rest, &name))
			return false;
	return rest.bytes < ALIGN && ks_span_is_zero(rest);
}

/* The number of symbols stands before the names, and the markers say how many there are, but for 256. */
static bool find_names(struct tables *t)
{
	u64 last = marker(t, t->nr_markers - 1), back, most = last + MAX_LAST_NAMES_BYTES;
	u64 few = (u64)(t->nr_markers - 1) * NAMES_PER_MARKER;

	for (back = ks_align_up(last + 2, ALIGN); back <= most; back += ALIGN) {
		if (t->markers_off < back + ALIGN)
			return false;
		t->names_off = t->markers_off - back;
		t->nr_symbols = number_at(t->image, t->names_off - ALIGN, 4);
		if (t->nr_symbols > few && t->nr_symbols <= few + NAMES_PER_MARKER &&
		    !number_at(t->image, t->names_off - 4, 4) && are_names(t))
			return true;
	}
	return false;
}

/* Is it @want, behind the one character of its type? */
static bool is_name(const struct tables *t, struct ks_span name, const char *want)
{
	struct ks_span left = ks_span_str(want), token, head;
	bool typed = false;
	size_t i;

	for (i = 0; i < name.bytes; i++) {
		if (!is_token(t, name.p[i], &token))
			return false;
		if (!typed && token.bytes) {
			typed = true;
			if (!ks_span_sub(token, 1, token.bytes - 1, &token))
				return false;
		}
		if (!ks_span_sub(left, 0, token.bytes, &head) || !ks_span_eq(head, token) ||
		    !ks_span_sub(left, token.bytes, left.bytes - token.bytes, &left))
			return false;
	}
	return typed && !left.bytes;
}

static u32 offset_of(const struct tables *t, u32 idx)
{
	return number_at(t->image, t->index_off + INDEX_BYTES + 4 * (u64)idx, 4);
}

/* CONFIG_KALLSYMS_ABSOLUTE_PERCPU. An offset without it is not negative: no kernel has 2 GiB. */
static bool has_negative_offset(const struct tables *t)
{
	u32 idx;

	for (idx = 0; idx < t->nr_symbols; idx++)
		if (offset_of(t, idx) > INT32_MAX)
			return true;
	return false;
}

static bool address_of(const struct tables *t, u32 idx, u64 *ret_addr)
{
	u64 base_off = ks_align_up(t->index_off + INDEX_BYTES + 4 * (u64)t->nr_symbols, ALIGN);
	u32 offset = offset_of(t, idx);
	struct ks_span base;
	struct ks_cursor c;

	if (!ks_span_sub(t->image, base_off, 8, &base))
		return false;
	ks_cursor_init(&c, base, base_off);
	/* The kernel adds them as it does, without a look for overflow. */
	if (!t->has_negative)
		*ret_addr = ks_get_le64(&c) + offset;
	else if (offset > INT32_MAX)
		*ret_addr = ks_get_le64(&c) + (u32)~offset;
	else
		*ret_addr = offset;
	return true;
}

/* By address, as scripts/kallsyms writes them: else it is not offsets that follow the tokens, as before 6.4. */
static bool are_sorted(const struct tables *t)
{
	u64 before = 0, now;
	u32 idx;

	for (idx = 0; idx < t->nr_symbols; idx++, before = now)
		if (!address_of(t, idx, &now) || now < before)
			return false;
	return true;
}

static int look_up(const struct tables *t, struct ks_kallsyms_symbol *symbols, size_t nr_symbols,
		   struct ks_diag *diag)
{
	struct ks_span rest, name;
	size_t i;
	u32 idx;

	if (!ks_span_sub(t->image, t->names_off, t->markers_off - t->names_off, &rest))
		return ks_fail(diag, -EBADMSG, t->names_off, "names of kallsyms are cut off");
	for (idx = 0; idx < t->nr_symbols; idx++) {
		if (idx % NAMES_PER_MARKER == 0 &&
		    t->markers_off - rest.bytes != t->names_off + marker(t, idx / NAMES_PER_MARKER))
			return ks_fail(diag, -EBADMSG, t->markers_off,
				       "markers of kallsyms are not where the names are");
		if (!next_name(&rest, &name))
			return ks_fail(diag, -EBADMSG, t->names_off, "names of kallsyms are broken");
		for (i = 0; i < nr_symbols; i++) {
			if (!is_name(t, name, symbols[i].name))
				continue;
			if (symbols[i].found || !address_of(t, idx, &symbols[i].addr))
				return ks_fail_detail(diag, -EBADMSG,
						      "symbol of kallsyms is there twice, or has no address",
						      symbols[i].name);
			symbols[i].found = true;
		}
	}
	return 0;
}

int ks_kallsyms_find(struct ks_span image, struct ks_kallsyms_symbol *symbols, size_t nr_symbols,
		     struct ks_diag *diag)
{
	struct tables found = { .image = image }, t = { .image = image };
	u64 off;

	for (off = ALIGN; off < image.bytes; off += ALIGN) {
		if (!is_index(image, off))
			continue;
		t.index_off = off;
		if (!find_tokens(&t))
			continue;
		/* Nothing else has such tokens; and to try what is around each would take long. */
		if (found.index_off)
			return ks_fail(diag, -EBADMSG, off, "kernel has two tables of kallsyms");
		found = t;
	}
	if (!found.index_off || !find_markers(&found) || !find_names(&found))
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "kernel has no kallsyms");
	found.has_negative = has_negative_offset(&found);
	if (!are_sorted(&found))
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "kernel has a kallsyms of another form");
	return look_up(&found, symbols, nr_symbols, diag);
}
