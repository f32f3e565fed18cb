// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/fit.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "engine/apply.h"
#include "engine/refresh.h"
#include "text/git.h"
#include "text/text.h"

/*
 * struct fitting - one new patch
 * @before, @after: the files without and with it
 * @merged: it did not apply, so its files are written anew
 */
struct fitting {
	const struct kq_import *import;
	struct kq_mail *mail;
	const struct kq_patch *patch;
	struct ks_span text;
	struct kq_overlay before;
	struct kq_overlay after;
	size_t *onto_idx;
	bool *take;
	bool merged;
	struct ks_buf *notes;
	struct kq_error *error;
};

static void fitting_done(struct fitting *f)
{
	kq_overlay_done(&f->before);
	kq_overlay_done(&f->after);
	free(f->onto_idx);
	free(f->take);
}

/* The contents that @file's index line names: the file as it is now or in the release, or git's. */
static int find_old(struct fitting *f, const struct kq_file *file, struct ks_buf *ret_content)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	char id[65];
	const char *const args[] = { "cat-file", "blob", id, NULL };
	const struct ks_span none = { 0 };
	struct kq_node *node;
	struct kq_hex have;
	int rc = kq_overlay_get(&f->before, file->path, &node, f->error);
	size_t i;

	for (i = 0; i < 2 && !rc && node->existed; i++) {
		struct ks_span content = i ? ks_buf_span(&node->old) : kq_node_content(node);

		rc = kq_blob_id(content, &have, f->error);
		if (rc || strncmp(have.text, (const char *)file->old_id.p, file->old_id.bytes))
			continue;
		ks_put(ret_content, content);
		return 0;
	}
	if (rc)
		return rc;
	snprintf(id, sizeof(id), "%.*s", KQ_FMT(file->old_id));
	rc = kq_git(f->import->repository, args, none, &end, f->error);
	if (rc)
		return rc;
	if (end.status)
		return kq_fail(f->error, KQ_REFUSED,
			       "%s: %.*s: does not apply, and the contents that it was made on, %s, are neither in the release nor in %s: give --git DIR",
			       f->mail->label, KQ_FMT(file->path), id, f->import->repository);
	ks_buf_move(ret_content, &end.out);
	return 0;
}

static bool is_zero(struct ks_span id)
{
	size_t i;

	for (i = 0; i < id.bytes; i++)
		if (id.p[i] != '0')
			return false;
	return true;
}

/* A source of files: the contents that a patch was made on. */
static int load_old(const struct kq_source *source, const char *path, struct kq_blob *ret_blob,
		    struct kq_error *error)
{
	struct fitting *f = source->self;
	struct kq_blob blob = { .exists = true, .mode = 0644 };
	struct kq_node *node;
	size_t i;
	int rc;

	for (i = 0; i < f->patch->nr_files; i++)
		if (kq_is(f->patch->file[i].path, path))
			break;
	if (i == f->patch->nr_files || f->patch->file[i].change == KQ_CREATE) {
		*ret_blob = (struct kq_blob){ 0 };
		return 0;
	}
	if (is_zero(f->patch->file[i].old_id))
		return kq_fail(error, KQ_REFUSED,
			       "%s: %s: does not apply, and no index line says what it was made on",
			       f->mail->label, path);
	rc = kq_overlay_get(&f->before, ks_span_str(path), &node, error);
	if (rc)
		return rc;
	if (node->executable)
		blob.mode = 0755;
	rc = find_old(f, &f->patch->file[i], &blob.content);
	if (!rc)
		*ret_blob = blob;
	return rc;
}

static int merge_file(struct fitting *f, struct kq_overlay *made, const struct kq_file *file)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct kq_node *ours, *theirs;
	struct kq_merge merge = { .ours_label = "queue", .base_label = "base",
				  .theirs_label = "patch" };
	bool clean;
	int rc = kq_overlay_get(&f->after, file->path, &ours, f->error);

	if (!rc)
		rc = kq_overlay_get(made, file->path, &theirs, f->error);
	if (rc)
		return rc;
	merge.base = ks_buf_span(&theirs->old);
	merge.ours = kq_node_content(ours);
	merge.theirs = kq_node_content(theirs);
	if (ours->exists != theirs->existed ||
	    (!theirs->exists && !ks_span_eq(merge.base, merge.ours)))
		return kq_fail(f->error, KQ_REFUSED, "%s: %.*s: does not apply, and cannot be merged",
			       f->mail->label, KQ_FMT(file->path));
	if (theirs->existed && theirs->exists) {
		rc = kq_git_merge(&merge, false, &content, &clean, f->error);
		if (rc)
			return rc;
		if (!clean)
			return kq_fail(f->error, KQ_REFUSED,
				       "%s: %.*s: does not apply, and merging it has conflicts",
				       f->mail->label, KQ_FMT(file->path));
		ks_put_str(f->notes, f->mail->label);
		ks_put_str(f->notes, ": merged: ");
		ks_put(f->notes, file->path);
		ks_put_str(f->notes, ", look at it\n");
	} else {
		ks_put(&content, merge.theirs);
	}
	ours->exists = theirs->exists;
	if (theirs->executable != (theirs->old_mode & 0111))
		ours->executable = theirs->executable;
	kq_node_put(ours, &content);
	return 0;
}

/* As git am -3: the patch on what it was made on, then that change merged into what is there. */
static int merge(struct fitting *f)
{
	struct kq_source olds = { .name = "the contents that the patch was made on",
				  .load = load_old, .self = f };
	__cleanup(kq_overlay_done) struct kq_overlay made = { .source = &olds };
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	size_t i;
	int rc = kq_apply_patch(&made, f->patch, &notes, f->error);

	f->merged = true;
	for (i = 0; i < f->patch->nr_files && !rc; i++)
		rc = merge_file(f, &made, &f->patch->file[i]);
	return rc;
}

