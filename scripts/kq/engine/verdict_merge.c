// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/judge.h"

#include <string.h>

#include "engine/place.h"
#include "text/git.h"

/*
 * What the hunks make of N0 when those that are there both ways count as needed, or do not.
 * *@ret_in_order: false if they would overlap.
 */
static int put_some(struct kq_case *c, bool take_both, struct ks_buf *out, bool *ret_in_order,
		    struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };
	size_t i, end_idx = 0;

	*ret_in_order = false;
	for (i = 0; i < c->file->nr_hunks; i++) {
		const struct kq_judged_hunk *hunk = &c->out->hunk[i];

		c->take[i] = hunk->verdict == KQ_FWD || (take_both && hunk->verdict == KQ_BOTH);
		if (!c->take[i])
			continue;
		if (c->now_idx[i] < end_idx)
			return 0;
		end_idx = c->now_idx[i] + c->file->hunk[i].old_count;
	}
	*ret_in_order = true;
	kq_put_hunks(c->file, &c->n0.lines, c->now_idx, c->take, out);
	return ks_buf_ok(out, &diag) ? kq_fail_diag(fault, &diag) : 0;
}

static void witness_open(struct kq_case *c, const char *witness)
{
	size_t i;

	for (i = 0; i < c->file->nr_hunks; i++) {
		struct kq_judged_hunk *hunk = &c->out->hunk[i];

		if (hunk->witness)
			continue;
		hunk->verdict = c->take[i] ? KQ_FWD : KQ_REV;
		hunk->now_idx = c->now_idx[i];
		hunk->witness = witness;
	}
}

/*
 * The merge may do no more than what some of the hunks do, exactly where they were found: then it
 * was the witness that was missing, and the patch keeps its hunks.
 */
static int try_hunks(struct kq_case *c, struct ks_span merged, bool *ret_done,
		     struct kq_fault *fault)
{
	int both;

	for (both = 1; both >= 0; both--) {
		__cleanup(ks_buf_done) struct ks_buf made = { 0 };
		bool in_order;
		int rc = put_some(c, both, &made, &in_order, fault);

		if (rc)
			return rc;
		*ret_done = in_order && ks_span_eq(ks_buf_span(&made), merged);
		if (!*ret_done)
			continue;
		witness_open(c, "the three-way merge");
		ks_buf_move(&c->n1.text, &made);
		return 0;
	}
	return 0;
}

/* Is one of the changes that the merge had to place in the new base already, close by? */
static int find_twins(struct kq_case *c, struct ks_span merged, bool *ret_has,
		      struct kq_fault *fault)
{
	__cleanup(kq_lines_done) struct kq_lines lines = { 0 };
	size_t i;
	int rc = kq_lines_split(merged, &lines, fault);

	*ret_has = false;
	for (i = 0; i < c->file->nr_hunks && !rc && !*ret_has; i++) {
		enum kq_twin twin = KQ_NO_TWIN;

		if (c->out->hunk[i].witness)
			continue;
		rc = kq_find_twin(c, i, &lines, &twin, fault);
		*ret_has = twin == KQ_CLOSE_TWIN;
	}
	return rc;
}

static int take_merge(struct kq_case *c, struct ks_buf *merged, struct kq_fault *fault)
{
	bool is_done = false, has_twin = false;
	int rc = 0;

	if (ks_span_eq(ks_buf_span(merged), c->n0.content)) {
		memset(c->take, 0, c->file->nr_hunks * sizeof(*c->take));
		witness_open(c, "the three-way merge changes nothing");
		ks_put(&c->n1.text, c->n0.content);
		is_done = true;
	}
	if (!is_done)
		rc = try_hunks(c, ks_buf_span(merged), &is_done, fault);
	if (rc)
		return rc;
	if (is_done) {
		c->out->outcome = kq_outcome_of_hunks(c);
		return 0;
	}
	rc = find_twins(c, ks_buf_span(merged), &has_twin, fault);
	if (rc)
		return rc;
	if (has_twin) {
		ks_buf_move(&c->conflict.marked, merged);
		return kq_judge_conflict(c, KQ_TWICE, fault);
	}
	ks_buf_move(&c->n1.text, merged);
	c->out->outcome = KQ_MERGED;
	return 0;
}

int kq_judge_merge(struct kq_case *c, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf merged = { 0 };
	const struct kq_merge merge = kq_merge_of(c);
	struct kq_fault why = { 0 };
	bool is_clean = false;
	int rc = kq_git_merge(&merge, false, &merged, &is_clean, &why);

	if (rc == -EOPNOTSUPP)
		return kq_judge_conflict(c, KQ_BINARY, fault);
	if (rc)
		return kq_fail(fault, rc, "%s: %s: %s", c->patch->label, c->path, why.line);
	if (is_clean)
		return take_merge(c, &merged, fault);
	return kq_judge_conflict(c, KQ_SAME_LINES, fault);
}
