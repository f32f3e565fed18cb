// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/patch.h"
#include "text/json.h"
#include "text/text.h"
#include "work/status.h"

static void put_trailer(struct json_object *to, const char *key, const struct kq_patch *patch,
			const char *trailer)
{
	struct ks_span value = { 0 };

	if (kq_trailer(patch, trailer, 0, &value))
		kq_json_text(to, key, value);
}

static void put_cves(struct json_object *to, const struct kq_patch *patch)
{
	struct json_object *list = kq_json_array(to, "cve");
	struct ks_span value;
	size_t i;

	for (i = 0; kq_trailer(patch, "CVE:", i, &value); i++)
		kq_json_text(kq_json_row(list), "id", value);
}

static void put_list(struct json_object *to, const char *key, struct ks_span list)
{
	struct json_object *array = kq_json_array(to, key);
	struct ks_span item;

	while (kq_series_item(&list, &item))
		json_object_array_add(array, json_object_new_string_len((const char *)item.p,
									(int)item.bytes));
}

static void put_files(struct json_object *to, const struct kq_patch *patch)
{
	static const char *const change[] = {
		[KQ_MODIFY] = "modify", [KQ_CREATE] = "create", [KQ_DELETE] = "delete",
	};
	struct json_object *list = kq_json_array(to, "files");
	size_t i;

	for (i = 0; i < patch->nr_files; i++) {
		struct json_object *row = kq_json_row(list);

		kq_json_text(row, "path", patch->file[i].path);
		kq_json_str(row, "change", change[patch->file[i].change]);
		kq_json_int(row, "hunks", (int64_t)patch->file[i].nr_hunks);
	}
}

static void put_hunks(struct json_object *to, const struct kq_file_verdict *file)
{
	static const char *const verdict[] = {
		[KQ_FWD] = "FWD", [KQ_REV] = "REV", [KQ_BOTH] = "BOTH", [KQ_NONE] = "NONE",
		[KQ_AMBIGUOUS] = "AMBIGUOUS",
	};
	struct json_object *list = kq_json_array(to, "hunks");
	size_t i;

	for (i = 0; i < file->nr_hunks; i++) {
		const struct kq_hunk_verdict *hunk = &file->hunk[i];
		struct json_object *row = kq_json_row(list);

		kq_json_int(row, "patch_line", hunk->patch_line);
		kq_json_str(row, "verdict", verdict[hunk->verdict]);
		kq_json_int(row, "old_line", (int64_t)hunk->old_idx + 1);
		if (hunk->verdict == KQ_FWD || hunk->verdict == KQ_REV)
			kq_json_int(row, "new_line", (int64_t)hunk->onto_idx + 1);
		if (hunk->evidence)
			kq_json_str(row, "witness", hunk->evidence);
	}
}

static void put_verdict(struct json_object *to, const struct kq_step *step)
{
	const struct kq_verdict *verdict = &step->verdict;
	struct json_object *object = kq_json_object(to, "verdict"), *list;
	size_t i;

	kq_json_str(object, "outcome", kq_fate_name(step->fate));
	if (step->variant)
		kq_json_str(object, "for", step->variant->name);
	kq_json_bool(object, "behind_conflict", step->behind);
	list = kq_json_array(object, "files");
	for (i = 0; i < verdict->nr_files; i++) {
		const struct kq_file_verdict *file = &verdict->file[i];
		struct json_object *row = kq_json_row(list);

		kq_json_text(row, "path", file->path);
		kq_json_str(row, "outcome", kq_outcome_name(file->outcome));
		kq_json_bool(row, "resolved", file->resolved);
		if (file->trouble != KQ_NO_TROUBLE)
			kq_json_str(row, "trouble", kq_trouble_text(file->trouble));
		if (file->renamed)
			kq_json_str(row, "renamed", file->renamed);
		put_hunks(row, file);
	}
}

static void put_row(struct json_object *to, const struct kq_step *step,
		    const struct kq_status_row *row, bool judged)
{
	const struct kq_patch *patch = &step->loaded->patch;
	const struct kq_entry *entry = step->entry;

	kq_json_str(to, "patch", entry->name);
	put_list(to, "only_sku", entry->sku);
	put_list(to, "only_arch", entry->arch);
	if (row->tried) {
		kq_json_bool(to, "applies", !row->fails);
		kq_json_int(to, "offset_lines", (int64_t)row->offset_lines);
	}
	if (row->why)
		kq_json_text(to, "why", ks_span_str(row->why));
	put_trailer(to, "upstream_status", patch, "Upstream-status:");
	put_trailer(to, "stable_commit", patch, "Stable-commit:");
	put_trailer(to, "owner", patch, "Owner:");
	put_trailer(to, "review_by", patch, "Review-by:");
	kq_json_bool(to, "overdue", row->overdue);
	put_cves(to, patch);
	put_list(to, "skus", ks_buf_span(&row->skus));
	put_files(to, patch);
	if (judged)
		put_verdict(to, step);
}

struct json_object *kq_status_json(const struct kq_status *status)
{
	struct json_object *all = json_object_new_object();
	struct json_object *list = kq_json_array(all, "patches");
	size_t i;

	for (i = 0; i < status->run.stack.series.nr; i++)
		put_row(kq_json_row(list), &status->run.step[i], &status->row[i], status->judged);
	return all;
}
