// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/guid.h"

#include <string.h>

#include "base/hex.h"

bool ks_guid_eq(const struct ks_guid *a, const struct ks_guid *b)
{
	return !memcmp(a->raw, b->raw, KS_GUID_BYTES);
}

/* Index of the raw byte for each printed one. */
static const u8 order[KS_GUID_BYTES] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

void ks_guid_format(const struct ks_guid *guid, char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t i, at = 0;

	for (i = 0; i < KS_GUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		text[at++] = digits[guid->raw[order[i]] >> 4];
		text[at++] = digits[guid->raw[order[i]] & 0xf];
	}
	text[at] = '\0';
}

bool ks_guid_read(const char *text, struct ks_guid *ret_guid)
{
	struct ks_guid guid;
	size_t i, at = 0;

	if (strlen(text) != KS_GUID_TEXT_BYTES - 1)
		return false;
	for (i = 0; i < KS_GUID_BYTES; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
			return false;
		high = ks_hex_value(text[at++]);
		low = ks_hex_value(text[at++]);
		if (high < 0 || low < 0)
			return false;
		guid.raw[order[i]] = (u8)(high << 4 | low);
	}
	*ret_guid = guid;
	return true;
}

struct ks_guid ks_get_guid(struct ks_cursor *c)
{
	struct ks_span raw = ks_get_bytes(c, KS_GUID_BYTES);
	struct ks_guid guid = { { 0 } };

	if (raw.bytes)
		memcpy(guid.raw, raw.p, KS_GUID_BYTES);
	return guid;
}

void ks_put_guid(struct ks_buf *b, const struct ks_guid *guid)
{
	ks_put(b, (struct ks_span){ guid->raw, KS_GUID_BYTES });
}
