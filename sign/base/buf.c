// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* From here on a request that at least doubles the content is not rounded up. */
#define EXACT_BYTES (1U << 20)

void ks_buf_done(struct ks_buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->room_bytes);
	free(b->p);
	*b = (struct ks_buf){ 0 };
}

void ks_buf_clear(struct ks_buf *b)
{
	b->bytes = 0;
	b->err = 0;
}

struct ks_span ks_buf_span(const struct ks_buf *b)
{
	return (struct ks_span){ b->p, b->bytes };
}

/* Room for @n more bytes. realloc() would leave a copy of a secret behind, so copy and wipe. */
static bool reserve(struct ks_buf *b, u64 n)
{
	size_t want, room = b->room_bytes ? b->room_bytes : 256;
	u8 *p;

	if (b->err)
		return false;
	if (__builtin_add_overflow(b->bytes, n, &want)) {
		b->err = -ENOMEM;
		return false;
	}
	if (want <= b->room_bytes)
		return true;
	/*
	 * A whole file in one piece gets what it needs; what grows in small steps is doubled, which
	 * cannot overflow: it at most doubles what is there.
	 */
	if (n > b->bytes && want > EXACT_BYTES)
		room = want;
	while (room < want)
		room *= 2;
	p = malloc(room);
	if (!p) {
		b->err = -ENOMEM;
		return false;
	}
	if (b->p) {
		memcpy(p, b->p, b->bytes);
		explicit_bzero(b->p, b->room_bytes);
		free(b->p);
	}
	b->p = p;
	b->room_bytes = room;
	return true;
}

void ks_put(struct ks_buf *b, struct ks_span bytes)
{
	if (!bytes.bytes || !reserve(b, bytes.bytes))
		return;
	memcpy(b->p + b->bytes, bytes.p, bytes.bytes);
	b->bytes += bytes.bytes;
}

/* The low @n bytes of @value, least significant first. */
static void put_le(struct ks_buf *b, u64 value, size_t n)
{
	u8 raw[8];
	size_t i;

	for (i = 0; i < n; i++)
		raw[i] = (u8)(value >> (8 * i));
	ks_put(b, (struct ks_span){ raw, n });
}

void ks_put_u8(struct ks_buf *b, u8 value)
{
	put_le(b, value, 1);
}

void ks_put_le16(struct ks_buf *b, u16 value)
{
	put_le(b, value, 2);
}

void ks_put_le32(struct ks_buf *b, u32 value)
{
	put_le(b, value, 4);
}

void ks_put_le64(struct ks_buf *b, u64 value)
{
	put_le(b, value, 8);
}

void ks_put_be32(struct ks_buf *b, u32 value)
{
	put_le(b, __builtin_bswap32(value), 4);
}

void ks_put_str(struct ks_buf *b, const char *text)
{
	ks_put(b, ks_span_str(text));
}

void ks_put_fill(struct ks_buf *b, u8 value, u64 n)
{
	if (!n || !reserve(b, n))
		return;
	memset(b->p + b->bytes, value, (size_t)n);
	b->bytes += (size_t)n;
}

void ks_put_align(struct ks_buf *b, u64 align)
{
	ks_put_fill(b, 0, ks_align_up(b->bytes, align) - b->bytes);
}

u8 *ks_put_room(struct ks_buf *b, u64 n)
{
	return reserve(b, n) ? b->p + b->bytes : NULL;
}

void ks_put_done(struct ks_buf *b, u64 n)
{
	if (b->err)
		return;
	if (n > b->room_bytes - b->bytes)
		b->err = -EINVAL;
	else
		b->bytes += (size_t)n;
}

void ks_buf_patch(struct ks_buf *b, u64 off, struct ks_span bytes)
{
	struct ks_span target;

	if (b->err || !bytes.bytes)
		return;
	if (!ks_span_sub(ks_buf_span(b), off, bytes.bytes, &target)) {
		b->err = -EINVAL;
		return;
	}
	memcpy(b->p + off, bytes.p, bytes.bytes);
}

void ks_buf_patch_le16(struct ks_buf *b, u64 off, u16 value)
{
	u8 raw[2] = { (u8)value, (u8)(value >> 8) };

	ks_buf_patch(b, off, (struct ks_span){ raw, sizeof(raw) });
}

void ks_buf_patch_le32(struct ks_buf *b, u64 off, u32 value)
{
	u8 raw[4] = { (u8)value, (u8)(value >> 8), (u8)(value >> 16), (u8)(value >> 24) };

	ks_buf_patch(b, off, (struct ks_span){ raw, sizeof(raw) });
}

int ks_buf_ok(const struct ks_buf *b, struct ks_diag *diag)
{
	if (b->err == -ENOMEM)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	return b->err ? ks_fail(diag, b->err, KS_NO_OFF, "patch outside of the buffer") : 0;
}

void ks_buf_move(struct ks_buf *ret_to, struct ks_buf *from)
{
	*ret_to = *from;
	*from = (struct ks_buf){ 0 };
}
