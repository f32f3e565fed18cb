// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/hex.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

void ks_hex(struct ks_span in, char *text, size_t text_bytes)
{
	size_t i, n = 0;

	for (i = 0; i < in.bytes && n + 2 < text_bytes; i++) {
		text[n++] = digits[in.p[i] >> 4];
		text[n++] = digits[in.p[i] & 0xf];
	}
	if (text_bytes)
		text[n] = '\0';
}

int ks_hex_value(char c)
{
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool ks_unhex(const char *hex, struct ks_buf *out)
{
	size_t i, nr = strlen(hex);

	if (nr % 2)
		return false;
	for (i = 0; i < nr; i++)
		if (ks_hex_value(hex[i]) < 0)
			return false;
	for (i = 0; i < nr; i += 2)
		ks_put_u8(out, (u8)(ks_hex_value(hex[i]) << 4 | ks_hex_value(hex[i + 1])));
	return true;
}
