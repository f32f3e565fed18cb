// SPDX-License-Identifier: LGPL-2.1-or-later
/* What readers of plain lines share: prefixes, names of symbols, words, items of lists, and where a line stands. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void assert_span(const char *want, struct ks_span have)
{
	assert_int_equal(strlen(want), have.bytes);
	assert_memory_equal(want, have.p, have.bytes);
}

static void a_prefix_is_cut_or_nothing_is(void **state)
{
	struct ks_span text = ks_span_str("since=6.1");
	(void)state;

	assert_false(ks_text_cut(&text, "until="));
	assert_false(ks_text_cut(&text, "since=6.18"));
	assert_span("since=6.1", text);
	assert_true(ks_text_cut(&text, ""));
	assert_true(ks_text_cut(&text, "since="));
	assert_span("6.1", text);
	assert_true(ks_text_cut(&text, "6.1"));
	assert_int_equal(0, text.bytes);
}

static void a_symbol_ends_where_no_symbol_has_a_byte(void **state)
{
	static const char bytes[] = "AZaz09_";
	static const char others[] = "@[`{/:-. \"=";
	struct ks_span text = ks_span_str("X86_64=y"), symbol = { 0 };
	size_t i;
	(void)state;

	assert_true(ks_text_symbol(&text, &symbol));
	assert_span("X86_64", symbol);
	assert_span("=y", text);
	assert_false(ks_text_symbol(&text, &symbol));
	assert_span("=y", text);
	/* What is behind the text is none of it. */
	text = (struct ks_span){ (const u8 *)"ABC", 2 };
	assert_true(ks_text_symbol(&text, &symbol));
	assert_span("AB", symbol);
	text = ks_span_str("whole");
	assert_true(ks_text_symbol(&text, &symbol));
	assert_span("whole", symbol);
	assert_int_equal(0, text.bytes);
	for (i = 0; i < sizeof(bytes) - 1; i++)
		assert_true(ks_text_is_symbol_byte((u8)bytes[i]));
	for (i = 0; i < sizeof(others); i++)
		assert_false(ks_text_is_symbol_byte((u8)others[i]));
}

static void words_are_whole_ones(void **state)
{
	(void)state;

	assert_true(ks_text_has_word("x86_64 arm64", ks_span_str("arm64")));
	assert_true(ks_text_has_word("x86_64 arm64", ks_span_str("x86_64")));
	assert_false(ks_text_has_word("x86_64 arm64", ks_span_str("arm")));
	assert_false(ks_text_has_word("", ks_span_str("arm64")));
}

static void a_list_is_cut_at_its_commas(void **state)
{
	struct ks_span list = ks_span_str("a,,bc"), item = { 0 };
	(void)state;

	assert_true(ks_text_item(&list, &item));
	assert_span("a", item);
	assert_true(ks_text_item(&list, &item));
	assert_int_equal(0, item.bytes);
	assert_true(ks_text_item(&list, &item));
	assert_span("bc", item);
	assert_int_equal(0, list.bytes);
	assert_false(ks_text_item(&list, &item));
	assert_true(ks_text_list_has(ks_span_str("ipe,bpf"), ks_span_str("ipe")));
	assert_true(ks_text_list_has(ks_span_str("ipe,bpf"), ks_span_str("bpf")));
	assert_false(ks_text_list_has(ks_span_str("ipe,bpf"), ks_span_str("bp")));
	assert_false(ks_text_list_has(ks_span_str(""), ks_span_str("")));
}

static void control_bytes_are_not_clean(void **state)
{
	(void)state;

	assert_true(ks_text_is_clean(ks_span_str("a\tb \xc3\xa4~")));
	assert_true(ks_text_is_clean(ks_span_str("")));
	assert_false(ks_text_is_clean(ks_span_str("a\r")));
	assert_false(ks_text_is_clean(ks_span_str("\x1f")));
	assert_true(ks_text_is_clean(ks_span_str("\x20")));
	assert_false(ks_text_is_clean(ks_span_str("a\x7f")));
	assert_false(ks_text_is_clean((struct ks_span){ (const u8 *)"", 1 }));
}

static void a_failure_names_file_and_line(void **state)
{
	struct ks_diag diag = { 0 };
	char line[512];
	(void)state;

	assert_int_equal(-EBADMSG, ks_text_fail(&diag, -EBADMSG, "a.policy", 12, "is wrong"));
	ks_diag_format(&diag, line, sizeof(line));
	assert_string_equal("a.policy:12: is wrong (EBADMSG)", line);
	memset(&diag, 0, sizeof(diag));
	assert_int_equal(-E2BIG, ks_text_fail_word(&diag, -E2BIG, "b", 1, "is too much", "this"));
	ks_diag_format(&diag, line, sizeof(line));
	assert_string_equal("b:1: is too much: this (E2BIG)", line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_is_cut_or_nothing_is),
		cmocka_unit_test(a_symbol_ends_where_no_symbol_has_a_byte),
		cmocka_unit_test(words_are_whole_ones),
		cmocka_unit_test(a_list_is_cut_at_its_commas),
		cmocka_unit_test(control_bytes_are_not_clean),
		cmocka_unit_test(a_failure_names_file_and_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
