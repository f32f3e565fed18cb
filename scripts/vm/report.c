// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

#include "base/file.h"

static void print_result(const char *indent, size_t number, const char *name, enum vm_result result,
			 const char *reason)
{
	printf("%s%s %zu %s", indent, result == VM_FAIL ? "not ok" : "ok", number, name);
	if (result == VM_SKIP)
		printf(" # SKIP %s", reason ? reason : "every case was skipped");
	putchar('\n');
	if (result == VM_FAIL && reason)
		printf("%s# %s\n", indent, reason);
}

void vm_report_ktap(const struct vm_run *run)
{
	size_t i, k;

	printf("KTAP version 1\n1..%zu\n", run->nr_tests);
	for (i = 0; i < run->nr_tests; i++) {
		const struct vm_test *test = &run->tests[i];

		printf("  KTAP version 1\n  1..%zu\n", test->nr_cases);
		for (k = 0; k < test->nr_cases; k++)
			print_result("  ", k + 1, test->cases[k].name, test->cases[k].result,
				     test->cases[k].reason);
		print_result("", i + 1, test->name, test->result, test->reason);
	}
	for (i = 0; i < run->nr_failures; i++)
		printf("# failure: %s\n", run->failures[i]);
	fflush(stdout);
}

static void add_text(json_object *to, const char *key, const char *text)
{
	if (text)
		json_object_object_add(to, key, json_object_new_string(text));
}

/* Tenths are what a clock of a loaded machine is good for; what did not happen is null. */
static void add_seconds(json_object *to, const char *key, double value_s)
{
	char text[32];

	snprintf(text, sizeof(text), "%.1f", value_s);
	json_object_object_add(to, key,
			       value_s < 0 ? NULL : json_object_new_double_s(value_s, text));
}

static void add_int(json_object *to, const char *key, u64 value)
{
	json_object_object_add(to, key, json_object_new_int64((int64_t)value));
}

static json_object *case_object(const struct vm_case *c)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", c->name);
	add_text(object, "result", vm_result_name(c->result));
	add_text(object, "reason", c->reason);
	return object;
}

static json_object *test_object(const struct vm_test *test)
{
	json_object *object = json_object_new_object();
	json_object *cases = json_object_new_array();
	size_t i;

	add_text(object, "name", test->name);
	add_text(object, "result", vm_result_name(test->result));
	add_text(object, "reason", test->reason);
	add_int(object, "tainted_before", test->taint_before);
	add_int(object, "tainted_after", test->taint_after);
	for (i = 0; i < test->nr_cases; i++)
		json_object_array_add(cases, case_object(&test->cases[i]));
	json_object_object_add(object, "cases", cases);
	return object;
}

static void add_counts(json_object *to, const struct vm_run *run)
{
	u64 counts[3] = { 0 };
	size_t i, k;

	for (i = 0; i < run->nr_tests; i++)
		for (k = 0; k < run->tests[i].nr_cases; k++)
			counts[run->tests[i].cases[k].result]++;
	add_int(to, "passed", counts[VM_PASS]);
	add_int(to, "failed", counts[VM_FAIL]);
	add_int(to, "skipped", counts[VM_SKIP]);
}

static json_object *run_object(const struct vm_session *session, const struct vm_accel *accel,
			       bool passed)
{
	const struct vm_run *run = &session->judge.run;
	json_object *object = json_object_new_object();
	json_object *tests = json_object_new_array();
	json_object *failures = json_object_new_array();
	size_t i;

	add_text(object, "schema", "vm/run/1");
	add_text(object, "verdict", passed ? "pass" : "fail");
	add_text(object, "mode", session->opts->mode);
	add_text(object, "accel", accel->name);
	add_text(object, "accel_why", accel->why);
	add_seconds(object, "kernel_seconds", session->times.kernel_s);
	add_seconds(object, "boot_seconds", session->times.ready_s);
	add_seconds(object, "end_seconds", session->times.end_s);
	add_seconds(object, "total_seconds", session->times.total_s);
	add_text(object, "log_dir", session->opts->log_dir);
	add_counts(object, run);
	for (i = 0; i < run->nr_failures; i++)
		json_object_array_add(failures, json_object_new_string(run->failures[i]));
	json_object_object_add(object, "failures", failures);
	for (i = 0; i < run->nr_tests; i++)
		json_object_array_add(tests, test_object(&run->tests[i]));
	json_object_object_add(object, "tests", tests);
	return object;
}

int vm_report_json(const struct vm_session *session, const struct vm_accel *accel, bool passed,
		   struct ks_diag *diag)
{
	json_object *object = run_object(session, accel, passed);
	const char *text = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	int rc = -ENOMEM;

	if (text) {
		const struct ks_span parts[] = { ks_span_str(text), ks_span_str("\n") };

		rc = ks_file_publish(session->opts->json, parts, KS_ARRAY_SIZE(parts), 0644, diag);
	}
	json_object_put(object);
	return rc;
}
