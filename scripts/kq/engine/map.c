// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/map.h"

#include <stdlib.h>

#include "queue/patch.h"
#include "text/file.h"
#include "text/git.h"

static void changes_done(struct kq_map_changes *changes)
{
	free(changes->change);
	*changes = (struct kq_map_changes){ 0 };
}

void kq_map_done(struct kq_map *map)
{
	changes_done(&map->changes);
	*map = (struct kq_map){ 0 };
}

struct kq_map kq_map_start(struct ks_span old, const struct kq_lines *old_lines,
			   struct ks_span onto, const struct kq_lines *onto_lines, const char *name)
{
	struct kq_map map = { .old = old,
			      .onto = onto,
			      .old_lines = old_lines,
			      .onto_lines = onto_lines,
			      .name = name };
	size_t min = old_lines->nr < onto_lines->nr ? old_lines->nr : onto_lines->nr;

	while (map.head < min && ks_span_eq(old_lines->line[map.head], onto_lines->line[map.head]))
		map.head++;
	while (map.tail < min - map.head &&
	       ks_span_eq(old_lines->line[old_lines->nr - 1 - map.tail],
			  onto_lines->line[onto_lines->nr - 1 - map.tail]))
		map.tail++;
	return map;
}

static bool take_range(const u32 range[2], size_t *ret_idx, size_t *ret_nr)
{
	*ret_idx = range[1] ? range[0] - 1 : range[0];
	*ret_nr = range[1];
	return range[0] || !range[1];
}

/* "@@ -1,7 +1,8 @@ …": true if @line is one. */
static bool take_hunk_line(struct ks_span line, struct kq_map_change *ret_change)
{
	u32 old[2], new[2];

	return kq_take_ranges(&line, old, new) &&
	       take_range(old, &ret_change->old_idx, &ret_change->old_nr) &&
	       take_range(new, &ret_change->onto_idx, &ret_change->onto_nr);
}

static int add_change(struct kq_map_changes *changes, const struct kq_map_change *change,
		      struct kq_error *error)
{
	struct kq_map_change *moved;

	if (!change->old_nr && !change->onto_nr)
		return 0;
	moved = kq_grow(changes->change, changes->nr, &changes->room, sizeof(*moved), KQ_MAX_LINES,
			error);
	if (!moved)
		return error->err;
	changes->change = moved;
	moved[changes->nr++] = *change;
	return 0;
}

/* The change that starts where this one, and the line of context behind it, end. */
static struct kq_map_change next_change(const struct kq_map_change *change, size_t nr_context)
{
	return (struct kq_map_change){
		.old_idx = change->old_idx + change->old_nr + nr_context,
		.onto_idx = change->onto_idx + change->onto_nr + nr_context,
	};
}

/* What the hunks of a diff change, whatever context they have. */
static int read_hunks(struct ks_span hunks, struct kq_map_changes *changes, struct kq_error *error)
{
	struct kq_map_change change = { 0 };
	struct ks_span line;
	int rc = 0;

	while (!rc && ks_span_line(&hunks, &line)) {
		struct kq_map_change at = { 0 };

		/* A line of content starts with one of " +-\". */
		if (kq_starts(line, "-")) {
			change.old_nr++;
		} else if (kq_starts(line, "+")) {
			change.onto_nr++;
		} else if (kq_starts(line, " ")) {
			rc = add_change(changes, &change, error);
			change = next_change(&change, 1);
		} else if (take_hunk_line(line, &at)) {
			rc = add_change(changes, &change, error);
			at.old_nr = at.onto_nr = 0;
			change = at;
		}
	}
	return rc ? rc : add_change(changes, &change, error);
}

static int read_changes(struct kq_map *map, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf hunks = { 0 };
	int rc = kq_git_diff(map->old, map->onto, map->name, 0, &hunks, error);

	if (!rc)
		rc = read_hunks(ks_buf_span(&hunks), &map->changes, error);
	map->is_read = !rc;
	return rc;
}

static size_t end_of_old(const struct kq_map_change *change)
{
	return change->old_idx + change->old_nr;
}

static size_t end_of_onto(const struct kq_map_change *change)
{
	return change->onto_idx + change->onto_nr;
}

static bool ends_before(const void *change, const void *idx)
{
	return end_of_old(change) < *(const size_t *)idx;
}

static bool touches(const struct kq_map_change *change, size_t idx, size_t nr)
{
	size_t end = change->old_idx + change->old_nr;

	if (!nr)
		return change->old_idx <= idx && idx <= end;
	if (!change->old_nr)
		return idx < change->old_idx && change->old_idx < idx + nr;
	return change->old_idx < idx + nr && idx < end;
}

