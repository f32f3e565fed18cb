// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Is it the place that was meant? A function that is like its neighbour has the same lines; when one of
 * the two is moved, removed, renamed or fixed, text alone finds the other one, and so may git. What is
 * above both places has to be the same then, and both of git's merges must not say anything else.
 */
#include "engine/verdict_doubt.h"

#include <ctype.h>

#include "engine/map.h"
#include "engine/section.h"

/*
 * The same change at another place. A line that both sides added, a few lines apart, comes out of a
 * clean merge twice; so does a repeated line that both sides took away. 6.18.9's own change of
 * tegra241-cmdqv.c, with one more line in its hunk, does so with git merge-file.
 */

/*
 * How far around a hunk to look, and how many letters and digits a line needs to tell something.
 * Far away an error path is not a duplicate; within a hunk that had to be merged even "break;" is
 * one.
 */
#define WITHIN_LINES 3U
#define WITHIN_CHARS 4U
#define CLOSE_LINES  25U
#define CLOSE_CHARS  12U
#define FAR_LINES    KQ_MAX_LINES
#define FAR_CHARS    20U

/* struct window - a part of a file */
struct window {
	const struct kq_lines *lines;
	size_t idx;
	size_t end_idx;
};

static struct window window_of(const struct kq_lines *lines, size_t idx, size_t nr, size_t around)
{
	struct window w = { lines, idx > around ? idx - around : 0, idx + nr + around };

	if (w.end_idx > lines->nr)
		w.end_idx = lines->nr;
	return w;
}

static size_t count_in_window(const struct kq_image *run, const struct window *w)
{
	return kq_image_count(run, w->lines, w->idx, w->end_idx);
}

/* count_in_window() for one side of a hunk */
static size_t count_in_image(const struct kq_image *run, const struct kq_image *image)
{
	size_t idx, i, found = 0;

	for (idx = 0; idx + run->nr <= image->nr; idx++) {
		for (i = 0; i < run->nr; i++)
			if (!ks_span_eq(run->line[i]->text, image->line[idx + i]->text))
				break;
		found += i == run->nr;
	}
	return found;
}

static size_t count_chars(const struct kq_line *run, size_t nr)
{
	size_t i, k, found = 0;

	for (i = 0; i < nr; i++)
		for (k = 0; k < run[i].text.bytes; k++)
			found += !!isalnum(run[i].text.p[k]);
	return found;
}

static size_t run_length(const struct kq_hunk *hunk, size_t i)
{
	size_t nr = 1;

	while (i + nr < hunk->nr_lines && hunk->line[i + nr].kind == hunk->line[i].kind)
		nr++;
	return nr;
}

static int build_images(const struct kq_hunk *hunk, struct kq_image *pre, struct kq_image *post,
			struct kq_error *error)
{
	int rc = kq_image_build(hunk, '-', pre, error);

	return rc ? rc : kq_image_build(hunk, '+', post, error);
}

/*
 * struct view - what a run of lines is counted in: around both bases' places, and what we do
 * @run: the one in hand
 */
struct view {
	struct kq_image *run;
	struct window was;
	struct window is;
	const struct kq_image *pre;
	const struct kq_image *post;
	const struct kq_lines *onto;
	const struct kq_lines *merged;
};

static int sign(size_t before, size_t after)
{
	return (after > before) - (after < before);
}

/* The patch adds copies of these lines, or removes some, and the new base has done the same. */
static bool is_duplicate(const struct kq_line *run, size_t nr, const struct view *v)
{
	struct window before, after;
	size_t i;
	int theirs;

	for (i = 0; i < nr; i++)
		v->run->line[i] = &run[i];
	v->run->nr = nr;
	kq_image_close(v->run);
	theirs = sign(count_in_window(v->run, &v->was), count_in_window(v->run, &v->is));
	if (!theirs)
		return false;
	if (!v->merged)
		return theirs ==
		       sign(count_in_image(v->run, v->pre), count_in_image(v->run, v->post));
	before = window_of(v->onto, 0, 0, FAR_LINES);
	after = window_of(v->merged, 0, 0, FAR_LINES);
	return theirs == sign(count_in_window(v->run, &before), count_in_window(v->run, &after));
}

