// SPDX-License-Identifier: LGPL-2.1-or-later
#include "results.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A runner that cannot hold a few names has nothing to judge with. */
static void *must(void *p)
{
	if (!p) {
		fputs("vm: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

char *vm_text_dup(struct ks_span text)
{
	char *copy = must(malloc(VM_MAX_TEXT_BYTES + 1));
	size_t i;

	for (i = 0; i < text.bytes && i < VM_MAX_TEXT_BYTES; i++)
		copy[i] = text.p[i] >= 0x20 && text.p[i] < 0x7f ? (char)text.p[i] : '?';
	copy[i] = '\0';
	/* A guest that sends many short texts should not cost the room of long ones. */
	return must(realloc(copy, i + 1));
}

__attribute__((format(printf, 1, 0))) static char *format_dup(const char *format, va_list args)
{
	char text[VM_MAX_TEXT_BYTES];

	vsnprintf(text, sizeof(text), format, args);
	return vm_text_dup(ks_span_str(text));
}

static void test_done(struct vm_test *test)
{
	size_t i;

	for (i = 0; i < test->nr_cases; i++) {
		free(test->cases[i].name);
		free(test->cases[i].reason);
	}
	free(test->cases);
	free(test->name);
	free(test->error);
	free(test->notes);
	free(test->reason);
}

void vm_run_done(struct vm_run *run)
{
	size_t i;

	for (i = 0; i < run->nr_tests; i++)
		test_done(&run->tests[i]);
	for (i = 0; i < run->nr_failures; i++)
		free(run->failures[i]);
	memset(run, 0, sizeof(*run));
}

void vm_run_fail(struct vm_run *run, const char *format, ...)
{
	va_list args;

	if (run->nr_failures == VM_MAX_FAILURES)
		return;
	va_start(args, format);
	run->failures[run->nr_failures++] = format_dup(format, args);
	va_end(args);
}

struct vm_test *vm_run_add_test(struct vm_run *run, struct ks_span name)
{
	struct vm_test *test;

	if (run->nr_tests == VM_MAX_TESTS)
		return NULL;
	test = &run->tests[run->nr_tests++];
	test->name = vm_text_dup(name);
	test->plan = -1;
	return test;
}

struct vm_test *vm_run_find(struct vm_run *run, struct ks_span name)
{
	size_t i;

	for (i = 0; i < run->nr_tests; i++)
		if (vm_span_is(name, run->tests[i].name))
			return &run->tests[i];
	return NULL;
}

struct vm_case *vm_test_add_case(struct vm_test *test, struct ks_span name)
{
	struct vm_case *cases;

	if (test->nr_cases == VM_MAX_CASES)
		return NULL;
	cases = must(realloc(test->cases, (test->nr_cases + 1) * sizeof(*cases)));
	test->cases = cases;
	cases[test->nr_cases] = (struct vm_case){ .name = vm_text_dup(name) };
	return &cases[test->nr_cases++];
}

void vm_test_fail(struct vm_test *test, const char *format, ...)
{
	va_list args;

	if (test->error)
		return;
	va_start(args, format);
	test->error = format_dup(format, args);
	va_end(args);
}

bool vm_span_is(struct ks_span s, const char *text)
{
	return ks_span_eq(s, ks_span_str(text));
}

bool vm_span_starts(struct ks_span s, const char *text)
{
	struct ks_span head;

	return ks_span_sub(s, 0, strlen(text), &head) && vm_span_is(head, text);
}

bool vm_span_number(struct ks_span s, u64 *ret_value)
{
	u64 value = 0;
	size_t i;

	if (!s.bytes)
		return false;
	for (i = 0; i < s.bytes; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10U, &value) ||
		    __builtin_add_overflow(value, (u64)(s.p[i] - '0'), &value))
			return false;
	}
	*ret_value = value;
	return true;
}

const char *vm_result_name(enum vm_result result)
{
	return result == VM_PASS ? "pass" : result == VM_SKIP ? "skip" : "fail";
}
