// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Queues in which a patch builds on the one before.
 */
#include <setjmp.h>
#include <stdarg.h>
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
	assert_true(world_is(&b.now, &base));
}

static void a_patch_and_its_revert_both_stay(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	const struct world now = W("f", TEXT "a\n"), now_x = W("f", TEXT_X "a\n");

	(void)state;
	bench_start(&b, &base, &now);
	bench_patch(&b, &base, &with_x);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.now, &now_x));
	bench_patch(&b, &with_x, &base);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.now, &now));
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
	assert_true(world_is(&b.now, &with_y));
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
	assert_true(world_is(&b.now, &with_y));
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
	assert_true(world_is(&b.now, &with_x));
	bench_patch(&b, &with_x, &none);
	assert_int_equal(KQ_KEPT, b.j.outcome);
	assert_true(world_is(&b.now, &none));
}

static void a_queue_that_does_not_fit_its_base_is_refused(void **state)
{
	__cleanup(bench_done) struct bench b = { 0 };
	struct kq_fault fault = { 0 };

	(void)state;
	bench_start(&b, &with_y, &base);
	world_patch(&base, &with_x, 3, &b.text);
	assert_int_equal(0, kq_patch_parse(ks_buf_span(&b.text), "p", &b.patch, &fault));
	assert_int_equal(KQ_REFUSED, kq_judge_patch(&b.sides, &b.patch, ks_buf_span(&b.text), &b.j,
						    &fault));
	assert_non_null(strstr(fault.line, "does not match"));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
