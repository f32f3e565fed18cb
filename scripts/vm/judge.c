// SPDX-License-Identifier: LGPL-2.1-or-later
#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "ktap.h"

/* Bits of /proc/sys/kernel/tainted that no test may set: machine check, bad page, died, warning,
 * soft lockup (Documentation/admin-guide/tainted-kernels.rst).
 */
#define TAINT_TROUBLE ((1U << 4) | (1U << 5) | (1U << 7) | (1U << 9) | (1U << 14))

void vm_judge_init(struct vm_judge *judge, const char *nonce)
{
	*judge = (struct vm_judge){ .nonce = nonce };
}

void vm_judge_done(struct vm_judge *judge)
{
	vm_run_done(&judge->run);
}

static void break_off(struct vm_judge *judge, const char *why)
{
	judge->broken = true;
	vm_run_fail(&judge->run, "results port: %s (after frame %llu)", why,
		    (unsigned long long)judge->next_seq);
}

static void on_start(struct vm_judge *judge, struct ks_span rest)
{
	struct ks_span name;

	if (judge->current) {
		break_off(judge, "a test began inside another");
	} else if (!ks_span_word(&rest, &name) || rest.bytes) {
		break_off(judge, "a test began without a name");
	} else if (vm_run_find(&judge->run, name)) {
		break_off(judge, "a test ran twice");
	} else {
		judge->current = vm_run_add_test(&judge->run, name);
		if (!judge->current)
			break_off(judge, "too many tests");
	}
}

/* Cut the name of the running test off; anything else is a broken guest. */
static bool is_current(struct vm_judge *judge, struct ks_span *rest)
{
	struct ks_span name;

	if (judge->current && ks_span_word(rest, &name) && vm_span_is(name, judge->current->name))
		return true;
	break_off(judge, "a frame names a test that does not run");
	return false;
}

static void on_taint(struct vm_judge *judge, struct ks_span rest)
{
	struct vm_test *test = judge->current;
	struct ks_span before, after;
	u64 new_bits;

	if (!is_current(judge, &rest))
		return;
	if (!ks_span_word(&rest, &before) || !ks_span_word(&rest, &after) ||
	    !vm_span_number(before, &test->taint_before) ||
	    !vm_span_number(after, &test->taint_after)) {
		break_off(judge, "taint is not a number");
		return;
	}
	new_bits = test->taint_after & ~test->taint_before & TAINT_TROUBLE;
	if (new_bits)
		vm_test_fail(test, "it tainted the kernel (0x%llx)", (unsigned long long)new_bits);
}

static void on_exit_of_test(struct vm_judge *judge, struct ks_span rest)
{
	struct vm_test *test = judge->current;
	struct ks_span kind, value;
	u64 number;

	if (!is_current(judge, &rest))
		return;
	if (!ks_span_word(&rest, &kind) || !ks_span_word(&rest, &value) ||
	    !vm_span_number(value, &number) || number > 65535) {
		break_off(judge, "the end of a test is unreadable");
		return;
	}
	if (vm_span_is(kind, "exit"))
		test->end = VM_END_EXIT;
	else if (vm_span_is(kind, "signal"))
		test->end = VM_END_SIGNAL;
	else
		test->end = VM_END_TIMEOUT;
	test->end_value = (int)number;
	vm_ktap_end(test);
	judge->current = NULL;
}

static void on_end(struct vm_judge *judge, struct ks_span rest)
{
	struct ks_span tests, frames;
	u64 nr_tests, nr_frames;

	if (!ks_span_word(&rest, &tests) || !ks_span_word(&rest, &frames) ||
	    !vm_span_number(tests, &nr_tests) || !vm_span_number(frames, &nr_frames)) {
		break_off(judge, "the END frame is unreadable");
	} else if (judge->current) {
		break_off(judge, "END came while a test ran");
	} else if (nr_tests != judge->run.nr_tests || nr_frames + 1 != judge->next_seq) {
		break_off(judge, "the END frame counts other tests or frames than arrived");
	} else {
		judge->has_end = true;
	}
}

