// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/apply.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/place.h"

/* struct job - one file of one patch; @idx: where its hunks are */
struct job {
	const struct kq_patch *patch;
	const struct kq_file *file;
	struct kq_lines lines;
	struct ks_buf out;
	size_t *idx;
	struct ks_buf *notes;
	struct kq_fault *fault;
};

static void job_done(struct job *job)
{
	kq_lines_done(&job->lines);
	ks_buf_done(&job->out);
}

static int refuse_file(const struct job *job, const char *what)
{
	return kq_fail(job->fault, KQ_REFUSED, "%s: %.*s: %s", job->patch->label,
		       KQ_FMT(job->file->path), what);
}

static void note_offset(struct job *job, const struct kq_hunk *hunk, int64_t offset)
{
	char line[512];

	if (!offset)
		return;
	snprintf(line, sizeof(line), "%s: %.*s: hunk %zu applied %lld line%s %s\n",
		 job->patch->label, KQ_FMT(job->file->path), (size_t)(hunk - job->file->hunk) + 1,
		 (long long)(offset < 0 ? -offset : offset), offset == 1 || offset == -1 ? "" : "s",
		 offset < 0 ? "earlier" : "later");
	ks_put_str(job->notes, line);
}

static int apply_hunks(struct job *job, struct kq_node *node)
{
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = kq_lines_split(kq_node_content(node), &job->lines, job->fault);

	if (!rc)
		rc = kq_place_hunks(job->patch, job->file, &job->lines, job->idx, job->fault);
	if (rc)
		return rc;
	for (i = 0; i < job->file->nr_hunks && job->notes; i++)
		note_offset(job, &job->file->hunk[i],
			    (int64_t)job->idx[i] - (int64_t)kq_hunk_old_idx(&job->file->hunk[i]));
	kq_put_hunks(job->file, &job->lines, job->idx, NULL, &job->out);
	if (ks_buf_ok(&job->out, &diag))
		return kq_fail_diag(job->fault, &diag);
	if (job->out.bytes > KQ_MAX_FILE_BYTES)
		return refuse_file(job, "grows above 64 MiB");
	kq_node_put(node, &job->out);
	return 0;
}

static int check_state(const struct job *job, const struct kq_overlay *overlay,
		       const struct kq_node *node)
{
	const struct kq_node *other;
	u32 mode = node->program ? 0100755 : 0100644;

	if (job->file->change != KQ_CREATE) {
		if (!node->exists)
			return refuse_file(job, "no such file in the tree");
		if (job->file->old_mode && job->file->old_mode != mode)
			return refuse_file(job, "has another mode than the patch says");
		return 0;
	}
	if (node->exists)
		return refuse_file(job, "should be new, but exists already");
	other = kq_overlay_blocks(overlay, node);
	if (other)
		return kq_fail(job->fault, KQ_REFUSED, "%s: %.*s: %s is in the way",
			       job->patch->label, KQ_FMT(job->file->path), other->path);
	return 0;
}

static int apply_file(struct kq_overlay *overlay, struct job *job)
{
	struct kq_fault why = { 0 };
	struct kq_node *node;
	int rc = kq_overlay_get(overlay, job->file->path, &node, &why);

	if (rc)
		return kq_fail(job->fault, rc, "%s: %s", job->patch->label, why.line);
	rc = check_state(job, overlay, node);
	if (!rc && job->file->change == KQ_CREATE) {
		struct ks_buf empty = { 0 };

		kq_node_put(node, &empty);
		node->exists = true;
	}
	if (!rc && job->file->nr_hunks)
		rc = apply_hunks(job, node);
	if (rc)
		return rc;
	if (job->file->change == KQ_DELETE) {
		if (kq_node_content(node).bytes)
			return refuse_file(job, "should be deleted, but has more content than the patch says");
		node->exists = false;
	}
	if (job->file->new_mode)
		node->program = job->file->new_mode & 0100;
	return 0;
}

int kq_apply_patch_at(struct kq_overlay *overlay, const struct kq_patch *patch,
		      struct ks_buf *notes, size_t *ret_idx, struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < patch->nr_files && !rc; i++) {
		__cleanup(job_done) struct job job = {
			.patch = patch, .file = &patch->file[i], .notes = notes, .fault = fault,
			.idx = ret_idx + patch->file[i].first_hunk,
		};

		rc = apply_file(overlay, &job);
	}
	return rc;
}

static void free_idx(size_t **idx)
{
	free(*idx);
}

int kq_apply_patch(struct kq_overlay *overlay, const struct kq_patch *patch, struct ks_buf *notes,
		   struct kq_fault *fault)
{
	__cleanup(free_idx) size_t *idx = calloc(patch->nr_hunks + 1, sizeof(*idx));

	return idx ? kq_apply_patch_at(overlay, patch, notes, idx, fault) : kq_no_memory(fault);
}
