// SPDX-License-Identifier: LGPL-2.1-or-later
/* SBAT text: what shim reads, and each way to make shim refuse the image. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fmt/sbat.h"

#define FIRST "sbat,1,SBAT Version,sbat,1,https://example.org/SBAT.md\n"

#define LINE ".sbat line is not component,generation,vendor,package,version,url"

static void good_text_is_accepted_with_padding_and_blank_lines(void **state)
{
	static const char padded[] = FIRST "a,1,v,p,1.0,u\n\0\0\0";
	static const char *const good[] = {
		FIRST,
		FIRST "a,12,v,p,1.0,u",
		FIRST "\r\n\na,1,,,,\r\n",
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(good); i++)
		assert_int_equal(0, ks_sbat_check(ks_span_str(good[i]), 0, NULL));
	assert_int_equal(0, ks_sbat_check((struct ks_span){ (const u8 *)padded, sizeof(padded) }, 0,
					  NULL));
}

static void bad_text_is_refused_where_it_is_bad(void **state)
{
	static const struct {
		const char *text;
		u64 off;
		const char *what;
	} bad[] = {
		{ "", 0, ".sbat is empty, shim refuses it" },
		{ "\n\n", 0, ".sbat is empty, shim refuses it" },
		{ "a,1,v,p,1.0,u\n", 0, ".sbat does not start with sbat,1, which names its format" },
		{ "sbat,2,v,p,1.0,u\n", 0, ".sbat does not start with sbat,1, which names its format" },
		{ FIRST "a,1,v,p,1.0\n", sizeof(FIRST) - 1, LINE },
		{ FIRST "a,1,v,p,1.0,u,more\n", sizeof(FIRST) - 1, LINE },
		{ FIRST "a,,v,p,1.0,u\n", sizeof(FIRST) - 1, LINE },
		{ FIRST ",1,v,p,1.0,u\n", sizeof(FIRST) - 1, LINE },
		{ FIRST "a,x,v,p,1.0,u\n", sizeof(FIRST) + 1, ".sbat generation is not a number" },
		{ FIRST "a,1,v\tw,p,1.0,u\n", sizeof(FIRST) + 4, ".sbat line is not printable ASCII, rewrite it" },
		{ FIRST "a,1,\xc3\xa4,p,1.0,u\n", sizeof(FIRST) + 3, ".sbat line is not printable ASCII, rewrite it" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		struct ks_diag diag = { 0 };

		assert_int_equal(-EBADMSG, ks_sbat_check(ks_span_str(bad[i].text), 0x100, &diag));
		assert_string_equal(bad[i].what, diag.what);
		assert_int_equal(0x100 + bad[i].off, diag.off);
	}
}

static void a_nul_inside_and_too_much_text_are_refused(void **state)
{
	static const char nul[] = FIRST "a,1,v\0w,p,1.0,u\n";
	static char big[KS_MAX_SBAT_BYTES + 1];
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(-EBADMSG,
			 ks_sbat_check((struct ks_span){ (const u8 *)nul, sizeof(nul) }, 0, NULL));
	memset(big, '\n', sizeof(big));
	memcpy(big, FIRST, sizeof(FIRST) - 1);
	assert_int_equal(0, ks_sbat_check((struct ks_span){ (const u8 *)big, sizeof(big) - 1 }, 0,
					  NULL));
	assert_int_equal(-E2BIG, ks_sbat_check((struct ks_span){ (const u8 *)big, sizeof(big) }, 0,
					       &diag));
	assert_string_equal(".sbat is over 4096 bytes", diag.what);
}

static void a_level_is_a_date_and_components_with_generations(void **state)
{
	static const char *const good[] = {
		"sbat,1,2024040900\nshim,4\ngrub,3\ngrub.debian,4\n",
		"sbat,1,2021030218",
	};
	static const struct {
		const char *text;
		u64 off;
	} bad[] = {
		{ "", 0 },
		{ "\n", 0 },
		{ "shim,4\n", 0 },
		{ "sbat,1\n", 0 },
		{ "sbat,1,\n", 0 },
		{ "sbat,,2024\n", 0 },
		{ "sbat,2,2024\n", 0 },
		{ "sbat,1,2024,x\n", 12 },
		{ "sbat,1,soon\n", 7 },
		{ "sbat,1,2024\n\nshim,4\n", 12 },
		{ "sbat,1,2024\nshim\n", 12 },
		{ "sbat,1,2024\nshim,\n", 12 },
		{ "sbat,1,2024\n,4\n", 12 },
		{ "sbat,1,2024\nshim,4,5\n", 12 },
		{ "sbat,1,2024\nshim,-4\n", 17 },
		{ "sbat,1,2024\nshim, 4\n", 17 },
		{ "sbat,1,2024\r\nshim,4\r\n", 11 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(good); i++)
		assert_int_equal(0, ks_sbat_check_level(ks_span_str(good[i]), NULL));
	for (i = 0; i < KS_ARRAY_SIZE(bad); i++) {
		struct ks_diag diag = { 0 };

		print_message("# %s\n", bad[i].text);
		assert_int_equal(-EBADMSG, ks_sbat_check_level(ks_span_str(bad[i].text), &diag));
		assert_int_equal(bad[i].off, diag.off);
	}
}

static void generations_are_read_as_numbers_up_to_what_shim_holds(void **state)
{
	static const char text[] = FIRST "a,12,v,p,1.0,u\n\n b.c,65535,,,,\r\n\0\0";
	struct ks_span rest = { (const u8 *)text, sizeof(text) };
	struct ks_sbat_entry entry;
	struct ks_diag diag = { 0 };
	(void)state;

	assert_int_equal(1, ks_sbat_next(&rest, &entry, NULL));
	assert_true(ks_span_eq(entry.component, ks_span_str("sbat")) && entry.generation == 1);
	assert_int_equal(1, ks_sbat_next(&rest, &entry, NULL));
	assert_true(ks_span_eq(entry.component, ks_span_str("a")) && entry.generation == 12);
	assert_int_equal(1, ks_sbat_next(&rest, &entry, NULL));
	assert_true(ks_span_eq(entry.component, ks_span_str("b.c")) && entry.generation == 65535);
	assert_int_equal(0, ks_sbat_next(&rest, &entry, NULL));
	rest = ks_span_str("a,65536,,,,");
	assert_int_equal(-EBADMSG, ks_sbat_next(&rest, &entry, &diag));
	assert_string_equal("SBAT generation is over 65535, shim would read another one", diag.what);
	rest = ks_span_str("a,99999999999999999999,,,,");
	assert_int_equal(-EBADMSG, ks_sbat_next(&rest, &entry, NULL));
}

static void a_level_is_asked_for_the_whole_name_and_its_highest_line(void **state)
{
	struct ks_span level = ks_span_str("sbat,1,2024040900\nshim,4\ngrub,3\nshim,2\n");
	u32 least = 7;
	(void)state;

	assert_int_equal(1, ks_sbat_least(level, ks_span_str("shim"), &least, NULL));
	assert_int_equal(4, least);
	assert_int_equal(1, ks_sbat_least(level, ks_span_str("grub"), &least, NULL));
	assert_int_equal(3, least);
	assert_int_equal(0, ks_sbat_least(level, ks_span_str("gru"), &least, NULL));
	assert_int_equal(0, ks_sbat_least(level, ks_span_str("grub.debian"), &least, NULL));
	assert_int_equal(3, least);
	level = ks_span_str("sbat,1,2024040900\nshim,70000\n");
	assert_int_equal(-EBADMSG, ks_sbat_least(level, ks_span_str("shim"), &least, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_text_is_accepted_with_padding_and_blank_lines),
		cmocka_unit_test(bad_text_is_refused_where_it_is_bad),
		cmocka_unit_test(a_nul_inside_and_too_much_text_are_refused),
		cmocka_unit_test(a_level_is_a_date_and_components_with_generations),
		cmocka_unit_test(generations_are_read_as_numbers_up_to_what_shim_holds),
		cmocka_unit_test(a_level_is_asked_for_the_whole_name_and_its_highest_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