static void on_payload(struct vm_judge *judge, struct ks_span payload)
{
	struct ks_span rest = payload, word;

	if (!ks_span_word(&rest, &word)) {
		break_off(judge, "an empty frame");
	} else if (vm_span_is(word, "L")) {
		struct ks_span text = { 0 };

		/* All blanks after the first belong to the test's line: they are its indent. */
		if (payload.bytes >= 2 && !ks_span_sub(payload, 2, payload.bytes - 2, &text))
			text = (struct ks_span){ 0 };
		if (judge->current)
			vm_ktap_line(judge->current, text);
		else
			break_off(judge, "output without a test");
	} else if (vm_span_is(word, "T")) {
		on_start(judge, rest);
	} else if (vm_span_is(word, "D")) {
		on_taint(judge, rest);
	} else if (vm_span_is(word, "X")) {
		on_exit_of_test(judge, rest);
	} else if (vm_span_is(word, "END")) {
		on_end(judge, rest);
	} else {
		break_off(judge, "an unknown frame");
	}
}

void vm_judge_line(struct vm_judge *judge, struct ks_span line)
{
	struct vm_frame_view frame;
	struct ks_diag diag = { 0 };

	/* The guest repeats its call until it is answered; a call can cross the answer. */
	if (judge->broken || (!judge->next_seq && vm_span_starts(line, VM_READY)))
		return;
	if (judge->has_end) {
		break_off(judge, "something came after END");
	} else if (vm_frame_parse(line, judge->nonce, &frame, &diag)) {
		break_off(judge, diag.what);
	} else if (frame.seq != judge->next_seq) {
		break_off(judge, "frames are missing or out of order");
	} else if (++judge->next_seq > VM_MAX_FRAMES) {
		break_off(judge, "too many frames");
	} else {
		on_payload(judge, frame.payload);
	}
}

static const char *exit_fault(const struct vm_test *test, bool any_failed, char *text, size_t bytes)
{
	if (test->end == VM_END_NONE)
		return "it did not end";
	if (test->end == VM_END_TIMEOUT)
		snprintf(text, bytes, "killed after %d s", test->end_value);
	else if (test->end == VM_END_SIGNAL)
		snprintf(text, bytes, "ended by signal %d", test->end_value);
	else if (test->end_value && !any_failed)
		snprintf(text, bytes, "exit code %d, but no case failed", test->end_value);
	else if (!test->end_value && any_failed)
		snprintf(text, bytes, "exit code 0, but a case failed");
	else
		return NULL;
	return text;
}

/* The reason of a line "<program> <case> <reason>", empty when there is none. */
static struct ks_span listed_reason(struct ks_span list, const char *program, const char *name)
{
	struct ks_span line, word;

	while (ks_span_line(&list, &line))
		if (ks_span_word(&line, &word) && vm_span_is(word, program) &&
		    ks_span_word(&line, &word) && vm_span_is(word, name))
			return ks_span_trim(line);
	return (struct ks_span){ 0 };
}

/* A failure that is expected proves as little as a skip. */
static void expect_failures(struct vm_test *test, struct ks_span fails)
{
	size_t i;

	for (i = 0; i < test->nr_cases; i++) {
		struct vm_case *c = &test->cases[i];
		struct ks_span reason = listed_reason(fails, test->name, c->name);

		if (c->result != VM_FAIL || !reason.bytes)
			continue;
		free(c->reason);
		c->reason = vm_text_dup(reason);
		c->result = VM_SKIP;
		c->expected = true;
	}
}

static void conclude(struct vm_run *run, struct vm_test *test, struct ks_span fails)
{
	size_t nr_failed = 0, nr_skipped = 0, i;
	char text[64];
	const char *why;

	for (i = 0; i < test->nr_cases; i++)
		nr_failed += test->cases[i].result == VM_FAIL;
	why = exit_fault(test, nr_failed != 0, text, sizeof(text));
	if (why)
		vm_test_fail(test, "%s", why);
	expect_failures(test, fails);
	for (i = 0, nr_failed = 0; i < test->nr_cases; i++) {
		nr_failed += test->cases[i].result == VM_FAIL;
		nr_skipped += test->cases[i].result == VM_SKIP;
	}
	if (test->error) {
		test->result = VM_FAIL;
		test->reason = vm_text_dup(ks_span_str(test->error));
		vm_run_fail(run, "%s: %s", test->name, test->error);
	} else if (nr_failed) {
		test->result = VM_FAIL;
		vm_run_fail(run, "%s: %zu of %zu cases failed", test->name, nr_failed,
			    test->nr_cases);
	} else {
		test->result = nr_skipped == test->nr_cases ? VM_SKIP : VM_PASS;
	}
}

static void check_programs(struct vm_run *run, const char *tests)
{
	struct ks_span rest = ks_span_str(tests), name;
	size_t nr_expected = 0;

	while (ks_span_word(&rest, &name)) {
		nr_expected++;
		if (!vm_run_find(run, name))
			vm_run_fail(run, "%.*s: expected, did not run", (int)name.bytes,
				    (const char *)name.p);
	}
	if (run->nr_tests > nr_expected)
		vm_run_fail(run, "%zu test programs ran, %zu were expected", run->nr_tests,
			    nr_expected);
}

