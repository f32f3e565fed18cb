// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The gate is what every parser trusts, and fuzzing formats does not reach its edges: a planted
 * off-by-8 in it survived millions of runs. So the edges are all tried here.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/span.h"

static const u8 digits[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };

static void gate_admits_exactly_what_is_inside(void **state)
{
	static const u64 edge[] = { 0,	1,	    2,		7,	    8,		9,	 15,
				    16, 17,	    UINT32_MAX, 1ULL << 32, UINT64_MAX - 1,
				    UINT64_MAX };
	size_t i, j, n;
	(void)state;

	for (n = 0; n <= sizeof(digits); n++) {
		for (i = 0; i < KS_ARRAY_SIZE(edge); i++) {
			for (j = 0; j < KS_ARRAY_SIZE(edge); j++) {
				struct ks_span whole = { digits, n }, part = { NULL, 77 };
				/* Said without an addition that could wrap. */
				bool inside = edge[i] <= n && edge[j] <= n - edge[i];

				assert_int_equal(inside,
						 ks_span_sub(whole, edge[i], edge[j], &part));
				assert_int_equal(inside ? edge[j] : 77, part.bytes);
				assert_ptr_equal(inside ? digits + edge[i] : NULL, part.p);
			}
		}
	}
}

static void a_part_of_nothing_is_nothing(void **state)
{
	struct ks_span part = { digits, 5 };
	(void)state;

	assert_true(ks_span_sub((struct ks_span){ 0 }, 0, 0, &part));
	assert_null(part.p);
	assert_int_equal(0, part.bytes);
	assert_false(ks_span_sub((struct ks_span){ 0 }, 0, 1, &part));
	assert_false(ks_span_sub((struct ks_span){ 0 }, 1, 0, &part));
}

static void equal_means_length_and_bytes(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} row[] = {
		{ "", "", true },	{ "a", "a", true },	 { "abc", "abc", true },
		{ "a", "", false },	{ "", "a", false },	 { "abc", "abd", false },
		{ "abc", "ab", false }, { "xbc", "abc", false }, { "ab", "abc", false },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(row); i++)
		assert_int_equal(row[i].equal,
				 ks_span_eq(ks_span_str(row[i].a), ks_span_str(row[i].b)));
	/* Empty spans are equal wherever they are. */
	assert_true(ks_span_eq((struct ks_span){ 0 }, (struct ks_span){ digits, 0 }));
}

static void order_is_by_bytes_then_by_length(void **state)
{
	static const char *const sorted[] = { "", "a", "a\x01", "aa", "ab", "b", "\x7f", "\x80", "\xff" };
	const struct ks_span none = { 0 };
	size_t i, k;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(sorted); i++)
		for (k = 0; k < KS_ARRAY_SIZE(sorted); k++) {
			int order = ks_span_cmp(ks_span_str(sorted[i]), ks_span_str(sorted[k]));

			assert_int_equal((i > k) - (i < k), (order > 0) - (order < 0));
		}
	assert_int_equal(0, ks_span_cmp(none, ks_span_str("")));
	assert_true(ks_span_cmp(none, ks_span_str("a")) < 0 && ks_span_cmp(ks_span_str("a"), none) > 0);
}

static void tails_are_compared_at_the_end(void **state)
{
	static const struct {
		const char *text, *tail;
		bool ends;
	} row[] = {
		{ "module.ko", ".ko", true }, { ".ko", ".ko", true },	 { "ko", ".ko", false },
		{ "module.ko", "", true },    { "", "", true },		 { "", "k", false },
		{ ".kox", ".ko", false },     { "x.kp", ".ko", false },	 { "xko", ".ko", false },
		{ ".ko.ko", ".ko", true },    { ".ko.xz", ".ko", false },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(row); i++)
		assert_int_equal(row[i].ends, ks_span_ends_with(ks_span_str(row[i].text),
								ks_span_str(row[i].tail)));
}

