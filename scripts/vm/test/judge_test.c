// SPDX-License-Identifier: LGPL-2.1-or-later
/* The reader of KTAP and the judge, below what tests/vm/vm.bats plays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "judge.h"
#include "ktap.h"

#define NONCE "0123abcd"

static struct vm_judge judge;
static u64 seq;

static void send(const char *payload)
{
	char body[2048], line[2200];
	int n = snprintf(body, sizeof(body), NONCE " %llu %s", (unsigned long long)seq, payload);

	snprintf(line, sizeof(line), "KT1 " NONCE " %llu %08lx %s", (unsigned long long)seq,
		 crc32(0L, (const Bytef *)body, (uInt)n), payload);
	seq++;
	vm_judge_line(&judge, ks_span_str(line));
}

static int begin(void **state)
{
	(void)state;
	vm_judge_init(&judge, NONCE);
	seq = 0;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	vm_judge_done(&judge);
	return 0;
}

static bool any_failure(const char *text)
{
	size_t i;

	for (i = 0; i < judge.run.nr_failures; i++)
		if (strstr(judge.run.failures[i], text))
			return true;
	return false;
}

static bool verdict_with_lists(const char *skips, const char *fails)
{
	return vm_judge_finish(&judge, "alpha", (struct ks_span){ 0 }, ks_span_str(skips), ks_span_str(fails));
}

static bool verdict_with(const char *skips)
{
	return verdict_with_lists(skips, "");
}

static bool verdict(void)
{
	return verdict_with("");
}

static void send_alpha(const char *result)
{
	send("T alpha");
	send("L KTAP version 1");
	send("L 1..1");
	send(result);
	send("D alpha 0 0");
	send("X alpha exit 0");
}

static void a_full_run_passes(void **state)
{
	(void)state;
	vm_judge_line(&judge, ks_span_str("KT1-READY"));
	send_alpha("L ok 1 a.b");
	send("END 1 6");
	assert_true(verdict());
	assert_int_equal(judge.run.nr_tests, 1);
	assert_int_equal(judge.run.tests[0].result, VM_PASS);
}

static void an_end_that_counts_other_frames_is_no_end(void **state)
{
	(void)state;
	send_alpha("L ok 1 a.b");
	send("END 1 7");
	assert_false(verdict());
	assert_true(any_failure("counts other tests or frames"));
}

static void a_call_of_the_guest_after_a_frame_is_noise(void **state)
{
	(void)state;
	send("T alpha");
	vm_judge_line(&judge, ks_span_str("KT1-READY"));
	assert_true(judge.broken);
}

static void nothing_at_all_fails(void **state)
{
	(void)state;
	assert_false(verdict());
	assert_true(any_failure("no END"));
}

static void an_exit_code_of_0_does_not_hide_a_failed_case(void **state)
{
	(void)state;
	send_alpha("L not ok 1 a.b");
	send("END 1 6");
	assert_false(verdict());
	assert_true(any_failure("exit code 0, but a case failed"));
}

static void a_program_that_nobody_expected_fails(void **state)
{
	(void)state;
	send_alpha("L ok 1 a.b");
	send("T beta");
	send("L 1..1");
	send("L ok 1 a.b");
	send("X beta exit 0");
	send("END 2 10");
	assert_false(verdict());
	assert_true(any_failure("2 test programs ran, 1 were expected"));
}

static void a_second_plan_fails(void **state)
{
	(void)state;
	send("T alpha");
	send("L 1..2");
	send("L ok 1 a.b");
	send("L 1..1");
	send("X alpha exit 0");
	send("END 1 5");
	assert_false(verdict());
	assert_true(any_failure("two plans"));
}

static void bailing_out_fails(void **state)
{
	(void)state;
	send("T alpha");
	send("L 1..1");
	send("L ok 1 a.b");
	send("L Bail out! no more");
	send("X alpha exit 0");
	send("END 1 5");
	assert_false(verdict());
	assert_true(any_failure("bailed out"));
}

static void a_run_that_only_skips_fails(void **state)
{
	(void)state;
	send_alpha("L ok 1 a.b # SKIP no such hardware");
	send("END 1 6");
	assert_false(verdict_with("alpha a.b it is not there\n"));
	assert_true(any_failure("every test was skipped"));
	assert_string_equal(judge.run.tests[0].cases[0].reason, "no such hardware");
}

/* One case that passes and one that is skipped, judged with @skips as the list. */
static bool skipped_verdict(const char *skips)
{
	bool passed;

	begin(NULL);
	send("T alpha");
	send("L 1..2");
	send("L ok 1 a.b");
	send("L ok 2 a.c # SKIP no such hardware");
	send("X alpha exit 0");
	send("END 1 5");
	passed = verdict_with(skips);
	return passed;
}