/* Has the new base made the change of every run that is long enough to tell (@min_chars)? */
static bool has_all_runs(const struct kq_hunk *hunk, size_t min_chars, const struct view *v)
{
	bool has = false;
	size_t i, nr;

	for (i = 0; i < hunk->nr_lines; i += nr) {
		nr = run_length(hunk, i);
		if (hunk->line[i].kind == ' ' || count_chars(&hunk->line[i], nr) < min_chars)
			continue;
		if (!is_duplicate(&hunk->line[i], nr, v))
			return false;
		has = true;
	}
	return has;
}

static bool has_any_line(const struct kq_hunk *hunk, size_t min_chars, const struct view *v)
{
	size_t i;

	for (i = 0; i < hunk->nr_lines; i++)
		if (hunk->line[i].kind != ' ' && count_chars(&hunk->line[i], 1) >= min_chars &&
		    is_duplicate(&hunk->line[i], 1, v))
			return true;
	return false;
}

static void set_windows(struct kq_verdict_input *c, size_t hunk_idx, const struct kq_mapped *mapped,
			size_t around, struct view *v)
{
	const struct kq_hunk *hunk = &c->file->hunk[hunk_idx];

	v->was = window_of(&c->o0.lines, c->old_idx[hunk_idx], hunk->old_count, around);
	v->is = window_of(&c->n0.lines, mapped->onto_idx, mapped->onto_nr, around);
}

int kq_find_duplicate(struct kq_verdict_input *c, size_t hunk_idx, const struct kq_lines *merged,
		      enum kq_duplicate *ret_duplicate, struct kq_error *error)
{
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	__cleanup(kq_image_done) struct kq_image run = { 0 };
	const struct kq_hunk *hunk = &c->file->hunk[hunk_idx];
	struct view v = {
		.run = &run, .pre = &pre, .post = &post, .onto = &c->n0.lines, .merged = merged
	};
	struct kq_mapped mapped;
	int rc = build_images(hunk, &pre, &post, error);

	if (!rc)
		rc = kq_image_room(hunk->nr_lines, &run, error);
	if (!rc)
		rc = kq_map_range(&c->map, c->old_idx[hunk_idx], hunk->old_count, &mapped, error);
	if (rc)
		return rc;
	*ret_duplicate = KQ_NO_DUPLICATE;
	set_windows(c, hunk_idx, &mapped, FAR_LINES, &v);
	if (has_all_runs(hunk, FAR_CHARS, &v))
		*ret_duplicate = KQ_FAR_DUPLICATE;
	set_windows(c, hunk_idx, &mapped, CLOSE_LINES, &v);
	if (has_any_line(hunk, CLOSE_CHARS, &v) || (merged && has_all_runs(hunk, 1, &v)))
		*ret_duplicate = KQ_CLOSE_DUPLICATE;
	set_windows(c, hunk_idx, &mapped, WITHIN_LINES, &v);
	if (merged && has_any_line(hunk, WITHIN_CHARS, &v))
		*ret_duplicate = KQ_CLOSE_DUPLICATE;
	return 0;
}

/*
 * struct doubt - what speaks against the places of a file's hunks
 * @is_repeated: some lines are there several times
 * @is_more: there are more of them than before, and one is new
 * @is_open: git may take other lines for the same
 * @is_new: a section has another name than before
 * @is_other: a hunk would be in another section
 */
struct doubt {
	struct kq_verdict_input *c;
	bool is_repeated;
	bool is_more;
	bool is_open;
	bool is_new;
	bool is_other;
};

/* struct run - lines of a hunk that change, [from, end); @old_offset: lines of the pre-image above */
struct run {
	const struct kq_hunk *hunk;
	size_t from;
	size_t end;
	size_t old_offset;
	size_t old_nr;
};

static bool next_run(struct run *run)
{
	const struct kq_hunk *hunk = run->hunk;

	run->old_offset += run->old_nr;
	for (run->from = run->end; run->from < hunk->nr_lines; run->from++, run->old_offset++)
		if (hunk->line[run->from].kind != ' ')
			break;
	run->old_nr = 0;
	for (run->end = run->from; run->end < hunk->nr_lines; run->end++) {
		if (hunk->line[run->end].kind == ' ')
			break;
		run->old_nr += hunk->line[run->end].kind == '-';
	}
	return run->from < run->end;
}

