// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/judge.h"

#include <stdlib.h>

struct kq_merge kq_merge_of(const struct kq_case *c)
{
	return (struct kq_merge){
		.base = c->o0.content,
		.ours = c->n0.content,
		.theirs = c->o1.content,
		.base_label = c->sides->old_label,
		.ours_label = c->sides->now_label,
		.theirs_label = c->patch->label,
	};
}

static void free_ranges(struct kq_map_change **range)
{
	free(*range);
}

/* The hunks that are not decided, and what the new base did to their lines. */
static int put_cause(struct kq_case *c, struct kq_fault *fault)
{
	__cleanup(free_ranges) struct kq_map_change *range = NULL;
	size_t nr = 0, i;

	range = calloc(c->file->nr_hunks + 1, sizeof(*range));
	if (!range)
		return kq_no_memory(fault);
	for (i = 0; i < c->file->nr_hunks; i++)
		if (!c->out->hunk[i].witness)
			range[nr++] = (struct kq_map_change){
				.old_idx = c->old_idx[i],
				.old_nr = c->file->hunk[i].old_count,
			};
	return kq_map_cause(&c->map, range, nr, &c->conflict.cause, fault);
}

/* The judgement outlives the overlays' states. */
static struct ks_span keep(struct ks_buf *kept, struct ks_span content)
{
	ks_put(kept, content);
	return ks_buf_span(kept);
}

/* Three sides with markers. There may be nothing to merge, or no text. */
static int put_marked(struct kq_case *c, struct kq_fault *fault)
{
	const struct kq_merge merge = kq_merge_of(c);
	struct kq_fault why = { 0 };
	bool is_clean;
	int rc;

	if (!c->n0.exists || !c->o1.exists || c->conflict.marked.bytes)
		return 0;
	rc = kq_git_merge(&merge, true, &c->conflict.marked, &is_clean, &why);
	if (!rc || rc == -EOPNOTSUPP)
		return 0;
	return kq_fail(fault, rc, "%s: %s: %s", c->patch->label, c->path, why.line);
}

static bool is_new_base(const struct kq_case *c, const struct kq_resolved *resolved)
{
	return resolved->how == KQ_RESOLVED && c->n0.exists &&
	       ks_span_eq(ks_buf_span(&resolved->content), c->n0.content);
}

/*
 * A file as the new base has it answers nothing: who wants that has to say that the change is given
 * up. A file that the new base has deleted, and that a person leaves deleted, is given up.
 */
static int ask(struct kq_case *c, enum kq_outcome *ret_outcome, struct kq_fault *fault)
{
	__cleanup(kq_resolved_done) struct kq_resolved resolved = { 0 };
	int rc = 0;

	*ret_outcome = KQ_CONFLICT;
	if (c->sides->resolve)
		rc = c->sides->resolve(c->sides->resolve_arg, &c->conflict, &resolved, fault);
	if (rc || resolved.how == KQ_UNRESOLVED || is_new_base(c, &resolved))
		return rc;
	*ret_outcome = KQ_MERGED;
	if (resolved.how == KQ_RESOLVED_GIVEN_UP ||
	    (resolved.how == KQ_RESOLVED_ABSENT && !c->n0.exists))
		*ret_outcome = KQ_GIVEN_UP;
	c->n1.exists = resolved.how == KQ_RESOLVED;
	ks_buf_move(&c->n1.text, &resolved.content);
	ks_buf_move(&c->out->reason, &resolved.reason);
	return 0;
}

int kq_judge_conflict(struct kq_case *c, enum kq_trouble trouble, struct kq_fault *fault)
{
	struct kq_conflict *conflict = &c->conflict;
	struct ks_diag diag = { 0 };
	enum kq_outcome outcome;
	int rc = put_marked(c, fault);

	conflict->path = c->file->path;
	conflict->renamed = c->out->renamed;
	conflict->trouble = trouble;
	conflict->old_exists = c->o0.exists;
	conflict->ours_exist = c->n0.exists;
	conflict->theirs_exist = c->o1.exists;
	conflict->old_base = keep(&conflict->kept[0], c->o0.content);
	conflict->ours = keep(&conflict->kept[1], c->n0.content);
	conflict->theirs = keep(&conflict->kept[2], c->o1.content);
	if (c->in_the_way)
		ks_put_str(&conflict->cause, c->in_the_way);
	if (!rc && c->map.old_lines)
		rc = put_cause(c, fault);
	if (!rc && (ks_buf_ok(&conflict->kept[0], &diag) || ks_buf_ok(&conflict->kept[1], &diag) ||
		    ks_buf_ok(&conflict->kept[2], &diag) || ks_buf_ok(&conflict->cause, &diag)))
		rc = kq_fail_diag(fault, &diag);
	if (!rc)
		rc = ask(c, &outcome, fault);
	if (rc)
		return rc;
	c->out->trouble = trouble;
	c->out->outcome = outcome;
	c->out->resolved = outcome != KQ_CONFLICT;
	return 0;
}
