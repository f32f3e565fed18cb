/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A reader over a span whose failure sticks: reads past the end give zeros and set @bad.
 *
 * A parser fills a local view, calls ks_cursor_end(), and only then publishes *ret. Endianness
 * is in the reader's name. A value read from an unchecked cursor never bounds a loop.
 */
#ifndef KS_BASE_CURSOR_H
#define KS_BASE_CURSOR_H

#include "base/diag.h"
#include "base/span.h"

/**
 * struct ks_cursor - position in a span
 * @in: what is read
 * @pos: offset of the next byte in @in
 * @base_off: offset of @in in its file, so that a diag names the file's offset
 * @bad: a read went past the end
 * @bad_off: file offset of the first such read
 */
struct ks_cursor {
	struct ks_span in;
	size_t pos;
	u64 base_off;
	bool bad;
	u64 bad_off;
};

/** ks_cursor_init() - start reading @in, which begins at @base_off of its file */
void ks_cursor_init(struct ks_cursor *c, struct ks_span in, u64 base_off);

u8 ks_get_u8(struct ks_cursor *c);
u16 ks_get_le16(struct ks_cursor *c);
u32 ks_get_le32(struct ks_cursor *c);
u64 ks_get_le64(struct ks_cursor *c);
u32 ks_get_be32(struct ks_cursor *c);

/** ks_get_bytes() - the next @n bytes, borrowed; an empty span past the end */
struct ks_span ks_get_bytes(struct ks_cursor *c, u64 n);

/** ks_cursor_skip() - pass over @n bytes that have no meaning here */
void ks_cursor_skip(struct ks_cursor *c, u64 n);

/** ks_cursor_left() - bytes not read yet; 0 when bad */
size_t ks_cursor_left(const struct ks_cursor *c);

/** ks_cursor_off() - file offset of the next byte */
u64 ks_cursor_off(const struct ks_cursor *c);

/**
 * ks_cursor_ok() - no read went past the end so far
 * Return: 0; -EBADMSG with @what otherwise.
 */
int __must_check ks_cursor_ok(const struct ks_cursor *c, const char *what, struct ks_diag *diag);

/**
 * ks_cursor_end() - all bytes were read, and none beyond
 * Return: 0; -EBADMSG with @what for a short read or for trailing bytes.
 */
int __must_check ks_cursor_end(const struct ks_cursor *c, const char *what, struct ks_diag *diag);

#endif
