// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/der.h"

#include <errno.h>

/* Length octets: short form, or 1 to 4 bytes in the long form, minimal. */
static int get_length(struct ks_cursor *c, u64 *ret_length, struct ks_diag *diag)
{
	u64 off = ks_cursor_off(c);
	u8 first = ks_get_u8(c), count = first & 0x7f;
	u64 length = 0;
	u8 i;

	if (first < 0x80) {
		*ret_length = first;
		return ks_cursor_ok(c, "DER element cut short", diag);
	}
	if (count < 1 || count > 4)
		return ks_fail(diag, -EBADMSG, off, "DER length is indefinite or over 4 bytes");
	for (i = 0; i < count; i++)
		length = length << 8 | ks_get_u8(c);
	if (c->bad || length < 0x80 || length >> (8 * (count - 1)) == 0)
		return ks_fail(diag, -EBADMSG, off, "DER length is cut short or not minimal");
	*ret_length = length;
	return 0;
}

int ks_der_get(struct ks_cursor *c, struct ks_der *ret_der, struct ks_diag *diag)
{
	struct ks_der der = { 0 };
	size_t start = c->pos;
	u64 off = ks_cursor_off(c), length = 0;
	int rc;

	der.tag = ks_get_u8(c);
	if ((der.tag & 0x1f) == 0x1f)
		return ks_fail(diag, -EBADMSG, off, "DER tag over one byte");
	rc = get_length(c, &length, diag);
	if (rc)
		return rc;
	if (length > ks_cursor_left(c))
		return ks_fail_range(diag, off, "DER element", length, ks_cursor_left(c));
	der.value_off = ks_cursor_off(c);
	der.value = ks_get_bytes(c, length);
	if (!ks_span_sub(c->in, start, c->pos - start, &der.whole))
		return ks_fail(diag, -EBADMSG, off, "DER element past the end");
	*ret_der = der;
	return 0;
}

int ks_der_enter(struct ks_cursor *c, u8 tag, const char *what, struct ks_cursor *ret_inside,
		 struct ks_diag *diag)
{
	u64 off = ks_cursor_off(c);
	struct ks_der der;
	int rc = ks_der_get(c, &der, diag);

	if (rc)
		return rc;
	if (der.tag != tag)
		return ks_fail(diag, -EBADMSG, off, what);
	ks_cursor_init(ret_inside, der.value, der.value_off);
	return 0;
}

void ks_put_der(struct ks_buf *b, u8 tag, struct ks_span value)
{
	u64 length = value.bytes;
	u8 count = 1;

	ks_put_u8(b, tag);
	if (length < 0x80) {
		ks_put_u8(b, (u8)length);
	} else {
		while (count < 8 && length >> (8 * count))
			count++;
		ks_put_u8(b, 0x80 | count);
		while (count--)
			ks_put_u8(b, (u8)(length >> (8 * count)));
	}
	ks_put(b, value);
}

void ks_put_der_buf(struct ks_buf *b, u8 tag, const struct ks_buf *value)
{
	if (value->err && !b->err)
		b->err = value->err;
	ks_put_der(b, tag, ks_buf_span(value));
}
