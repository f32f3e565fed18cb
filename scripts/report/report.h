/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report gathers one JSON document (report.json) and renders it as text (report.txt).
 *
 *   { sku, release, verdict, unproved, dev_keys, test_kernel, passed, failed, skipped,
 *     stages:       [ { name, status, seconds, exit, inputs: [ { kind, sha256, name } ], products: [ the same ] } ],
 *     artifacts:    [ { name, bytes, sha256 } or { name, files, sha256 } ],
 *     certificates: [ kseal's rows, with "role" ],
 *     audit:        null, or { counts: { verdict: number }, failures: [ kseal audit's rows, less some ],
 *                   findings: [ its fatal ones ] },
 *     images:       [ { name, use, sha256, signer, proved: [text] } ], as scripts/build/images wrote them,
 *     runs:         [ { name, passed, failed, skipped, problems: [text], cases: [ { name, result, reason } ] } ] }
 *
 * The verdict is FAILED when something failed, else UNPROVED when a stage did not run (unproved says
 * which), else PROVED. Nothing in the SKU's directory is trusted to be of this build: what a stage made counts only when
 * the stage and all before it succeeded.
 */
#ifndef REPORT_H
#define REPORT_H

#include <json-c/json.h>

#include "base/buf.h"

/* A line of a report is for people: longer names and reasons are cut. */
#define REPORT_MAX_WORDS 32U

/**
 * struct report_opts - what the report is about
 * @directory: out/<sku>
 * @kernel: the kernel in the build directory
 * @stages: names in order, without "report"
 * @runs: VM runs that are planned; one without a result is a failure
 * @test_kernel: not for shipping: keys that nothing else trusts signed it
 * @outdated: stages whose record is about other inputs than are here now
 */
struct report_opts {
	const char *sku;
	const char *release;
	const char *directory;
	const char *kernel;
	const char *stages[REPORT_MAX_WORDS];
	size_t nr_stages;
	const char *runs[REPORT_MAX_WORDS];
	size_t nr_runs;
	bool test_kernel;
	const char *outdated[REPORT_MAX_WORDS];
	size_t nr_outdated;
};

/**
 * struct report_sum - the numbers of the verdict
 * @unproved: the first stage without a result of its own, and what it has instead; or empty
 */
struct report_sum {
	u64 passed;
	u64 failed;
	u64 skipped;
	char unproved[64];
};

/**
 * report_stages() - read the records of the stages
 * @sum: a stage that failed counts as one failure; the first that did not run is named
 *
 * Return: array for the document, owned by the caller.
 */
struct json_object *report_stages(const struct report_opts *opts, struct report_sum *sum);

/** report_stage_status() - "ok", "failed", "interrupted", "out of date" or "not run" */
const char *report_stage_status(struct json_object *stages, const char *name);

/**
 * report_artifacts() - hash what the successful stages made
 * @sum: a file that its stage must have made and that is gone counts as a failure
 */
struct json_object *report_artifacts(const struct report_opts *opts, struct json_object *stages,
				     struct report_sum *sum);

/** report_certificates() - read what kseal said; @ret_dev is set when one is for development */
struct json_object *report_certificates(const struct report_opts *opts, struct json_object *stages,
					bool *ret_dev, struct report_sum *sum);

/** report_runs() - read the results of the VM runs, if the test stage ran */
struct json_object *report_runs(const struct report_opts *opts, struct json_object *stages,
				struct report_sum *sum);

/** report_audit() - what the image holds of its policy; NULL without one, or if the image was not made */
struct json_object *report_audit(const struct report_opts *opts, struct json_object *stages);

/** report_images() - what was proved of which image, if the test stage ran */
struct json_object *report_images(const struct report_opts *opts, struct json_object *stages);

/** report_render() - the whole document as text; its last line is the verdict */
void report_render(struct json_object *doc, struct ks_buf *text);

/** report_text() - a member as text, "" when there is none; control bytes never come through */
const char *report_text(struct json_object *object, const char *key);

/** report_number() - a member as a number, 0 when there is none */
u64 report_number(struct json_object *object, const char *key);

/** report_load_json() - a JSON file, NULL when it is missing or no JSON; owned by the caller */
struct json_object *report_load_json(const char *path);

#endif
