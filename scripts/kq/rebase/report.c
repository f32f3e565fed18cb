// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/report.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "rebase/configs.h"
#include "rebase/dropped.h"
#include "text/git.h"

static const char *verdict_name(enum kq_hunk_found verdict)
{
	static const char *const names[] = {
		[KQ_FWD] = "forward",	[KQ_REV] = "upstream has it", [KQ_BOTH] = "both",
		[KQ_NONE] = "no match", [KQ_AMBIGUOUS] = "ambiguous",
	};

	return names[verdict];
}

static void put_hunk(struct json_object *to, const struct kq_hunk_verdict *hunk, size_t nr)
{
	bool placed = hunk->verdict == KQ_FWD || hunk->verdict == KQ_REV;

	kq_json_int(to, "nr", (int64_t)nr);
	kq_json_str(to, "verdict", verdict_name(hunk->verdict));
	kq_json_int(to, "old_line", (int64_t)hunk->old_idx + 1);
	if (placed)
		kq_json_int(to, "new_line", (int64_t)hunk->onto_idx + 1);
	if (placed)
		kq_json_int(to, "offset", (int64_t)hunk->onto_idx - (int64_t)hunk->old_idx);
	if (hunk->evidence)
		kq_json_str(to, "witness", hunk->evidence);
	kq_json_bool(to, "moved", hunk->moved);
	kq_json_bool(to, "twin", hunk->duplicate);
}

/* Return: a person should look at this file. */
static bool put_file(struct json_object *to, const struct kq_file_verdict *file)
{
	struct json_object *hunks;
	bool look = file->outcome != KQ_KEPT && file->outcome != KQ_UPSTREAM;
	size_t i;

	kq_json_text(to, "path", file->path);
	kq_json_str(to, "outcome", kq_outcome_name(file->outcome));
	kq_json_bool(to, "resolved", file->resolved);
	if (file->reason.bytes)
		kq_json_text(to, "reason", ks_buf_span(&file->reason));
	if (file->renamed)
		kq_json_str(to, "renamed", file->renamed);
	if (file->trouble != KQ_NO_TROUBLE)
		kq_json_str(to, "trouble", kq_trouble_text(file->trouble));
	hunks = kq_json_array(to, "hunks");
	for (i = 0; i < file->nr_hunks; i++) {
		put_hunk(kq_json_row(hunks), &file->hunk[i], i + 1);
		look |= file->hunk[i].moved || file->hunk[i].duplicate;
	}
	return look;
}

static void put_skus(struct json_object *to, const struct kq_entry *entry)
{
	if (entry->sku.bytes)
		kq_json_text(to, "sku", entry->sku);
	else
		kq_json_str(to, "sku", "all");
	if (entry->arch.bytes)
		kq_json_text(to, "arch", entry->arch);
}

/* The difference of the two texts: what git range-diff would show. */
static int put_interdiff(struct json_object *to, const struct kq_step *step, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf diff = { 0 };
	int rc;

	if (step->fate != KQ_FATE_PARTIAL && step->fate != KQ_FATE_MERGED)
		return 0;
	rc = kq_git_diff(ks_buf_span(&step->loaded->text), ks_buf_span(&step->verdict.text),
			 "patch", 3, &diff, error);
	if (!rc)
		kq_json_text(to, "interdiff", ks_buf_span(&diff));
	return rc;
}

static int put_patch(struct json_object *to, const struct kq_step *step, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf evidence = { 0 };
	struct json_object *files;
	bool look = step->fate == KQ_FATE_PARTIAL || step->fate == KQ_FATE_MERGED;
	size_t i;

	kq_json_str(to, "name", step->entry->name);
	kq_json_str(to, "outcome", kq_fate_name(step->fate));
	put_skus(to, step->entry);
	files = kq_json_array(to, "files");
	for (i = 0; i < step->verdict.nr_files; i++)
		look |= put_file(kq_json_row(files), &step->verdict.file[i]);
	if (step->fate == KQ_FATE_UPSTREAM || step->fate == KQ_FATE_ACCEPTED) {
		kq_evidence(step, &evidence);
		kq_json_text(to, "evidence", ks_buf_span(&evidence));
	}
	kq_json_bool(to, "look", look);
	return put_interdiff(to, step, error);
}

static void put_conflict(struct json_object *to, const struct kq_rebase *rebase)
{
	const struct kq_step *step = kq_run_conflict(&rebase->run);
	struct json_object *files;
	size_t i;

	if (!step)
		return;
	to = kq_json_object(to, "conflict");
	kq_json_str(to, "patch", step->entry->name);
	kq_json_str(to, "for", step->variant->name);
	kq_json_str(to, "tree", rebase->tree.s);
	files = kq_json_array(to, "files");
	for (i = 0; i < step->verdict.nr_conflicts; i++) {
		const struct kq_conflict *conflict = &step->verdict.conflict[i];
		struct json_object *file = kq_json_row(files);

		kq_json_text(file, "path", conflict->path);
		if (conflict->renamed)
			kq_json_str(file, "renamed", conflict->renamed);
		kq_json_str(file, "trouble", kq_trouble_text(conflict->trouble));
		kq_json_text(file, "cause", ks_buf_span(&conflict->cause));
		kq_json_text(file, "marked", ks_buf_span(&conflict->marked));
	}
}

