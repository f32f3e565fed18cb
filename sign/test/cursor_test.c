// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cursor.h"

static const u8 digits[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static struct ks_span digits_span(size_t n)
{
	return (struct ks_span){ digits, n };
}

static void reads_little_endian_and_big_endian(void **state)
{
	struct ks_cursor c;
	(void)state;

	ks_cursor_init(&c, digits_span(16), 0);
	assert_int_equal(0x00, ks_get_u8(&c));
	assert_int_equal(0x0201, ks_get_le16(&c));
	assert_int_equal(0x06050403, ks_get_le32(&c));
	assert_int_equal(0x0708090a, ks_get_be32(&c));
	assert_int_equal(11, ks_cursor_off(&c));
	ks_cursor_init(&c, digits_span(16), 0);
	assert_true(ks_get_le64(&c) == 0x0706050403020100ULL);
	assert_int_equal(8, ks_get_u8(&c));
	ks_cursor_skip(&c, 7);
	assert_int_equal(0, ks_cursor_end(&c, "end", NULL));
}

/* Every width at every distance from the end. */
static void a_read_fits_or_fails(void **state)
{
	static const size_t width[] = { 1, 2, 4, 8, 4 };
	size_t n, w;
	(void)state;

	for (n = 0; n <= 9; n++) {
		for (w = 0; w < KS_ARRAY_SIZE(width); w++) {
			bool fits = width[w] <= n;
			struct ks_cursor c;
			u64 value = 0;

			ks_cursor_init(&c, digits_span(n), 50);
			switch (w) {
			case 0:
				value = ks_get_u8(&c);
				break;
			case 1:
				value = ks_get_le16(&c);
				break;
			case 2:
				value = ks_get_le32(&c);
				break;
			case 3:
				value = ks_get_le64(&c);
				break;
			default:
				value = ks_get_be32(&c);
			}
			assert_int_equal(!fits, c.bad);
			assert_int_equal(fits ? width[w] : 0, c.pos);
			assert_int_equal(fits ? n - width[w] : 0, ks_cursor_left(&c));
			assert_int_equal(fits && w > 0, value != 0);
			assert_int_equal(fits ? 0 : -EBADMSG, ks_cursor_ok(&c, "ok", NULL));
			assert_int_equal(fits ? 0 : 50, c.bad_off);
		}
	}
}

static void bytes_are_borrowed_in_order(void **state)
{
	struct ks_cursor c;
	struct ks_span part;
	(void)state;

	ks_cursor_init(&c, digits_span(6), 0);
	part = ks_get_bytes(&c, 0);
	assert_int_equal(0, part.bytes);
	assert_int_equal(0, c.pos);
	part = ks_get_bytes(&c, 4);
	assert_ptr_equal(digits, part.p);
	assert_int_equal(4, part.bytes);
	part = ks_get_bytes(&c, 2);
	assert_ptr_equal(digits + 4, part.p);
	assert_int_equal(0, ks_get_bytes(&c, 0).bytes);
	assert_int_equal(0, ks_cursor_end(&c, "end", NULL));
	part = ks_get_bytes(&c, 1);
	assert_null(part.p);
	assert_int_equal(0, part.bytes);
	assert_true(c.bad);
}

static void failure_sticks_and_names_the_first_place(void **state)
{
	struct ks_diag diag = { 0 };
	struct ks_cursor c;
	(void)state;

	ks_cursor_init(&c, digits_span(6), 100);
	assert_int_equal(0x03020100, ks_get_le32(&c));
	assert_int_equal(104, ks_cursor_off(&c));
	assert_int_equal(0, ks_get_le32(&c));
	assert_true(c.bad);
	/* Two bytes are left, but nothing is read after a failure. */
	assert_int_equal(0, ks_get_le16(&c));
	assert_null(ks_get_bytes(&c, 1).p);
	assert_int_equal(4, c.pos);
	assert_int_equal(0, ks_cursor_left(&c));
	assert_int_equal(-EBADMSG, ks_cursor_end(&c, "short", &diag));
	assert_int_equal(104, diag.off);
	assert_string_equal("short", diag.what);
}

static void a_skip_over_64_bits_fails(void **state)
{
	struct ks_cursor c;
	(void)state;

	ks_cursor_init(&c, digits_span(6), 0);
	ks_cursor_skip(&c, 1);
	ks_cursor_skip(&c, UINT64_MAX);
	assert_true(c.bad);
	assert_int_equal(1, c.bad_off);
}

static void the_end_refuses_trailing_bytes(void **state)
{
	struct ks_diag diag = { 0 };
	struct ks_cursor c;
	(void)state;

	ks_cursor_init(&c, digits_span(5), 10);
	ks_cursor_skip(&c, 4);
	assert_int_equal(1, ks_cursor_left(&c));
	assert_int_equal(0, ks_cursor_ok(&c, "ok so far", NULL));
	assert_int_equal(-EBADMSG, ks_cursor_end(&c, "trailing", &diag));
	assert_int_equal(14, diag.off);
	assert_string_equal("trailing", diag.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_little_endian_and_big_endian),
		cmocka_unit_test(a_read_fits_or_fails),
		cmocka_unit_test(bytes_are_borrowed_in_order),
		cmocka_unit_test(failure_sticks_and_names_the_first_place),
		cmocka_unit_test(a_skip_over_64_bits_fails),
		cmocka_unit_test(the_end_refuses_trailing_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
