// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/output.h"
#include "text/json.h"

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
	struct json_object *row = kq_json_object(to, "file");
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
	put_lines(row, "files", &record->files);
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

struct json_object *kq_cves_json(const struct kq_cve_output *output)
{
	struct json_object *all = json_object_new_object(), *list;
	const struct kq_cves *cves = output->cves;
	u32 total[KQ_CVE_NR_STATES] = { 0 };
	size_t i;

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
		kq_json_int(list, kq_cve_state_name((enum kq_cve_state)i), total[i]);
	return all;
}
