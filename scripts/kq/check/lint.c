// SPDX-License-Identifier: LGPL-2.1-or-later
#include "check/lint.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check/build.h"
#include "check/checkpatch.h"
#include "engine/apply.h"
#include "queue/header.h"
#include "text/text.h"

/* struct lint - one run; @overlay.source is NULL without a tree, or after the first refusal */
struct lint {
	const struct kq_lint *what;
	struct kq_series series;
	struct kq_overlay overlay;
	struct ks_buf notes;
	struct kq_findings *findings;
	struct kq_error *error;
	u32 last_number;
	u32 condition_line;
	struct kq_build build;
};

static void lint_done(struct lint *lint)
{
	kq_series_done(&lint->series);
	kq_overlay_done(&lint->overlay);
	ks_buf_done(&lint->notes);
	kq_build_done(&lint->build);
}

/* What all SKUs share comes first: then they have it in common also while it is rebased. */
static void lint_order(struct lint *lint, const char *series_path, const struct kq_entry *entry)
{
	if (entry->sku.bytes || entry->arch.bytes) {
		if (!lint->condition_line)
			lint->condition_line = entry->line;
	} else if (lint->condition_line) {
		kq_find(lint->findings, series_path, entry->line,
			"%s: is for all, but comes after line %u, which has a condition: move it before",
			entry->name, lint->condition_line);
	}
}

/* The name that git format-patch gives, cut as there or whole; any other hides what is in it. */
static void lint_subject(struct lint *lint, const char *path, const char *name,
			 const struct kq_patch *patch)
{
	__cleanup(ks_buf_done) struct ks_buf subject = { 0 }, cut = { 0 }, whole = { 0 };
	struct ks_span rest = ks_span_str(name);
	u32 number;

	kq_subject(patch->head, &subject);
	if (!subject.bytes || !kq_take_number(&rest, &number))
		return;
	kq_patch_name(ks_buf_span(&subject), number, KQ_NAME_CUT, &cut);
	kq_patch_name(ks_buf_span(&subject), number, SIZE_MAX, &whole);
	if (!kq_is(ks_buf_span(&cut), name) && !kq_is(ks_buf_span(&whole), name))
		kq_find(lint->findings, path, 0, "the subject makes the file name %.*s",
			KQ_FMT(ks_buf_span(&cut)));
}

/* NNNN-subject.patch, in ascending order, so that a listing shows the queue. */
static void lint_name(struct lint *lint, const char *series_path, const struct kq_entry *entry)
{
	struct ks_span name = ks_span_str(entry->name), rest = name;
	u32 number;

	if (!kq_take_number(&rest, &number) || name.bytes - rest.bytes != 4 ||
	    !kq_take(&rest, "-") || !ks_span_ends_with(rest, ks_span_str(".patch")) ||
	    rest.bytes <= strlen(".patch")) {
		kq_find(lint->findings, series_path, entry->line,
			"%s: want a name like NNNN-subject.patch", entry->name);
		return;
	}
	if (number <= lint->last_number)
		kq_find(lint->findings, series_path, entry->line,
			"%s: number does not follow %04u", entry->name, lint->last_number);
	lint->last_number = number;
}

static void lint_hunks(struct lint *lint, const char *path, const struct kq_file *file)
{
	size_t i, k;

	if (file->stale_line)
		kq_find(lint->findings, path, file->stale_line,
			"new line number in @@ contradicts the hunks before, refresh the patch");
	for (i = 0; i < file->nr_hunks; i++)
		for (k = 0; k < file->hunk[i].nr_lines; k++) {
			const struct kq_line *line = &file->hunk[i].line[k];

			if (line->kind != '+' ||
			    !ks_span_ends_with(kq_chomp(line->text), ks_span_str("\r")))
				continue;
			kq_find(lint->findings, path, line->patch_line, "added line ends with CRLF");
			return;
		}
}

static void lint_files(struct lint *lint, const char *path, const struct kq_patch *patch)
{
	size_t i;

	for (i = 0; i < patch->nr_files; i++) {
		const struct kq_file *file = &patch->file[i];
		bool mode_only = file->change == KQ_MODIFY && !file->nr_hunks;

		lint_hunks(lint, path, file);
		if (!file->old_id.bytes && !mode_only)
			kq_find(lint->findings, path, file->patch_line,
				"%.*s: no index line, make the patch with --full-index",
				KQ_FMT(file->path));
		else if (file->old_id.bytes &&
			 !(kq_is_hex(file->old_id, 40) && kq_is_hex(file->new_id, 40)))
			kq_find(lint->findings, path, file->index_line,
				"index line has short ids, make the patch with --full-index");
	}
}

/* Compare one id of an index line with the file in the overlay. */
static int check_id(struct lint *lint, const char *path, const struct kq_file *file,
		    struct ks_span want, bool is_old)
{
	struct kq_node *node;
	struct kq_hex id;
	int rc;

	if (!kq_is_hex(want, 40))
		return 0;
	rc = kq_overlay_get(&lint->overlay, file->path, &node, lint->error);
	if (rc)
		return rc;
	memset(id.text, '0', 40);
	id.text[40] = '\0';
	rc = node->exists ? kq_blob_id(kq_node_content(node), &id, lint->error) : 0;
	if (!rc && !kq_is(want, id.text))
		kq_find(lint->findings, path, file->index_line, "%.*s: %s id is %.*s, in the tree %s",
			KQ_FMT(file->path), is_old ? "old" : "new", KQ_FMT(want), id.text);
	return rc;
}

