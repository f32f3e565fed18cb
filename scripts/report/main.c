// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * report --sku S --release V --directory out/S --stages "fetch ..." [--runs "enforced ..."]
 *        [--outdated "uki ..."] [--kernel arch/x86/boot/bzImage] [--test-kernel]
 *
 * Writes report.json and report.txt into the directory and the text to stdout. Exit: 0 when all stages
 * ran and all tests succeeded, 1 when not, 2 usage.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "report.h"

static int usage(void)
{
	fputs("usage: report --sku S --release V --directory DIR --stages WORDS [--runs WORDS] "
	      "[--outdated WORDS] [--kernel PATH] [--test-kernel]\n",
	      stderr);
	return 2;
}

static bool split(char *words, const char **ret_words, size_t *ret_nr)
{
	char *rest = NULL, *word;

	*ret_nr = 0;
	for (word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (*ret_nr == REPORT_MAX_WORDS)
			return false;
		ret_words[(*ret_nr)++] = word;
	}
	return true;
}

static bool parse(int argc, char **argv, struct report_opts *opts)
{
	static const struct option options[] = {
		{ "sku", required_argument, NULL, 's' },    { "release", required_argument, NULL, 'v' },
		{ "directory", required_argument, NULL, 'f' }, { "stages", required_argument, NULL, 't' },
		{ "runs", required_argument, NULL, 'r' },   { "outdated", required_argument, NULL, 'o' },
		{ "kernel", required_argument, NULL, 'i' }, { "test-kernel", no_argument, NULL, 'k' },
		{ 0 },
	};
	bool ok = true;
	int c;

	while (ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 's': opts->sku = optarg; break;
		case 'v': opts->release = optarg; break;
		case 'f': opts->directory = optarg; break;
		case 't': ok = split(optarg, opts->stages, &opts->nr_stages); break;
		case 'r': ok = split(optarg, opts->runs, &opts->nr_runs); break;
		case 'i': opts->kernel = optarg; break;
		case 'k': opts->test_kernel = true; break;
		case 'o': ok = split(optarg, opts->outdated, &opts->nr_outdated); break;
		default: ok = false;
		}
	}
	return ok && optind == argc && opts->sku && opts->release && opts->directory && opts->nr_stages;
}

static struct json_object *gather(const struct report_opts *opts, struct report_sum *sum)
{
	struct json_object *doc = json_object_new_object();
	struct json_object *stages = report_stages(opts, sum);
	struct json_object *artifacts = report_artifacts(opts, stages, sum);
	bool dev = false;
	struct json_object *certificates = report_certificates(opts, stages, &dev, sum);
	struct json_object *audit = report_audit(opts, stages);
	struct json_object *images = report_images(opts, stages);
	struct json_object *runs = report_runs(opts, stages, sum);

	json_object_object_add(doc, "schema", json_object_new_string("kseal/report/1"));
	json_object_object_add(doc, "tool", json_object_new_string("kseal " KS_VERSION));
	json_object_object_add(doc, "sku", json_object_new_string(opts->sku));
	json_object_object_add(doc, "release", json_object_new_string(opts->release));
	json_object_object_add(doc, "verdict",
			       json_object_new_string(sum->failed	? "FAILED" :
						      *sum->unproved ? "UNPROVED" :
								       "PROVED"));
	json_object_object_add(doc, "unproved", json_object_new_string(sum->unproved));
	json_object_object_add(doc, "dev_keys", json_object_new_boolean(dev));
	json_object_object_add(doc, "test_kernel", json_object_new_boolean(opts->test_kernel));
	json_object_object_add(doc, "passed", json_object_new_int64((int64_t)sum->passed));
	json_object_object_add(doc, "failed", json_object_new_int64((int64_t)sum->failed));
	json_object_object_add(doc, "skipped", json_object_new_int64((int64_t)sum->skipped));
	json_object_object_add(doc, "stages", stages);
	json_object_object_add(doc, "artifacts", artifacts);
	json_object_object_add(doc, "certificates", certificates);
	json_object_object_add(doc, "audit", audit);
	json_object_object_add(doc, "images", images);
	json_object_object_add(doc, "runs", runs);
	return doc;
}

static int publish(const struct report_opts *opts, const char *name, struct ks_buf *content)
{
	struct ks_diag diag = { 0 };
	struct ks_span part = ks_buf_span(content);
	char path[4096], line[1024];
	int rc = ks_buf_ok(content, &diag);

	snprintf(path, sizeof(path), "%s/%s", opts->directory, name);
	if (!rc)
		rc = ks_file_publish(path, &part, 1, 0644, &diag);
	if (rc) {
		ks_diag_in(&diag, path);
		ks_diag_format(&diag, line, sizeof(line));
		fprintf(stderr, "report: %s\n", line);
	}
	return rc;
}

int main(int argc, char **argv)
{
	__cleanup(ks_buf_done) struct ks_buf json = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct report_opts opts = { .kernel = "arch/x86/boot/bzImage" };
	struct report_sum sum = { 0 };
	struct json_object *doc;
	int rc;

	if (!parse(argc, argv, &opts))
		return usage();
	doc = gather(&opts, &sum);
	ks_put_str(&json, json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PRETTY |
								      JSON_C_TO_STRING_NOSLASHESCAPE));
	ks_put_str(&json, "\n");
	report_render(doc, &text);
	json_object_put(doc);
	rc = publish(&opts, "report.json", &json);
	if (!rc)
		rc = publish(&opts, "report.txt", &text);
	fwrite(text.p, 1, text.bytes, stdout);
	if (fflush(stdout) || ferror(stdout))
		return 1;
	return rc || sum.failed || *sum.unproved ? 1 : 0;
}
