// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/status.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "queue/skus.h"
#include "queue/patch.h"
#include "text/json.h"
#include "text/text.h"

void kq_status_done(struct kq_status *status)
{
	size_t i;

	for (i = 0; status->row && i < status->run.stack.series.nr; i++) {
		free(status->row[i].why);
		ks_buf_done(&status->row[i].skus);
	}
	free(status->row);
	kq_run_done(&status->run);
	*status = (struct kq_status){ 0 };
}

/* A SKU names its queue as the directory is called. */
static void add_users(struct kq_status *status, const struct kq_skus *skus, const char *queue)
{
	size_t i, k;

	for (i = 0; i < skus->nr; i++) {
		const struct kq_selection selection = { skus->sku[i].name, skus->sku[i].arch };

		if (strcmp(skus->sku[i].queue, basename(queue)))
			continue;
		for (k = 0; k < status->run.stack.series.nr; k++) {
			struct ks_buf *out = &status->row[k].skus;

			if (!kq_selected(&status->run.stack.series.entry[k], &selection))
				continue;
			ks_put_str(out, out->bytes ? "," : "");
			ks_put_str(out, skus->sku[i].name);
		}
	}
}

int kq_status_load(const char *queue, const char *skus_dir, u32 today,
		   struct kq_status *ret_status, struct kq_error *error)
{
	__cleanup(kq_status_done) struct kq_status status = { 0 };
	__cleanup(kq_skus_done) struct kq_skus skus = { 0 };
	size_t i;
	int rc = kq_run_load(queue, "", &status.run, error);

	if (!rc)
		rc = kq_skus_load(skus_dir, &skus, error);
	if (rc)
		return rc;
	status.row = calloc(status.run.stack.series.nr + 1, sizeof(*status.row));
	if (!status.row)
		return kq_no_memory(error);
	add_users(&status, &skus, queue);
	for (i = 0; i < status.run.stack.series.nr; i++) {
		struct ks_span review;
		u32 date;

		status.row[i].overdue =
			kq_trailer(&status.run.stack.patch[i].patch, "Review-by:", 0, &review) &&
			kq_date(review, &date) && date < today;
	}
	*ret_status = status;
	status = (struct kq_status){ 0 };
	return 0;
}

/* struct run - the question, while it is put to every selection */
struct run {
	struct kq_status *status;
	const struct kq_source *base;
};

/* "...: hunk 2 applied 17 lines later", one line per hunk that moved */
static void note_offsets(struct kq_status_row *row, struct ks_span notes)
{
	static const char applied[] = " applied ";
	struct ks_span line;

	while (ks_span_line(&notes, &line)) {
		const u8 *at = line.bytes ? memmem(line.p, line.bytes, applied, strlen(applied)) :
					    NULL;
		u32 lines;

		if (!at)
			continue;
		line = kq_tail(line, (size_t)(at - line.p) + strlen(applied));
		if (kq_take_number(&line, &lines) && lines > row->offset_lines)
			row->offset_lines = lines;
	}
}

/* All that apply out of the first @nr. */
static int redo(const struct run *run, size_t nr, const struct kq_selection *selection,
		const bool *good, struct kq_overlay *overlay, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	kq_overlay_done(overlay);
	overlay->source = run->base;
	for (i = 0; i < nr && !rc; i++)
		if (good[i] && kq_selected(&run->status->run.stack.series.entry[i], selection))
			rc = kq_apply_patch(overlay, &run->status->run.stack.patch[i].patch, NULL,
					    error);
	return rc;
}

static int try_one(const struct run *run, size_t i, struct kq_overlay *overlay, bool *ret_good,
		   struct kq_error *error)
{
	struct kq_status_row *row = &run->status->row[i];
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	struct kq_error why = { 0 };
	int rc = kq_apply_patch(overlay, &run->status->run.stack.patch[i].patch, &notes, &why);

	row->tried = true;
	*ret_good = !rc;
	note_offsets(row, ks_buf_span(&notes));
	if (rc && rc != KQ_REFUSED)
		return kq_fail(error, rc, "%s", why.line);
	if (!rc || row->fails)
		return 0;
	row->fails = true;
	row->why = strdup(why.line);
	return row->why ? 0 : kq_no_memory(error);
}

static void free_flags(bool **flags)
{
	free(*flags);
}

