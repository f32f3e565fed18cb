// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/ber.h"

#include <errno.h>

#define MAX_MESSAGE_BYTES 65535U
#define CONSTRUCTED 0x20
#define LONG_TAG 0x1f
#define INDEFINITE 0x80

void ks_ber_init(struct ks_ber *b, struct ks_span in)
{
	*b = (struct ks_ber){ .in = in, .end = in.bytes };
	if (in.bytes > MAX_MESSAGE_BYTES)
		ks_ber_fail(b, -EMSGSIZE);
}

void ks_ber_fail(struct ks_ber *b, int err)
{
	if (!b->err)
		b->err = err;
}

bool ks_ber_at_end(const struct ks_ber *b)
{
	return b->err || b->pos == b->end;
}

/* The kernel's comparison: a constructed tag of the grammar takes both forms. */
static bool tag_matches(u8 wanted, u8 tag)
{
	return !((wanted ^ tag) & (u8)~(wanted & CONSTRUCTED));
}

/* An element needs two bytes at least, and its tag must fit into one. Not asked after a failure. */
static bool element_follows(struct ks_ber *b)
{
	if (b->end - b->pos < 2 || (b->in.p[b->pos] & LONG_TAG) == LONG_TAG) {
		ks_ber_fail(b, -EBADMSG);
		return false;
	}
	return true;
}

bool ks_ber_none_left(struct ks_ber *b)
{
	if (!b->err && b->pos == b->end && !b->matched)
		ks_ber_fail(b, -EBADMSG);
	return ks_ber_at_end(b);
}

bool ks_ber_next_is(struct ks_ber *b, u8 tag)
{
	if (ks_ber_at_end(b) || !element_follows(b))
		return false;
	b->matched = tag_matches(tag, b->in.p[b->pos]);
	return b->matched;
}

/* Length octets at @pos, which moves behind them. Return: false if they do not parse. */
static bool read_length(const struct ks_ber *b, size_t *pos, size_t max_count, size_t *ret_length,
			bool *ret_indefinite)
{
	size_t left = b->end - *pos, length, count;

	if (!left)
		return false;
	length = b->in.p[(*pos)++];
	left--;
	*ret_indefinite = length == INDEFINITE;
	*ret_length = 0;
	if (*ret_indefinite)
		return true;
	if (length > 0x7f) {
		count = length - 0x80;
		if (count > max_count || count > left)
			return false;
		for (length = 0; count; count--, left--)
			length = length << 8 | b->in.p[(*pos)++];
	}
	*ret_length = length;
	return length <= left;
}

/* Identifier and length of the next element. */
static bool read_header(struct ks_ber *b, size_t *ret_length, bool *ret_indefinite)
{
	size_t start = b->pos;

	if (!element_follows(b))
		return false;
	b->matched = true;
	b->tag = b->in.p[b->pos++];
	if (!read_length(b, &b->pos, 2, ret_length, ret_indefinite) ||
	    (*ret_indefinite && (!(b->tag & CONSTRUCTED) || b->end - b->pos < 2))) {
		ks_ber_fail(b, -EBADMSG);
		return false;
	}
	b->header_bytes = (u8)(b->pos - start);
	return true;
}

static void set_value(struct ks_ber *b, size_t off, size_t bytes)
{
	b->value_off = off;
	if (!ks_span_sub(b->in, off, bytes, &b->value))
		ks_ber_fail(b, -EBADMSG);
}

void ks_ber_open(struct ks_ber *b, u8 tag)
{
	bool indefinite = false;
	size_t length = 0;

	if (b->err)
		return;
	if (!element_follows(b) || !tag_matches(tag, b->in.p[b->pos]) ||
	    !read_header(b, &length, &indefinite) || b->nr_open == KS_BER_MAX_OPEN) {
		ks_ber_fail(b, -EBADMSG);
		return;
	}
	b->open[b->nr_open].start = b->pos;
	b->open[b->nr_open].parent_end = b->end;
	b->open[b->nr_open].header_bytes = b->header_bytes;
	b->open[b->nr_open].indefinite = indefinite;
	b->nr_open++;
	/* The end of an element of indefinite length shows when its end mark comes. */
	if (!indefinite)
		b->end = b->pos + length;
}

bool ks_ber_more(struct ks_ber *b)
{
	if (b->err || !b->nr_open)
		return false;
	if (!b->open[b->nr_open - 1].indefinite)
		return b->pos < b->end;
	if (b->end - b->pos < 2) {
		ks_ber_fail(b, -EBADMSG);
		return false;
	}
	return b->in.p[b->pos] != 0;
}

void ks_ber_close(struct ks_ber *b)
{
	size_t value_end = b->pos;
	u32 idx;

	if (b->err)
		return;
	if (!b->nr_open) {
		ks_ber_fail(b, -EBADMSG);
		return;
	}
	idx = --b->nr_open;
	if (b->open[idx].indefinite) {
		if (b->end - b->pos < 2 || b->in.p[b->pos] || b->in.p[b->pos + 1]) {
			ks_ber_fail(b, -EBADMSG);
			return;
		}
		b->pos += 2;
	} else if (b->pos != b->end) {
		ks_ber_fail(b, -EBADMSG);
		return;
	}
	b->end = b->open[idx].parent_end;
	b->tag = 0;
	b->header_bytes = b->open[idx].header_bytes;
	set_value(b, b->open[idx].start, value_end - b->open[idx].start);
}

/* Length of contents that end with an end mark, the mark included. */
static bool find_end_mark(const struct ks_ber *b, size_t *ret_length)
{
	size_t pos = b->pos, length, level = 1;
	bool indefinite;
	u8 tag;

	while (level) {
		if (b->end - pos < 2)
			return false;
		tag = b->in.p[pos++];
		if (!tag) {
			if (b->in.p[pos++])
				return false;
			level--;
			continue;
		}
		if ((tag & LONG_TAG) == LONG_TAG)
			do {
				if (b->end - pos < 2)
					return false;
			} while (b->in.p[pos++] & 0x80);
		if (!read_length(b, &pos, sizeof(length) - 1, &length, &indefinite))
			return false;
		if (indefinite && !(tag & CONSTRUCTED))
			return false;
		level += indefinite;
		pos += length;
	}
	*ret_length = pos - b->pos;
	return true;
}

static void read_whole(struct ks_ber *b)
{
	bool indefinite = false;
	size_t length = 0;

	if (!read_header(b, &length, &indefinite))
		return;
	if (indefinite && !find_end_mark(b, &length)) {
		ks_ber_fail(b, -EBADMSG);
		return;
	}
	set_value(b, b->pos, length);
	b->pos += length;
}

void ks_ber_leaf(struct ks_ber *b, u8 tag)
{
	if (b->err)
		return;
	if (!element_follows(b) || !tag_matches(tag, b->in.p[b->pos]))
		ks_ber_fail(b, -EBADMSG);
	else
		read_whole(b);
}

void ks_ber_any(struct ks_ber *b)
{
	if (!b->err)
		read_whole(b);
}

struct ks_span ks_ber_whole(const struct ks_ber *b)
{
	struct ks_span whole = { 0 };

	if (b->err || !ks_span_sub(b->in, b->value_off - b->header_bytes,
				   b->header_bytes + b->value.bytes, &whole))
		return (struct ks_span){ 0 };
	return whole;
}
