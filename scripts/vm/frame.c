// SPDX-License-Identifier: LGPL-2.1-or-later
#include "frame.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "results.h"

/* Cut up to the next single blank; unlike ks_span_word() no blank of the payload is lost. */
static bool take_field(struct ks_span *rest, struct ks_span *ret_field)
{
	const u8 *blank = rest->bytes ? memchr(rest->p, ' ', rest->bytes) : NULL;
	size_t n = blank ? (size_t)(blank - rest->p) : 0;

	return blank && ks_span_sub(*rest, 0, n, ret_field) &&
	       ks_span_sub(*rest, n + 1, rest->bytes - n - 1, rest);
}

static uLong add_crc(uLong crc, struct ks_span s)
{
	return crc32(crc, s.p, (uInt)s.bytes);
}

static bool crc_matches(struct ks_span crc, struct ks_span nonce, struct ks_span seq,
			struct ks_span payload)
{
	uLong have = crc32(0L, Z_NULL, 0);
	char text[16];

	have = add_crc(have, nonce);
	have = add_crc(have, ks_span_str(" "));
	have = add_crc(have, seq);
	have = add_crc(have, ks_span_str(" "));
	if (payload.bytes)
		have = add_crc(have, payload);
	snprintf(text, sizeof(text), "%08lx", have);
	return vm_span_is(crc, text);
}

int vm_frame_parse(struct ks_span line, const char *nonce, struct vm_frame_view *ret_view,
		   struct ks_diag *diag)
{
	struct ks_span magic, have_nonce, seq, crc, rest = line;
	u64 number;

	if (line.bytes > VM_MAX_LINE_BYTES)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "line is too long for a frame");
	if (!take_field(&rest, &magic) || !vm_span_is(magic, "KT1") ||
	    !take_field(&rest, &have_nonce) || !take_field(&rest, &seq) || !take_field(&rest, &crc))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "line is not a frame");
	if (!vm_span_is(have_nonce, nonce))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "frame has another run's nonce");
	if (!vm_span_number(seq, &number))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "frame has no sequence number");
	if (!crc_matches(crc, have_nonce, seq, rest))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "frame's CRC does not match");
	*ret_view = (struct vm_frame_view){ .seq = number, .payload = rest };
	return 0;
}