/* One side of a run with the lines beside it: what git has to find again to put it there. */
static int build_core(const struct run *run, char side, struct kq_image *ret_core,
		      struct kq_error *error)
{
	const struct kq_hunk *hunk = run->hunk;
	size_t from = run->from ? run->from - 1 : 0, i;
	size_t end = run->end < hunk->nr_lines ? run->end + 1 : run->end;
	int rc = kq_image_room(end - from, ret_core, error);

	for (i = from; i < end && !rc; i++)
		if (hunk->line[i].kind == ' ' || hunk->line[i].kind == side)
			ret_core->line[ret_core->nr++] = &hunk->line[i];
	if (!rc)
		kq_image_close(ret_core);
	return rc;
}

static size_t count_image(const struct kq_image *image, const struct kq_lines *lines)
{
	return image->nr ? kq_image_count(image, lines, 0, lines->nr) : 0;
}

/* The line beside the run equals one in it: a diff may show either of them as the changed one. */
static bool may_slide(const struct run *run)
{
	const struct kq_line *line = run->hunk->line;
	size_t i;

	for (i = run->from; i < run->end; i++) {
		if (run->from && ks_span_eq(line[i].text, line[run->from - 1].text))
			return true;
		if (run->end < run->hunk->nr_lines && ks_span_eq(line[i].text, line[run->end].text))
			return true;
	}
	return false;
}

static int look_at_core(struct doubt *d, const struct run *run, bool *is_repeated,
			struct kq_error *error)
{
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	const struct kq_verdict_input *c = d->c;
	int rc = build_core(run, '-', &pre, error);

	if (!rc)
		rc = build_core(run, '+', &post, error);
	if (rc)
		return rc;
	*is_repeated |= count_image(&pre, &c->o0.lines) > 1 || count_image(&pre, &c->n0.lines) > 1;
	d->is_more |= count_image(&pre, &c->n0.lines) > count_image(&pre, &c->o0.lines);
	d->is_open |= may_slide(run) || !run->from || run->end == run->hunk->nr_lines ||
		      count_image(&pre, &c->n0.lines) != 1 || count_image(&post, &c->n0.lines);
	return 0;
}

/* Where a run of the old base is on the new one: what is beside it tells. */
static int onto_place(struct kq_verdict_input *c, size_t old_idx, size_t old_nr, size_t *ret_idx,
		      struct kq_error *error)
{
	struct kq_mapped above = { 0 }, below;
	int rc = old_idx ? kq_map_range(&c->map, old_idx - 1, 1, &above, error) : 0;

	*ret_idx = above.onto_idx + above.intact;
	if (rc || above.intact || old_idx + old_nr >= c->o0.lines.nr)
		return rc;
	rc = kq_map_range(&c->map, old_idx + old_nr, 1, &below, error);
	if (!rc && below.intact)
		*ret_idx = below.onto_idx;
	return rc;
}

static int look_above(struct doubt *d, size_t hunk_idx, const struct run *run, bool is_there,
		      bool *is_other, struct kq_error *error)
{
	struct kq_verdict_input *c = d->c;
	size_t nr = run->end - run->from;
	size_t indent = kq_section_indent(&run->hunk->line[run->from], nr);
	struct kq_spot old = { &c->o0.lines, c->old_idx[hunk_idx] + run->old_offset, indent };
	struct kq_spot onto = { &c->n0.lines, c->onto_idx[hunk_idx] + run->old_offset, indent };
	enum kq_same_section same;
	int rc = is_there ? 0 : onto_place(c, old.idx, run->old_nr, &onto.idx, error);

	if (rc)
		return rc;
	same = kq_section_compare(old, onto);
	d->is_new |= same == KQ_NEW_SECTION;
	*is_other |= same == KQ_OTHER_SECTION;
	return 0;
}

/* struct presence - a hunk, and whether both bases have it once */
struct presence {
	struct kq_image pre;
	struct kq_image post;
	bool is_there;
	bool is_repeated;
};

static void presence_done(struct presence *t)
{
	kq_image_done(&t->pre);
	kq_image_done(&t->post);
}

static int look_at_runs(struct doubt *d, size_t i, struct presence *t, bool *is_other,
			struct kq_error *error)
{
	struct run run = { .hunk = &d->c->file->hunk[i] };
	bool any_repeated = false;
	int rc = 0;

