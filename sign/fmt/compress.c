// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One compression after the other, then the table of them. Each pair appends to its output, which the
 * caller throws away on failure.
 */
#include "fmt/compress.h"

#include <errno.h>
#include <lz4.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/cursor.h"
#include "base/limits.h"

/**
 * unpack_room() - where the next decompressed bytes go
 * @max_bytes: the cap; one byte more than it has room, so that check_cap() sees the excess
 * @ret_room_bytes: at least 1
 * Return: NULL without memory.
 */
static u8 *unpack_room(struct ks_buf *out, u64 max_bytes, size_t *ret_room_bytes)
{
	/* Doubles what is there; starts with 256 KiB, more than most modules have. */
	u64 room = out->bytes < (256U << 10) ? 256U << 10 : out->bytes;

	if (room > max_bytes - out->bytes)
		room = max_bytes - out->bytes + 1;
	*ret_room_bytes = (size_t)room;
	return ks_put_room(out, room);
}

/* Return: 0; -E2BIG if @out is over @max_bytes; -ENOMEM. */
static int check_cap(const struct ks_buf *out, u64 max_bytes, struct ks_diag *diag)
{
	int rc = ks_buf_ok(out, diag);

	if (!rc && out->bytes > max_bytes)
		rc = ks_fail(diag, -E2BIG, KS_NO_OFF, "decompressed content is over its limit");
	return rc;
}

/* 32 KiB of window, and a gzip header and checksum around it. */
#define GZIP_WINDOW_BITS (15 + 16)

static void end_inflate(z_stream **z)
{
	inflateEnd(*z);
}

static void end_deflate(z_stream **z)
{
	deflateEnd(*z);
}

static int fail_zlib(struct ks_diag *diag, const z_stream *z, int status)
{
	if (status == Z_MEM_ERROR)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	/* Z_BUF_ERROR: the input ended before the stream did. */
	return ks_fail_detail(diag, -EBADMSG, "gzip stream is broken or cut short",
			      status == Z_BUF_ERROR || !z->msg ? "unexpected end" : z->msg);
}

static int gzip_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used,
		       struct ks_diag *diag)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.bytes };
	__cleanup(end_inflate) z_stream *end = &z;
	int status = inflateInit2(&z, GZIP_WINDOW_BITS), rc;
	size_t room;

	(void)end;
	while (status == Z_OK) {
		z.next_out = unpack_room(out, max_bytes, &room);
		if (!z.next_out)
			break;
		z.avail_out = (uInt)room;
		status = inflate(&z, Z_NO_FLUSH);
		ks_put_done(out, room - z.avail_out);
		if (out->bytes > max_bytes)
			break;
	}
	rc = check_cap(out, max_bytes, diag);
	if (rc)
		return rc;
	if (status != Z_STREAM_END)
		return fail_zlib(diag, &z, status);
	*ret_used = in.bytes - z.avail_in;
	return 0;
}

static int gzip(struct ks_span in, int level, int mem_level, struct ks_buf *out, struct ks_diag *diag)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.bytes };
	__cleanup(end_deflate) z_stream *end = &z;
	int status = deflateInit2(&z, level, Z_DEFLATED, GZIP_WINDOW_BITS, mem_level,
				  Z_DEFAULT_STRATEGY);
	u64 bound;

	(void)end;
	if (status != Z_OK)
		return fail_zlib(diag, &z, status);
	bound = deflateBound(&z, in.bytes);
	z.next_out = ks_put_room(out, bound);
	if (!z.next_out)
		return ks_buf_ok(out, diag);
	z.avail_out = (uInt)bound;
	status = deflate(&z, Z_FINISH);
	if (status != Z_STREAM_END)
		return fail_zlib(diag, &z, status);
	ks_put_done(out, bound - z.avail_out);
	return ks_buf_ok(out, diag);
}

/*
 * gzip -n: level 6, no name, no time. zlib and the gzip program divide the data into blocks
 * differently, so the streams differ by some bytes; the header is the same.
 */
static int gzip_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag)
{
	return gzip(in, 6, 8, out, diag);
}

/* gzip -n -9, then with blocks twice as long. */
static int gzip_pack_kernel(struct ks_span in, unsigned int attempt, struct ks_buf *out,
			    struct ks_diag *diag)
{
	return gzip(in, 9, attempt ? 9 : 8, out, diag);
}