static void a_skip_passes_only_when_it_is_listed_with_a_reason(void **state)
{
	static const struct {
		const char *skips;
		const char *failure;
	} lists[] = {
		{ "# why\n\nalpha  a.c\tno such hardware\n", NULL },
		{ "alpha a.c no such hardware\nbeta a.b does not run here\n", NULL },
		{ "", "alpha: a.c was skipped and is not in the list of skips: no such hardware" },
		{ "beta a.c x\n", "alpha: a.c was skipped" },
		{ "alpha a.cc x\n", "alpha: a.c was skipped" },
		{ "#alpha a.c x\n", "alpha: a.c was skipped" },
		{ "alpha a.c\n", "list of skips: alpha: wanted program, case and reason" },
		{ "alpha\n", "list of skips: alpha: wanted program, case and reason" },
		{ "alpha a.c x\nalpha a.b x\n", "a.b is in the list of skips, but was not skipped" },
		{ "alpha a.c x\nalpha a.d x\n", "a.d is in the list of skips, but was not skipped" },
	};
	size_t i;

	finish(state);
	for (i = 0; i < KS_ARRAY_SIZE(lists); i++) {
		assert_int_equal(skipped_verdict(lists[i].skips), !lists[i].failure);
		assert_true(!lists[i].failure || any_failure(lists[i].failure));
		finish(NULL);
	}
	begin(NULL);
}

static void a_skip_without_a_reason_says_so(void **state)
{
	(void)state;
	send_alpha("L ok 1 a.b # SKIP");
	assert_string_equal(judge.run.tests[0].cases[0].reason, "no reason given");
}

static void other_directives_are_not_waved_through(void **state)
{
	(void)state;
	send_alpha("L ok 1 a.b # XFAIL known");
	send("END 1 6");
	assert_false(verdict());
	assert_true(any_failure("directive"));
}

static void frames_out_of_place_break_the_run(void **state)
{
	static const char *const firsts[] = {
		"L ok 1 a.b",
		"X alpha exit 0",
		"D alpha 0 0",
		"END 1 0",
		"END",
		"T",
		"T two words",
		"Q what",
		"",
		" ",
		"END 18446744073709551616 0",
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(firsts); i++) {
		begin(NULL);
		send(firsts[i]);
		assert_true(judge.broken);
		assert_false(verdict());
		finish(NULL);
	}
	begin(NULL);
}

static void frames_of_another_test_break_the_run(void **state)
{
	static const char *const seconds[] = {
		"X beta exit 0", "D beta 0 0",	    "T beta",	   "END 1 1",
		"X alpha exit",	 "X alpha exit -1", "D alpha 0 x", "D alpha 0",
	};
	size_t i;

	(void)state;
	for (i = 0; i < KS_ARRAY_SIZE(seconds); i++) {
		begin(NULL);
		send("T alpha");
		send(seconds[i]);
		assert_true(judge.broken);
		finish(NULL);
	}
	begin(NULL);
}

static void a_guest_that_names_endless_tests_is_stopped(void **state)
{
	char text[64];
	unsigned int i;

	(void)state;
	for (i = 0; !judge.broken && i < VM_MAX_TESTS + 1; i++) {
		snprintf(text, sizeof(text), "T t%u", i);
		send(text);
		snprintf(text, sizeof(text), "X t%u exit 0", i);
		send(text);
	}
	assert_true(judge.broken);
	assert_int_equal(judge.run.nr_tests, VM_MAX_TESTS);
}

static void a_test_that_reports_endless_cases_is_stopped(void **state)
{
	char text[64];
	unsigned int i;

	(void)state;
	send("T alpha");
	for (i = 1; i <= VM_MAX_CASES + 5; i++) {
		snprintf(text, sizeof(text), "L ok %u c%u", i, i);
		send(text);
	}
	assert_int_equal(judge.run.tests[0].nr_cases, VM_MAX_CASES);
	assert_non_null(strstr(judge.run.tests[0].error, "more than"));
}

static void send_two(const char *first, const char *second, const char *end)
{
	send("T alpha");
	send("L 1..2");
	send(first);
	send(second);
	send(end);
	send("END 1 5");
}

static void a_failure_that_is_listed_counts_as_skipped(void **state)
{
	(void)state;
	send_two("L ok 1 a.b", "L not ok 2 a.c", "X alpha exit 1");
	assert_true(verdict_with_lists("", "alpha a.c not wanted here\n"));
	assert_int_equal(judge.run.tests[0].result, VM_PASS);
	assert_int_equal(judge.run.tests[0].cases[1].result, VM_SKIP);
	assert_string_equal(judge.run.tests[0].cases[1].reason, "not wanted here");
}

