// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/lz4.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"

#define MAGIC 0x184c2102U
#define MAGIC_BYTES 4U
#define CHUNK_BYTES (8U << 20)
/* LZ4_compressBound() of that: what does not compress gets a byte for each 255, and 16. */
#define MAX_BLOCK_BYTES (CHUNK_BYTES + CHUNK_BYTES / 255 + 16)
#define MIN_MATCH 4U

/* A length that began with 15 goes on: bytes are added up to the first that is not 255. */
static bool get_length(struct ks_span in, size_t *at, size_t *length)
{
	u8 more = 255;

	if (*length != 15)
		return true;
	while (more == 255) {
		if (*at == in.bytes)
			return false;
		more = in.p[(*at)++];
		*length += more;
	}
	return true;
}

/* Bytes that were unpacked already, once more; they may be those that are being copied. */
static bool copy_match(u8 *to, size_t room, size_t *done, size_t distance, size_t length)
{
	if (!distance || distance > *done || length > room - *done)
		return false;
	for (; length; length--, (*done)++)
		to[*done] = to[*done - distance];
	return true;
}

/* Sequences of literals and a match each; the last one has no match. */
static bool unpack_block(struct ks_span in, u8 *to, size_t room, size_t *ret_bytes)
{
	size_t at = 0, done = 0;

	while (at < in.bytes) {
		u8 token = in.p[at++];
		size_t length = token >> 4, distance;

		if (!get_length(in, &at, &length) || length > in.bytes - at || length > room - done)
			return false;
		if (length)
			memcpy(&to[done], &in.p[at], length);
		at += length;
		done += length;
		if (at == in.bytes) {
			*ret_bytes = done;
			return true;
		}
		if (in.bytes - at < 2)
			return false;
		distance = (size_t)in.p[at] | (size_t)in.p[at + 1] << 8;
		at += 2;
		length = token & 15;
		if (!get_length(in, &at, &length) || !copy_match(to, room, &done, distance, length + MIN_MATCH))
			return false;
	}
	return false;
}

static int fail_broken(u64 off, struct ks_diag *diag)
{
	return ks_fail(diag, -EBADMSG, off, "lz4 stream is broken or cut short");
}

/* One byte more than allowed has room, so that the caller sees the excess. */
static int unpack_one(struct ks_span block, u64 off, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	size_t room = CHUNK_BYTES, bytes = 0;
	bool is_capped = max_bytes - out->bytes < room;
	u8 *to;

	if (is_capped)
		room = (size_t)(max_bytes - out->bytes) + 1;
	to = ks_put_room(out, room);
	if (!to)
		return ks_buf_ok(out, diag);
	if (unpack_block(block, to, room, &bytes)) {
		ks_put_done(out, bytes);
		return 0;
	}
	if (!is_capped)
		return fail_broken(off, diag);
	/* Whether it is broken behind the cap is of no interest. */
	memset(to, 0, room);
	ks_put_done(out, room);
	return 0;
}

int ks_lz4_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used, struct ks_diag *diag)
{
	struct ks_cursor c;
	u64 used;

	ks_cursor_init(&c, in, 0);
	if (ks_get_le32(&c) != MAGIC)
		return fail_broken(0, diag);
	for (used = MAGIC_BYTES; ks_cursor_left(&c) >= 4 && out->bytes <= max_bytes; used = ks_cursor_off(&c)) {
		u32 block_bytes = ks_get_le32(&c);
		struct ks_span block;
		int rc;

		if (!block_bytes)
			break;
		/* Streams may follow each other. */
		if (block_bytes == MAGIC)
			continue;
		block = ks_get_bytes(&c, block_bytes);
		if (block_bytes > MAX_BLOCK_BYTES || block.bytes != block_bytes)
			return fail_broken(used, diag);
		rc = unpack_one(block, used, max_bytes, out, diag);
		if (rc)
			return rc;
	}
	*ret_used = used;
	return 0;
}
