// SPDX-License-Identifier: LGPL-2.1-or-later
/* The document as text. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

__attribute__((format(printf, 2, 3))) static void say(struct ks_buf *text, const char *format, ...)
{
	char line[1024];
	va_list args;
	char *c;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* Names and reasons come from a guest and from certificates. */
	for (c = line; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\n') || *c == 0x7f)
			*c = '?';
	ks_put_str(text, line);
}

static struct json_object *rows_of(struct json_object *doc, const char *key)
{
	struct json_object *rows = NULL;

	json_object_object_get_ex(doc, key, &rows);
	return rows;
}

static bool is_true(struct json_object *object, const char *key)
{
	struct json_object *member;

	return json_object_object_get_ex(object, key, &member) && json_object_get_boolean(member);
}

static void render_stages(struct json_object *rows, struct ks_buf *text)
{
	size_t i;

	say(text, "\nStages\n");
	for (i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);

		say(text, "  %-9s %-11s %6" PRIu64 " s\n", report_text(row, "name"),
		    report_text(row, "status"), report_number(row, "seconds"));
	}
}

static void render_artifacts(struct json_object *rows, struct ks_buf *text)
{
	size_t i;

	say(text, "\nArtifacts, with their SHA-256\n");
	for (i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		bool many = json_object_object_get_ex(row, "nr_files", NULL);

		say(text, "  %-28s %10" PRIu64 " %s %s\n", report_text(row, "name"),
		    report_number(row, many ? "nr_files" : "bytes"), many ? "files" : "bytes",
		    report_text(row, "sha256"));
	}
}

static void render_certificates(struct json_object *rows, struct ks_buf *text)
{
	size_t i;

	say(text, "\nCertificates: embedded in the kernel, and ours for the firmware\n");
	for (i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);

		say(text, "  %-8s %.16s.. until %s  %s%s\n", report_text(row, "role"),
		    report_text(row, "sha256"), report_text(row, "not_after"), report_text(row, "name"),
		    is_true(row, "dev") ? "  DEV KEYS" : "");
	}
}

static void render_audit(struct json_object *audit, struct ks_buf *text)
{
	struct json_object *counts = rows_of(audit, "counts"), *failures = rows_of(audit, "failures"), *row;
	struct json_object *findings = rows_of(audit, "findings");
	size_t i;

	say(text, "\nPolicy: what linux.efi, its addons and modules hold of it\n");
	say(text, "  %" PRIu64 " rules hold, %" PRIu64 " needed otherwise, %" PRIu64 " excepted, %" PRIu64 " failed, %" PRIu64
	    " unknown, %" PRIu64 " for other kernels\n", report_number(counts, "ok"), report_number(counts, "needed"),
	    report_number(counts, "excepted"), report_number(counts, "fail"), report_number(counts, "unknown"),
	    report_number(counts, "other"));
	for (i = 0; i < json_object_array_length(failures); i++) {
		const char *word;

		row = json_object_array_get_idx(failures, i);
		word = report_text(row, "word");
		say(text, "    FAILED  CONFIG_%s is %s%s%s%s%s, wanted %s: %s (%s)\n", report_text(row, "symbol"),
		    *report_text(row, "effective")			 ? report_text(row, "effective") :
		    strcmp(report_text(row, "verdict"), "unknown") ? "not there" :
								     "unknown", *word ? " by " : "", word,
		    *word ? " of " : "", report_text(row, "line"), report_text(row, "want"), report_text(row, "why"),
		    report_text(row, "place"));
	}
	for (i = 0; i < json_object_array_length(findings); i++) {
		row = json_object_array_get_idx(findings, i);
		say(text, "    FAILED  %s: %s%s%s\n", report_text(row, "rule"), report_text(row, "what"),
		    *report_text(row, "detail") ? ": " : "", report_text(row, "detail"));
	}
}

static void render_images(struct json_object *rows, struct ks_buf *text)
{
	size_t i, k;

	say(text, "\nImages: what was proved of which\n");
	for (i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		struct json_object *proved = rows_of(row, "proved");

		say(text, "  %-13s %s, signed by %s\n", report_text(row, "name"), report_text(row, "use"),
		    report_text(row, "signed_by"));
		say(text, "    sha256 %s\n", report_text(row, "sha256"));
		for (k = 0; proved && k < json_object_array_length(proved); k++)
			say(text, "    %s\n", json_object_get_string(json_object_array_get_idx(proved, k)));
	}
}