/* What becomes of one file; @path: room for its name with a NUL. */
static int plan_file(struct fitting *f, const struct kq_file *file, struct kq_refresh_file *how,
		     char **ret_path)
{
	struct kq_node *before, *after;
	int rc = kq_overlay_get(&f->before, file->path, &before, f->error);

	if (!rc)
		rc = kq_overlay_get(&f->after, file->path, &after, f->error);
	if (rc)
		return rc;
	*ret_path = strndup((const char *)file->path.p, file->path.bytes);
	if (!*ret_path)
		return kq_no_memory(f->error);
	how->path = *ret_path;
	how->before = kq_refresh_side_of(before);
	how->after = kq_refresh_side_of(after);
	how->onto_idx = f->onto_idx + file->first_hunk;
	how->take = f->take + file->first_hunk;
	how->how = KQ_RENUMBER;
	if (!f->merged)
		return 0;
	how->how = KQ_ANEW;
	if (before->exists == after->exists && before->executable == after->executable &&
	    ks_span_eq(how->before.content, how->after.content))
		how->how = KQ_LEAVE_OUT;
	return 0;
}

static void free_plan(struct kq_refresh_file **plan)
{
	free(*plan);
}

struct paths {
	char **path;
	size_t nr;
};

static void paths_done(struct paths *paths)
{
	size_t i;

	for (i = 0; paths->path && i < paths->nr; i++)
		free(paths->path[i]);
	free(paths->path);
}

static int write_anew(struct fitting *f, struct ks_buf *ret_text)
{
	size_t nr = f->patch->nr_files, i, left = 0;
	__cleanup(free_plan) struct kq_refresh_file *plan = calloc(nr, sizeof(*plan));
	__cleanup(paths_done) struct paths paths = { calloc(nr, sizeof(char *)), nr };
	int rc = 0;

	if (!plan || !paths.path)
		return kq_no_memory(f->error);
	for (i = 0; i < nr && !rc; i++) {
		rc = plan_file(f, &f->patch->file[i], &plan[i], &paths.path[i]);
		left += plan[i].how != KQ_LEAVE_OUT;
	}
	if (!rc && !left)
		rc = kq_fail(f->error, KQ_REFUSED, "%s: is in the release or the queue already",
			     f->mail->label);
	return rc ? rc : kq_refresh(f->patch, f->text, plan, ret_text, f->error);
}

static int apply(struct fitting *f)
{
	struct kq_error why = { 0 };
	size_t i;
	int rc;

	f->onto_idx = calloc(f->patch->nr_hunks + 1, sizeof(*f->onto_idx));
	f->take = calloc(f->patch->nr_hunks + 1, sizeof(*f->take));
	if (!f->onto_idx || !f->take)
		return kq_no_memory(f->error);
	for (i = 0; i < f->patch->nr_hunks; i++)
		f->take[i] = true;
	rc = kq_overlay_clone(&f->before, &f->after, f->error);
	if (rc)
		return rc;
	rc = kq_apply_patch_at(&f->after, f->patch, NULL, f->onto_idx, &why);
	if (rc != KQ_REFUSED || !f->import->three_way)
		return rc ? kq_fail(f->error, rc, "%s", why.line) : 0;
	kq_overlay_done(&f->after);
	rc = kq_overlay_clone(&f->before, &f->after, f->error);
	return rc ? rc : merge(f);
}

/* Of "vm,metal", vm: kq_stack_check() tries the others. */
static const char *first_of(const char *list, char item[256])
{
	if (list)
		snprintf(item, 256, "%.*s", (int)strcspn(list, ","), list);
	return list ? item : NULL;
}

static int fit_one(const struct kq_import *import, struct kq_mail *mail,
		   const struct kq_source *source, struct kq_stack *stack, size_t idx,
		   struct ks_buf *notes, struct kq_error *error)
{
	__cleanup(fitting_done) struct fitting f = {
		.import = import, .mail = mail, .patch = &stack->patch[idx].patch,
		.text = ks_buf_span(&stack->patch[idx].text), .before = { .source = source },
		.notes = notes, .error = error,
	};
	__cleanup(ks_buf_done) struct ks_buf text = { 0 }, offsets = { 0 };
	struct kq_selection selection = { 0 };
	struct ks_diag diag = { 0 };
	char sku[256], arch[256];
	int rc;

	selection.sku = first_of(import->sku, sku);
	selection.arch = first_of(import->arch, arch);
	rc = kq_stack_apply(stack, idx, &selection, &f.before, &offsets, error);

	if (!rc)
		rc = apply(&f);
	if (rc || (!mail->anew && !f.merged))
		return rc;
	rc = write_anew(&f, &text);
	if (rc)
		return rc;
	ks_buf_clear(&mail->text);
	ks_put(&mail->text, ks_buf_span(&text));
	if (ks_buf_ok(&mail->text, &diag))
		return kq_fail_diag(error, &diag);
	return kq_stack_set(stack, idx, &text, mail->label, error);
}

int kq_fit(const struct kq_import *import, struct kq_incoming *incoming,
	   const struct kq_source *source, struct kq_stack *stack, struct ks_buf *notes,
	   struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < stack->series.nr && !rc; i++) {
		struct kq_mail *mail = kq_incoming_named(incoming, stack->series.entry[i].name);

		if (mail && (mail->anew || import->three_way))
			rc = fit_one(import, mail, source, stack, i, notes, error);
	}
	return rc;
}