static void zero_means_every_byte(void **state)
{
	u8 bytes[9];
	size_t n, i;
	(void)state;

	for (n = 0; n <= sizeof(bytes); n++) {
		memset(bytes, 0, sizeof(bytes));
		/* What is behind the span does not count. */
		if (n < sizeof(bytes))
			bytes[n] = 1;
		assert_true(ks_span_is_zero((struct ks_span){ bytes, n }));
		for (i = 0; i < n; i++) {
			bytes[i] = 0x80;
			assert_false(ks_span_is_zero((struct ks_span){ bytes, n }));
			bytes[i] = 0;
		}
	}
}

static void lines_are_cut_at_newlines_only(void **state)
{
	static const char *const lines[] = { "one  two", "", "\tthree\r", "four" };
	struct ks_span text = ks_span_str("one  two\n\n\tthree\r\nfour"), line = { 0 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(lines); i++) {
		assert_true(ks_span_line(&text, &line));
		assert_true(ks_span_eq(line, ks_span_str(lines[i])));
	}
	assert_int_equal(0, text.bytes);
	assert_false(ks_span_line(&text, &line));
	/* A newline ends a line, it does not begin another. */
	text = ks_span_str("x\n");
	assert_true(ks_span_line(&text, &line));
	assert_int_equal(1, line.bytes);
	assert_false(ks_span_line(&text, &line));
	/* The search for a newline ends with the text. */
	text = (struct ks_span){ (const u8 *)"ab\n", 2 };
	assert_true(ks_span_line(&text, &line));
	assert_int_equal(2, line.bytes);
	assert_int_equal(0, text.bytes);
}

static void words_are_cut_at_all_blanks(void **state)
{
	static const char *const words[] = { "a", "bc", "d", "e", "\x0b" };
	struct ks_span line = ks_span_str(" \ta bc\rd\ne \x0b "), word = { 0 };
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(words); i++) {
		assert_true(ks_span_word(&line, &word));
		assert_true(ks_span_eq(word, ks_span_str(words[i])));
	}
	word.bytes = 77;
	assert_false(ks_span_word(&line, &word));
	assert_int_equal(77, word.bytes);
	assert_int_equal(0, line.bytes);
	/* A word ends with the line, whatever stands behind it in memory. */
	line = (struct ks_span){ (const u8 *)"abc", 2 };
	assert_true(ks_span_word(&line, &word));
	assert_int_equal(2, word.bytes);
	line = (struct ks_span){ (const u8 *)"  x", 2 };
	assert_false(ks_span_word(&line, &word));
}

static void trimming_takes_blanks_at_both_ends(void **state)
{
	static const struct {
		const char *text, *trimmed;
	} row[] = {
		{ "\t a b \r\n", "a b" }, { "a", "a" },	  { "", "" },	 { " ", "" },
		{ " \t\r\n", "" },	  { " a", "a" }, { "a ", "a" }, { "\x0b" "a", "\x0b" "a" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < KS_ARRAY_SIZE(row); i++)
		assert_true(ks_span_eq(ks_span_trim(ks_span_str(row[i].text)),
				       ks_span_str(row[i].trimmed)));
	/* What stands before and behind the span is not looked at. */
	assert_int_equal(0, ks_span_trim((struct ks_span){ (const u8 *)"  x", 2 }).bytes);
	assert_int_equal(1, ks_span_trim((struct ks_span){ (const u8 *)" x " + 1, 1 }).bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_admits_exactly_what_is_inside),
		cmocka_unit_test(a_part_of_nothing_is_nothing),
		cmocka_unit_test(equal_means_length_and_bytes),
		cmocka_unit_test(order_is_by_bytes_then_by_length),
		cmocka_unit_test(tails_are_compared_at_the_end),
		cmocka_unit_test(zero_means_every_byte),
		cmocka_unit_test(lines_are_cut_at_newlines_only),
		cmocka_unit_test(words_are_cut_at_all_blanks),
		cmocka_unit_test(trimming_takes_blanks_at_both_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
