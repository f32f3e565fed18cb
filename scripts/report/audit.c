// SPDX-License-Identifier: LGPL-2.1-or-later
/* What `kseal audit release` said of out/<sku> (scripts/build/audit): counts, rules that fail, what else is fatal. */
#include <stdio.h>
#include <string.h>

#include "report.h"

static struct json_object *copy_text(struct json_object *row, const char *key)
{
	return json_object_new_string(report_text(row, key));
}

static void add_failure(struct json_object *failures, struct json_object *rule)
{
	static const char *const keys[] = { "place", "symbol", "effective", "want", "word", "line", "why" };
	struct json_object *row = json_object_new_object();
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(keys); i++)
		json_object_object_add(row, keys[i], copy_text(rule, keys[i]));
	json_object_object_add(row, "verdict",
			       json_object_new_string(strcmp(report_text(rule, "verdict"), "unknown") ? "fail" : "unknown"));
	json_object_array_add(failures, row);
}

static struct json_object *count(struct json_object *audit)
{
	static const char *const verdicts[] = { "ok", "needed", "excepted", "fail", "unknown", "other" };
	struct json_object *counts = json_object_new_object(), *from = NULL;
	size_t i;

	json_object_object_get_ex(audit, "counts", &from);
	for (i = 0; i < KS_ARRAY_SIZE(verdicts); i++) {
		u64 nr = report_number(from, verdicts[i]);

		json_object_object_add(counts, verdicts[i], json_object_new_int64((int64_t)nr));
	}
	return counts;
}

static void add_finding(struct json_object *findings, struct json_object *finding)
{
	static const char *const keys[] = { "rule", "what", "detail" };
	struct json_object *row = json_object_new_object();
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(keys); i++)
		json_object_object_add(row, keys[i], copy_text(finding, keys[i]));
	json_object_array_add(findings, row);
}

/* Those that are fatal. */
static struct json_object *fatal_findings(struct json_object *audit)
{
	struct json_object *findings = json_object_new_array(), *rows = NULL, *row;
	size_t i;

	if (!json_object_object_get_ex(audit, "findings", &rows) || !json_object_is_type(rows, json_type_array))
		return findings;
	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_array_get_idx(rows, i);
		if (!strcmp(report_text(row, "severity"), "fatal"))
			add_finding(findings, row);
	}
	return findings;
}

struct json_object *report_audit(const struct report_opts *opts, struct json_object *stages)
{
	const char *status = report_stage_status(stages, "uki");
	struct json_object *audit, *rules = NULL, *doc = NULL, *failures;
	char path[4096];
	size_t i;

	/* A stage that failed may have failed because of it. */
	if (strcmp(status, "ok") && strcmp(status, "failed"))
		return NULL;
	snprintf(path, sizeof(path), "%s/audit.json", opts->directory);
	audit = report_load_json(path);
	if (!audit || strcmp(report_text(audit, "schema"), "kseal/audit/1") ||
	    !json_object_object_get_ex(audit, "rules", &rules) || !json_object_is_type(rules, json_type_array)) {
		json_object_put(audit);
		return NULL;
	}
	doc = json_object_new_object();
	failures = json_object_new_array();
	for (i = 0; i < json_object_array_length(rules); i++) {
		struct json_object *rule = json_object_array_get_idx(rules, i);
		const char *verdict = report_text(rule, "verdict");

		if (!strcmp(verdict, "fail") || !strcmp(verdict, "unknown"))
			add_failure(failures, rule);
	}
	json_object_object_add(doc, "counts", count(audit));
	json_object_object_add(doc, "failures", failures);
	json_object_object_add(doc, "findings", fatal_findings(audit));
	json_object_put(audit);
	return doc;
}
