// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/compress_internal.h"

#include <errno.h>
#include <lzma.h>

#include "base/limits.h"

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

static int unpack(lzma_stream *s, lzma_ret status, struct ks_span in, u64 max_bytes,
		  struct ks_buf *out, struct ks_diag *diag)
{
	size_t room;
	int rc;

	s->next_in = in.p;
	s->avail_in = in.bytes;
	while (status == LZMA_OK) {
		s->next_out = ks_unpack_room(out, max_bytes, &room);
		if (!s->next_out)
			break;
		s->avail_out = room;
		status = lzma_code(s, LZMA_FINISH);
		ks_put_done(out, room - s->avail_out);
		if (out->bytes > max_bytes)
			break;
	}
	rc = ks_unpack_cap(out, max_bytes, diag);
	if (rc)
		return rc;
	return status == LZMA_STREAM_END ? ks_unpack_end(in.bytes - s->avail_in, in, diag) :
					   fail_lzma(diag, status);
}

int ks_xz_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret status = lzma_stream_decoder(&s, DECODER_BYTES, LZMA_TELL_UNSUPPORTED_CHECK);

	return unpack(&s, status, in, max_bytes, out, diag);
}

int ks_lzma_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret status = lzma_alone_decoder(&s, DECODER_BYTES);

	return unpack(&s, status, in, max_bytes, out, diag);
}

/* xz -T1 --check=crc32 --lzma2=dict=1MiB; with threads, xz 5.6's default, blocks would be cut. */
int ks_xz_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(lzma_end) lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma lzma2;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &lzma2 }, { LZMA_VLI_UNKNOWN, NULL } };
	size_t bound = lzma_stream_buffer_bound(in.bytes);
	lzma_ret status;

	if (lzma_lzma_preset(&lzma2, LZMA_PRESET_DEFAULT))
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF, "liblzma has no preset 6");
	lzma2.dict_size = 1U << 20;
	status = lzma_stream_encoder(&s, filters, LZMA_CHECK_CRC32);
	if (status != LZMA_OK)
		return fail_lzma(diag, status);
	s.next_in = in.p;
	s.avail_in = in.bytes;
	s.next_out = ks_put_room(out, bound);
	if (!s.next_out)
		return ks_buf_ok(out, diag);
	s.avail_out = bound;
	status = lzma_code(&s, LZMA_FINISH);
	if (status != LZMA_STREAM_END)
		return fail_lzma(diag, status);
	ks_put_done(out, bound - s.avail_out);
	return ks_buf_ok(out, diag);
}
