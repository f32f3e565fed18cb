// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The same change at another place. A line that both sides added, a few lines apart, comes out of a
 * clean merge twice; so does a repeated line that both sides took away.
 */
#include <ctype.h>

#include "engine/judge.h"

/* Lines around a hunk that count as close. */
#define CLOSE_LINES 25U
/* Letters and digits that make lines tell something when they stand far away: not "return 0;". */
#define TELLING_CHARS 20U

/* struct window - a part of a file */
struct window {
	const struct kq_lines *lines;
	size_t idx;
	size_t end_idx;
};

static struct window window_of(const struct kq_lines *lines, size_t idx, size_t nr, bool close)
{
	struct window w = { lines, 0, lines->nr };

	if (!close)
		return w;
	w.idx = idx > CLOSE_LINES ? idx - CLOSE_LINES : 0;
	if (idx + nr + CLOSE_LINES < lines->nr)
		w.end_idx = idx + nr + CLOSE_LINES;
	return w;
}

static size_t count_in_window(const struct kq_line *run, size_t nr, const struct window *w)
{
	size_t idx, i, found = 0;

	for (idx = w->idx; idx + nr <= w->end_idx; idx++) {
		for (i = 0; i < nr; i++)
			if (!ks_span_eq(run[i].text, w->lines->line[idx + i]))
				break;
		found += i == nr;
	}
	return found;
}

/* The same in one side of a hunk. */
static size_t count_in_image(const struct kq_line *run, size_t nr, const struct kq_image *image)
{
	size_t idx, i, found = 0;

	for (idx = 0; idx + nr <= image->nr; idx++) {
		for (i = 0; i < nr; i++)
			if (!ks_span_eq(run[i].text, image->line[idx + i]->text))
				break;
		found += i == nr;
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

int kq_has_twin(struct kq_case *c, size_t hunk_idx, bool close, bool *ret_has,
		struct kq_fault *fault)
{
	__cleanup(kq_image_done) struct kq_image pre = { 0 };
	__cleanup(kq_image_done) struct kq_image post = { 0 };
	const struct kq_hunk *hunk = &c->file->hunk[hunk_idx];
	size_t i, nr, min_chars = close ? 1 : TELLING_CHARS, old_idx = c->old_idx[hunk_idx];
	struct kq_mapped mapped = { 0 };
	struct window was, is;
	int rc = build_images(hunk, &pre, &post, fault);

	*ret_has = false;
	if (!rc && close)
		rc = kq_map_range(&c->map, old_idx, hunk->old_count, &mapped, fault);
	if (rc)
		return rc;
	was = window_of(&c->o0.lines, old_idx, hunk->old_count, close);
	is = window_of(&c->n0.lines, mapped.now_idx, mapped.now_nr, close);
	/* All that the hunk adds or removes must be there once more, not one line of many. */
	for (i = 0; i < hunk->nr_lines; i += nr) {
		const struct kq_line *run = &hunk->line[i];
		size_t before, after;

		nr = run_length(hunk, i);
		if (run->kind == ' ' || count_chars(run, nr) < min_chars)
			continue;
		before = count_in_image(run, nr, &pre);
		after = count_in_image(run, nr, &post);
		if (before == after)
			continue;
		*ret_has = (before < after) ==
			   (count_in_window(run, nr, &was) < count_in_window(run, nr, &is));
		*ret_has = *ret_has &&
			   count_in_window(run, nr, &was) != count_in_window(run, nr, &is);
		if (!*ret_has)
			return 0;
	}
	return 0;
}
