// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/cursor.h"

#include <errno.h>

void ks_cursor_init(struct ks_cursor *c, struct ks_span in, u64 base_off)
{
	*c = (struct ks_cursor){ .in = in, .base_off = base_off };
}

struct ks_span ks_get_bytes(struct ks_cursor *c, u64 n)
{
	struct ks_span part = { 0 };

	if (c->bad)
		return part;
	if (!ks_span_sub(c->in, c->pos, n, &part)) {
		c->bad = true;
		c->bad_off = c->base_off + c->pos;
		return (struct ks_span){ 0 };
	}
	c->pos += part.bytes;
	return part;
}

void ks_cursor_skip(struct ks_cursor *c, u64 n)
{
	(void)ks_get_bytes(c, n);
}

/* Little-endian value of up to 8 bytes; 0 once bad. */
static u64 get_le(struct ks_cursor *c, size_t n)
{
	struct ks_span b = ks_get_bytes(c, n);
	u64 value = 0;
	size_t i;

	for (i = b.bytes; i > 0; i--)
		value = value << 8 | b.p[i - 1];
	return value;
}

u8 ks_get_u8(struct ks_cursor *c)
{
	return (u8)get_le(c, 1);
}

u16 ks_get_le16(struct ks_cursor *c)
{
	return (u16)get_le(c, 2);
}

u32 ks_get_le32(struct ks_cursor *c)
{
	return (u32)get_le(c, 4);
}

u64 ks_get_le64(struct ks_cursor *c)
{
	return get_le(c, 8);
}

u32 ks_get_be32(struct ks_cursor *c)
{
	return __builtin_bswap32(ks_get_le32(c));
}

size_t ks_cursor_left(const struct ks_cursor *c)
{
	return c->bad ? 0 : c->in.bytes - c->pos;
}

u64 ks_cursor_off(const struct ks_cursor *c)
{
	return c->base_off + c->pos;
}

int ks_cursor_ok(const struct ks_cursor *c, const char *what, struct ks_diag *diag)
{
	return c->bad ? ks_fail(diag, -EBADMSG, c->bad_off, what) : 0;
}

int ks_cursor_end(const struct ks_cursor *c, const char *what, struct ks_diag *diag)
{
	int rc = ks_cursor_ok(c, what, diag);

	if (rc)
		return rc;
	if (ks_cursor_left(c))
		return ks_fail(diag, -EBADMSG, ks_cursor_off(c), what);
	return 0;
}
