// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/output.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "cve/say.h"
#include "text/json.h"
#include "text/text.h"

static void put_lines(struct json_object *to, const char *key, const struct ks_buf *lines)
{
	struct json_object *list = kq_json_array(to, key);
	struct ks_span text = ks_buf_span(lines), line;

	while (ks_span_line(&text, &line))
		json_object_array_add(
			list, json_object_new_string_len((const char *)line.p, (int)line.bytes));
}

static void put_patches(struct json_object *to, const struct kq_cves *cves,
			const struct kq_cve *cve)
{
	struct json_object *list = kq_json_array(to, "patches");
	size_t i;

	kq_cve_patches(cves, cve, cves->kinds);
	for (i = 0; i < cves->stack.series.nr; i++) {
		const struct kq_cve_patch *patch = &cves->patch[i];
		struct json_object *row;

		if (!cves->kinds[i])
			continue;
		row = kq_json_row(list);
		kq_json_str(row, "patch", patch->entry->name);
		kq_json_bool(row, "selected", patch->selected);
		if (patch->upstream.bytes)
			kq_json_text(row, "upstream", patch->upstream);
		if (patch->stable.bytes)
			kq_json_text(row, "stable", patch->stable);
	}
}

static void put_decision(struct json_object *to, const struct kq_decision *decision)
{
	static const char *const keys[][2] = {
		{ "Justification:", "justification" },
		{ "Fixed-in:", "fixed_in" },
		{ "Introduced:", "introduced" },
		{ "Reason:", "reason" },
		{ "Owner:", "owner" },
		{ "Review-by:", "review_by" },
	};
	struct json_object *row = kq_json_object(to, "decision");
	struct ks_span value = { 0 };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(keys); i++)
		if (kq_decision_value(decision, keys[i][0], 0, &value))
			kq_json_text(row, keys[i][1], value);
}

static void put_record(struct json_object *to, const struct kq_record *record)
{
	static const char *const says[] = {
		[KQ_RECORD_OTHER] = "other",	 [KQ_RECORD_UNCLEAR] = "unclear",
		[KQ_RECORD_OUTSIDE] = "outside", [KQ_RECORD_LATER] = "later",
		[KQ_RECORD_FIXED] = "fixed",	 [KQ_RECORD_AFFECTED] = "affected",
	};
	struct json_object *row = kq_json_object(to, "record");

	kq_json_str(row, "says", record->rejected ? "rejected" : says[record->says]);
	if (*record->release)
		kq_json_str(row, "release", record->release);
	put_lines(row, "fixes", &record->fixes);
	put_lines(row, "causes", &record->causes);
	put_lines(row, "paths", &record->files);
}

static void put_row(struct json_object *to, const struct kq_cves *cves, const struct kq_cve *cve)
{
	static const char *const by[] = {
		[KQ_CVE_BY_PATCH] = "patch",
		[KQ_CVE_BY_FILE] = "file",
		[KQ_CVE_BY_LOG] = "log",
		[KQ_CVE_BY_RECORD] = "record",
	};

	kq_json_str(to, "id", cve->id);
	kq_json_str(to, "state", kq_cve_state_name(cve->state));
	kq_json_str(to, "by", by[cve->by]);
	put_patches(to, cves, cve);
	if (cve->decided)
		put_decision(to, &cve->decision);
	if (cve->recorded)
		put_record(to, &cve->record);
	put_lines(to, "evidence", &cve->evidence);
	put_lines(to, "findings", &cve->findings);
	put_lines(to, "asked", &cve->asked);
}

/* Keys have "_" where the word has "-". */
static void put_total(struct json_object *to, const char *state, u32 total)
{
	char key[32], *dash;

	snprintf(key, sizeof(key), "%s", state);
	while ((dash = strchr(key, '-')))
		*dash = '_';
	kq_json_int(to, key, total);
}

struct json_object *kq_cves_json(const struct kq_cve_output *output)
{
	struct json_object *all = json_object_new_object(), *list;
	const struct kq_cves *cves = output->cves;
	u32 total[KQ_CVE_NR_STATES] = { 0 };
	size_t i;

	kq_json_str(all, "schema", "kq/cve/1");
	if (cves->has_base)
		kq_json_str(all, "base", cves->lock.release);
	list = kq_json_array(all, "cves");
	for (i = 0; i < cves->nr; i++) {
		if (!output->wanted(output->arg, &cves->cve[i]))
			continue;
		put_row(kq_json_row(list), cves, &cves->cve[i]);
		total[cves->cve[i].state]++;
	}
	put_lines(all, "findings", &cves->findings);
	list = kq_json_object(all, "totals");
	for (i = 0; i < KQ_CVE_NR_STATES; i++)
		put_total(list, kq_cve_state_name((enum kq_cve_state)i), total[i]);
	return all;
}

#define CONTEXT "https://openvex.dev/ns/v0.2.0"
/* The shared namespace of the specification, and a name of ours in it. */
#define ID_PREFIX "https://openvex.dev/docs/kseal/vex-"

