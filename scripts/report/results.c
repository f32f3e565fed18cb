// SPDX-License-Identifier: LGPL-2.1-or-later
/* What kseal said about the certificates and scripts/vm about its runs. */
#include <stdio.h>
#include <string.h>

#include "report.h"

static struct json_object *array_of(struct json_object *object, const char *key)
{
	struct json_object *member;

	if (!object || !json_object_object_get_ex(object, key, &member) ||
	    !json_object_is_type(member, json_type_array))
		return NULL;
	return member;
}

static size_t length_of(struct json_object *array)
{
	return array && json_object_is_type(array, json_type_array) ?
		       json_object_array_length(array) : 0;
}

/* The certificates of one file, each with its role. Return: how many there are. */
static size_t add_rows(struct json_object *rows, struct json_object *from, const char *role)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < length_of(from); i++) {
		row = json_object_get(json_object_array_get_idx(from, i));
		json_object_object_add(row, "role", json_object_new_string(role));
		json_object_array_add(rows, row);
	}
	return i;
}

/* What `kseal keyring show --json` wrote. */
static void add_certificates(struct json_object *rows, const struct report_opts *opts,
			     const char *file, const char *role, struct report_sum *sum)
{
	struct json_object *from, *files;
	size_t i, nr = 0;
	char path[4096];

	snprintf(path, sizeof(path), "%s/keyring/%s", opts->directory, file);
	from = report_load_json(path);
	files = array_of(from, "files");
	for (i = 0; i < length_of(files); i++)
		nr += add_rows(rows, array_of(json_object_array_get_idx(files, i), "certificates"), role);
	if (!nr) {
		fprintf(stderr, "report: %s: no certificates in it, run the keyring stage again\n", path);
		sum->failed++;
	}
	json_object_put(from);
}

struct json_object *report_certificates(const struct report_opts *opts, struct json_object *stages,
					bool *ret_dev, struct report_sum *sum)
{
	struct json_object *rows = json_object_new_array();
	struct json_object *dev;
	size_t i;

	if (strcmp(report_stage_status(stages, "keyring"), "ok"))
		return rows;
	add_certificates(rows, opts, "trusted.json", "embedded", sum);
	add_certificates(rows, opts, "signers.json", "firmware", sum);
	for (i = 0; i < json_object_array_length(rows); i++)
		if (json_object_object_get_ex(json_object_array_get_idx(rows, i), "dev", &dev) &&
		    json_object_get_boolean(dev))
			*ret_dev = true;
	return rows;
}

/* One result; anything but "pass" and "skip" is a failure. */
static void add_case(struct json_object *cases, const char *program, struct json_object *from,
		     struct report_sum *sum)
{
	const char *result = report_text(from, "result");
	struct json_object *row = json_object_new_object();
	char name[512];

	if (!strcmp(result, "pass")) {
		sum->passed++;
	} else if (!strcmp(result, "skip")) {
		sum->skipped++;
	} else {
		sum->failed++;
		result = "fail";
	}
	snprintf(name, sizeof(name), "%s%s%s", program, *program ? ": " : "", report_text(from, "name"));
	json_object_object_add(row, "name", json_object_new_string(name));
	json_object_object_add(row, "result", json_object_new_string(result));
	json_object_object_add(row, "reason", json_object_new_string(report_text(from, "reason")));
	json_object_array_add(cases, row);
}

/*
 * The cases of a test program. A program can fail although its cases passed (a crash, an oops, a
 * missing case): then it counts itself.
 */
static void add_test(struct json_object *cases, struct json_object *test, struct report_sum *sum)
{
	struct json_object *list = array_of(test, "cases");
	u64 failed_before = sum->failed;
	size_t i;

	for (i = 0; i < length_of(list); i++)
		add_case(cases, report_text(test, "name"), json_object_array_get_idx(list, i), sum);
	if (!length_of(list) ||
	    (strcmp(report_text(test, "result"), "pass") && strcmp(report_text(test, "result"), "skip") &&
	     sum->failed == failed_before))
		add_case(cases, "", test, sum);
}

/* Why a run failed. Most of these sum up failed cases, so alone they count as one failure. */
static void add_problem(struct json_object *problems, const char *text, struct report_sum *sum)
{
	json_object_array_add(problems, json_object_new_string(text));
	if (!sum->failed)
		sum->failed = 1;
}

static struct json_object *run_row(const char *name, struct json_object *from, struct report_sum *sum)
{
	struct json_object *row = json_object_new_object();
	struct json_object *cases = json_object_new_array();
	struct json_object *problems = json_object_new_array();
	struct json_object *tests = array_of(from, "tests");
	struct json_object *failures = array_of(from, "failures");
	struct report_sum mine = { 0 };
	size_t i;

	for (i = 0; i < length_of(tests); i++)
		add_test(cases, json_object_array_get_idx(tests, i), &mine);
	for (i = 0; i < length_of(failures); i++)
		add_problem(problems, json_object_get_string(json_object_array_get_idx(failures, i)),
			    &mine);
	if (!from)
		add_problem(problems, "no result, the run did not end", &mine);
	else if (!mine.passed && !mine.failed && !mine.skipped)
		add_problem(problems, "the result has no tests", &mine);
	else if (!mine.failed && strcmp(report_text(from, "verdict"), "pass"))
		add_problem(problems, "the run says that it did not pass", &mine);
	json_object_object_add(row, "name", json_object_new_string(name));
	json_object_object_add(row, "accel", json_object_new_string(report_text(from, "accel")));
	json_object_object_add(row, "passed", json_object_new_int64((int64_t)mine.passed));
	json_object_object_add(row, "failed", json_object_new_int64((int64_t)mine.failed));
	json_object_object_add(row, "skipped", json_object_new_int64((int64_t)mine.skipped));
	json_object_object_add(row, "problems", problems);
	json_object_object_add(row, "cases", cases);
	sum->passed += mine.passed;
	sum->failed += mine.failed;
	sum->skipped += mine.skipped;
	return row;
}

/* The stage fails when a run does; its results count all the same. */
static bool was_tested(struct json_object *stages)
{
	const char *status = report_stage_status(stages, "test");

	return !strcmp(status, "ok") || !strcmp(status, "failed");
}

struct json_object *report_images(const struct report_opts *opts, struct json_object *stages)
{
	struct json_object *rows = json_object_new_array(), *from;
	char path[4096];
	size_t i;

	if (!was_tested(stages))
		return rows;
	snprintf(path, sizeof(path), "%s/tests/images.json", opts->directory);
	from = report_load_json(path);
	for (i = 0; i < length_of(array_of(from, "images")); i++)
		json_object_array_add(rows, json_object_get(json_object_array_get_idx(
						    array_of(from, "images"), i)));
	json_object_put(from);
	return rows;
}

struct json_object *report_runs(const struct report_opts *opts, struct json_object *stages,
				struct report_sum *sum)
{
	struct json_object *rows = json_object_new_array();
	struct json_object *from;
	char path[4096];
	size_t i;

	if (!was_tested(stages))
		return rows;
	for (i = 0; i < opts->nr_runs; i++) {
		snprintf(path, sizeof(path), "%s/tests/%s.json", opts->directory, opts->runs[i]);
		from = report_load_json(path);
		json_object_array_add(rows, run_row(opts->runs[i], from, sum));
		json_object_put(from);
	}
	return rows;
}
