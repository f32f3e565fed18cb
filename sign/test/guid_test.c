// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/guid.h"

#define TEXT "00112233-4455-6677-8899-aabbccddeeff"

static const struct ks_guid counting = KS_GUID(0x00112233, 0x4455, 0x6677, 0x8899, 0xaabbccddeeff);
/* UEFI 2.10, appendix A: three groups little-endian, two as written. */
static const u8 raw[KS_GUID_BYTES] = { 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
				       0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };

static void groups_stand_in_the_order_of_efi(void **state)
{
	(void)state;

	assert_memory_equal(raw, counting.raw, KS_GUID_BYTES);
}

static void text_has_four_dashes_and_lower_case(void **state)
{
	char text[KS_GUID_TEXT_BYTES + 1];
	(void)state;

	memset(text, 'z', sizeof(text));
	ks_guid_format(&counting, text);
	assert_string_equal(TEXT, text);
	assert_int_equal('z', text[KS_GUID_TEXT_BYTES]);
}

static void every_byte_counts(void **state)
{
	struct ks_guid other;
	size_t i;
	(void)state;

	other = counting;
	assert_true(ks_guid_eq(&counting, &other));
	for (i = 0; i < KS_GUID_BYTES; i++) {
		other.raw[i] ^= 1;
		assert_false(ks_guid_eq(&counting, &other));
		other.raw[i] ^= 1;
	}
}

static void reads_what_was_written(void **state)
{
	__cleanup(ks_buf_done) struct ks_buf b = { 0 };
	struct ks_guid got;
	struct ks_cursor c;
	(void)state;

	ks_put_u8(&b, 1);
	ks_put_guid(&b, &counting);
	ks_put_u8(&b, 2);
	assert_int_equal(KS_GUID_BYTES + 2, b.bytes);
	ks_cursor_init(&c, ks_buf_span(&b), 0);
	ks_cursor_skip(&c, 1);
	got = ks_get_guid(&c);
	assert_true(ks_guid_eq(&counting, &got));
	assert_int_equal(2, ks_get_u8(&c));
}

static void past_the_end_it_is_zero(void **state)
{
	static const struct ks_guid zero;
	struct ks_cursor c;
	struct ks_guid got;
	(void)state;

	ks_cursor_init(&c, (struct ks_span){ raw, KS_GUID_BYTES - 1 }, 0);
	got = ks_get_guid(&c);
	assert_true(c.bad);
	assert_true(ks_guid_eq(&zero, &got));
}

static void text_is_read_back_and_nothing_else_is(void **state)
{
	static const char *const bad[] = {
		"", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
		"00112233445566778899aabbccddeeff0123", "00112233-4455-6677-8899-aabbccddeefg",
		"{0112233-4455-6677-8899-aabbccddeeff", "00112233-4455-6677-8899 aabbccddeeff",
		"001122334-455-6677-8899-aabbccddeeff",
	};
	struct ks_guid got = { { 0 } };
	size_t i;
	(void)state;

	assert_true(ks_guid_read(TEXT, &got));
	assert_true(ks_guid_eq(&counting, &got));
	got = (struct ks_guid){ { 0 } };
	assert_true(ks_guid_read("00112233-4455-6677-8899-AABBCCDDEEFF", &got));
	assert_true(ks_guid_eq(&counting, &got));
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++)
		assert_false(ks_guid_read(bad[i], &got));
	assert_true(ks_guid_eq(&counting, &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_stand_in_the_order_of_efi),
		cmocka_unit_test(text_has_four_dashes_and_lower_case),
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(reads_what_was_written),
		cmocka_unit_test(past_the_end_it_is_zero),
		cmocka_unit_test(text_is_read_back_and_nothing_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
