// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void the_build_time_must_be_a_number(void **state)
{
	static const char *const bad[] = { "",	 "x",  "12x", "-1", "+1", " 1",
					   "1 ", "/1", ":1",  "0x10", "253402300800",
					   "99999999999999999999999" };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		struct ks_diag diag = { 0 };
		u64 t = 77;

		setenv("SOURCE_DATE_EPOCH", bad[i], 1);
		assert_int_equal(-EINVAL, ks_clock_build_time(&t, &diag));
		assert_int_equal(-EINVAL, diag.err);
		assert_string_equal(bad[i], diag.detail);
		assert_int_equal(77, t);
	}
	unsetenv("SOURCE_DATE_EPOCH");
}

static void the_build_time_may_be_anything_until_9999(void **state)
{
	static const struct {
		const char *text;
		u64 time;
	} good[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "9", 9 },
		{ "1767225600", 1767225600 },
		{ "007", 7 },
		{ "253402300799", 253402300799ULL },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(good); i++) {
		u64 t = 77;

		setenv("SOURCE_DATE_EPOCH", good[i].text, 1);
		assert_int_equal(0, ks_clock_build_time(&t, NULL));
		assert_true(t == good[i].time);
	}
	unsetenv("SOURCE_DATE_EPOCH");
}

static void without_the_variable_it_is_now(void **state)
{
	u64 before = (u64)time(NULL), t = 0, now = ks_clock_now();
	(void)state;

	unsetenv("SOURCE_DATE_EPOCH");
	assert_int_equal(0, ks_clock_build_time(&t, NULL));
	assert_in_range(now, before, (u64)time(NULL));
	assert_in_range(t, before, (u64)time(NULL));
}

static void a_day_is_one_of_the_calendar(void **state)
{
	static const struct {
		const char *text;
		u64 start;
	} days[] = {
		{ "1970-01-01", 0 },
		{ "2027-06-30", 1814313600 },
		{ "2028-02-29", 1835395200 },
		{ "9999-12-31", KS_CLOCK_LAST - 86399 },
	};
	static const char *const others[] = {
		"", "2027-06-3", "2027-06-300", "2027-02-29", "2027-13-01", "2027/06/30", "1969-12-31", " 2027-6-30", "27-06-30  ",
		"2027-06-3x",
	};
	u64 t;
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(days); i++) {
		t = 77;
		assert_true(ks_clock_day(ks_span_str(days[i].text), &t));
		assert_true(t == days[i].start);
	}
	for (i = 0; i < KS_ARRAY_SIZE(others); i++) {
		t = 77;
		assert_false(ks_clock_day(ks_span_str(others[i]), &t));
		assert_int_equal(77, t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_day_is_one_of_the_calendar),
		cmocka_unit_test(the_build_time_must_be_a_number),
		cmocka_unit_test(the_build_time_may_be_anything_until_9999),
		cmocka_unit_test(without_the_variable_it_is_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
