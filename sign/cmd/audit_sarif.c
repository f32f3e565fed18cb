// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SARIF 2.1.0 (OASIS standard of 27 March 2020): rules of the policy are reportingDescriptors, a row of the audit
 * is a result of one of them. "kind" has the verdict; only "fail" has a level, as 3.27.10 wants.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/audit.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static const struct {
	const char *verdict;
	const char *kind;
	const char *level;
} kinds[] = {
	{ "ok", "pass", "none" },	  { "fail", "fail", "error" },	       { "excepted", "fail", "error" },
	{ "needed", "informational", "none" }, { "other", "notApplicable", "none" }, { "unknown", "open", "none" },
};

static void add_message(struct json_object *to, const char *key, const char *text)
{
	ks_json_str(ks_json_object(to, key), "text", *text ? text : "-");
}

/* A path as a URI reference (RFC 3986): everything else than unreserved bytes and '/' in hex. */
static void add_uri(struct json_object *artifact_location, const char *path, size_t bytes)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
	__cleanup(ks_buf_done) struct ks_buf uri = { 0 };
	char hex[4];
	size_t i;

	/* "a:b" would be a scheme, "//a" a host. */
	if (bytes && path[0] == '/')
		ks_put_str(&uri, "file://");
	for (i = 0; i < bytes; i++) {
		snprintf(hex, sizeof(hex), strchr(plain, path[i]) ? "%c" : "%%%02X", (unsigned char)path[i]);
		ks_put_str(&uri, hex);
	}
	ks_put_u8(&uri, 0);
	ks_json_str(artifact_location, "uri", uri.err ? "" : (const char *)uri.p);
}

/* "configs/policy/base.policy:12" */
static void add_place(struct json_object *locations, const char *place, const char *message)
{
	struct json_object *row = ks_json_row(locations), *physical = ks_json_object(row, "physicalLocation");
	const char *colon = strrchr(place, ':');
	unsigned long line = colon ? strtoul(colon + 1, NULL, 10) : 0;

	add_uri(ks_json_object(physical, "artifactLocation"), place, colon ? (size_t)(colon - place) : strlen(place));
	if (line)
		ks_json_int(ks_json_object(physical, "region"), "startLine", line);
	add_message(row, "message", message);
}

static void add_words(struct json_object *to, const char *key, struct json_object *rule, const char *from)
{
	struct json_object *array = ks_json_array(to, key), *words;
	size_t i, nr;

	words = ks_audit_rows(rule, from, &nr);
	for (i = 0; i < nr; i++)
		ks_json_word(array, json_object_get_string(json_object_array_get_idx(words, i)));
}

static void add_rule(struct json_object *rules, struct json_object *rule)
{
	struct json_object *to = ks_json_row(rules), *properties;
	char text[4096];

	ks_json_str(to, "id", ks_audit_text_at(rule, "rule"));
	snprintf(text, sizeof(text), "CONFIG_%s has to be %s", ks_audit_text_at(rule, "symbol"),
		 ks_audit_text_at(rule, "want"));
	add_message(to, "shortDescription", text);
	add_message(to, "fullDescription", ks_audit_text_at(rule, "why"));
	properties = ks_json_object(to, "properties");
	add_words(properties, "tags", rule, "sources");
	add_words(properties, "levels", rule, "levels");
}

/* "is n, wanted y: why", and the reasons. */
static void add_text(struct json_object *to, struct json_object *json, struct json_object *rule)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };

	ks_put_str(&text, ks_audit_text_at(rule, "symbol"));
	ks_put_str(&text, " is ");
	ks_put_str(&text, ks_audit_is(rule, "verdict", "other") || ks_audit_is(rule, "verdict", "unknown") ?
				  "not judged" :
				  ks_audit_effective(rule));
	ks_put_str(&text, ", wanted ");
	ks_put_str(&text, ks_audit_text_at(rule, "want"));
	ks_put_str(&text, ": ");
	ks_put_str(&text, ks_audit_text_at(rule, "why"));
	ks_put_u8(&text, '\n');
	ks_audit_reasons(json, rule, &text);
	if (!text.err && text.bytes)
		text.p[text.bytes - 1] = '\0';
	add_message(to, "message", text.err ? "" : (const char *)text.p);
}

static void add_suppression(struct json_object *to, struct json_object *exception)
{
	struct json_object *row = ks_json_row(ks_json_array(to, "suppressions")), *properties;

	ks_json_str(row, "kind", "external");
	ks_json_str(row, "status", "accepted");
	ks_json_str(row, "justification", ks_audit_text_at(exception, "why"));
	properties = ks_json_object(row, "properties");
	ks_json_str(properties, "until", ks_audit_text_at(exception, "until"));
	ks_json_str(properties, "owner", ks_audit_text_at(exception, "owner"));
	ks_json_str(properties, "place", ks_audit_text_at(exception, "place"));
}

static void add_result(struct json_object *results, struct json_object *json, struct json_object *rule, size_t idx)
{
	struct json_object *to = ks_json_row(results), *exception = ks_audit_at(rule, "exception"), *row;
	const char *file = ks_audit_text_at(json, "file");
	size_t i;

	ks_json_str(to, "ruleId", ks_audit_text_at(rule, "rule"));
	ks_json_int(to, "ruleIndex", idx);
	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++)
		if (ks_audit_is(rule, "verdict", kinds[i].verdict)) {
			ks_json_str(to, "kind", kinds[i].kind);
			ks_json_str(to, "level", kinds[i].level);
		}
	add_text(to, json, rule);
	row = ks_json_row(ks_json_array(to, "locations"));
	row = ks_json_object(ks_json_object(row, "physicalLocation"), "artifactLocation");
	add_uri(row, file, strlen(file));
	add_place(ks_json_array(to, "relatedLocations"), ks_audit_text_at(rule, "place"), "the rule");
	if (exception)
		add_suppression(to, exception);
}

struct json_object *ks_audit_sarif(struct json_object *json)
{
	struct json_object *sarif = ks_json_new(NULL), *run, *driver, *rules, *results, *rows;
	const char *file = ks_audit_text_at(json, "file");
	size_t i, nr;

	ks_json_str(sarif, "$schema", SCHEMA);
	ks_json_str(sarif, "version", "2.1.0");
	run = ks_json_row(ks_json_array(sarif, "runs"));
	driver = ks_json_object(ks_json_object(run, "tool"), "driver");
	ks_json_str(driver, "name", "kseal audit");
	ks_json_str(driver, "version", KS_VERSION);
	rules = ks_json_array(driver, "rules");
	add_uri(ks_json_object(ks_json_row(ks_json_array(run, "artifacts")), "location"), file, strlen(file));
	results = ks_json_array(run, "results");
	rows = ks_audit_rows(json, "rules", &nr);
	for (i = 0; i < nr; i++) {
		add_rule(rules, json_object_array_get_idx(rows, i));
		add_result(results, json, json_object_array_get_idx(rows, i), i);
	}
	return sarif;
}
