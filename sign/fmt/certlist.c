// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   +--------------------------+ aligned
 *   | 30 82 hh ll ...          | certificates
 *   +--------------------------+ with CONFIG_SYSTEM_EXTRA_CERTIFICATE
 *   | reserve                  | more of them, then what is free
 *   +--------------------------+ aligned to 4 on x86, 16 on arm64
 *   | used of it, le32         |
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

bool ks_cert_reserve_parse(struct ks_span image, struct ks_cert_reserve *reserve,
			   struct ks_span *ret_list)
{
	struct ks_cert_reserve r = *reserve;
	struct ks_span used, room, list;
	struct ks_cursor c;
	u64 size;

	if (r.bytes > KS_MAX_RESERVE_BYTES || r.off < r.list_off || r.used_off < r.off ||
	    r.used_off - r.off < r.bytes || r.size_off < r.used_off || r.size_off - r.used_off < 4)
		return false;
	if (!ks_span_sub(image, r.used_off, 4, &used) || !ks_span_sub(image, r.off, r.bytes, &room) ||
	    !ks_certlist_size(image, r.size_off, &size))
		return false;
	ks_cursor_init(&c, used, r.used_off);
	r.used_bytes = ks_get_le32(&c);
	if (r.used_bytes > r.bytes || size != r.off - r.list_off + r.used_bytes ||
	    !ks_span_sub(image, r.list_off, size, &list))
		return false;
	*reserve = r;
	*ret_list = list;
	return true;
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
