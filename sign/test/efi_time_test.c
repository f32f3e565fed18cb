// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/efi_time.h"

static void a_time_is_year_to_second_and_zeros(void **state)
{
	static const u8 want[KS_EFI_TIME_BYTES] = { 0xe7, 0x07, 11, 14, 22, 13, 20 };
	u8 time[KS_EFI_TIME_BYTES];
	char text[KS_EFI_TIME_TEXT_BYTES];
	(void)state;

	ks_efi_time_set(1700000000, time);
	assert_memory_equal(want, time, sizeof(want));
	ks_efi_time_format(time, text);
	assert_string_equal("2023-11-14 22:13:20", text);
	ks_efi_time_set(2442960000, time);
	ks_efi_time_format(time, text);
	assert_string_equal("2047-06-01 00:00:00", text);
	/* The last date that there is, and what no firmware checks. */
	ks_efi_time_set(253402300799, time);
	ks_efi_time_format(time, text);
	assert_string_equal("9999-12-31 23:59:59", text);
	memset(time, 0xff, sizeof(time));
	ks_efi_time_format(time, text);
	assert_string_equal("65535-255-255 255:255:255", text);
	/* A year that the C library has no name for: no date. */
	ks_efi_time_set(UINT64_MAX / 4, time);
	assert_memory_equal(((const u8[KS_EFI_TIME_BYTES]){ 0 }), time, sizeof(time));
}

static void times_are_ordered_by_year_first(void **state)
{
	static const u64 seconds[] = { 0,     1,	  59,	     60,	3600,
				       86400, 31 * 86400, 946684799, 946684800, 4102444800 };
	u8 a[KS_EFI_TIME_BYTES], b[KS_EFI_TIME_BYTES];
	size_t i, k;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(seconds); i++)
		for (k = 0; k < KS_ARRAY_SIZE(seconds); k++) {
			int order;

			ks_efi_time_set(seconds[i], a);
			ks_efi_time_set(seconds[k], b);
			order = ks_efi_time_cmp(a, b);
			assert_int_equal((i > k) - (i < k), (order > 0) - (order < 0));
			/* What is behind the second does not count. */
			memset(b + 7, 1, sizeof(b) - 7);
			order = ks_efi_time_cmp(a, b);
			assert_int_equal((i > k) - (i < k), (order > 0) - (order < 0));
		}
}

static void only_whole_seconds_in_utc_are_taken(void **state)
{
	u8 time[KS_EFI_TIME_BYTES];
	struct ks_diag diag = { 0 };
	size_t i;
	(void)state;

	memset(time, 0, sizeof(time));
	for (i = 0; i < KS_EFI_TIME_BYTES; i++) {
		time[i] = 1;
		assert_int_equal(i < 7 ? 0 : -EKEYREJECTED, ks_efi_time_check(time, 100, &diag));
		time[i] = 0;
	}
	assert_int_equal(107, diag.off);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_is_year_to_second_and_zeros),
		cmocka_unit_test(times_are_ordered_by_year_first),
		cmocka_unit_test(only_whole_seconds_in_utc_are_taken),
	};

	return cmocka_run_group_tests_name("efi_time", tests, NULL, NULL);
}