static int try_selection(void *arg, const struct kq_selection *selection, struct kq_error *error)
{
	const struct run *run = arg;
	const struct kq_stack *stack = &run->status->run.stack;
	__cleanup(kq_overlay_done) struct kq_overlay overlay = { .source = run->base };
	__cleanup(free_flags) bool *good = calloc(stack->series.nr + 1, sizeof(*good));
	size_t i;
	int rc = good ? 0 : kq_no_memory(error);

	for (i = 0; i < stack->series.nr && !rc; i++) {
		if (!kq_selected(&stack->series.entry[i], selection))
			continue;
		rc = try_one(run, i, &overlay, &good[i], error);
		if (!rc && !good[i])
			rc = redo(run, i, selection, good, &overlay, error);
	}
	return rc;
}

int kq_status_try(struct kq_status *status, const struct kq_source *base, struct kq_error *error)
{
	struct run run = { .status = status, .base = base };

	return kq_stack_each(&status->run.stack, try_selection, &run, error);
}

int kq_status_verdicts(struct kq_status *status, const char *state, const char *queue,
		    const struct kq_base base[2], struct kq_error *error)
{
	__cleanup(kq_resolver_done) struct kq_resolver resolver = { 0 };
	int rc = kq_resolver_init(state, queue, &resolver, error);

	if (!rc)
		rc = kq_run_verdicts(&status->run, base, &resolver, true, error);
	status->has_verdicts = !rc;
	return rc;
}

bool kq_status_good(const struct kq_status *status)
{
	size_t i;

	for (i = 0; i < status->run.stack.series.nr; i++)
		if (status->row[i].fails)
			return false;
	return !status->has_verdicts || !kq_run_conflict(&status->run);
}

static void put_trailer(struct json_object *to, const char *key, const struct kq_patch *patch,
			const char *trailer)
{
	struct ks_span value = { 0 };

	if (kq_trailer(patch, trailer, 0, &value))
		kq_json_text(to, key, value);
}

static void put_cves(struct json_object *to, const struct kq_patch *patch)
{
	struct json_object *list = kq_json_array(to, "cves");
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
		json_object_array_add(
			array, json_object_new_string_len((const char *)item.p, (int)item.bytes));
}

static void put_files(struct json_object *to, const struct kq_patch *patch)
{
	static const char *const change[] = {
		[KQ_MODIFY] = "modify",
		[KQ_CREATE] = "create",
		[KQ_DELETE] = "delete",
	};
	struct json_object *list = kq_json_array(to, "files");
	size_t i;

	for (i = 0; i < patch->nr_files; i++) {
		struct json_object *row = kq_json_row(list);

		kq_json_text(row, "file", patch->file[i].path);
		kq_json_str(row, "change", change[patch->file[i].change]);
		kq_json_int(row, "hunks", (int64_t)patch->file[i].nr_hunks);
	}
}

static void put_hunks(struct json_object *to, const struct kq_file_verdict *file)
{
	static const char *const verdict[] = {
		[KQ_FWD] = "FWD",
		[KQ_REV] = "REV",
		[KQ_BOTH] = "BOTH",
		[KQ_NONE] = "NONE",
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

		kq_json_text(row, "file", file->path);
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
		    const struct kq_status_row *row, bool has_verdicts)
{
	const struct kq_patch *patch = &step->loaded->patch;
	const struct kq_entry *entry = step->entry;
	struct json_object *list;

	kq_json_str(to, "patch", entry->name);
	put_list(to, "only_sku", entry->sku);
	put_list(to, "only_arch", entry->arch);
	if (row->tried) {
		kq_json_bool(to, "applies", !row->fails);
		kq_json_int(to, "offset_lines", (int64_t)row->offset_lines);
	}
	list = kq_json_array(to, "errors");
	if (row->why)
		kq_json_text(kq_json_row(list), "text", ks_span_str(row->why));
	put_trailer(to, "upstream_status", patch, "Upstream-status:");
	put_trailer(to, "stable_commit", patch, "Stable-commit:");
	put_trailer(to, "owner", patch, "Owner:");
	put_trailer(to, "review_by", patch, "Review-by:");
	kq_json_bool(to, "overdue", row->overdue);
	put_cves(to, patch);
	put_list(to, "skus", ks_buf_span(&row->skus));
	put_files(to, patch);
	if (has_verdicts)
		put_verdict(to, step);
}

struct json_object *kq_status_json(const struct kq_status *status)
{
	struct json_object *all = json_object_new_object();
	struct json_object *list;
	size_t i;

	kq_json_str(all, "schema", "kq/status/1");
	list = kq_json_array(all, "patches");
	for (i = 0; i < status->run.stack.series.nr; i++)
		put_row(kq_json_row(list), &status->run.step[i], &status->row[i], status->has_verdicts);
	return all;
}
