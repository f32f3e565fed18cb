// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ktap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Drop @n bytes at the front, all of them when there are fewer. */
static struct ks_span skip(struct ks_span s, size_t n)
{
	struct ks_span rest = { 0 };

	if (n <= s.bytes && ks_span_sub(s, n, s.bytes - n, &rest))
		return rest;
	return (struct ks_span){ 0 };
}

/* "1..N", or "1..0 # SKIP why" of a program that cannot run at all. */
static bool take_plan(struct vm_test *test, struct ks_span line)
{
	struct ks_span word;
	u64 plan;

	if (!vm_span_starts(line, "1.."))
		return false;
	line = skip(line, 3);
	if (!ks_span_word(&line, &word) || !vm_span_number(word, &plan) || plan > VM_MAX_CASES)
		vm_test_fail(test, "its plan is not a number");
	else if (test->plan >= 0)
		vm_test_fail(test, "it has two plans");
	else
		test->plan = (long)plan;
	return true;
}

/* Keep what "file.c:line:case:Expected ..." said, for the result line that follows. */
static void take_note(struct vm_test *test, struct ks_span line)
{
	/* Checks that tests share stand in a header. */
	const u8 *source = memmem(line.p, line.bytes, ".c:", 3)
				   ?: memmem(line.p, line.bytes, ".h:", 3)
				   ?: memmem(line.p, line.bytes, ".sh:", 4);
	char joined[VM_MAX_TEXT_BYTES];
	char *note;

	if (!source)
		return;
	note = vm_text_dup(ks_span_trim(skip(line, 1)));
	snprintf(joined, sizeof(joined), "%s%s%.300s", test->notes ? test->notes : "",
		 test->notes ? "; " : "", note);
	free(note);
	free(test->notes);
	test->notes = vm_text_dup(ks_span_str(joined));
}

static void take_diagnostic(struct vm_test *test, struct ks_span line)
{
	struct ks_span text = line;

	while (text.bytes && (text.p[0] == '#' || text.p[0] == ' ' || text.p[0] == '\t'))
		text = skip(text, 1);
	if (vm_span_starts(text, "not ok"))
		vm_test_fail(test, "a nested result is \"not ok\"");
	else
		take_note(test, line);
}

/* Split "name # DIRECTIVE why". Return: false when there is no directive. */
static bool split_directive(struct ks_span text, struct ks_span *ret_name, struct ks_span *ret_rest)
{
	const u8 *mark = text.bytes ? memmem(text.p, text.bytes, " # ", 3) : NULL;
	size_t n = mark ? (size_t)(mark - text.p) : text.bytes;

	*ret_name = text;
	if (!mark)
		return false;
	*ret_rest = skip(text, n + 3);
	return ks_span_sub(text, 0, n, ret_name);
}

static bool is_word(struct ks_span s, const char *word)
{
	return s.bytes == strlen(word) && !strncasecmp((const char *)s.p, word, s.bytes);
}

static bool has_case(const struct vm_test *test, struct ks_span name)
{
	size_t i;

	for (i = 0; i < test->nr_cases; i++)
		if (vm_span_is(name, test->cases[i].name))
			return true;
	return false;
}

static void take_case(struct vm_test *test, struct ks_span name, enum vm_result result,
		      struct ks_span why)
{
	struct vm_case *c;

	if (has_case(test, name))
		vm_test_fail(test, "it reports one case twice");
	c = vm_test_add_case(test, name);
	if (!c) {
		vm_test_fail(test, "it reports more than %u cases", VM_MAX_CASES);
		return;
	}
	c->result = result;
	if (why.bytes) {
		c->reason = vm_text_dup(why);
	} else if (result == VM_FAIL && test->notes) {
		c->reason = test->notes;
		test->notes = NULL;
	}
	free(test->notes);
	test->notes = NULL;
}

/* After "ok" or "not ok": number, name, maybe a directive. */
static void take_result(struct vm_test *test, struct ks_span rest, bool ok)
{
	struct ks_span number, name, directive = { 0 }, word;
	enum vm_result result = ok ? VM_PASS : VM_FAIL;
	u64 value;

	if (!ks_span_word(&rest, &number) || !vm_span_number(number, &value) ||
	    value != test->nr_cases + 1)
		vm_test_fail(test, "result number %zu is missing or misplaced",
			      test->nr_cases + 1);
	rest = ks_span_trim(rest);
	if (vm_span_starts(rest, "- "))
		rest = skip(rest, 2);
	if (split_directive(rest, &name, &directive)) {
		ks_span_word(&directive, &word);
		if (ok && is_word(word, "SKIP"))
			result = VM_SKIP;
		else if (ok)
			vm_test_fail(test, "a result has a directive other than SKIP");
		if (result == VM_SKIP && !ks_span_trim(directive).bytes)
			directive = ks_span_str("no reason given");
	}
	take_case(test, name, result, ks_span_trim(directive));
}

void vm_ktap_line(struct vm_test *test, struct ks_span line)
{
	struct ks_span text = ks_span_trim(line);

	if (!text.bytes)
		return;
	if (text.p[0] == '#') {
		take_diagnostic(test, text);
	} else if (line.p[0] == ' ' || line.p[0] == '\t') {
		if (vm_span_starts(text, "not ok"))
			vm_test_fail(test, "a nested result is \"not ok\"");
	} else if (vm_span_starts(text, "ok ")) {
		take_result(test, skip(text, 3), true);
	} else if (vm_span_starts(text, "not ok ")) {
		take_result(test, skip(text, 7), false);
	} else if (vm_span_starts(text, "Bail out!")) {
		vm_test_fail(test, "it bailed out");
	} else {
		take_plan(test, text);
	}
}

void vm_ktap_end(struct vm_test *test)
{
	if (test->plan < 0)
		vm_test_fail(test, "it printed no plan");
	else if ((u64)test->plan != test->nr_cases)
		vm_test_fail(test, "%ld cases planned, %zu reported", test->plan, test->nr_cases);
}
