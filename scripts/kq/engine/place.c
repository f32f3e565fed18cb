// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/place.h"

#include <stdio.h>

/* struct job - the hunks of one file, one after the other */
struct job {
	const struct kq_patch *patch;
	const struct kq_file *file;
	const struct kq_lines *lines;
	struct kq_fault *fault;
	size_t done_idx;
	bool moved;
};

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
	size_t miss, idx = kq_hunk_closest(pre, job->lines, job->done_idx, &miss);
	struct ks_span want, have = ks_span_str("end of file");
	char what[640];

	if (miss == pre->nr) {
		snprintf(what, sizeof(what),
			 "matches at line %zu, but must be at the %s of the file", idx + 1,
			 pre->at_start && idx ? "start" : "end");
		return refuse_hunk(job, hunk, hunk->patch_line, what);
	}
	want = kq_chomp(pre->line[miss]->text);
	if (idx + miss < job->lines->nr)
		have = job->lines->line[idx + miss];
	snprintf(what, sizeof(what),
		 "does not match: line %zu of the file should be '%.*s'%s, is '%.*s'%s",
		 idx + miss + 1, KQ_FMT(want),
		 want.bytes == pre->line[miss]->text.bytes ? " without newline" : "",
		 KQ_FMT(kq_chomp(have)),
		 idx + miss + 1 == job->lines->nr && kq_chomp(have).bytes == have.bytes ?
			 " without newline" : "");
	return refuse_hunk(job, hunk, pre->line[miss]->patch_line, what);
}

static int refuse(const struct job *job, const struct kq_hunk *hunk, const struct kq_image *pre,
		  const struct kq_match *match)
{
	char what[320];

	if (match->misled) {
		snprintf(what, sizeof(what),
			 "is AMBIGUOUS: matches at line %zu, which is not below '%.*s' as its @@ line says; line %zu is",
			 match->idx + 1, KQ_FMT(hunk->section), match->other_idx + 1);
		return refuse_hunk(job, hunk, hunk->patch_line, what);
	}
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

static int place_hunk(struct job *job, const struct kq_hunk *hunk, size_t *ret_idx)
{
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	struct kq_match match;
	int rc = kq_image_build(hunk, '-', &pre, job->fault);

	if (!rc)
		rc = kq_image_build(hunk, '+', &post, job->fault);
	if (rc)
		return rc;
	match = kq_hunk_judge(&pre, &post, job->lines, job->done_idx, job->moved);
	if (match.verdict != KQ_FWD)
		return refuse(job, hunk, &pre, &match);
	job->moved = match.idx != pre.want_idx;
	job->done_idx = match.idx + pre.nr;
	*ret_idx = match.idx;
	return 0;
}

int kq_place_hunks(const struct kq_patch *patch, const struct kq_file *file,
		   const struct kq_lines *lines, size_t *ret_idx, struct kq_fault *fault)
{
	struct job job = { .patch = patch, .file = file, .lines = lines, .fault = fault };
	size_t i;
	int rc = 0;

	for (i = 0; i < file->nr_hunks && !rc; i++)
		rc = place_hunk(&job, &file->hunk[i], &ret_idx[i]);
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