	while (!rc && next_run(&run))
		rc = look_at_core(d, &run, &any_repeated, error);
	/* It was not found as a whole, or is to be left out: its parts decide. */
	t->is_repeated |= any_repeated && !t->is_there;
	if (!t->is_repeated && !d->c->out->hunk[i].moved)
		return rc;
	run = (struct run){ .hunk = &d->c->file->hunk[i] };
	while (!rc && next_run(&run))
		rc = look_above(d, i, &run, t->is_there, is_other, error);
	return rc;
}

static void set_ambiguous(struct kq_verdict_input *c, size_t i)
{
	struct kq_hunk_verdict *hunk = &c->out->hunk[i];

	hunk->verdict = KQ_AMBIGUOUS;
	hunk->evidence = NULL;
	hunk->moved = hunk->duplicate = false;
}

/*
 * One place had the old lines, one has the new ones, and the old ones are nowhere but among these: no
 * other is meant.
 */
static bool is_made(const struct kq_verdict_input *c, size_t i, const struct presence *t)
{
	const struct kq_lines *old = &c->o0.lines, *onto = &c->n0.lines;
	size_t idx = c->onto_idx[i];

	return c->out->hunk[i].verdict == KQ_REV && kq_image_is_at(&t->post, onto, idx) &&
	       count_image(&t->pre, old) == 1 && !count_image(&t->post, old) &&
	       count_image(&t->post, onto) == 1 &&
	       count_image(&t->pre, onto) == kq_image_count(&t->pre, onto, idx, idx + t->post.nr);
}

static int look_at_hunk(struct doubt *d, size_t i, struct kq_error *error)
{
	__cleanup(presence_done) struct presence t = { 0 };
	struct kq_verdict_input *c = d->c;
	const struct kq_hunk *hunk = &c->file->hunk[i];
	size_t other_idx;
	bool is_other = false;
	int rc = kq_image_build(hunk, '-', &t.pre, error);

	if (!rc)
		rc = kq_image_build(hunk, '+', &t.post, error);
	if (rc)
		return rc;
	if (is_made(c, i, &t)) {
		d->is_open = true;
		return 0;
	}
	t.is_there = c->take[i] && kq_image_is_at(&t.pre, &c->n0.lines, c->onto_idx[i]);
	t.is_repeated = count_image(&t.pre, &c->o0.lines) > 1 ||
			count_image(&t.pre, &c->n0.lines) + count_image(&t.post, &c->n0.lines) > 1;
	/* The post-image was on the old base already, so that finding it on the new one proves nothing. */
	t.is_repeated |= !t.is_there && count_image(&t.post, &c->o0.lines);
	d->is_open |= !t.is_there || t.is_repeated || c->out->hunk[i].moved;
	if (t.is_there)
		is_other = kq_image_is_elsewhere(&t.pre, &c->n0.lines, c->onto_idx[i], &other_idx);
	rc = look_at_runs(d, i, &t, &is_other, error);
	if (!rc && is_other)
		set_ambiguous(c, i);
	d->is_repeated |= t.is_repeated;
	d->is_other |= is_other;
	return rc;
}

/* Is a line of the new base below what some change of the patch is below? */
static bool is_below_any(const struct kq_verdict_input *c, size_t onto_idx)
{
	size_t i;

	for (i = 0; i < c->file->nr_hunks; i++) {
		struct run run = { .hunk = &c->file->hunk[i] };

		while (next_run(&run)) {
			size_t indent = kq_section_indent(&run.hunk->line[run.from],
							  run.end - run.from);
			struct kq_spot old = { &c->o0.lines, c->old_idx[i] + run.old_offset,
					       indent };
			struct kq_spot onto = { &c->n0.lines, onto_idx, indent };

			if (kq_section_compare(old, onto) != KQ_OTHER_SECTION)
				return true;
		}
	}
	return false;
}

/*
 * A merge has its own opinion of where lines went: what was found has to be changed there, and what it
 * changes, to be below what the patch changed.
 */
