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
 * @idx: where each hunk is
 * @merged: it did not apply, so its files are written anew
 */
struct fitting {
	const struct kq_fit *how;
	const struct kq_patch *patch;
	struct ks_span text;
	struct kq_overlay before;
	struct kq_overlay after;
	size_t *idx;
	bool merged;
	struct kq_error *error;
};

static void fitting_done(struct fitting *f)
{
	kq_overlay_done(&f->before);
	kq_overlay_done(&f->after);
	free(f->idx);
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
	rc = kq_git(f->how->repository, args, none, &end, f->error);
	if (rc)
		return rc;
	if (end.status)
		return kq_fail(f->error, KQ_REFUSED,
			       "%s: %.*s: does not apply, and the contents that it was made on, %s, are neither in the release nor in %s: give --git DIR",
			       f->how->label, KQ_FMT(file->path), id, f->how->repository);
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
			       f->how->label, path);
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
		return kq_fail(f->error, KQ_REFUSED,
			       "%s: %.*s: does not apply, and cannot be merged", f->how->label,
			       KQ_FMT(file->path));
	if (theirs->existed && theirs->exists) {
		rc = kq_git_merge(&merge, false, &content, &clean, f->error);
		if (rc)
			return rc;
		if (!clean)
			return kq_fail(f->error, KQ_REFUSED,
				       "%s: %.*s: does not apply, and merging it has conflicts",
				       f->how->label, KQ_FMT(file->path));
		ks_put_str(f->how->notes, f->how->label);
		ks_put_str(f->how->notes, ": merged: ");
		ks_put(f->how->notes, file->path);
		ks_put_str(f->how->notes, ", look at it\n");
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
	size_t i;
	int rc = kq_apply_patch(&made, f->patch, NULL, f->error);

	f->merged = true;
	for (i = 0; i < f->patch->nr_files && !rc; i++)
		rc = merge_file(f, &made, &f->patch->file[i]);
	return rc;
}

/* struct rewrite - what becomes of each file; @path: its name with a NUL */
struct rewrite {
	struct kq_refresh_file *file;
	char **path;
	bool *take;
	size_t nr;
};

static void rewrite_done(struct rewrite *r)
{
	size_t i;

	for (i = 0; r->path && i < r->nr; i++)
		free(r->path[i]);
	free(r->path);
	free(r->file);
	free(r->take);
}

static int start_rewrite(const struct kq_patch *patch, struct kq_overlay *before,
			 struct kq_overlay *after, struct rewrite *r, struct kq_error *error)
{
	struct kq_node *node;
	size_t i;
	int rc = 0;

	r->nr = patch->nr_files;
	r->file = calloc(r->nr + 1, sizeof(*r->file));
	r->path = calloc(r->nr + 1, sizeof(*r->path));
	r->take = calloc(patch->nr_hunks + 1, sizeof(*r->take));
	if (!r->file || !r->path || !r->take)
		return kq_no_memory(error);
	for (i = 0; i < r->nr && !rc; i++) {
		struct ks_span path = patch->file[i].path;

		r->path[i] = strndup((const char *)path.p, path.bytes);
		if (!r->path[i])
			return kq_no_memory(error);
		r->file[i].path = r->path[i];
		rc = kq_overlay_get(before, path, &node, error);
		if (rc)
			break;
		r->file[i].before = kq_refresh_side_of(node);
		rc = kq_overlay_get(after, path, &node, error);
		if (!rc)
			r->file[i].after = kq_refresh_side_of(node);
	}
	return rc;
}

int kq_renumber(const struct kq_patch *patch, struct ks_span text, struct kq_overlay *before,
		struct kq_overlay *after, const size_t *idx, bool whole, struct ks_buf *ret_text,
		struct kq_error *error)
{
	__cleanup(rewrite_done) struct rewrite r = { 0 };
	size_t i;
	int rc = start_rewrite(patch, before, after, &r, error);

	if (rc)
		return rc;
	memset(r.take, true, patch->nr_hunks);
	for (i = 0; i < r.nr; i++) {
		r.file[i].how = KQ_RENUMBER;
		r.file[i].onto_idx = idx + patch->file[i].first_hunk;
		r.file[i].take = r.take + patch->file[i].first_hunk;
	}
	return whole ? kq_refresh_whole(patch, text, r.file, ret_text, error)
		     : kq_refresh(patch, text, r.file, ret_text, error);
}

/* What was merged; what the queue has already is left out. */
static int write_merged(struct fitting *f, struct ks_buf *ret_text)
{
	__cleanup(rewrite_done) struct rewrite r = { 0 };
	size_t i, left = 0;
	int rc = start_rewrite(f->patch, &f->before, &f->after, &r, f->error);

	for (i = 0; i < r.nr && !rc; i++) {
		const struct kq_refresh_side *before = &r.file[i].before, *after = &r.file[i].after;
		bool same = before->exists == after->exists && before->executable == after->executable &&
			    ks_span_eq(before->content, after->content);

		r.file[i].how = same ? KQ_LEAVE_OUT : KQ_ANEW;
		left += !same;
	}
	if (!rc && !left)
		rc = kq_fail(f->error, KQ_REFUSED, "%s: is in the release or the queue already",
			     f->how->label);
	return rc ? rc : kq_refresh(f->patch, f->text, r.file, ret_text, f->error);
}

static int apply_or_merge(struct fitting *f)
{
	struct kq_error why = { 0 };
	int rc;

	f->idx = calloc(f->patch->nr_hunks + 1, sizeof(*f->idx));
	if (!f->idx)
		return kq_no_memory(f->error);
	rc = kq_overlay_clone(&f->before, &f->after, f->error);
	if (rc)
		return rc;
	rc = kq_apply_patch_at(&f->after, f->patch, NULL, f->idx, &why);
	if (rc != KQ_REFUSED || !f->how->three_way)
		return rc ? kq_fail(f->error, rc, "%s", why.line) : 0;
	kq_overlay_done(&f->after);
	rc = kq_overlay_clone(&f->before, &f->after, f->error);
	return rc ? rc : merge(f);
}

int kq_fit(const struct kq_fit *fit, const struct kq_source *source, struct kq_stack *stack,
	   size_t idx, struct kq_error *error)
{
	__cleanup(fitting_done) struct fitting f = {
		.how = fit,
		.patch = &stack->patch[idx].patch,
		.text = ks_buf_span(&stack->patch[idx].text),
		.before = { .source = source },
		.error = error,
	};
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_selection selection = { 0 };
	struct kq_path room[2];
	/* The first of its SKUs: kq_stack_check() tries the others. */
	int rc = kq_selection_first(&stack->series.entry[idx], &selection, room, error);

	if (!rc)
		rc = kq_stack_apply(stack, 0, idx, &selection, &f.before, error);
	if (!rc)
		rc = apply_or_merge(&f);
	if (rc || (!fit->anew && !f.merged))
		return rc;
	rc = f.merged ? write_merged(&f, &text)
		      : kq_renumber(f.patch, f.text, &f.before, &f.after, f.idx, false, &text,
				    error);
	return rc ? rc : kq_stack_set(stack, idx, &text, fit->label, error);
}