/* The dictionary is what costs memory; liblzma needs less than 1 MiB beside it. */
#define DECODER_BYTES (KS_MAX_DICT_BYTES + (1ULL << 20))

static int fail_lzma(struct ks_diag *diag, lzma_ret status)
{
	switch (status) {
	case LZMA_MEM_ERROR:
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	case LZMA_MEMLIMIT_ERROR:
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "xz dictionary is over 128 MiB");
	case LZMA_BUF_ERROR:
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "xz stream is cut short");
	case LZMA_UNSUPPORTED_CHECK:
	case LZMA_OPTIONS_ERROR:
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "xz stream has filters or checks that liblzma does not know");
	default:
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "xz stream is broken");
	}
}

static int unpack_lzma(lzma_stream *s, lzma_ret status, struct ks_span in, u64 max_bytes,
		       struct ks_buf *out, u64 *ret_used, struct ks_diag *diag)
{
	size_t room;
	int rc;

	s->next_in = in.p;
	s->avail_in = in.bytes;
	while (status == LZMA_OK) {
		s->next_out = unpack_room(out, max_bytes, &room);
		if (!s->next_out)
			break;
		s->avail_out = room;
		status = lzma_code(s, LZMA_FINISH);
		ks_put_done(out, room - s->avail_out);
		if (out->bytes > max_bytes)
			break;
	}
	rc = check_cap(out, max_bytes, diag);
	if (rc)
		return rc;
	if (status != LZMA_STREAM_END)
		return fail_lzma(diag, status);
	*ret_used = in.bytes - s->avail_in;
	return 0;
}

static int xz_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used,
			     struct ks_diag *diag)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret status = lzma_stream_decoder(&s, DECODER_BYTES, LZMA_TELL_UNSUPPORTED_CHECK);

	return unpack_lzma(&s, status, in, max_bytes, out, ret_used, diag);
}

static int lzma_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used,
			       struct ks_diag *diag)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret status = lzma_alone_decoder(&s, DECODER_BYTES);

	return unpack_lzma(&s, status, in, max_bytes, out, ret_used, diag);
}

/* @status: what starting the encoder said; @bound: no stream of this input is longer */
static int pack_lzma(lzma_stream *s, lzma_ret status, struct ks_span in, size_t bound,
		     struct ks_buf *out, struct ks_diag *diag)
{
	if (status != LZMA_OK)
		return fail_lzma(diag, status);
	s->next_in = in.p;
	s->avail_in = in.bytes;
	s->next_out = ks_put_room(out, bound);
	if (!s->next_out)
		return ks_buf_ok(out, diag);
	s->avail_out = bound;
	status = lzma_code(s, LZMA_FINISH);
	if (status != LZMA_STREAM_END)
		return fail_lzma(diag, status);
	ks_put_done(out, bound - s->avail_out);
	return ks_buf_ok(out, diag);
}

static int set_preset(lzma_options_lzma *lzma, u32 preset, struct ks_diag *diag)
{
	if (lzma_lzma_preset(lzma, preset))
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF, "liblzma lacks a preset of xz");
	return 0;
}

/* xz -T1 --check=crc32 --lzma2=dict=1MiB; with threads, xz 5.6's default, blocks would be cut. */
static int xz_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma lzma2;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &lzma2 }, { LZMA_VLI_UNKNOWN, NULL } };
	int rc = set_preset(&lzma2, LZMA_PRESET_DEFAULT, diag);

	lzma2.dict_size = 1U << 20;
	return rc ? rc : pack_lzma(&s, lzma_stream_encoder(&s, filters, LZMA_CHECK_CRC32), in,
				   lzma_stream_buffer_bound(in.bytes), out, diag);
}

/* Longer matches are looked for than the kernel's build does; what unpacks needs no more for it. */
#define MORE_EFFORT (9 | LZMA_PRESET_EXTREME)

