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
		/* A NUL ends the text, and is not a continuation. */
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

/* White space, fillers, joiners, what turns the direction, tags, variation selectors: first and last. */
static const u32 hidden[][2] = {
	{ 0x80, 0xa0 },	    { 0xad, 0xad },	{ 0x34f, 0x34f },   { 0x61c, 0x61c },
	{ 0x115f, 0x1160 }, { 0x1680, 0x1680 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
	{ 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 },
	{ 0x3000, 0x3000 }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff },
};

static bool is_hidden(u32 c)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(hidden); i++)
		if (c >= hidden[i][0] && c <= hidden[i][1])
			return true;
	return false;
}

void ks_escape(const char *text, char *out, size_t bytes)
{
	const u8 *from = (const u8 *)text;
	char one[16];
	size_t n, used = 0;
	u32 c;

	while (*from) {
		n = read_char(from, &c);
		if (n == 1 && (c < 0x20 || c == 0x7f))
			snprintf(one, sizeof(one), "?");
		else if (!n)
			snprintf(one, sizeof(one), "<%02X>", *from);
		else if (is_hidden(c))
			snprintf(one, sizeof(one), "<U+%04X>", c);
		else
			snprintf(one, sizeof(one), "%.*s", (int)n, (const char *)from);
		if (used + strlen(one) >= bytes)
			break;
		memcpy(out + used, one, strlen(one));
		used += strlen(one);
		from += n ? n : 1;
	}
	if (bytes)
		out[used] = '\0';
}
