// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/compress_internal.h"

#include <errno.h>
#include <zlib.h>

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

int ks_gzip_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.bytes };
	__cleanup(end_inflate) z_stream *end = &z;
	int status = inflateInit2(&z, GZIP_WINDOW_BITS), rc;
	size_t room;

	(void)end;
	while (status == Z_OK) {
		z.next_out = ks_unpack_room(out, max_bytes, &room);
		if (!z.next_out)
			break;
		z.avail_out = (uInt)room;
		status = inflate(&z, Z_NO_FLUSH);
		ks_put_done(out, room - z.avail_out);
		if (out->bytes > max_bytes)
			break;
	}
	rc = ks_unpack_cap(out, max_bytes, diag);
	if (rc)
		return rc;
	return status == Z_STREAM_END ? ks_unpack_end(in.bytes - z.avail_in, in, diag) :
					fail_zlib(diag, &z, status);
}

/*
 * gzip -n: level 6, no name, no time. zlib and the gzip program divide the data into blocks
 * differently, so the streams differ by some bytes; the header is the same.
 */
int ks_gzip_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.bytes };
	__cleanup(end_deflate) z_stream *end = &z;
	int status = deflateInit2(&z, 6, Z_DEFLATED, GZIP_WINDOW_BITS, 8, Z_DEFAULT_STRATEGY);
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
