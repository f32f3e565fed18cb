// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/shown.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_BYTES 4160
#define NR_SHOWN 4

/* The character at @s. Return: its bytes, 0 if it is not well-formed (RFC 3629). */
static size_t read_char(const u8 *s, u32 *ret_char)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t i, n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 && s[0] < 0xf8 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	u32 c = s[0];

	*ret_char = c;
	if (n == 1)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	c &= 0x7fU >> n;
	for (i = 1; i < n; i++) {
		/* A NUL ends the text, and is no continuation. */
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fU);
	}
	*ret_char = c;
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : n;
}

static bool is_shown(u32 c)
{
	return c >= 0x20 && !(c >= 0x7f && c < 0xa0) && c != 0x061c && !(c >= 0x200e && c <= 0x200f) &&
	       !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

void ks_make_shown(char *text, bool keep_newlines)
{
	u8 *from = (u8 *)text, *to = from;
	size_t n;
	u32 c;

	while (*from) {
		n = read_char(from, &c);
		if (n && (is_shown(c) || (c == '\n' && keep_newlines))) {
			memmove(to, from, n);
			to += n;
		} else {
			*to++ = '?';
			n = n ? n : 1;
		}
		from += n;
	}
	*to = '\0';
}

const char *ks_shown(const char *text)
{
	static __thread char copy[NR_SHOWN][SHOWN_BYTES];
	static __thread unsigned int next;
	char *made = copy[next++ % NR_SHOWN];

	snprintf(made, SHOWN_BYTES, "%s", text);
	ks_make_shown(made, false);
	return made;
}