static int lint_on_tree(struct lint *lint, const char *path, const struct kq_patch *patch)
{
	struct kq_error why = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < patch->nr_files && !rc; i++)
		rc = check_id(lint, path, &patch->file[i], patch->file[i].old_id, true);
	if (rc)
		return rc;
	rc = kq_apply_patch(&lint->overlay, patch, &lint->notes, &why);
	if (rc == KQ_REFUSED) {
		/* The later patches are not tried: they would only fail because of this one. */
		kq_find(lint->findings, path, 0, "does not apply: %s", why.line);
		lint->overlay.source = NULL;
		return 0;
	}
	if (rc)
		return kq_fail(lint->error, rc, "%s", why.line);
	for (i = 0; i < patch->nr_files && !rc; i++)
		rc = check_id(lint, path, &patch->file[i], patch->file[i].new_id, false);
	if (!rc && lint->what->config)
		rc = kq_build_step(&lint->build, &lint->overlay, patch, path, lint->findings,
				   lint->error);
	return rc;
}

static int lint_entry(struct lint *lint, const char *series_path, const struct kq_entry *entry)
{
	__cleanup(kq_loaded_done) struct kq_loaded loaded = { 0 };
	struct kq_error why = { 0 };
	char path[PATH_MAX];
	int rc;

	lint_name(lint, series_path, entry);
	lint_order(lint, series_path, entry);
	if (snprintf(path, sizeof(path), "%s/%s", lint->what->queue, entry->name) >= PATH_MAX)
		return kq_fail(lint->error, -ENAMETOOLONG, "%s: path is too long", entry->name);
	if (access(path, F_OK) && errno == ENOENT) {
		kq_find(lint->findings, series_path, entry->line, "%s: no such patch", entry->name);
		return 0;
	}
	rc = kq_load_patch(lint->what->queue, entry->name, path, &loaded, &why);
	if (rc == -EBADMSG || rc == -EOPNOTSUPP || rc == -E2BIG) {
		/* It names the file and the line already. */
		ks_put_str(&lint->findings->text, why.line);
		ks_put_str(&lint->findings->text, "\n");
		lint->findings->nr++;
		lint->overlay.source = NULL;
		return 0;
	}
	if (rc)
		return kq_fail(lint->error, rc, "%s", why.line);
	lint_subject(lint, path, entry->name, &loaded.patch);
	kq_lint_message(lint->findings, path, &loaded.patch);
	lint_files(lint, path, &loaded.patch);
	if (lint->what->tree)
		rc = kq_checkpatch(lint->what->tree, path, &loaded, lint->findings, lint->error);
	if (rc)
		return rc;
	if (!lint->overlay.source || !kq_selected(entry, &lint->what->selection))
		return 0;
	return lint_on_tree(lint, path, &loaded.patch);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static int lint_dir(struct lint *lint)
{
	__cleanup(close_dir) DIR *directory = opendir(lint->what->queue);
	struct dirent *item;
	char path[PATH_MAX];
	size_t i;

	if (!directory)
		return kq_fail(lint->error, -errno, "%s: %s", lint->what->queue, strerror(errno));
	while ((item = readdir(directory))) {
		if (!ks_span_ends_with(ks_span_str(item->d_name), ks_span_str(".patch")))
			continue;
		for (i = 0; i < lint->series.nr; i++)
			if (!strcmp(lint->series.entry[i].name, item->d_name))
				break;
		if (i < lint->series.nr)
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", lint->what->queue, item->d_name) >= PATH_MAX)
			return kq_fail(lint->error, -ENAMETOOLONG, "%s: path is too long",
				       item->d_name);
		kq_find(lint->findings, path, 0, "not in the series");
	}
	return 0;
}

static int lint_open(struct lint *lint)
{
	const struct kq_lint *what = lint->what;
	int rc = kq_series_load(what->queue, &lint->series, lint->error);

	if (!rc && what->tree && access(what->tree, R_OK | X_OK))
		rc = kq_fail(lint->error, -errno, "%s: %s", what->tree, strerror(errno));
	if (!rc && what->config) {
		lint->build.tree = what->tree;
		lint->build.config = what->config;
		rc = kq_build_open(&lint->build, lint->error);
	}
	return rc;
}

int kq_lint_queue(const struct kq_lint *what, struct kq_findings *findings, struct kq_error *error)
{
	struct kq_source directory = kq_source_dir(what->tree);
	__cleanup(lint_done) struct lint lint = { .what = what,
						  .overlay = { .source = what->tree ? &directory
										    : NULL },
						  .findings = findings,
						  .error = error };
	struct ks_diag diag = { 0 };
	char path[PATH_MAX];
	size_t i;
	int rc = lint_open(&lint);

	if (!rc && snprintf(path, sizeof(path), "%s/series", what->queue) >= PATH_MAX)
		rc = kq_fail(error, -ENAMETOOLONG, "%s: path is too long", what->queue);
	for (i = 0; i < lint.series.nr && !rc; i++)
		rc = lint_entry(&lint, path, &lint.series.entry[i]);
	if (!rc)
		rc = lint_dir(&lint);
	if (!rc && (ks_buf_ok(&findings->text, &diag) || ks_buf_ok(&findings->notes, &diag)))
		rc = kq_fail_diag(error, &diag);
	return rc;
}