static bool reported(const struct vm_test *test, struct ks_span name)
{
	size_t i;

	for (i = 0; i < test->nr_cases; i++)
		if (vm_span_is(name, test->cases[i].name))
			return true;
	return false;
}

/* The plan names cases of all programs that were built; only those of programs that ran count. */
static void check_plan(struct vm_run *run, struct ks_span plan)
{
	size_t nr_planned[VM_MAX_TESTS] = { 0 };
	struct ks_span line, program, name;
	size_t i;

	while (ks_span_line(&plan, &line)) {
		struct vm_test *test;

		if (!ks_span_word(&line, &program) || !ks_span_word(&line, &name))
			continue;
		test = vm_run_find(run, program);
		if (!test)
			continue;
		nr_planned[test - run->tests]++;
		if (!reported(test, name))
			vm_run_fail(run, "%s: no result for %.*s", test->name, (int)name.bytes,
				    (const char *)name.p);
	}
	for (i = 0; i < run->nr_tests; i++)
		if (run->tests[i].nr_cases > nr_planned[i])
			vm_run_fail(run, "%s: %zu cases reported, %zu are in the plan",
				    run->tests[i].name, run->tests[i].nr_cases, nr_planned[i]);
}

static void check_skipped(struct vm_run *run, const struct vm_test *test, struct ks_span skips)
{
	size_t i;

	for (i = 0; i < test->nr_cases; i++)
		if (test->cases[i].result == VM_SKIP && !test->cases[i].expected &&
		    !listed_reason(skips, test->name, test->cases[i].name).bytes)
			vm_run_fail(run, "%s: %s was skipped and is not in the list of skips: %s",
				    test->name, test->cases[i].name, test->cases[i].reason);
}

/* One of the two lists of what proves nothing, and what its lines are about. */
struct list {
	const char *name, *verb;
	bool expected;
};

/* A line of the list whose case ran well, or is not there, would hide the next one of that name. */
static void check_listed(struct vm_run *run, const struct list *list, struct ks_span line)
{
	struct ks_span program, name;
	struct vm_test *test;
	size_t i;

	if (!ks_span_word(&line, &program) || *program.p == '#')
		return;
	if (!ks_span_word(&line, &name) || !ks_span_trim(line).bytes) {
		vm_run_fail(run, "list of %s: %.*s: wanted program, case and reason", list->name,
			    (int)program.bytes, (const char *)program.p);
		return;
	}
	test = vm_run_find(run, program);
	if (!test)
		return;
	for (i = 0; i < test->nr_cases; i++)
		if (vm_span_is(name, test->cases[i].name) && test->cases[i].result == VM_SKIP &&
		    test->cases[i].expected == list->expected)
			return;
	vm_run_fail(run, "%s: %.*s is in the list of %s, but %s; remove its line", test->name,
		    (int)name.bytes, (const char *)name.p, list->name, list->verb);
}

static void check_lists(struct vm_run *run, struct ks_span skips, struct ks_span fails)
{
	static const struct list skip_list = { "skips", "was not skipped", false };
	static const struct list fail_list = { "expected failures", "did not fail", true };
	struct ks_span rest = skips, line;
	size_t i;

	for (i = 0; i < run->nr_tests; i++)
		check_skipped(run, &run->tests[i], skips);
	while (ks_span_line(&rest, &line))
		check_listed(run, &skip_list, line);
	while (ks_span_line(&fails, &line))
		check_listed(run, &fail_list, line);
}

bool vm_judge_finish(struct vm_judge *judge, const char *tests, struct ks_span plan,
		     struct ks_span skips, struct ks_span fails)
{
	struct vm_run *run = &judge->run;
	bool any_passed = false;
	size_t i;

	if (!judge->has_end && !judge->broken)
		vm_run_fail(run, "no END frame: the run is not complete");
	for (i = 0; i < run->nr_tests; i++) {
		conclude(run, &run->tests[i], fails);
		any_passed |= run->tests[i].result == VM_PASS;
	}
	check_programs(run, tests);
	if (plan.bytes)
		check_plan(run, plan);
	check_lists(run, skips, fails);
	if (!any_passed && !run->nr_failures)
		vm_run_fail(run, "every test was skipped");
	return !run->nr_failures;
}
