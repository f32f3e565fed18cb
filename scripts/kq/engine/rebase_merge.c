// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/rebase_merge.h"

#include "engine/map.h"
#include "text/git.h"

/* struct side - one of the two, and its changes; [from, next) are those of the group in hand */
struct side {
	const struct kq_version *version;
	struct kq_map_changes changes;
	size_t from;
	size_t next;
};

static void side_done(struct side *side)
{
	kq_map_changes_done(&side->changes);
}

static int side_read(struct side *side, const struct kq_version *base, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf hunks = { 0 };
	int rc = kq_git_diff_as_rebase(base->content, side->version->content, &hunks, fault);

	return rc ? rc : kq_map_changes_read(ks_buf_span(&hunks), &side->changes, fault);
}

/* Changes without a line between them belong together. */
static bool absorb(struct side *side, size_t *end)
{
	bool any = false;

	while (side->next < side->changes.nr) {
		const struct kq_map_change *change = &side->changes.change[side->next];

		if (change->old_idx > *end)
			break;
		if (change->old_idx + change->old_nr > *end)
			*end = change->old_idx + change->old_nr;
		side->next++;
		any = true;
	}
	return any;
}

/* What one side makes of the lines [idx, end) of the base. */
static struct ks_span text_of(const struct side *side, size_t idx, size_t end)
{
	const struct kq_map_change *first = &side->changes.change[side->from];
	const struct kq_map_change *last = &side->changes.change[side->next - 1];
	const struct kq_lines *lines = side->version->lines;
	size_t from = first->now_idx - (first->old_idx - idx);
	size_t to = last->now_idx + last->now_nr + (end - (last->old_idx + last->old_nr));
	struct ks_span all = { 0 };

	if (from == to)
		return all;
	all.p = lines->line[from].p;
	all.bytes = (size_t)(lines->line[to - 1].p - all.p) + lines->line[to - 1].bytes;
	return all;
}

static bool starts_before(const struct side *a, const struct side *b)
{
	return a->next < a->changes.nr &&
	       (b->next == b->changes.nr ||
		a->changes.change[a->next].old_idx <= b->changes.change[b->next].old_idx);
}

/* The next group of changes. Return: false if both sides have other changes in it. */
static bool put_group(struct side side[2], size_t *idx, const struct kq_lines *base,
		      struct ks_buf *out)
{
	struct side *first = starts_before(&side[0], &side[1]) ? &side[0] : &side[1];
	struct side *other = first == &side[0] ? &side[1] : &side[0];
	size_t start = first->changes.change[first->next].old_idx;
	size_t end = start + first->changes.change[first->next].old_nr;
	struct ks_span made;

	side[0].from = side[0].next;
	side[1].from = side[1].next;
	first->next++;
	while (absorb(other, &end) || absorb(first, &end))
		;
	made = text_of(first, start, end);
	if (other->from != other->next && !ks_span_eq(made, text_of(other, start, end)))
		return false;
	while (*idx < start)
		ks_put(out, base->line[(*idx)++]);
	ks_put(out, made);
	*idx = end;
	return true;
}

int kq_rebase_merge(const struct kq_version *base, const struct kq_version *ours,
		    const struct kq_version *theirs, struct ks_buf *ret_made, bool *ret_clean,
		    struct kq_fault *fault)
{
	__cleanup(side_done) struct side x = { .version = ours };
	__cleanup(side_done) struct side y = { .version = theirs };
	struct side side[2];
	struct ks_diag diag = { 0 };
	size_t idx = 0;
	int rc = side_read(&x, base, fault);

	if (!rc)
		rc = side_read(&y, base, fault);
	if (rc)
		return rc;
	side[0] = x;
	side[1] = y;
	*ret_clean = true;
	while (*ret_clean && (side[0].next < x.changes.nr || side[1].next < y.changes.nr))
		*ret_clean = put_group(side, &idx, base->lines, ret_made);
	while (idx < base->lines->nr)
		ks_put(ret_made, base->lines->line[idx++]);
	return ks_buf_ok(ret_made, &diag) ? kq_fail_diag(fault, &diag) : 0;
}
