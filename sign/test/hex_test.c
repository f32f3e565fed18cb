// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"

static void every_byte_survives_both_ways(void **state)
{
	struct ks_buf all = { 0 }, back = { 0 };
	char text[513];
	unsigned int i;

	(void)state;
	for (i = 0; i < 256; i++)
		ks_put_u8(&all, (u8)i);
	ks_hex(ks_buf_span(&all), text, sizeof(text));
	assert_int_equal(512, strlen(text));
	assert_true(ks_unhex(text, &back));
	assert_true(ks_span_eq(ks_buf_span(&all), ks_buf_span(&back)));
	ks_buf_done(&all);
	ks_buf_done(&back);
}

static void upper_case_is_read_and_lower_case_written(void **state)
{
	struct ks_buf out = { 0 };
	char text[7];

	(void)state;
	assert_true(ks_unhex("ABcdEF", &out));
	ks_hex(ks_buf_span(&out), text, sizeof(text));
	assert_string_equal("abcdef", text);
	ks_buf_done(&out);
}

static void other_characters_append_nothing(void **state)
{
	static const char *const bad[] = { "0", "0g", "g0", "00 ", " 00", "0x00", "00\n", "/0", ":0",
					   "@0", "G0", "`0", "\xe9""0",
					   /* these become digits when a letter's bit is set */
					   "\x10""0", "\x19""0", "0\x11" };
	struct ks_buf out = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++)
		assert_false(ks_unhex(bad[i], &out));
	assert_int_equal(0, out.bytes);
	assert_true(ks_unhex("", &out));
	assert_int_equal(0, out.bytes);
	ks_buf_done(&out);
}

static void a_text_without_room_is_cut_at_a_whole_byte(void **state)
{
	static const u8 bytes[] = { 0x12, 0x34 };
	char text[5] = "....";

	(void)state;
	ks_hex((struct ks_span){ bytes, 2 }, text, 4);
	assert_string_equal("12", text);
	ks_hex((struct ks_span){ bytes, 2 }, text, 5);
	assert_string_equal("1234", text);
	ks_hex((struct ks_span){ bytes, 2 }, text, 1);
	assert_string_equal("", text);
	/* Room is not a reason to read on behind the bytes. */
	ks_hex((struct ks_span){ bytes, 1 }, text, 5);
	assert_string_equal("12", text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_survives_both_ways),
		cmocka_unit_test(upper_case_is_read_and_lower_case_written),
		cmocka_unit_test(other_characters_append_nothing),
		cmocka_unit_test(a_text_without_room_is_cut_at_a_whole_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