/* scripts/xz_wrap.sh for x86: xz --check=crc32 --threads=1 --x86 --lzma2=dict=128MiB */
static int xz_pack_kernel(struct ks_span in, unsigned int attempt, struct ks_buf *out,
			  struct ks_diag *diag)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma lzma2;
	lzma_filter filters[] = { { LZMA_FILTER_X86, NULL },
				  { LZMA_FILTER_LZMA2, &lzma2 },
				  { LZMA_VLI_UNKNOWN, NULL } };
	int rc = set_preset(&lzma2, attempt ? MORE_EFFORT : LZMA_PRESET_DEFAULT, diag);

	lzma2.dict_size = KS_MAX_DICT_BYTES;
	return rc ? rc : pack_lzma(&s, lzma_stream_encoder(&s, filters, LZMA_CHECK_CRC32), in,
				   lzma_stream_buffer_bound(in.bytes), out, diag);
}

/* lzma -9. The bound of .xz, which stores what does not compress, is doubled for a format that cannot. */
static int lzma_pack_kernel(struct ks_span in, unsigned int attempt, struct ks_buf *out,
			    struct ks_diag *diag)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma lzma;
	int rc = set_preset(&lzma, attempt ? MORE_EFFORT : 9, diag);

	return rc ? rc : pack_lzma(&s, lzma_alone_encoder(&s, &lzma), in,
				   2 * lzma_stream_buffer_bound(in.bytes), out, diag);
}

/* log2 of KS_MAX_DICT_BYTES */
#define WINDOW_LOG 27

static void free_dctx(ZSTD_DCtx **ctx)
{
	ZSTD_freeDCtx(*ctx);
}

static void free_cctx(ZSTD_CCtx **ctx)
{
	ZSTD_freeCCtx(*ctx);
}

static int fail_zstd(struct ks_diag *diag, size_t status)
{
	switch (ZSTD_getErrorCode(status)) {
	case ZSTD_error_memory_allocation:
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	case ZSTD_error_frameParameter_windowTooLarge:
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "zstd window is over 128 MiB");
	default:
		return ks_fail_detail(diag, -EBADMSG, "zstd stream is broken",
				      ZSTD_getErrorName(status));
	}
}

static int zstd_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used,
		       struct ks_diag *diag)
{
	__cleanup(free_dctx) ZSTD_DCtx *ctx = ZSTD_createDCtx();
	ZSTD_inBuffer from = { in.p, in.bytes, 0 };
	size_t status, room, got;
	int rc;

	if (!ctx)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	status = ZSTD_DCtx_setParameter(ctx, ZSTD_d_windowLogMax, WINDOW_LOG);
	if (ZSTD_isError(status))
		return fail_zstd(diag, status);
	do {
		ZSTD_outBuffer to = { .dst = unpack_room(out, max_bytes, &room) };

		if (!to.dst)
			break;
		to.size = room;
		got = from.pos;
		status = ZSTD_decompressStream(ctx, &to, &from);
		ks_put_done(out, to.pos);
		if (ZSTD_isError(status))
			return fail_zstd(diag, status);
		/* Nothing read and nothing written, but the frame wants more: it was cut. */
		if (status && !to.pos && got == from.pos)
			return ks_fail(diag, -EBADMSG, in.bytes, "zstd stream is cut short");
	} while (status && out->bytes <= max_bytes);
	rc = check_cap(out, max_bytes, diag);
	if (!rc)
		*ret_used = from.pos;
	return rc;
}

/* @as_pipe: the whole input at once would put its size into the header, and choose other parameters */
static int zstd_run(ZSTD_CCtx *ctx, struct ks_span in, bool as_pipe, struct ks_buf *out,
		    struct ks_diag *diag)
{
	ZSTD_inBuffer from = { in.p, in.bytes, 0 };
	size_t bound = ZSTD_compressBound(in.bytes), status;
	ZSTD_outBuffer to = { .dst = ks_put_room(out, bound), .size = bound };

	if (!to.dst)
		return ks_buf_ok(out, diag);
	do {
		bool is_end = !as_pipe || from.pos == from.size;

		status = ZSTD_compressStream2(ctx, &to, &from, is_end ? ZSTD_e_end : ZSTD_e_continue);
		if (!is_end && !ZSTD_isError(status))
			status = 1;
	} while (!ZSTD_isError(status) && status);
	if (ZSTD_isError(status))
		return fail_zstd(diag, status);
	ks_put_done(out, to.pos);
	return ks_buf_ok(out, diag);
}

