// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/compress.h"

#include <errno.h>

#include "base/limits.h"
#include "fmt/compress_internal.h"

#define MAX_MAGIC_BYTES 6U

static const struct codec {
	enum ks_compression kind;
	u8 magic[MAX_MAGIC_BYTES];
	u8 magic_bytes;
	int (*unpack)(struct ks_span in, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag);
	int (*pack)(struct ks_span in, struct ks_buf *out, struct ks_diag *diag);
} codecs[] = {
	{ KS_COMPRESS_GZIP, { 0x1f, 0x8b, 0x08 }, 3, ks_gzip_unpack, ks_gzip_pack },
	{ KS_COMPRESS_XZ, { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, ks_xz_unpack, ks_xz_pack },
	{ KS_COMPRESS_ZSTD, { 0x28, 0xb5, 0x2f, 0xfd }, 4, ks_zstd_unpack, ks_zstd_pack },
	/* lc=3, lp=0, pb=2, and a dictionary of at least 64 KiB: what the lzma program writes. */
	{ KS_COMPRESS_LZMA, { 0x5d, 0, 0 }, 3, ks_lzma_unpack, NULL },
};

static const struct codec *find(enum ks_compression kind)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(codecs); i++)
		if (codecs[i].kind == kind)
			return &codecs[i];
	return NULL;
}

enum ks_compression ks_compression_of(struct ks_span in)
{
	struct ks_span head;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(codecs); i++) {
		const struct codec *c = &codecs[i];

		if (ks_span_sub(in, 0, c->magic_bytes, &head) &&
		    ks_span_eq(head, (struct ks_span){ c->magic, c->magic_bytes }))
			return c->kind;
	}
	return KS_COMPRESS_NONE;
}

u8 *ks_unpack_room(struct ks_buf *out, u64 max_bytes, size_t *ret_room_bytes)
{
	/* Doubles what is there; starts with 256 KiB, more than most modules have. */
	u64 room = out->bytes < (256U << 10) ? 256U << 10 : out->bytes;

	if (room > max_bytes - out->bytes)
		room = max_bytes - out->bytes + 1;
	*ret_room_bytes = (size_t)room;
	return ks_put_room(out, room);
}

int ks_unpack_cap(const struct ks_buf *out, u64 max_bytes, struct ks_diag *diag)
{
	int rc = ks_buf_ok(out, diag);

	if (!rc && out->bytes > max_bytes)
		rc = ks_fail(diag, -E2BIG, KS_NO_OFF, "decompressed content is over its limit");
	return rc;
}

int ks_unpack_end(u64 used_bytes, struct ks_span in, struct ks_diag *diag)
{
	if (used_bytes == in.bytes)
		return 0;
	return ks_fail(diag, -EBADMSG, used_bytes,
		       "bytes behind the compressed stream, which the kernel would not read");
}

static int copy(struct ks_span in, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	if (in.bytes > max_bytes)
		return ks_fail(diag, -E2BIG, max_bytes, "content is over its limit");
	ks_put(out, in);
	return ks_buf_ok(out, diag);
}

int ks_decompress(enum ks_compression kind, struct ks_span in, u64 max_bytes,
		  struct ks_buf *ret_out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	const struct codec *c = find(kind);
	int rc;

	if ((!c && kind != KS_COMPRESS_NONE) || max_bytes > KS_MAX_IMAGE_BYTES)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "no such compression, or no such limit");
	if (in.bytes > KS_MAX_IMAGE_BYTES)
		return ks_fail(diag, -E2BIG, KS_MAX_IMAGE_BYTES, "compressed file is over 2 GiB");
	rc = c ? c->unpack(in, max_bytes, &out, diag) : copy(in, max_bytes, &out, diag);
	if (!rc)
		ks_buf_move(ret_out, &out);
	return rc;
}

int ks_compress(enum ks_compression kind, struct ks_span in, struct ks_buf *ret_out,
		struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	const struct codec *c = find(kind);
	int rc;

	if (kind != KS_COMPRESS_NONE && (!c || !c->pack))
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF, "this compression cannot be written");
	if (in.bytes > KS_MAX_IMAGE_BYTES)
		return ks_fail(diag, -E2BIG, KS_MAX_IMAGE_BYTES, "content is over 2 GiB");
	rc = c ? c->pack(in, &out, diag) : copy(in, KS_MAX_IMAGE_BYTES, &out, diag);
	if (!rc)
		ks_buf_move(ret_out, &out);
	return rc;
}