/* What passed is only counted; what failed or was skipped is named with its reason. */
static void render_run(struct json_object *run, struct ks_buf *text)
{
	struct json_object *cases = rows_of(run, "cases");
	struct json_object *problems = rows_of(run, "problems");
	size_t i;

	say(text, "  %-14s %" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64 " skipped%s%s%s\n",
	    report_text(run, "name"), report_number(run, "passed"), report_number(run, "failed"),
	    report_number(run, "skipped"), *report_text(run, "accel") ? " (" : "",
	    report_text(run, "accel"), *report_text(run, "accel") ? ")" : "");
	for (i = 0; i < json_object_array_length(problems); i++)
		say(text, "    FAILED  %s\n",
		    json_object_get_string(json_object_array_get_idx(problems, i)));
	for (i = 0; i < json_object_array_length(cases); i++) {
		struct json_object *row = json_object_array_get_idx(cases, i);
		const char *result = report_text(row, "result");

		if (strcmp(result, "pass"))
			say(text, "    %s %s: %s\n", strcmp(result, "skip") ? "FAILED " : "skipped",
			    report_text(row, "name"), report_text(row, "reason"));
	}
}

/* Programs, keys, and files that are not of the checkout; each once, though several stages read it. */
static bool is_foreign(struct json_object *input)
{
	const char *kind = report_text(input, "kind");

	return !strcmp(kind, "program") || !strcmp(kind, "key") ||
	       (!strcmp(kind, "file") && *report_text(input, "name") == '/');
}

static void render_inputs(struct json_object *stages, struct ks_buf *text)
{
	struct json_object *seen = json_object_new_object();
	char key[4200];
	size_t i, j;

	say(text, "\nWhat it rests on, with SHA-256, keys by their public half; report.json has all inputs\n");
	for (i = 0; i < json_object_array_length(stages); i++) {
		struct json_object *inputs = rows_of(json_object_array_get_idx(stages, i), "inputs");

		for (j = 0; inputs && j < json_object_array_length(inputs); j++) {
			struct json_object *input = json_object_array_get_idx(inputs, j);
			const char *name = report_text(input, "name"), *sha256 = report_text(input, "sha256");

			snprintf(key, sizeof(key), "%s %s", sha256, name);
			if (!is_foreign(input) || json_object_object_get_ex(seen, key, NULL))
				continue;
			json_object_object_add(seen, key, NULL);
			say(text, "  %-7s %.16s%s %s\n", report_text(input, "kind"), sha256,
			    sha256[0] && sha256[1] ? ".." : " not there", name);
		}
	}
	json_object_put(seen);
}

void report_render(struct json_object *doc, struct ks_buf *text)
{
	struct json_object *runs = rows_of(doc, "runs");
	const char *keys = is_true(doc, "test_kernel") ? ", TEST KERNEL, not for shipping"
			   : is_true(doc, "dev_keys")  ? ", DEV KEYS"
						       : "";
	const char *unproved = report_text(doc, "unproved");
	char numbers[128];
	size_t i;

	say(text, "kseal report: %s, Linux %s\n", report_text(doc, "sku"), report_text(doc, "release"));
	render_stages(rows_of(doc, "stages"), text);
	render_inputs(rows_of(doc, "stages"), text);
	render_artifacts(rows_of(doc, "artifacts"), text);
	render_certificates(rows_of(doc, "certificates"), text);
	if (rows_of(doc, "audit"))
		render_audit(rows_of(doc, "audit"), text);
	render_images(rows_of(doc, "images"), text);
	say(text, "\nSecure Boot runs\n");
	for (i = 0; i < json_object_array_length(runs); i++)
		render_run(json_object_array_get_idx(runs, i), text);
	snprintf(numbers, sizeof(numbers), "%" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64 " skipped",
		 report_number(doc, "passed"), report_number(doc, "failed"),
		 report_number(doc, "skipped"));
	say(text, "\n%s\n", numbers);
	say(text, "kseal: %s %s: %s%s%s%s, %s%s\n", report_text(doc, "sku"), report_text(doc, "release"),
	    report_text(doc, "verdict"), *unproved ? " (" : "", unproved, *unproved ? ")" : "", numbers, keys);
}
