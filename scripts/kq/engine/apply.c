// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/apply.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/hunk.h"
#include "text/file.h"

/* struct placing - the hunks of one file, one after the other */
struct placing {
	const struct kq_patch *patch;
	const struct kq_file *file;
	const struct kq_lines *lines;
	struct kq_error *error;
	size_t done_idx;
	bool moved;
};

/* "hunk 2 (patch line 41) what": the part that all hunk messages share. */
static int refuse_hunk(const struct placing *p, const struct kq_hunk *hunk, u32 patch_line,
		       const char *what)
{
	return kq_fail(p->error, KQ_REFUSED, "%s: %.*s: hunk %zu (patch line %u) %s",
		       p->patch->label, KQ_FMT(p->file->path), (size_t)(hunk - p->file->hunk) + 1,
		       patch_line, what);
}

static int refuse_none(const struct placing *p, const struct kq_hunk *hunk,
		       const struct kq_image *pre)
{
	size_t miss, idx = kq_hunk_closest(pre, p->lines, p->done_idx, &miss);
	struct ks_span want, have = ks_span_str("end of file");
	char what[640];

	if (miss == pre->nr) {
		snprintf(what, sizeof(what),
			 "matches at line %zu, but must be at the %s of the file", idx + 1,
			 pre->at_start && idx ? "start" : "end");
		return refuse_hunk(p, hunk, hunk->patch_line, what);
	}
	want = kq_chomp(pre->line[miss]->text);
	if (idx + miss < p->lines->nr)
		have = p->lines->line[idx + miss];
	snprintf(what, sizeof(what),
		 "does not match: line %zu of the file should be '%.*s'%s, is '%.*s'%s",
		 idx + miss + 1, KQ_FMT(want),
		 want.bytes == pre->line[miss]->text.bytes ? " without newline" : "",
		 KQ_FMT(kq_chomp(have)),
		 idx + miss + 1 == p->lines->nr && kq_chomp(have).bytes == have.bytes
			 ? " without newline"
			 : "");
	return refuse_hunk(p, hunk, pre->line[miss]->patch_line, what);
}

static int refuse_place(const struct placing *p, const struct kq_hunk *hunk,
			const struct kq_image *pre, const struct kq_match *match)
{
	char what[320];

	if (match->misled) {
		snprintf(what, sizeof(what),
			 "is AMBIGUOUS: matches at line %zu, which is not below '%.*s' as its @@ "
			 "line says; line %zu is",
			 match->idx + 1, KQ_FMT(hunk->section), match->other_idx + 1);
		return refuse_hunk(p, hunk, hunk->patch_line, what);
	}
	switch (match->verdict) {
	case KQ_REV:
		snprintf(what, sizeof(what), "is already applied, at line %zu of the file",
			 match->idx + 1);
		break;
	case KQ_AMBIGUOUS:
		snprintf(what, sizeof(what),
			 "is AMBIGUOUS: matches at %zu places (lines %zu, %zu%s), none of them "
			 "decided by its line %u",
			 match->nr_places, match->places[0] + 1, match->places[1] + 1,
			 match->nr_places > 2 ? ", ..." : "", hunk->old_start);
		break;
	case KQ_BOTH:
		snprintf(what, sizeof(what),
			 "matches at line %zu, not at its line %u, and its result is in the file "
			 "too: applied already?",
			 match->idx + 1, hunk->old_start);
		break;
	default:
		return refuse_none(p, hunk, pre);
	}
	return refuse_hunk(p, hunk, hunk->patch_line, what);
}

static int place_hunk(struct placing *p, const struct kq_hunk *hunk, size_t *ret_idx)
{
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	struct kq_match match;
	int rc = kq_image_build(hunk, '-', &pre, p->error);

	if (!rc)
		rc = kq_image_build(hunk, '+', &post, p->error);
	if (rc)
		return rc;
	match = kq_hunk_match(&pre, &post, p->lines, p->done_idx, p->moved);
	if (match.verdict != KQ_FWD)
		return refuse_place(p, hunk, &pre, &match);
	p->moved = match.idx != pre.want_idx;
	p->done_idx = match.idx + pre.nr;
	*ret_idx = match.idx;
	return 0;
}