/*
 * What the zstd program does with a file: level 3, a checksum, the size in the header, and one
 * worker beside the reader. A library without threads refuses the last; its bytes differ from the
 * program's only above 8 MiB, where jobs begin.
 */
static int zstd_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(free_cctx) ZSTD_CCtx *ctx = ZSTD_createCCtx();
	size_t status;

	if (!ctx)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	status = ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, 3);
	if (!ZSTD_isError(status))
		status = ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
	if (!ZSTD_isError(status))
		status = ZSTD_CCtx_setPledgedSrcSize(ctx, in.bytes);
	if (ZSTD_isError(status))
		return fail_zstd(diag, status);
	(void)ZSTD_CCtx_setParameter(ctx, ZSTD_c_nbWorkers, 1);
	return zstd_run(ctx, in, false, out, diag);
}

/* zstd -22 --ultra of a pipe: the size is not in the header, which does not make the window smaller. */
static int zstd_pack_kernel(struct ks_span in, unsigned int attempt, struct ks_buf *out,
			    struct ks_diag *diag)
{
	__cleanup(free_cctx) ZSTD_CCtx *ctx = ZSTD_createCCtx();
	size_t status;

	if (!ctx)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	status = ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, 22);
	if (!ZSTD_isError(status))
		status = ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
	if (attempt && !ZSTD_isError(status))
		status = ZSTD_CCtx_setParameter(ctx, ZSTD_c_enableLongDistanceMatching, 1);
	return ZSTD_isError(status) ? fail_zstd(diag, status) : zstd_run(ctx, in, true, out, diag);
}

/*
 * LZ4's legacy format, `lz4 -l`: 0x184c2102, le32 | le32 bytes, block | le32 bytes, block | ...
 * A block unpacks to at most 8 MiB. There is no end mark and no checksum: the stream ends where there are no
 * four bytes any more, or a block of none. Sources: lib/decompress_unlz4.c of Linux 6.18; lz4's
 * doc/lz4_Frame_format.md, "Legacy frame".
 */
#define LZ4_MAGIC 0x184c2102U
#define LZ4_MAGIC_BYTES 4U
#define LZ4_CHUNK_BYTES (8U << 20)
/* LZ4_compressBound() of that: what does not compress gets a byte for each 255, and 16. */
#define LZ4_MAX_BLOCK_BYTES (LZ4_CHUNK_BYTES + LZ4_CHUNK_BYTES / 255 + 16)

static int fail_lz4(u64 off, struct ks_diag *diag)
{
	return ks_fail(diag, -EBADMSG, off, "lz4 stream is broken or cut short");
}

/* One byte more than allowed has room, so that the caller sees the excess. */
static int unpack_one(struct ks_span block, u64 off, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	size_t room = LZ4_CHUNK_BYTES;
	bool is_capped = max_bytes - out->bytes < room;
	int bytes;
	u8 *to;

	if (is_capped)
		room = (size_t)(max_bytes - out->bytes) + 1;
	to = ks_put_room(out, room);
	if (!to)
		return ks_buf_ok(out, diag);
	bytes = LZ4_decompress_safe((const char *)block.p, (char *)to, (int)block.bytes, (int)room);
	if (bytes >= 0) {
		ks_put_done(out, (size_t)bytes);
		return 0;
	}
	/* Broken, or more than there is room for. */
	if (!is_capped)
		return fail_lz4(off, diag);
	/* Whether it is broken behind the cap is of no interest. */
	memset(to, 0, room);
	ks_put_done(out, room);
	return 0;
}

static int unpack_lz4(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used, struct ks_diag *diag)
{
	struct ks_cursor c;
	u64 used;

	ks_cursor_init(&c, in, 0);
	if (ks_get_le32(&c) != LZ4_MAGIC)
		return fail_lz4(0, diag);
	for (used = LZ4_MAGIC_BYTES; ks_cursor_left(&c) >= 4 && out->bytes <= max_bytes; used = ks_cursor_off(&c)) {
		u32 block_bytes = ks_get_le32(&c);
		struct ks_span block;
		int rc;

		if (!block_bytes)
			break;
		/* Streams may follow each other. */
		if (block_bytes == LZ4_MAGIC)
			continue;
		block = ks_get_bytes(&c, block_bytes);
		if (block_bytes > LZ4_MAX_BLOCK_BYTES || block.bytes != block_bytes)
			return fail_lz4(used, diag);
		rc = unpack_one(block, used, max_bytes, out, diag);
		if (rc)
			return rc;
	}
	*ret_used = used;
	return 0;
}

