// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/apply.h"

#include <stdio.h>

#include "engine/hunk.h"

/* struct job - one file of one patch, while its hunks are applied */
struct job {
	const struct kq_patch *patch;
	const struct kq_file *file;
	struct kq_lines lines;
	struct ks_buf out;
	struct ks_buf *notes;
	struct kq_fault *fault;
	size_t done_idx;
	int64_t offset;
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

/* "hunk 2 (patch line 41) what": the part that all hunk messages share. */
static int refuse_hunk(const struct job *job, const struct kq_hunk *hunk, u32 patch_line,
		       const char *what)
{
	return kq_fail(job->fault, KQ_REFUSED, "%s: %.*s: hunk %zu (patch line %u) %s",
		       job->patch->label, KQ_FMT(job->file->path),
		       (size_t)(hunk - job->file->hunk) + 1, patch_line, what);
}

static int refuse_none(const struct job *job, const struct kq_hunk *hunk,
		       const struct kq_image *pre)
{
	size_t miss, idx = kq_hunk_closest(pre, &job->lines, job->done_idx, &miss);
	struct ks_span want, have = ks_span_str("end of file");
	char what[640];

	if (miss == pre->nr) {
		snprintf(what, sizeof(what),
			 "matches at line %zu, but must be at the %s of the file", idx + 1,
			 pre->at_start && idx ? "start" : "end");
		return refuse_hunk(job, hunk, hunk->patch_line, what);
	}
	want = kq_chomp(pre->line[miss]->text);
	if (idx + miss < job->lines.nr)
		have = job->lines.line[idx + miss];
	snprintf(what, sizeof(what),
		 "does not match: line %zu of the file should be '%.*s'%s, is '%.*s'%s",
		 idx + miss + 1, KQ_FMT(want),
		 want.bytes == pre->line[miss]->text.bytes ? " without newline" : "",
		 KQ_FMT(kq_chomp(have)),
		 idx + miss + 1 == job->lines.nr && kq_chomp(have).bytes == have.bytes ?
			 " without newline" : "");
	return refuse_hunk(job, hunk, pre->line[miss]->patch_line, what);
}

static int refuse(const struct job *job, const struct kq_hunk *hunk, const struct kq_image *pre,
		  const struct kq_match *match)
{
	char what[256];

	switch (match->verdict) {
	case KQ_REV:
		snprintf(what, sizeof(what), "is already applied, at line %zu of the file",
			 match->idx + 1);
		break;
	case KQ_AMBIGUOUS:
		snprintf(what, sizeof(what),
			 "is AMBIGUOUS: matches at %zu places (lines %zu, %zu%s), none of them decided by its line %u",
			 match->nr_places, match->places[0] + 1, match->places[1] + 1,
			 match->nr_places > 2 ? ", ..." : "", hunk->old_start);
		break;
	case KQ_BOTH:
		snprintf(what, sizeof(what),
			 "matches at line %zu, not at its line %u, and its result is in the file too: applied already?",
			 match->idx + 1, hunk->old_start);
		break;
	default:
		return refuse_none(job, hunk, pre);
	}
	return refuse_hunk(job, hunk, hunk->patch_line, what);
}

static void note_offset(struct job *job, const struct kq_hunk *hunk, int64_t offset)
{
	char line[512];

	snprintf(line, sizeof(line), "%s: %.*s: hunk %zu applied %lld line%s %s\n",
		 job->patch->label, KQ_FMT(job->file->path), (size_t)(hunk - job->file->hunk) + 1,
		 (long long)(offset < 0 ? -offset : offset), offset == 1 || offset == -1 ? "" : "s",
		 offset < 0 ? "earlier" : "later");
	ks_put_str(job->notes, line);
}

static void put_lines(struct job *job, size_t end_idx)
{
	while (job->done_idx < end_idx)
		ks_put(&job->out, job->lines.line[job->done_idx++]);
}

static int apply_hunk(struct job *job, const struct kq_hunk *hunk)
{
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	struct kq_match match;
	size_t i;
	int rc = kq_image_build(hunk, '-', &pre, job->fault);

	if (!rc)
		rc = kq_image_build(hunk, '+', &post, job->fault);
	if (rc)
		return rc;
	match = kq_hunk_judge(&pre, &post, &job->lines, job->done_idx, job->offset != 0);
	if (match.verdict != KQ_FWD)
		return refuse(job, hunk, &pre, &match);
	job->offset = (int64_t)match.idx - (int64_t)pre.want_idx;
	if (job->offset)
		note_offset(job, hunk, job->offset);
	put_lines(job, match.idx);
	job->done_idx += pre.nr;
	for (i = 0; i < post.nr; i++)
		ks_put(&job->out, post.line[i]->text);
	return 0;
}

static int apply_hunks(struct job *job, struct kq_node *node)
{
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = kq_lines_split(kq_node_content(node), &job->lines, job->fault);

	for (i = 0; i < job->file->nr_hunks && !rc; i++)
		rc = apply_hunk(job, &job->file->hunk[i]);
	if (rc)
		return rc;
	put_lines(job, job->lines.nr);
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

int kq_apply_patch(struct kq_overlay *overlay, const struct kq_patch *patch, struct ks_buf *notes,
		   struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < patch->nr_files && !rc; i++) {
		__cleanup(job_done) struct job job = {
			.patch = patch, .file = &patch->file[i], .notes = notes, .fault = fault,
		};

		rc = apply_file(overlay, &job);
	}
	return rc;
}
