// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Queues in which a patch builds on the one before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/world.h"

#define TEXT "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
#define TEXT_X "1\n2\n3\n4\nX\n6\n7\n8\n9\n"
#define TEXT_Y "1\n2\n3\n4\nY\n6\n7\n8\n9\n"
#define W(name, text) { { { name, text, 0 } } }

static const struct world base = W("f", TEXT);
static const struct world with_x = W("f", TEXT_X);
static const struct world with_y = W("f", TEXT_Y);

static void a_revert_of_what_is_upstream_stays(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };

	(void)state;
	bench_start(&b, &base, &with_x);
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_UPSTREAM, b.j.outcome);
	bench_patch(&b, &with_x, &base);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.onto, &base));
}

static void a_patch_and_its_revert_both_stay(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	const struct world onto = W("f", TEXT "a\n"), onto_x = W("f", TEXT_X "a\n");

	(void)state;
	bench_start(&b, &base, &onto);
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.onto, &onto_x));
	bench_patch(&b, &with_x, &base);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.onto, &onto));
}

static void a_patch_on_a_patch_that_is_upstream_stays(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };

	(void)state;
	bench_start(&b, &base, &with_x);
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_UPSTREAM, b.j.outcome);
	bench_patch(&b, &with_x, &with_y);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.onto, &with_y));
}

/* Upstream has Y, which is our X in other words: what builds on X is for a person. */
static void a_patch_on_what_upstream_did_otherwise_is_a_conflict(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	const struct world with_xz = W("f", "1\n2\n3\n4\nXZ\n6\n7\n8\n9\n");

	(void)state;
	bench_start(&b, &base, &with_y);
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_CONFLICT, b.j.outcome);
	bench_patch(&b, &with_x, &with_xz);
	assert_int_equal(KQ_CONFLICT, b.j.outcome);
	assert_true(world_is(&b.old, &with_xz));
	assert_true(world_is(&b.onto, &with_y));
}

static void a_patch_on_a_file_that_the_queue_made_stays(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	const struct world none = W("f", NULL);

	(void)state;
	bench_start(&b, &none, &none);
	bench_patch(&b, &none, &base);
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.onto, &with_x));
	bench_patch(&b, &with_x, &none);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.onto, &none));
}

static void a_queue_that_does_not_fit_its_base_is_refused(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	struct kq_error error = { 0 };

	(void)state;
	bench_start(&b, &with_y, &base);
	world_patch(&base, &with_x, 3, &b.text);
	assert_int_equal(0, kq_patch_parse(ks_buf_span(&b.text), "p", &b.patch, &error));
	assert_int_equal(KQ_REFUSED, kq_verdict_make(&b.sides, &b.patch, ks_buf_span(&b.text), &b.j,
						    &error));
	assert_non_null(strstr(error.line, "does not match"));
}

/* 6.18.9's change of tegra241-cmdqv.c; GNU patch applies it to 6.18.9 a second time, with fuzz. */
#define INIT "int init(v)\n{\n\tchar header[64];\n\n"
#define RESET "\t/* Reset VCMDQ */\n\ttegra241_vcmdq_hw_deinit(vcmdq);\n\n"
#define OUR "int init(v)\n{\n\tchar header[64];\n\tour();\n\n"
#define END "\tquit;\n\n"
#define REST "\t/* Configure the vcmdq only */\n\twriteq(vcmdq, BASE);\n\treturn 0;\n}\n"

static void nothing_is_applied_twice(void **state)
{
	static const struct {
		struct world mine;
		struct world onto;
		enum kq_outcome outcome;
		enum kq_trouble trouble;
	} row[] = {
		{ W("f", INIT RESET REST), W("f", INIT RESET REST), KQ_UPSTREAM, 0 },
		{ W("f", OUR RESET REST), W("f", INIT RESET REST), KQ_CONFLICT, KQ_TWICE },
		{ W("f", OUR END REST), W("f", INIT END REST), KQ_CONFLICT, KQ_TWICE },
	};
	const struct world old = W("f", INIT REST);
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(row); i++) {
		__cleanup(bench_done) struct bench b = { 0 };

		bench_start(&b, &old, &row[i].onto);
		bench_patch(&b, &old, &row[i].mine);
		assert_int_equal(row[i].outcome, b.j.outcome);
		assert_int_equal(row[i].trouble, b.j.file[0].trouble);
		assert_true(world_is(&b.onto, &row[i].onto));
	}
}

/* The new function ends as the one above it, so that the context stands behind it once more. */
static void a_function_that_is_upstream_is_not_added_again(void **state)
{
	static const char above[] = "int a(void)\n{\n\tint x;\n\treturn ret;\n}\n\n";
	static const char made[] = "int b(void)\n{\n\tset_the_default(x);\n\treturn ret;\n}\n\n";
	static const char other[] = "int b(void)\n{\n\tour();\n\tset_the_default(x);\n"
				    "\treturn ret;\n}\n\n";
	static const char below[] = "/**\n * c\n */\nint c(void)\n";
	char old_text[512], onto_text[512], mine_text[512];
	const struct world old = W("f", old_text), onto = W("f", onto_text), mine = W("f", mine_text);
	__cleanup(bench_done) struct bench b = { 0 };

	(void)state;
	snprintf(old_text, sizeof(old_text), "%s%s", above, below);
	snprintf(onto_text, sizeof(onto_text), "%s%s%s", above, made, below);
	snprintf(mine_text, sizeof(mine_text), "%s%s%s", above, other, below);
	bench_start(&b, &old, &onto);
	bench_patch(&b, &old, &mine);
	assert_int_equal(KQ_CONFLICT, b.j.outcome);
	assert_int_equal(KQ_SAME_LINES, b.j.file[0].trouble);
}

static void an_exact_hunk_with_a_twin_close_by_is_shown(void **state)
{
	const struct world old = W("f", TEXT "a\nb\nc\n");
	const struct world mine = W("f", "1\n2\n3\n4\nput_the_thing(x);\n5\n6\n7\n8\n9\n"
					 "a\nb\nc\n");
	const struct world onto = W("f", TEXT "a\nput_the_thing(x);\nb\nc\n");
	const struct world other = W("f", TEXT "a\nput_another_thing(x);\nb\nc\n");
	__cleanup(bench_done) struct bench b = { 0 };
	__cleanup(bench_done) struct bench control = { 0 };

	(void)state;
	bench_start(&b, &old, &onto);
	bench_patch(&b, &old, &mine);
	assert_int_equal(KQ_MERGED, b.j.outcome);
	assert_true(b.j.file[0].hunk[0].duplicate);
	bench_start(&control, &old, &other);
	bench_patch(&control, &old, &mine);
	assert_int_equal(KQ_KEPT, control.j.outcome);
	assert_false(control.j.file[0].hunk[0].duplicate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_revert_of_what_is_upstream_stays),
		cmocka_unit_test(a_patch_and_its_revert_both_stay),
		cmocka_unit_test(a_patch_on_a_patch_that_is_upstream_stays),
		cmocka_unit_test(a_patch_on_what_upstream_did_otherwise_is_a_conflict),
		cmocka_unit_test(a_patch_on_a_file_that_the_queue_made_stays),
		cmocka_unit_test(a_queue_that_does_not_fit_its_base_is_refused),
		cmocka_unit_test(nothing_is_applied_twice),
		cmocka_unit_test(a_function_that_is_upstream_is_not_added_again),
		cmocka_unit_test(an_exact_hunk_with_a_twin_close_by_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
