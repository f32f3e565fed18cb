/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Owned bytes that grow: the sink of every builder.
 *
 * Failure sticks as in the cursor: after one failed append all later ones do nothing, and
 * ks_buf_ok() reports it once at the end. The caller frees with ks_buf_done().
 */
#ifndef KS_BASE_BUF_H
#define KS_BASE_BUF_H

#include "base/diag.h"
#include "base/span.h"

/** struct ks_buf - owned bytes; zero-initialised is an empty buffer */
struct ks_buf {
	u8 *p;
	size_t bytes;
	size_t room_bytes;
	int err;
};

/** ks_buf_done() - wipe, free and empty; accepts an empty buffer */
void ks_buf_done(struct ks_buf *b);

/** ks_buf_clear() - empty, with its room kept for the next content; for what is not a secret */
void ks_buf_clear(struct ks_buf *b);

/** ks_buf_span() - the content, borrowed until the next append */
struct ks_span ks_buf_span(const struct ks_buf *b);

void ks_put(struct ks_buf *b, struct ks_span bytes);
void ks_put_u8(struct ks_buf *b, u8 value);
void ks_put_le16(struct ks_buf *b, u16 value);
void ks_put_le32(struct ks_buf *b, u32 value);
void ks_put_le64(struct ks_buf *b, u64 value);
void ks_put_be32(struct ks_buf *b, u32 value);

/** ks_put_str() - the bytes of a string, without its NUL */
void ks_put_str(struct ks_buf *b, const char *text);

/** ks_put_fill() - @n times the byte @value */
void ks_put_fill(struct ks_buf *b, u8 value, u64 n);

/** ks_put_align() - zeros up to the next multiple of @align bytes (a power of two) */
void ks_put_align(struct ks_buf *b, u64 align);

/**
 * ks_put_room() - room behind the content, for code that writes into memory by itself
 * @n: bytes, at least 1
 *
 * What was written counts only after ks_put_done().
 *
 * Return: @n writable bytes, valid until the next append; NULL when there is no memory.
 */
u8 *ks_put_room(struct ks_buf *b, u64 n);

/** ks_put_done() - append the first @n bytes of the room; more than there is sets -EINVAL */
void ks_put_done(struct ks_buf *b, u64 n);

/**
 * ks_buf_patch() - overwrite bytes that were appended before (lengths, checksums)
 * @off: offset in bytes; a range outside of the content sets -EINVAL
 */
void ks_buf_patch(struct ks_buf *b, u64 off, struct ks_span bytes);
void ks_buf_patch_le16(struct ks_buf *b, u64 off, u16 value);
void ks_buf_patch_le32(struct ks_buf *b, u64 off, u32 value);

/** ks_buf_ok() - Return: 0; -ENOMEM or -EINVAL of the first append that failed. */
int __must_check ks_buf_ok(const struct ks_buf *b, struct ks_diag *diag);

/** ks_buf_move() - hand the content over; @from is empty afterwards */
void ks_buf_move(struct ks_buf *ret_to, struct ks_buf *from);

/** ks_align_up() - @value rounded up to a multiple of @align, a power of two */
static inline u64 ks_align_up(u64 value, u64 align)
{
	return (value + align - 1) & ~(align - 1);
}

#endif
