// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever can hand a .ko.xz, .ko.zst or .ko.gz to `kseal module`, or a bzImage
 * or UKI to a verb that looks into the kernel: its payload is a compressed stream.
 *
 * Valid input: one stream of gzip, xz, zstd, the old .lzma or lz4's legacy format, and nothing behind it.
 *
 * Laws: no content is longer than the caller allowed, however small the file is, and allowing one
 * byte less than there is refuses it; what was read, compressed anew, reads back the same; a byte
 * behind the stream is refused.
 */
#include <errno.h>

#include "fmt/compress.h"
#include "fuzz/fuzz.h"

/* A stream of a few bytes may say that it holds gigabytes. */
#define MAX_CONTENT_BYTES (1ULL << 20)

static void check_limit(enum ks_compression kind, struct ks_span in, u64 content_bytes)
{
	__cleanup(ks_buf_done) struct ks_buf exact = { 0 }, less = { 0 };

	KS_LAW(!ks_decompress(kind, in, content_bytes, &exact, NULL));
	KS_LAW(exact.bytes == content_bytes);
	if (content_bytes)
		KS_LAW(ks_decompress(kind, in, content_bytes - 1, &less, NULL) == -E2BIG);
}

static void check_trailing_byte(enum ks_compression kind, struct ks_span in)
{
	__cleanup(ks_buf_done) struct ks_buf longer = { 0 }, content = { 0 };

	ks_put(&longer, in);
	ks_put_u8(&longer, 'x');
	KS_LAW(ks_decompress(kind, ks_buf_span(&longer), MAX_CONTENT_BYTES, &content, NULL));
}

static void check_round_trip(enum ks_compression kind, struct ks_span content)
{
	__cleanup(ks_buf_done) struct ks_buf packed = { 0 }, again = { 0 };
	int rc = ks_compress(kind, content, &packed, NULL);

	if (kind == KS_COMPRESS_LZMA || kind == KS_COMPRESS_LZ4) {
		KS_LAW(rc == -EOPNOTSUPP);
		return;
	}
	KS_LAW(!rc && ks_compression_of(ks_buf_span(&packed)) == kind);
	KS_LAW(!ks_decompress(kind, ks_buf_span(&packed), MAX_CONTENT_BYTES, &again, NULL));
	KS_LAW(ks_span_eq(ks_buf_span(&again), content));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct ks_span in = { data, size };
	enum ks_compression kind = ks_compression_of(in);
	int rc;

	if (kind == KS_COMPRESS_NONE)
		return 0;
	rc = ks_decompress(kind, in, MAX_CONTENT_BYTES, &content, NULL);
	KS_LAW(rc == 0 || rc == -EBADMSG || rc == -E2BIG);
	KS_LAW(!rc || !content.bytes);
	if (rc)
		return 0;
	KS_LAW(content.bytes <= MAX_CONTENT_BYTES);
	check_limit(kind, in, content.bytes);
	check_trailing_byte(kind, in);
	/* Compressing is slow beside all else. */
	if (content.bytes < 65536)
		check_round_trip(kind, ks_buf_span(&content));
	return 0;
}