static void a_failure_that_is_not_listed_fails(void **state)
{
	(void)state;
	send_two("L ok 1 a.b", "L not ok 2 a.c", "X alpha exit 1");
	assert_false(verdict_with_lists("", "alpha a.x not wanted here\n"));
	assert_true(any_failure("1 of 2 cases failed"));
	assert_true(any_failure("a.x is in the list of expected failures, but did not fail"));
}

static void a_failure_that_is_listed_without_a_reason_fails(void **state)
{
	(void)state;
	send_two("L ok 1 a.b", "L not ok 2 a.c", "X alpha exit 1");
	assert_false(verdict_with_lists("", "alpha a.c\n"));
	assert_true(any_failure("wanted program, case and reason"));
}

static void a_pass_that_should_have_failed_fails(void **state)
{
	(void)state;
	send_two("L ok 1 a.b", "L ok 2 a.c", "X alpha exit 0");
	assert_false(verdict_with_lists("", "alpha a.c not wanted here\n"));
	assert_true(any_failure("a.c is in the list of expected failures, but did not fail"));
}

static void the_list_of_failures_is_none_of_skips(void **state)
{
	(void)state;
	send_two("L ok 1 a.b", "L ok 2 a.c # SKIP no such thing", "X alpha exit 0");
	assert_false(verdict_with_lists("", "alpha a.c not wanted here\n"));
	assert_true(any_failure("a.c was skipped and is not in the list of skips"));
	assert_true(any_failure("a.c is in the list of expected failures, but did not fail"));
}

static void random_lines_never_pass(void **state)
{
	u8 text[64];
	size_t i;
	int k;

	(void)state;
	srand(1);
	for (k = 0; k < 20000; k++) {
		begin(NULL);
		send("T alpha");
		judge.broken = false;
		for (i = 0; i < sizeof(text); i++)
			text[i] = (u8)rand();
		vm_ktap_line(&judge.run.tests[0], (struct ks_span){ text, (size_t)rand() % 64 });
		memcpy(text, "not ok ", 7);
		vm_ktap_line(&judge.run.tests[0],
			     (struct ks_span){ text, 7 + (size_t)rand() % 57 });
		assert_false(verdict());
		finish(NULL);
	}
	begin(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_full_run_passes, begin, finish),
		cmocka_unit_test_setup_teardown(an_end_that_counts_other_frames_is_no_end, begin,
						finish),
		cmocka_unit_test_setup_teardown(a_call_of_the_guest_after_a_frame_is_noise, begin,
						finish),
		cmocka_unit_test_setup_teardown(nothing_at_all_fails, begin, finish),
		cmocka_unit_test_setup_teardown(an_exit_code_of_0_does_not_hide_a_failed_case,
						begin, finish),
		cmocka_unit_test_setup_teardown(a_program_that_nobody_expected_fails, begin,
						finish),
		cmocka_unit_test_setup_teardown(a_second_plan_fails, begin, finish),
		cmocka_unit_test_setup_teardown(bailing_out_fails, begin, finish),
		cmocka_unit_test_setup_teardown(a_run_that_only_skips_fails, begin, finish),
		cmocka_unit_test_setup_teardown(
			a_skip_passes_only_when_it_is_listed_with_a_reason, begin, finish),
		cmocka_unit_test_setup_teardown(a_skip_without_a_reason_says_so, begin, finish),
		cmocka_unit_test_setup_teardown(other_directives_are_not_waved_through, begin,
						finish),
		cmocka_unit_test_setup_teardown(frames_out_of_place_break_the_run, begin, finish),
		cmocka_unit_test_setup_teardown(frames_of_another_test_break_the_run, begin,
						finish),
		cmocka_unit_test_setup_teardown(a_guest_that_names_endless_tests_is_stopped, begin,
						finish),
		cmocka_unit_test_setup_teardown(a_test_that_reports_endless_cases_is_stopped, begin,
						finish),
		cmocka_unit_test_setup_teardown(a_failure_that_is_listed_counts_as_skipped, begin,
						finish),
		cmocka_unit_test_setup_teardown(a_failure_that_is_not_listed_fails, begin, finish),
		cmocka_unit_test_setup_teardown(a_failure_that_is_listed_without_a_reason_fails,
						begin, finish),
		cmocka_unit_test_setup_teardown(a_pass_that_should_have_failed_fails, begin, finish),
		cmocka_unit_test_setup_teardown(the_list_of_failures_is_none_of_skips, begin,
						finish),
		cmocka_unit_test_setup_teardown(random_lines_never_pass, begin, finish),
	};

	return cmocka_run_group_tests_name("vm judge", tests, NULL, NULL);
}
