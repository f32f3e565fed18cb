// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   070701 | 13 fields of 8 hex digits | name, NUL, to 4 | content, to 4 | 070701 ...  TRAILER!!!
 *
 * The header is 2 behind a multiple of 4, which the name with its padding makes up for.
 */
#include "fmt/cpio.h"

#include <string.h>

#define MAGIC_BYTES 6U
#define FIELD_BYTES 8U

/* By their place among the fields. */
#define FIELD_MODE 1U
#define FIELD_CONTENT_BYTES 6U
#define FIELD_NAME_BYTES 11U
#define FIELD_CHECKSUM 12U

enum ks_cpio_magic ks_cpio_magic_of(struct ks_span in)
{
	struct ks_span magic;

	if (!ks_span_sub(in, 0, MAGIC_BYTES, &magic))
		return KS_CPIO_NONE;
	if (ks_span_eq(magic, ks_span_str("070701")))
		return KS_CPIO_NEWC;
	if (ks_span_eq(magic, ks_span_str("070702")))
		return KS_CPIO_NEWC_SUM;
	return ks_span_eq(magic, ks_span_str("070707")) ? KS_CPIO_ODC : KS_CPIO_NONE;
}

static bool get_field(struct ks_span header, u64 idx, u32 *ret)
{
	struct ks_span digits;
	u32 value = 0;
	size_t i;

	if (!ks_span_sub(header, MAGIC_BYTES + idx * FIELD_BYTES, FIELD_BYTES, &digits))
		return false;
	for (i = 0; i < digits.bytes; i++) {
		u8 c = digits.p[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (u32)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | (u32)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*ret = value;
	return true;
}

bool ks_cpio_header_parse(struct ks_span in, struct ks_cpio_header *ret_header)
{
	struct ks_cpio_header h;

	if (!get_field(in, FIELD_MODE, &h.mode) ||
	    !get_field(in, FIELD_CONTENT_BYTES, &h.content_bytes) ||
	    !get_field(in, FIELD_NAME_BYTES, &h.name_bytes) ||
	    !get_field(in, FIELD_CHECKSUM, &h.sum))
		return false;
	*ret_header = h;
	return true;
}
