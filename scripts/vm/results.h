/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What one VM run gave: test programs, their cases, and the reasons why the run failed.
 *
 * The guest is not trusted. Every text of it that is kept goes through vm_text_dup(), which leaves
 * printable ASCII only, so that whatever is stored here may go to a terminal or into JSON.
 */
#ifndef VM_RESULTS_H
#define VM_RESULTS_H

#include "base/span.h"

/* Far above what a SKU runs; a guest that sends more is broken or hostile. */
#define VM_MAX_TESTS	  256U
#define VM_MAX_CASES	  2048U
#define VM_MAX_FAILURES	  64U
#define VM_MAX_TEXT_BYTES 512U

enum vm_result { VM_PASS, VM_FAIL, VM_SKIP };

/* How a test program ended; VM_END_NONE while it runs. */
enum vm_end { VM_END_NONE, VM_END_EXIT, VM_END_SIGNAL, VM_END_TIMEOUT };

struct vm_case {
	char *name;
	enum vm_result result;
	char *reason;
	/* It failed, as the list of expected failures says, and counts as skipped. */
	bool expected;
};

/**
 * struct vm_test - one test program
 * @plan: number of cases that it announced, -1 while unknown
 * @error: why its output cannot be trusted, NULL if it can
 * @notes: what it said since its last result line: the reason of the next failure
 * @result: set by vm_judge_finish()
 */
struct vm_test {
	char *name;
	struct vm_case *cases;
	size_t nr_cases;
	long plan;
	char *error;
	char *notes;
	enum vm_end end;
	int end_value;
	u64 taint_before;
	u64 taint_after;
	enum vm_result result;
	char *reason;
};

struct vm_run {
	struct vm_test tests[VM_MAX_TESTS];
	size_t nr_tests;
	char *failures[VM_MAX_FAILURES];
	size_t nr_failures;
};

/** vm_run_done() - free what the run owns */
void vm_run_done(struct vm_run *run);

/** vm_run_fail() - record why the run failed; above VM_MAX_FAILURES it only counts as failed */
void vm_run_fail(struct vm_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** vm_run_add_test() - Return: NULL above VM_MAX_TESTS. */
struct vm_test *vm_run_add_test(struct vm_run *run, struct ks_span name);

/** vm_run_find() - the test program @name, or NULL */
struct vm_test *vm_run_find(struct vm_run *run, struct ks_span name);

/** vm_test_add_case() - Return: NULL above VM_MAX_CASES. */
struct vm_case *vm_test_add_case(struct vm_test *test, struct ks_span name);

/** vm_test_fail() - record the first reason not to trust a test's output */
void vm_test_fail(struct vm_test *test, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** vm_text_dup() - printable copy, cut at VM_MAX_TEXT_BYTES; other bytes become '?'; never NULL */
char *vm_text_dup(struct ks_span text);

/** vm_span_is() - the same bytes as a string */
bool vm_span_is(struct ks_span s, const char *text);

/** vm_span_starts() - begins with a string */
bool vm_span_starts(struct ks_span s, const char *text);

/** vm_span_number() - a decimal number that fills the span. Return: false if it is none. */
bool vm_span_number(struct ks_span s, u64 *ret_value);

/** vm_result_name() - "pass", "fail" or "skip" */
const char *vm_result_name(enum vm_result result);

#endif