/* Lines as one sentence each: "a; b". */
static void put_joined(struct json_object *to, const char *key, const struct ks_buf *lines)
{
	__cleanup(ks_buf_done) struct ks_buf joined = { 0 };
	struct ks_span text = ks_buf_span(lines), line;

	while (ks_span_line(&text, &line)) {
		ks_put_str(&joined, joined.bytes ? "; " : "");
		ks_put(&joined, line);
	}
	if (joined.bytes)
		kq_json_text(to, key, ks_buf_span(&joined));
}

/* A fault that only a record tells of came later or left the code: then it is not in ours. */
static void put_justification(struct json_object *to, const struct kq_cve *cve)
{
	struct ks_span value = ks_span_str("vulnerable_code_not_present");

	if (cve->by == KQ_CVE_BY_FILE)
		kq_decision_value(&cve->decision, "Justification:", 0, &value);
	kq_json_text(to, "justification", value);
}

static void put_action(struct json_object *to, const struct kq_cve *cve)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_span reason = { 0 };

	kq_decision_value(&cve->decision, "Reason:", 0, &reason);
	if (cve->state == KQ_CVE_WONTFIX)
		kq_say(&text, "No fix is planned: %.*s", KQ_WHOLE(reason));
	else if (reason.bytes)
		kq_say(&text, "Not fixed yet: %.*s", KQ_WHOLE(reason));
	else if (cve->recorded && cve->record.says == KQ_RECORD_AFFECTED && *cve->record.release)
		kq_say(&text, "Not fixed yet: Linux %s has the fix", cve->record.release);
	else
		kq_say(&text, "Not fixed yet");
	put_joined(to, "action_statement", &text);
}

static void put_statement(struct json_object *to, const struct kq_cve_output *output,
			  const struct kq_cve *cve)
{
	struct json_object *product;

	kq_json_str(kq_json_object(to, "vulnerability"), "name", cve->id);
	product = kq_json_row(kq_json_array(to, "products"));
	kq_json_str(product, "@id", output->product);
	kq_json_str(kq_json_object(product, "identifiers"), "purl", output->product);
	if (cve->state == KQ_CVE_UNFIXED || cve->state == KQ_CVE_WONTFIX) {
		kq_json_str(to, "status", "affected");
		put_action(to, cve);
		put_joined(to, "status_notes", &cve->evidence);
	} else if (cve->findings.bytes) {
		kq_json_str(to, "status", "under_investigation");
		put_joined(to, "status_notes", &cve->findings);
	} else if (cve->state == KQ_CVE_FIXED) {
		kq_json_str(to, "status", "fixed");
		put_joined(to, "status_notes", &cve->evidence);
	} else {
		kq_json_str(to, "status", "not_affected");
		put_justification(to, cve);
		put_joined(to, "status_notes", &cve->evidence);
	}
}

static int put_timestamp(struct json_object *to, u64 seconds, struct kq_error *error)
{
	time_t time = (time_t)seconds;
	char text[32];
	struct tm tm;

	if (!gmtime_r(&time, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return kq_fail(error, -EINVAL, "SOURCE_DATE_EPOCH: is not a time");
	kq_json_str(to, "timestamp", text);
	return 0;
}

/* The id is a hash of the document, so that no two documents share one and "version" may stay 1. */
static int put_id(struct json_object *all, struct kq_error *error)
{
	char id[sizeof(ID_PREFIX) + sizeof(struct kq_hex)];
	struct kq_hex hash;
	const char *text = json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN);
	int rc = text ? kq_sha256(ks_span_str(text), &hash, error) : kq_no_memory(error);

	if (rc)
		return rc;
	snprintf(id, sizeof(id), "%s%s", ID_PREFIX, hash.text);
	kq_json_str(all, "@id", id);
	return 0;
}

int kq_cves_openvex(const struct kq_cve_output *output, struct json_object **ret_json,
		    struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *all = json_object_new_object();
	const struct kq_cves *cves = output->cves;
	struct json_object *list;
	size_t i;
	int rc;

	kq_json_str(all, "@context", CONTEXT);
	kq_json_str(all, "@id", ID_PREFIX);
	kq_json_str(all, "author", output->author);
	rc = put_timestamp(all, output->time, error);
	kq_json_int(all, "version", 1);
	kq_json_str(all, "tooling", "kq cve");
	list = kq_json_array(all, "statements");
	for (i = 0; i < cves->nr; i++)
		if (output->wanted(output->arg, &cves->cve[i]))
			put_statement(kq_json_row(list), output, &cves->cve[i]);
	if (!rc && !json_object_array_length(list))
		rc = kq_fail(
			error, KQ_REFUSED,
			"no CVE is known here, and OpenVEX has no document without a statement");
	if (!rc)
		rc = put_id(all, error);
	if (rc)
		return rc;
	*ret_json = json_object_get(all);
	return 0;
}