static int put_totals(struct json_object *to, const struct kq_run *run, struct kq_error *error)
{
	const size_t *nr = run->nr_fates;
	size_t i, sum = 0;

	for (i = 0; i < KQ_NR_FATES; i++)
		sum += nr[i];
	if (sum != run->stack.series.nr)
		return kq_fail(error, -EINVAL, "totals: %zu patches in, %zu accounted for",
			       run->stack.series.nr, sum);
	to = kq_json_object(to, "totals");
	kq_json_int(to, "in", (int64_t)run->stack.series.nr);
	kq_json_int(to, "kept", (int64_t)nr[KQ_FATE_KEPT]);
	kq_json_int(to, "partial", (int64_t)nr[KQ_FATE_PARTIAL]);
	kq_json_int(to, "merged", (int64_t)nr[KQ_FATE_MERGED]);
	kq_json_int(to, "dropped", (int64_t)(nr[KQ_FATE_UPSTREAM] + nr[KQ_FATE_ACCEPTED]));
	kq_json_int(to, "conflicts", (int64_t)nr[KQ_FATE_CONFLICT]);
	kq_json_int(to, "not_judged", (int64_t)nr[KQ_FATE_WAITING]);
	kq_json_int(to, "other_sku", (int64_t)nr[KQ_FATE_OTHER]);
	return 0;
}

static const char *end_name(enum kq_rebase_end end)
{
	static const char *const names[] = {
		[KQ_REBASE_DONE] = "done",	   [KQ_REBASE_SAME] = "nothing changed",
		[KQ_REBASE_TRIAL] = "trial",	   [KQ_REBASE_CONFLICT] = "conflict",
		[KQ_REBASE_FINISHED] = "finished",
	};

	return names[end];
}

int kq_report_build(const struct kq_rebase *rebase, struct json_object **ret_report,
		    struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *report = json_object_new_object();
	struct json_object *patches;
	size_t i;
	int rc;

	kq_json_int(report, "kq_report", 1);
	kq_json_str(report, "queue", rebase->plan.queue);
	kq_json_str(report, "from", rebase->bases.base[0].label);
	kq_json_str(report, "to", rebase->bases.base[1].label);
	kq_json_str(report, "sku", *rebase->plan.sku ? rebase->plan.sku : "all");
	kq_json_str(report, "state", end_name(rebase->end));
	rc = put_totals(report, &rebase->run, error);
	patches = kq_json_array(report, "patches");
	for (i = 0; i < rebase->run.stack.series.nr && !rc; i++)
		rc = put_patch(kq_json_row(patches), &rebase->run.step[i], error);
	if (rc)
		return rc;
	put_conflict(report, rebase);
	kq_configs_report(&rebase->survey, report);
	*ret_report = report;
	report = NULL;
	return 0;
}

int kq_report_write(const struct kq_rebase *rebase, struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *report = NULL;
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct ks_span all;
	int rc = kq_report_build(rebase, &report, error);

	if (!rc)
		rc = kq_plan_path(&rebase->plan, "report.json", &path, error);
	if (!rc)
		rc = kq_json_save(path.s, report, error);
	if (!rc)
		rc = kq_plan_path(&rebase->plan, "report.md", &path, error);
	if (rc)
		return rc;
	kq_report_markdown(report, &text);
	if (ks_buf_ok(&text, &diag))
		return kq_fail_diag(error, &diag);
	all = ks_buf_span(&text);
	return ks_file_publish(path.s, &all, 1, 0644, &diag) ? kq_fail_diag(error, &diag) : 0;
}

int kq_report_publish(const struct kq_plan *plan, struct kq_error *error)
{
	static const char *const kinds[] = { "json", "md" };
	struct kq_path from, to;
	size_t i;
	int rc = 0;

	for (i = 0; i < KS_ARRAY_SIZE(kinds) && !rc; i++) {
		rc = kq_path(&from, error, "%s/report.%s", plan->dir.s, kinds[i]);
		if (!rc)
			rc = kq_path(&to, error, "%s-report.%s", plan->dir.s, kinds[i]);
		if (!rc && rename(from.s, to.s) && errno != ENOENT)
			rc = kq_fail(error, -errno, "%s: %s", to.s, strerror(errno));
	}
	return rc;
}
