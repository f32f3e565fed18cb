// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/compress_internal.h"

#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/limits.h"

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

int ks_zstd_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
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
		ZSTD_outBuffer to = { .dst = ks_unpack_room(out, max_bytes, &room) };

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
	rc = ks_unpack_cap(out, max_bytes, diag);
	return rc ? rc : ks_unpack_end(from.pos, in, diag);
}

/*
 * What the zstd program does with a file: level 3, a checksum, the size in the header, and one
 * worker beside the reader. A library without threads refuses the last; its bytes differ from the
 * program's only above 8 MiB, where jobs begin.
 */
int ks_zstd_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(free_cctx) ZSTD_CCtx *ctx = ZSTD_createCCtx();
	ZSTD_inBuffer from = { in.p, in.bytes, 0 };
	size_t bound = ZSTD_compressBound(in.bytes), status;
	ZSTD_outBuffer to = { .dst = ks_put_room(out, bound), .size = bound };

	if (!ctx || !to.dst)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	status = ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, 3);
	if (!ZSTD_isError(status))
		status = ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
	if (!ZSTD_isError(status))
		status = ZSTD_CCtx_setPledgedSrcSize(ctx, in.bytes);
	if (!ZSTD_isError(status)) {
		(void)ZSTD_CCtx_setParameter(ctx, ZSTD_c_nbWorkers, 1);
		do {
			status = ZSTD_compressStream2(ctx, &to, &from, ZSTD_e_end);
		} while (!ZSTD_isError(status) && status);
	}
	if (ZSTD_isError(status))
		return fail_zstd(diag, status);
	ks_put_done(out, to.pos);
	return ks_buf_ok(out, diag);
}
