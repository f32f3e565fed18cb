// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "fmt/exceptions.h"

static int parse(const char *text, struct ks_exceptions *ret, struct ks_diag *diag)
{
	ret->path = "x";
	ks_put_str(&ret->text, text);
	return ks_exceptions_parse(ret, diag);
}

static void a_line_has_symbol_skus_day_owner_and_reason(void **state)
{
	__cleanup(ks_exceptions_done) struct ks_exceptions all = { 0 };
	const struct ks_exception *one;

	(void)state;
	assert_int_equal(0, parse("# comment\n\nA one,two until=2026-06-30 owner=kernel  it is slow \n"
				  "\tB * until=1970-01-01 owner=x y\nA three until=2026-07-01 owner=z why",
				  &all, NULL));
	assert_int_equal(3, all.nr);
	one = &all.exception[0];
	assert_int_equal(3, one->line);
	assert_true(ks_span_eq(one->symbol, ks_span_str("A")) && ks_span_eq(one->skus, ks_span_str("one,two")));
	assert_true(ks_span_eq(one->owner, ks_span_str("kernel")) && ks_span_eq(one->why, ks_span_str("it is slow")));
	assert_true(ks_span_eq(one->until_text, ks_span_str("2026-06-30")));
	assert_int_equal(1782777600, one->until);
	assert_int_equal(0, all.exception[1].until);
	assert_ptr_equal(&all.exception[0], ks_exceptions_find(&all, ks_span_str("A"), ks_span_str("two")));
	assert_ptr_equal(&all.exception[2], ks_exceptions_find(&all, ks_span_str("A"), ks_span_str("three")));
	assert_ptr_equal(&all.exception[1], ks_exceptions_find(&all, ks_span_str("B"), ks_span_str("any")));
	assert_null(ks_exceptions_find(&all, ks_span_str("A"), ks_span_str("tw")));
	assert_null(ks_exceptions_find(&all, ks_span_str("C"), ks_span_str("one")));
}

static void what_is_no_exception_is_refused_with_its_line(void **state)
{
#define OK_LINE "Z one until=2026-06-30 owner=k why\nA one until=2026-06-30 owner=k why\n"
	static const char record[] = "no exception, write SYMBOL SKU[,SKU] until=YYYY-MM-DD owner=NAME REASON";
	static const char day[] = "no until=YYYY-MM-DD behind the SKUs: an exception has a last day";
	static const char owner[] = "no owner=NAME behind until=: who answers for it?";
	static const char repeated[] = "an exception for the symbol and the SKU stands above";
	static const struct {
		const char *line;
		const char *what;
	} rows[] = {
		{ "A\r", "control byte in the line (CR?), write plain text" },
		{ "CONFIG_A one until=2026-06-30 owner=k why", "symbols are written without CONFIG_" },
		{ "A", record },
		{ "A-B one until=2026-06-30 owner=k why", record },
		{ "- one until=2026-06-30 owner=k why", record },
		{ "B one", day },
		{ "B one 2026-06-30 owner=k why", day },
		{ "B one until=2026-02-30 owner=k why", day },
		{ "B one until=2026-06-30", owner },
		{ "B one until=2026-06-30 owner= why", owner },
		{ "B one until=2026-06-30 k why", owner },
		{ "B one until=2026-06-30 owner=k ", "exception without a reason" },
		{ "Z one until=2026-06-30 owner=k why", repeated },
		{ "A two,one until=2026-06-30 owner=k why", repeated },
		{ "A * until=2026-06-30 owner=k why", repeated },
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		__cleanup(ks_exceptions_done) struct ks_exceptions all = { 0 };
		struct ks_diag diag = { 0 };
		char text[256];

		snprintf(text, sizeof(text), OK_LINE "%s\n", rows[i].line);
		assert_int_equal(-EBADMSG, parse(text, &all, &diag));
		assert_string_equal(rows[i].what, diag.what);
		assert_string_equal("x:3", diag.file);
	}
}

static void a_file_is_read_and_named(void **state)
{
	char path[] = "/tmp/kseal-test-XXXXXX";
	static const char text[] = "A one until=2026-06-30 owner=k why\nB\n";
	struct ks_exceptions all = { 0 }, none = { 0 };
	struct ks_diag diag = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(35, write(fd, text, 35));
	assert_int_equal(0, ks_exceptions_load(path, &all, NULL));
	assert_int_equal(1, all.nr);
	assert_string_equal(path, all.path);
	ks_exceptions_done(&all);
	assert_null(all.exception);
	assert_int_equal(0, all.nr);
	assert_int_equal(2, write(fd, text + 35, 2));
	assert_int_equal(-EBADMSG, ks_exceptions_load(path, &all, &diag));
	assert_string_equal("no exception, write SYMBOL SKU[,SKU] until=YYYY-MM-DD owner=NAME REASON", diag.what);
	ks_exceptions_done(&all);
	close(fd);
	unlink(path);
	diag = (struct ks_diag){ 0 };
	assert_int_equal(-ENOENT, ks_exceptions_load(path, &none, &diag));
	assert_string_equal(path, diag.file);
	ks_exceptions_done(&none);
}

static void lines_and_their_number_have_a_limit(void **state)
{
	__cleanup(ks_exceptions_done) struct ks_exceptions all = { 0 }, more = { 0 }, wide = { 0 }, wider = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	char line[1100];
	size_t i;

	(void)state;
	for (i = 0; i < KS_MAX_EXCEPTIONS; i++) {
		snprintf(line, sizeof(line), "A%zu one until=2026-06-30 owner=k why\n", i);
		ks_put_str(&text, line);
	}
	ks_put_u8(&text, 0);
	assert_int_equal(0, parse((const char *)text.p, &all, NULL));
	text.bytes--;
	ks_put_str(&text, "B one until=2026-06-30 owner=k why\n");
	ks_put_u8(&text, 0);
	assert_int_equal(-E2BIG, parse((const char *)text.p, &more, &diag));
	assert_string_equal("more than 1024 exceptions", diag.what);
	assert_string_equal("x:1025", diag.file);
	/* 999 and a newline, then one more. */
	snprintf(line, sizeof(line), "A one until=2026-06-30 owner=k %0*d\n", 969, 0);
	assert_int_equal(0, parse(line, &wide, NULL));
	diag = (struct ks_diag){ 0 };
	snprintf(line, sizeof(line), "A one until=2026-06-30 owner=k %0*d\n", 970, 0);
	assert_int_equal(-EBADMSG, parse(line, &wider, &diag));
	assert_string_equal("line of more than 1000 bytes", diag.what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_symbol_skus_day_owner_and_reason),
		cmocka_unit_test(what_is_no_exception_is_refused_with_its_line),
		cmocka_unit_test(a_file_is_read_and_named),
		cmocka_unit_test(lines_and_their_number_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