static int look_at_merge(struct doubt *d, struct kq_error *error)
{
	__cleanup(kq_lines_done) struct kq_lines made = { 0 };
	__cleanup(kq_map_done) struct kq_map map = { 0 };
	struct kq_verdict_input *c = d->c;
	struct kq_mapped mapped;
	size_t i;
	int rc = kq_lines_split(ks_buf_span(&c->n1.text), &made, error);

	if (rc)
		return rc;
	map = kq_map_start(c->n0.content, &c->n0.lines, ks_buf_span(&c->n1.text), &made, c->path);
	/* An empty range is never answered from the equal ends, so that this makes the map read all changes. */
	rc = kq_map_range(&map, 0, 0, &mapped, error);
	if (rc)
		return rc;
	for (i = 0; i < c->file->nr_hunks; i++) {
		if (c->out->hunk[i].verdict != KQ_FWD)
			continue;
		rc = kq_map_range(&map, c->onto_idx[i], c->file->hunk[i].old_count, &mapped, error);
		if (rc)
			return rc;
		if (!mapped.intact)
			continue;
		set_ambiguous(c, i);
		d->is_other = true;
	}
	for (i = 0; i < map.changes.nr && !d->is_other; i++)
		d->is_other = !is_below_any(c, map.changes.change[i].old_idx);
	return 0;
}

/* struct merged - one of git's merges, and what it says */
struct merged {
	struct ks_buf made;
	bool is_clean;
};

static void merged_done(struct merged *merged)
{
	ks_buf_done(&merged->made);
}

static bool is_against(const struct merged *merged, struct ks_span made)
{
	return merged->is_clean && !ks_span_eq(ks_buf_span(&merged->made), made);
}

/* A new name may also be a new function, with the lines of one that is gone. */
static bool is_renamed(const struct doubt *d)
{
	return d->is_new && d->is_repeated;
}

/*
 * A clean merge that makes something else; or, of repeated lines, none that is clean. Below a new name
 * both have to be.
 */
static int ask_git(const struct doubt *d, bool is_merge, struct ks_span made, bool *ret_against,
		   struct kq_error *error)
{
	__cleanup(merged_done) struct merged file = { .is_clean = is_merge };
	__cleanup(merged_done) struct merged rebase = { 0 };
	struct kq_verdict_input *c = d->c;
	const struct kq_merge merge = kq_merge_of(c);
	const struct kq_merge_side base = { c->o0.content, &c->o0.lines };
	const struct kq_merge_side ours = { c->n0.content, &c->n0.lines };
	const struct kq_merge_side theirs = { c->o1.content, &c->o1.lines };
	int rc = kq_state_split(&c->o1, error);

	if (is_merge)
		ks_put(&file.made, made);
	else if (!rc)
		rc = kq_git_merge(&merge, false, &file.made, &file.is_clean, error);
	/* Binary contents: exact places are all that there is. */
	if (rc == -EOPNOTSUPP) {
		*ret_against = d->is_repeated;
		return 0;
	}
	if (!rc)
		rc = kq_rebase_merge(&base, &ours, &theirs, &rebase.made, &rebase.is_clean, error);
	if (rc)
		return rc;
	*ret_against = is_against(&file, made) || is_against(&rebase, made) ||
		       (d->is_repeated && !file.is_clean && !rebase.is_clean) ||
		       (is_renamed(d) && !(file.is_clean && rebase.is_clean));
	return 0;
}

static int weigh_doubt(struct doubt *d, bool is_merge, bool *ret_doubt, struct kq_error *error)
{
	struct kq_verdict_input *c = d->c;
	bool is_upstream = c->out->outcome == KQ_UPSTREAM;
	size_t i;
	int rc;

	*ret_doubt = d->is_other || (is_renamed(d) && (is_upstream || d->is_more));
	if (*ret_doubt || !(d->is_open || is_renamed(d)))
		return 0;
	rc = ask_git(d, is_merge, is_upstream ? c->n0.content : ks_buf_span(&c->n1.text), ret_doubt,
		     error);
	for (i = 0; i < c->file->nr_hunks && *ret_doubt; i++)
		set_ambiguous(c, i);
	/* git is sure, and a person is told to look at it. */
	if (!rc && !*ret_doubt && is_renamed(d))
		c->out->outcome = KQ_MERGED;
	return rc;
}

int kq_find_doubt(struct kq_verdict_input *c, bool is_merge, bool *ret_doubt,
		  struct kq_error *error)
{
	struct doubt d = { .c = c };
	size_t i;
	int rc = 0;

	for (i = 0; i < c->file->nr_hunks && !rc; i++)
		rc = look_at_hunk(&d, i, error);
	if (!rc && is_merge && d.is_repeated && c->out->outcome == KQ_MERGED)
		rc = look_at_merge(&d, error);
	return rc ? rc : weigh_doubt(&d, is_merge, ret_doubt, error);
}
