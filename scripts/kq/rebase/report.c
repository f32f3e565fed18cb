// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "rebase/next_queue.h"
#include "text/file.h"
#include "text/git.h"
#include "text/text.h"

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

	kq_json_text(to, "file", file->path);
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

	kq_json_str(to, "patch", step->entry->name);
	kq_json_str(to, "outcome", kq_fate_name(step->fate));
	put_skus(to, step->entry);
	files = kq_json_array(to, "files");
	for (i = 0; i < step->verdict.nr_files; i++)
		look |= put_file(kq_json_row(files), &step->verdict.file[i]);
	if (step->fate == KQ_FATE_UPSTREAM || step->fate == KQ_FATE_DROPPED) {
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

		kq_json_text(file, "file", conflict->path);
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
	kq_json_int(to, "dropped", (int64_t)(nr[KQ_FATE_UPSTREAM] + nr[KQ_FATE_DROPPED]));
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

static int build_report(const struct kq_rebase *rebase, struct json_object **ret_report,
			struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *report = json_object_new_object();
	struct json_object *patches;
	size_t i;
	int rc;

	kq_json_str(report, "schema", "kq/rebase/1");
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
	*ret_report = report;
	report = NULL;
	return 0;
}

void kq_report_escape(struct ks_span text, struct ks_buf *out)
{
	char part[256], shown[4 * sizeof(part)];
	size_t n;

	while (text.bytes) {
		/* Whole characters: what is cut in two is not text. */
		for (n = 0; n < text.bytes && n < sizeof(part) - 1; n++)
			if (text.p[n] == '\n' || text.p[n] == '\t')
				break;
		while (n > 4 && n < text.bytes && (text.p[n] & 0xc0) == 0x80)
			n--;
		snprintf(part, sizeof(part), "%.*s", (int)n, (const char *)text.p);
		ks_escape(part, shown, sizeof(shown));
		ks_put_str(out, shown);
		text = kq_tail(text, n);
		if (text.bytes && (text.p[0] == '\n' || text.p[0] == '\t')) {
			ks_put_u8(out, text.p[0]);
			text = kq_tail(text, 1);
		}
	}
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

/* The text, out of the JSON. */

__attribute__((format(printf, 2, 3))) static void put(struct ks_buf *out, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	ks_put_str(out, line);
}

static struct json_object *get(struct json_object *from, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(from, key, &value);
	return value;
}

static bool is_set(struct json_object *from, const char *key)
{
	return json_object_get_boolean(get(from, key));
}

static size_t length(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

/* Indented, not fenced: a text with ``` in it cannot end the block. */
static void md_block(struct ks_buf *out, const char *text)
{
	struct ks_span rest = ks_span_str(text), line;

	ks_put_str(out, "\n");
	while (ks_span_line(&rest, &line)) {
		ks_put_str(out, "    ");
		ks_put(out, line);
		ks_put_str(out, "\n");
	}
	ks_put_str(out, "\n");
}

/* struct summary - the hunks of a patch */
struct summary {
	size_t nr;
	size_t nr_offsets;
	int64_t least;
	int64_t most;
};

static void add_hunk(struct summary *sum, struct json_object *hunk)
{
	int64_t offset = kq_json_get_int(hunk, "offset");

	sum->nr++;
	if (!offset)
		return;
	if (!sum->nr_offsets++)
		sum->least = sum->most = offset;
	if (offset < sum->least)
		sum->least = offset;
	if (offset > sum->most)
		sum->most = offset;
}

void kq_report_line(struct json_object *patch, struct ks_buf *out)
{
	struct json_object *files = get(patch, "files"), *hunks;
	struct summary sum = { 0 };
	size_t i, k;

	for (i = 0; i < length(files); i++) {
		hunks = get(json_object_array_get_idx(files, i), "hunks");
		for (k = 0; k < length(hunks); k++)
			add_hunk(&sum, json_object_array_get_idx(hunks, k));
	}
	if (*kq_json_get(patch, "evidence")) {
		put(out, "%.900s", kq_json_get(patch, "evidence"));
		return;
	}
	if (!length(files))
		return;
	put(out, "%zu file%s, %zu hunk%s", length(files), length(files) == 1 ? "" : "s", sum.nr,
	    sum.nr == 1 ? "" : "s");
	if (sum.nr_offsets && sum.least == sum.most)
		put(out, ", %zu moved by %+lld", sum.nr_offsets, (long long)sum.least);
	else if (sum.nr_offsets)
		put(out, ", %zu moved by %+lld..%+lld", sum.nr_offsets, (long long)sum.least,
		    (long long)sum.most);
}

void kq_report_totals(struct json_object *report, bool zeros, struct ks_buf *out)
{
	static const char *const names[] = { "in",	"kept",	     "partial",	   "merged",
					     "dropped", "conflicts", "not_judged", "other_sku" };
	struct json_object *totals = get(report, "totals");
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++) {
		long long nr = (long long)kq_json_get_int(totals, names[i]);

		if (nr || zeros || !i)
			put(out, "%s%lld %s", i ? ", " : "", nr, names[i]);
	}
}

static void md_table(struct ks_buf *out, struct json_object *patches)
{
	size_t i;

	put(out, "\n| patch | SKUs | outcome | |\n|---|---|---|---|\n");
	for (i = 0; i < length(patches); i++) {
		struct json_object *patch = json_object_array_get_idx(patches, i);
		const char *arch = kq_json_get(patch, "arch");

		put(out, "| %s | %s%s%s | %s | ", kq_json_get(patch, "patch"),
		    kq_json_get(patch, "sku"), *arch ? " on " : "", arch,
		    kq_json_get(patch, "outcome"));
		kq_report_line(patch, out);
		put(out, " |\n");
	}
}

static void md_hunk(struct ks_buf *out, struct json_object *hunk)
{
	put(out, "  - hunk %lld, line %lld: %s", (long long)kq_json_get_int(hunk, "nr"),
	    (long long)kq_json_get_int(hunk, "old_line"), kq_json_get(hunk, "verdict"));
	if (get(hunk, "new_line"))
		put(out, " at line %lld", (long long)kq_json_get_int(hunk, "new_line"));
	if (*kq_json_get(hunk, "witness"))
		put(out, " (%s)", kq_json_get(hunk, "witness"));
	if (is_set(hunk, "moved"))
		put(out, "; **not where the old lines went**");
	if (is_set(hunk, "twin"))
		put(out, "; **the new base has the same change elsewhere in the file**");
	put(out, "\n");
}

static void md_look(struct ks_buf *out, struct json_object *patch)
{
	struct json_object *files = get(patch, "files");
	size_t i, k;

	put(out, "\n### %s: %s\n\n", kq_json_get(patch, "patch"), kq_json_get(patch, "outcome"));
	for (i = 0; i < length(files); i++) {
		struct json_object *file = json_object_array_get_idx(files, i);
		struct json_object *hunks = get(file, "hunks");

		put(out, "- `%.500s`: %s%s", kq_json_get(file, "file"),
		    kq_json_get(file, "outcome"),
		    is_set(file, "resolved") ? ", by a stored resolution" : "");
		if (*kq_json_get(file, "trouble"))
			put(out, ", %s", kq_json_get(file, "trouble"));
		if (*kq_json_get(file, "renamed"))
			put(out, ", now `%.500s`", kq_json_get(file, "renamed"));
		if (*kq_json_get(file, "reason"))
			put(out, ": %.900s", kq_json_get(file, "reason"));
		put(out, "\n");
		for (k = 0; k < length(hunks); k++)
			md_hunk(out, json_object_array_get_idx(hunks, k));
	}
	if (*kq_json_get(patch, "interdiff")) {
		put(out, "\nThe patch before and after:\n");
		md_block(out, kq_json_get(patch, "interdiff"));
	}
}

static void md_conflict(struct ks_buf *out, struct json_object *conflict)
{
	struct json_object *files = get(conflict, "files");
	size_t i;

	if (!conflict)
		return;
	put(out, "\n## Conflict: %s (for %s)\n", kq_json_get(conflict, "patch"),
	    kq_json_get(conflict, "for"));
	for (i = 0; i < length(files); i++) {
		struct json_object *file = json_object_array_get_idx(files, i);

		put(out, "\n`%.500s`: %s\n", kq_json_get(file, "file"),
		    kq_json_get(file, "trouble"));
		if (*kq_json_get(file, "cause")) {
			put(out, "\nWhat the new base changed there:\n");
			md_block(out, kq_json_get(file, "cause"));
		}
	}
	put(out, "\nTo be resolved in `%.500s`.\n", kq_json_get(conflict, "tree"));
}

static void put_markdown(struct json_object *report, struct ks_buf *out)
{
	struct json_object *patches = get(report, "patches");
	bool heading = false;
	size_t i;

	put(out, "# %.300s: %.200s to %.200s\n\nState: %s. SKUs: %.100s.\n\n",
	    kq_json_get(report, "queue"), kq_json_get(report, "from"), kq_json_get(report, "to"),
	    kq_json_get(report, "state"), kq_json_get(report, "sku"));
	kq_report_totals(report, true, out);
	put(out, "\n");
	md_table(out, patches);
	md_conflict(out, get(report, "conflict"));
	for (i = 0; i < length(patches); i++) {
		struct json_object *patch = json_object_array_get_idx(patches, i);

		if (!is_set(patch, "look"))
			continue;
		if (!heading)
			put(out, "\n## To look at by eye\n");
		heading = true;
		md_look(out, patch);
	}
}

int kq_report_write(struct kq_rebase *rebase, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 }, shown = { 0 };
	struct kq_path path;
	int rc;

	kq_json_done(&rebase->outcome);
	rc = build_report(rebase, &rebase->outcome, error);

	if (!rc)
		rc = kq_plan_path(&rebase->plan, "report.json", &path, error);
	if (!rc)
		rc = kq_json_save(path.s, rebase->outcome, error);
	if (!rc)
		rc = kq_plan_path(&rebase->plan, "report.md", &path, error);
	if (rc)
		return rc;
	put_markdown(rebase->outcome, &text);
	if (kq_buf_check(&text, error))
		return error->err;
	kq_report_escape(ks_buf_span(&text), &shown);
	return kq_file_publish(path.s, &shown, 0644, error);
}