/* What became of a touched range, widened to whole changes. */
static void cover(struct kq_mapped *mapped, const struct kq_map_change *change, size_t idx,
		  size_t nr, size_t *old_end)
{
	size_t end = change->old_idx + change->old_nr;

	if (mapped->intact) {
		size_t before = change->old_idx > idx ? change->old_idx - idx : 0;

		mapped->intact = false;
		mapped->onto_idx = change->onto_idx - before;
		*old_end = idx + nr > end ? idx + nr : end;
	} else if (end > *old_end) {
		*old_end = end;
	}
	mapped->onto_nr = change->onto_idx + change->onto_nr + (*old_end - end) - mapped->onto_idx;
}

int kq_map_range(struct kq_map *map, size_t idx, size_t nr, struct kq_mapped *ret_mapped,
		 struct kq_error *error)
{
	struct kq_mapped mapped = { .intact = true, .onto_idx = idx, .onto_nr = nr };
	size_t shift = map->onto_lines->nr - map->old_lines->nr, old_end = idx + nr, i;
	int rc;

	if (nr && idx + nr <= map->head) {
		*ret_mapped = mapped;
		return 0;
	}
	if (nr && idx >= map->old_lines->nr - map->tail) {
		/* May wrap on its way, the sum cannot. */
		mapped.onto_idx += shift;
		*ret_mapped = mapped;
		return 0;
	}
	rc = map->is_read ? 0 : read_changes(map, error);
	if (rc)
		return rc;
	i = kq_lower_bound(map->changes.change, map->changes.nr, sizeof(*map->changes.change),
			   ends_before, &idx);
	if (i)
		mapped.onto_idx = idx + end_of_onto(&map->changes.change[i - 1]) -
				  end_of_old(&map->changes.change[i - 1]);
	for (; i < map->changes.nr && map->changes.change[i].old_idx <= old_end; i++) {
		const struct kq_map_change *change = &map->changes.change[i];

		if (touches(change, idx, nr))
			cover(&mapped, change, idx, nr, &old_end);
		else if (end_of_old(change) <= idx)
			mapped.onto_idx = idx + end_of_onto(change) - end_of_old(change);
	}
	*ret_mapped = mapped;
	return 0;
}

static bool is_cause(const struct kq_map_change *hunk, const struct kq_map_change *range,
		     size_t nr_ranges)
{
	size_t i;

	for (i = 0; i < nr_ranges; i++)
		if (hunk->old_idx <= range[i].old_idx + range[i].old_nr &&
		    range[i].old_idx <= hunk->old_idx + hunk->old_nr)
			return true;
	return false;
}

int kq_map_cause(const struct kq_map *map, const struct kq_map_change *range, size_t nr_ranges,
		 struct ks_buf *cause, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf hunks = { 0 };
	struct ks_span rest, before, line;
	bool wanted = false;
	int rc = kq_git_diff(map->old, map->onto, map->name, 3, &hunks, error);

	rest = before = ks_buf_span(&hunks);
	while (!rc && ks_span_line(&rest, &line)) {
		struct kq_map_change hunk;

		if (take_hunk_line(line, &hunk))
			wanted = is_cause(&hunk, range, nr_ranges);
		if (wanted)
			ks_put(cause, kq_head(before, before.bytes - rest.bytes));
		before = rest;
	}
	return rc;
}

/* struct side - one of the two sides of a merge, and its changes; [from, next) are those of the
 * group in hand */
struct side {
	const struct kq_merge_side *version;
	struct kq_map_changes changes;
	size_t from;
	size_t next;
};

static void side_done(struct side *side)
{
	changes_done(&side->changes);
}

static int side_read(struct side *side, const struct kq_merge_side *base, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf hunks = { 0 };
	int rc = kq_git_diff_as_rebase(base->content, side->version->content, &hunks, error);

	return rc ? rc : read_hunks(ks_buf_span(&hunks), &side->changes, error);
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
	size_t from = first->onto_idx - (first->old_idx - idx);
	size_t to = last->onto_idx + last->onto_nr + (end - (last->old_idx + last->old_nr));
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

int kq_rebase_merge(const struct kq_merge_side *base, const struct kq_merge_side *ours,
		    const struct kq_merge_side *theirs, struct ks_buf *ret_made, bool *ret_clean,
		    struct kq_error *error)
{
	__cleanup(side_done) struct side x = { .version = ours };
	__cleanup(side_done) struct side y = { .version = theirs };
	struct side side[2];
	size_t idx = 0;
	int rc = side_read(&x, base, error);

	if (!rc)
		rc = side_read(&y, base, error);
	if (rc)
		return rc;
	side[0] = x;
	side[1] = y;
	*ret_clean = true;
	while (*ret_clean && (side[0].next < x.changes.nr || side[1].next < y.changes.nr))
		*ret_clean = put_group(side, &idx, base->lines, ret_made);
	while (idx < base->lines->nr)
		ks_put(ret_made, base->lines->line[idx++]);
	return kq_buf_check(ret_made, error);
}
