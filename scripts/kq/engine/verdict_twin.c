// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The same change at another place. A line that both sides added, a few lines apart, comes out of a
 * clean merge twice; so does a repeated line that both sides took away. 6.18.9's own change of
 * tegra241-cmdqv.c, with one more line in its hunk, does so with git merge-file.
 */
#include <ctype.h>

#include "engine/judge.h"

/*
 * How far around a hunk to look, and how many letters and digits a line needs to tell something.
 * Far away an error path is no twin; within a hunk that had to be merged even "break;" is one.
 */
#define WITHIN_LINES 3U
#define WITHIN_CHARS 4U
#define CLOSE_LINES 25U
#define CLOSE_CHARS 12U
#define FAR_LINES KQ_MAX_LINES
#define FAR_CHARS 20U

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

/* The same in one side of a hunk. */
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
			struct kq_fault *fault)
{
	int rc = kq_image_build(hunk, '-', pre, fault);

	return rc ? rc : kq_image_build(hunk, '+', post, fault);
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
	const struct kq_lines *now;
	const struct kq_lines *merged;
};

static int sign(size_t before, size_t after)
{
	return (after > before) - (after < before);
}

/* We make these lines more, or less, and the new base has done that too. */
static bool is_twin(const struct kq_line *run, size_t nr, const struct view *v)
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
		return theirs == sign(count_in_image(v->run, v->pre),
				      count_in_image(v->run, v->post));
	before = window_of(v->now, 0, 0, FAR_LINES);
	after = window_of(v->merged, 0, 0, FAR_LINES);
	return theirs ==
	       sign(count_in_window(v->run, &before), count_in_window(v->run, &after));
}

/* All runs of changed lines that tell something have a twin. */
static bool has_all_runs(const struct kq_hunk *hunk, size_t min_chars, const struct view *v)
{
	bool has = false;
	size_t i, nr;

	for (i = 0; i < hunk->nr_lines; i += nr) {
		nr = run_length(hunk, i);
		if (hunk->line[i].kind == ' ' || count_chars(&hunk->line[i], nr) < min_chars)
			continue;
		if (!is_twin(&hunk->line[i], nr, v))
			return false;
		has = true;
	}
	return has;
}

static bool has_any_line(const struct kq_hunk *hunk, size_t min_chars, const struct view *v)
{
	size_t i;

	for (i = 0; i < hunk->nr_lines; i++)
		if (hunk->line[i].kind != ' ' &&
		    count_chars(&hunk->line[i], 1) >= min_chars &&
		    is_twin(&hunk->line[i], 1, v))
			return true;
	return false;
}

static void look(struct kq_case *c, size_t hunk_idx, const struct kq_mapped *mapped, size_t around,
		 struct view *v)
{
	const struct kq_hunk *hunk = &c->file->hunk[hunk_idx];

	v->was = window_of(&c->o0.lines, c->old_idx[hunk_idx], hunk->old_count, around);
	v->is = window_of(&c->n0.lines, mapped->now_idx, mapped->now_nr, around);
}

int kq_find_twin(struct kq_case *c, size_t hunk_idx, const struct kq_lines *merged,
		 enum kq_twin *ret_twin, struct kq_fault *fault)
{
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	__cleanup(kq_image_done) struct kq_image run = { 0 };
	const struct kq_hunk *hunk = &c->file->hunk[hunk_idx];
	struct view v = { .run = &run, .pre = &pre, .post = &post, .now = &c->n0.lines, .merged = merged };
	struct kq_mapped mapped;
	int rc = build_images(hunk, &pre, &post, fault);

	if (!rc)
		rc = kq_image_room(hunk->nr_lines, &run, fault);
	if (!rc)
		rc = kq_map_range(&c->map, c->old_idx[hunk_idx], hunk->old_count, &mapped, fault);
	if (rc)
		return rc;
	*ret_twin = KQ_NO_TWIN;
	look(c, hunk_idx, &mapped, FAR_LINES, &v);
	if (has_all_runs(hunk, FAR_CHARS, &v))
		*ret_twin = KQ_FAR_TWIN;
	look(c, hunk_idx, &mapped, CLOSE_LINES, &v);
	if (has_any_line(hunk, CLOSE_CHARS, &v) || (merged && has_all_runs(hunk, 1, &v)))
		*ret_twin = KQ_CLOSE_TWIN;
	look(c, hunk_idx, &mapped, WITHIN_LINES, &v);
	if (merged && has_any_line(hunk, WITHIN_CHARS, &v))
		*ret_twin = KQ_CLOSE_TWIN;
	return 0;
}