static int lz4_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used, struct ks_diag *diag)
{
	int rc = unpack_lz4(in, max_bytes, out, ret_used, diag);

	return rc ? rc : check_cap(out, max_bytes, diag);
}

#define MAX_MAGIC_BYTES 6U

static const struct codec {
	enum ks_compression kind;
	u8 magic[MAX_MAGIC_BYTES];
	u8 magic_bytes;
	int (*unpack)(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used,
		      struct ks_diag *diag);
	int (*pack)(struct ks_span in, struct ks_buf *out, struct ks_diag *diag);
	int (*pack_kernel)(struct ks_span in, unsigned int attempt, struct ks_buf *out,
			   struct ks_diag *diag);
} codecs[] = {
	{ KS_COMPRESS_GZIP, { 0x1f, 0x8b, 0x08 }, 3, gzip_unpack, gzip_pack, gzip_pack_kernel },
	{ KS_COMPRESS_XZ, { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, xz_unpack, xz_pack, xz_pack_kernel },
	{ KS_COMPRESS_ZSTD, { 0x28, 0xb5, 0x2f, 0xfd }, 4, zstd_unpack, zstd_pack, zstd_pack_kernel },
	/* lc=3, lp=0, pb=2, and a dictionary of at least 64 KiB: what the lzma program writes. */
	{ KS_COMPRESS_LZMA, { 0x5d, 0, 0 }, 3, lzma_unpack, NULL, lzma_pack_kernel },
	{ KS_COMPRESS_LZ4, { 0x02, 0x21, 0x4c, 0x18 }, 4, lz4_unpack, NULL, NULL },
};

static const struct codec *find_codec(enum ks_compression kind)
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

static int copy(struct ks_span in, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	if (in.bytes > max_bytes)
		return ks_fail(diag, -E2BIG, max_bytes, "content is over its limit");
	ks_put(out, in);
	return ks_buf_ok(out, diag);
}

int ks_decompress_prefix(enum ks_compression kind, struct ks_span in, u64 max_bytes,
			 struct ks_buf *ret_out, u64 *ret_used, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	const struct codec *c = find_codec(kind);
	u64 used = in.bytes;
	int rc;

	if ((!c && kind != KS_COMPRESS_NONE) || max_bytes > KS_MAX_IMAGE_BYTES)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "no such compression, or no such limit");
	if (in.bytes > KS_MAX_IMAGE_BYTES)
		return ks_fail(diag, -E2BIG, KS_MAX_IMAGE_BYTES, "compressed file is over 2 GiB");
	rc = c ? c->unpack(in, max_bytes, &out, &used, diag) : copy(in, max_bytes, &out, diag);
	if (rc)
		return rc;
	ks_buf_move(ret_out, &out);
	*ret_used = used;
	return 0;
}

int ks_decompress(enum ks_compression kind, struct ks_span in, u64 max_bytes,
		  struct ks_buf *ret_out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	u64 used = 0;
	int rc = ks_decompress_prefix(kind, in, max_bytes, &out, &used, diag);

	if (!rc && used != in.bytes)
		rc = ks_fail(diag, -EBADMSG, used,
			     "bytes behind the compressed stream, which the kernel would not read");
	if (!rc)
		ks_buf_move(ret_out, &out);
	return rc;
}

int ks_compress(enum ks_compression kind, struct ks_span in, struct ks_buf *ret_out,
		struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	const struct codec *c = find_codec(kind);
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

int ks_compress_kernel(enum ks_compression kind, struct ks_span in, unsigned int attempt,
		       struct ks_buf *ret_out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	const struct codec *c = find_codec(kind);
	int rc;

	if (!c || !c->pack_kernel)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF, "this compression cannot be written");
	if (in.bytes > KS_MAX_KERNEL_BYTES)
		return ks_fail(diag, -E2BIG, KS_MAX_KERNEL_BYTES, "kernel is over 1 GiB");
	rc = c->pack_kernel(in, attempt, &out, diag);
	if (!rc)
		ks_buf_move(ret_out, &out);
	return rc;
}
