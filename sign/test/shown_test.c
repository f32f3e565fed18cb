// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/shown.h"

/* The bits of @c in @n bytes, whether that is its form or not. */
static void put_char(char *text, u32 c, unsigned int n)
{
	static const u8 first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	unsigned int i;

	for (i = n - 1; i; i--, c >>= 6)
		text[i] = (char)(0x80 | (c & 0x3f));
	text[0] = (char)(n == 1 ? c : first[n] | c);
	text[n] = '\0';
}

static unsigned int bytes_of(u32 c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static bool in(u32 c, u32 first, u32 last)
{
	return first <= c && c <= last;
}

static void a_character_is_itself_or_a_question_mark(void **state)
{
	char text[8], want[8];
	unsigned int n, i;
	bool is_text;
	u32 c;

	(void)state;
	/* 0x1fffff is what four bytes can hold. */
	for (c = 1; c <= 0x1fffff; c++) {
		/* There only the edges differ. */
		if (c > 0x10000 && (c & 0xff) && (c & 0xff) != 0xff)
			continue;
		is_text = !in(c, 0, 0x1f) && !in(c, 0x7f, 0x9f) && c != 0x61c &&
			  !in(c, 0x200e, 0x200f) && !in(c, 0x2028, 0x202e) &&
			  !in(c, 0x2066, 0x2069);
		n = bytes_of(c);
		put_char(text, c, n);
		if (in(c, 0xd800, 0xdfff) || c > 0x10ffff) {
			for (i = 0; i < n; i++)
				want[i] = '?';
			want[n] = '\0';
		} else {
			strcpy(want, is_text ? text : "?");
		}
		ks_make_shown(text, false);
		if (strcmp(text, want))
			fail_msg("U+%04X: \"%s\" instead of \"%s\"", c, text, want);
	}
}

static void a_longer_form_is_no_text(void **state)
{
	static const char marks[] = "????";
	char text[8];
	unsigned int n;
	u32 c;

	(void)state;
	for (n = 2; n <= 4; n++)
		for (c = 0; bytes_of(c) < n; c++) {
			put_char(text, c, n);
			ks_make_shown(text, false);
			assert_string_equal(marks + 4 - n, text);
		}
}

static void each_byte_of_no_character_is_replaced(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "", "" },
		{ "a\x80z", "a?z" },
		{ "a\xbfz", "a?z" },
		{ "a\xf5\x80\x80\x80z", "a????z" },
		{ "a\xf8\x88\x80\x80\x80z", "a?????z" },
		{ "a\xff\xfez", "a??z" },
		/* The end of the text, or a character, where a continuation belongs */
		{ "a\xc3", "a?" },
		{ "a\xe2\x82", "a??" },
		{ "a\xf0\x9f\x98", "a???" },
		{ "\xc3z\xe2\x82z\xf0\x9f\x98z", "?z??z???z" },
		{ "\xc3\xc3\xa9", "?\xc3\xa9" },
		/* What follows moves up. */
		{ "\xe2\x80\xae\xe2\x82\xac\xc2\x9bq\x1b[2Jend", "?\xe2\x82\xac?q?[2Jend" },
	};
	char text[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* In memory of its own, so that ASan sees a byte behind it. */
		char *own = strdup(rows[i].text);

		snprintf(text, sizeof(text), "%s", rows[i].want);
		ks_make_shown(own, false);
		assert_string_equal(text, own);
		free(own);
	}
}

static void newlines_stay_in_a_document_only(void **state)
{
	char text[] = "a\n\tb\r\n", same[] = "a\n\tb\r\n";

	(void)state;
	ks_make_shown(text, true);
	assert_string_equal("a\n?b?\n", text);
	ks_make_shown(same, false);
	assert_string_equal("a??b??", same);
}

static void a_copy_lives_for_four_more(void **state)
{
	const char *first = ks_shown("first\n"), *made[3];

	(void)state;
	made[0] = ks_shown("2");
	made[1] = ks_shown("3");
	made[2] = ks_shown("4");
	assert_string_equal("first?", first);
	assert_string_equal("2", made[0]);
	assert_string_equal("3", made[1]);
	assert_string_equal("4", made[2]);
	assert_ptr_equal(first, ks_shown("5"));
}

static void a_long_text_is_cut(void **state)
{
	static char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(4159, strlen(ks_shown(text)));
}

/* What a person cannot see, or takes for a blank; the same list as ks_escape()'s, written anew. */
static bool is_hidden(u32 c)
{
	return in(c, 0x80, 0xa0) || c == 0xad || c == 0x34f || c == 0x61c || in(c, 0x115f, 0x1160) ||
	       c == 0x1680 || in(c, 0x17b4, 0x17b5) || in(c, 0x180b, 0x180f) || in(c, 0x2000, 0x200f) ||
	       in(c, 0x2028, 0x202f) || in(c, 0x205f, 0x206f) || c == 0x2800 || c == 0x3000 ||
	       c == 0x3164 || in(c, 0xfe00, 0xfe0f) || c == 0xfeff || c == 0xffa0 ||
	       in(c, 0xfff0, 0xfffb) || in(c, 0xe0000, 0xe0fff);
}

static void put_escaped(u32 c, const char *text, unsigned int n, char *want)
{
	unsigned int i;

	*want = '\0';
	if (in(c, 0xd800, 0xdfff) || c > 0x10ffff)
		for (i = 0; i < n; i++)
			sprintf(want + 4 * i, "<%02X>", (u8)text[i]);
	else if (in(c, 0, 0x1f) || c == 0x7f)
		strcpy(want, "?");
	else if (is_hidden(c))
		sprintf(want, "<U+%04X>", c);
	else
		strcpy(want, text);
}

static void what_nobody_sees_is_written_out(void **state)
{
	char text[16], want[32], out[40];
	size_t bytes, have;
	u32 c;

	(void)state;
	for (c = 1; c <= 0x1fffff; c++) {
		if (c > 0x10000 && (c & 0xff) && (c & 0xff) != 0xff)
			continue;
		put_char(text, c, bytes_of(c));
		put_escaped(c, text, bytes_of(c), want);
		strcat(text, "z");
		strcat(want, "z");
		ks_escape(text, out, sizeof(out));
		assert_string_equal(want, out);
	}
	/* What does not fit is left out as a whole, and nothing is written behind @out. */
	put_char(text, 0x200b, 3);
	strcat(text, "b\xe4");
	for (bytes = 0; bytes <= 16; bytes++) {
		memset(out, '#', sizeof(out));
		ks_escape(text, out, bytes);
		have = bytes > 13 ? 13 : bytes > 9 ? 9 : bytes > 8 ? 8 : 0;
		for (c = 0; c < sizeof(out); c++)
			assert_true(out[c] == (c < have ? "<U+200B>b<E4>"[c] : bytes && c == have ? '\0' : '#'));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_character_is_itself_or_a_question_mark),
		cmocka_unit_test(a_longer_form_is_no_text),
		cmocka_unit_test(each_byte_of_no_character_is_replaced),
		cmocka_unit_test(newlines_stay_in_a_document_only),
		cmocka_unit_test(a_copy_lives_for_four_more),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(what_nobody_sees_is_written_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