/* Find every hunk of a file, exactly; @ret_idx: the index of the line where each starts. */
static int place_hunks(const struct kq_patch *patch, const struct kq_file *file,
		       const struct kq_lines *lines, size_t *ret_idx, struct kq_error *error)
{
	struct placing p = { .patch = patch, .file = file, .lines = lines, .error = error };
	size_t i;
	int rc = 0;

	for (i = 0; i < file->nr_hunks && !rc; i++)
		rc = place_hunk(&p, &file->hunk[i], &ret_idx[i]);
	return rc;
}

void kq_put_hunks(const struct kq_file *file, const struct kq_lines *lines, const size_t *idx,
		  const bool *take, struct ks_buf *out)
{
	size_t i, k, done = 0;

	for (i = 0; i < file->nr_hunks; i++) {
		const struct kq_hunk *hunk = &file->hunk[i];

		if (take && !take[i])
			continue;
		while (done < idx[i])
			ks_put(out, lines->line[done++]);
		for (k = 0; k < hunk->nr_lines; k++)
			if (hunk->line[k].kind != '-')
				ks_put(out, hunk->line[k].text);
		done += hunk->old_count;
	}
	while (done < lines->nr)
		ks_put(out, lines->line[done++]);
}

/* struct job - one file of one patch; @idx: where its hunks are */
struct job {
	const struct kq_patch *patch;
	const struct kq_file *file;
	struct kq_lines lines;
	struct ks_buf out;
	size_t *idx;
	struct ks_buf *notes;
	struct kq_error *error;
};

static void job_done(struct job *job)
{
	kq_lines_done(&job->lines);
	ks_buf_done(&job->out);
}

static int refuse_file(const struct job *job, const char *what)
{
	return kq_fail(job->error, KQ_REFUSED, "%s: %.*s: %s", job->patch->label,
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
	size_t i;
	int rc = kq_lines_split(kq_node_content(node), &job->lines, job->error);

	if (!rc)
		rc = place_hunks(job->patch, job->file, &job->lines, job->idx, job->error);
	if (rc)
		return rc;
	for (i = 0; i < job->file->nr_hunks && job->notes; i++)
		note_offset(job, &job->file->hunk[i],
			    (int64_t)job->idx[i] - (int64_t)kq_hunk_old_idx(&job->file->hunk[i]));
	kq_put_hunks(job->file, &job->lines, job->idx, NULL, &job->out);
	if (kq_buf_check(&job->out, job->error))
		return job->error->err;
	if (job->out.bytes > KQ_MAX_FILE_BYTES)
		return refuse_file(job, "grows above 64 MiB");
	kq_node_put(node, &job->out);
	return 0;
}

static int check_state(const struct job *job, const struct kq_overlay *overlay,
		       const struct kq_node *node)
{
	const struct kq_node *other;
	u32 mode = node->executable ? 0100755 : 0100644;

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
		return kq_fail(job->error, KQ_REFUSED, "%s: %.*s: %s is in the way",
			       job->patch->label, KQ_FMT(job->file->path), other->path);
	return 0;
}

static int apply_file(struct kq_overlay *overlay, struct job *job)
{
	struct kq_error why = { 0 };
	struct kq_node *node;
	int rc = kq_overlay_get(overlay, job->file->path, &node, &why);

	if (rc)
		return kq_fail(job->error, rc, "%s: %s", job->patch->label, why.line);
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
		node->executable = job->file->new_mode & 0100;
	return 0;
}

int kq_apply_patch_at(struct kq_overlay *overlay, const struct kq_patch *patch,
		      struct ks_buf *notes, size_t *ret_idx, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < patch->nr_files && !rc; i++) {
		__cleanup(job_done) struct job job = {
			.patch = patch,
			.file = &patch->file[i],
			.notes = notes,
			.error = error,
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
		   struct kq_error *error)
{
	__cleanup(free_idx) size_t *idx = calloc(patch->nr_hunks + 1, sizeof(*idx));

	return idx ? kq_apply_patch_at(overlay, patch, notes, idx, error) : kq_no_memory(error);
}
