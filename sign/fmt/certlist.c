// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   +--------------------------+ aligned
 *   | 30 82 hh ll ...          | certificates
 *   +--------------------------+ aligned
 *   | length of the list, le64 |
 *   +--------------------------+ aligned
 *   | length of the module     |
 *   | key's certificates, le64 | the trusted list only
 *   +--------------------------+
 *
 * Aligned to 8 bytes on x86, and to 256 on arm64, whose assembler takes the 8 for a power of two.
 */
#include "fmt/certlist.h"

#include <errno.h>

#include "base/cursor.h"

#define HEADER_BYTES 4U

static bool cut(struct ks_span *list, struct ks_span *ret_der)
{
	u64 bytes = HEADER_BYTES + ((u64)list->p[2] << 8 | list->p[3]);

	return ks_span_sub(*list, 0, bytes, ret_der) &&
	       ks_span_sub(*list, bytes, list->bytes - bytes, list);
}

int ks_certlist_next(struct ks_span *list, struct ks_span *ret_der)
{
	if (!list->bytes)
		return 0;
	if (list->bytes < HEADER_BYTES || (list->p[0] != 0x30 && list->p[1] != 0x82) ||
	    !cut(list, ret_der))
		return -EBADMSG;
	return 1;
}

bool ks_certlist_strict(struct ks_span *list, struct ks_span *ret_der)
{
	return list->bytes >= HEADER_BYTES && list->p[0] == 0x30 && list->p[1] == 0x82 &&
	       cut(list, ret_der);
}

bool ks_certlist_size(struct ks_span image, u64 off, u64 *ret_bytes)
{
	struct ks_span number;
	struct ks_cursor c;

	if (!ks_span_sub(image, off, 8, &number))
		return false;
	ks_cursor_init(&c, number, off);
	*ret_bytes = ks_get_le64(&c);
	return true;
}
