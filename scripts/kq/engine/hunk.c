// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/hunk.h"

#include <stdlib.h>

#include "engine/section.h"

void kq_image_done(struct kq_image *image)
{
	free(image->line);
	free(image->back);
	*image = (struct kq_image){ 0 };
}

int kq_image_room(size_t nr, struct kq_image *ret_image, struct kq_error *error)
{
	struct kq_image image = { 0 };

	image.line = calloc(nr + 1, sizeof(const struct kq_line *));
	image.back = calloc(nr + 1, sizeof(size_t));
	*ret_image = image;
	return image.line && image.back ? 0 : kq_no_memory(error);
}

static bool is_line(const struct kq_image *image, size_t i, struct ks_span line)
{
	return ks_span_eq(image->line[i]->text, line);
}

/* Of @nr lines matched, how many are with @line; the search of Knuth, Morris and Pratt. */
static size_t match_one(const struct kq_image *image, size_t nr, struct ks_span line)
{
	while (nr && (nr == image->nr || !is_line(image, nr, line)))
		nr = image->back[nr - 1];
	return is_line(image, nr, line) ? nr + 1 : 0;
}

void kq_image_close(struct kq_image *image)
{
	size_t i;

	for (i = 1; i < image->nr; i++)
		image->back[i] = match_one(image, image->back[i - 1], image->line[i]->text);
}

int kq_image_build(const struct kq_hunk *hunk, char side, struct kq_image *ret_image,
		   struct kq_error *error)
{
	u32 start = side == '-' ? hunk->old_start : hunk->new_start;
	struct kq_image image = { 0 };
	size_t i;
	int rc = kq_image_room(hunk->nr_lines, &image, error);

	if (rc) {
		kq_image_done(&image);
		return rc;
	}
	for (i = 0; i < hunk->nr_lines; i++)
		if (hunk->line[i].kind == ' ' || hunk->line[i].kind == side)
			image.line[image.nr++] = &hunk->line[i];
	image.want_idx = side == '-' ? kq_hunk_old_idx(hunk) : kq_hunk_new_idx(hunk);
	/* As in git apply: line 1 means the start of the file, no trailing context means its end. */
	image.at_start = start <= 1;
	image.at_end = !hunk->trailing;
	image.section = hunk->section;
	kq_image_close(&image);
	*ret_image = image;
	return 0;
}

/* Whatever its lines are, may it be here? */
static bool may_be_at(const struct kq_image *image, const struct kq_lines *lines, size_t idx)
{
	if (idx > lines->nr || image->nr > lines->nr - idx)
		return false;
	if ((image->at_start && idx) || (image->at_end && idx + image->nr != lines->nr))
		return false;
	/* Nothing to compare with: only the line number says where, so it must be right. */
	return image->nr || idx == image->want_idx;
}

bool kq_image_is_at(const struct kq_image *image, const struct kq_lines *lines, size_t idx)
{
	size_t i;

	if (!may_be_at(image, lines, idx))
		return false;
	for (i = 0; i < image->nr; i++)
		if (!is_line(image, i, lines->line[idx + i]))
			return false;
	return true;
}

/* struct search - an image of some lines in a file; @idx: of the next line, @nr: matched so far */
struct search {
	const struct kq_image *image;
	const struct kq_lines *lines;
	size_t idx;
	size_t nr;
};

/* The next place with its lines. Return: false at line @end_idx. */
static bool find_next(struct search *s, size_t end_idx, size_t *ret_idx)
{
	while (s->idx < end_idx) {
		s->nr = match_one(s->image, s->nr, s->lines->line[s->idx++]);
		if (s->nr < s->image->nr)
			continue;
		*ret_idx = s->idx - s->nr;
		return true;
	}
	return false;
}

static void add_place(struct kq_places *found, const struct kq_image *image, size_t idx)
{
	if (found->nr < KS_ARRAY_SIZE(found->first))
		found->first[found->nr] = idx;
	found->nr++;
	found->at_wanted |= idx == image->want_idx;
}

/* All places from @from_idx on that do not touch the @taken_nr lines at @taken_idx. */
static struct kq_places find_places(const struct kq_image *image, const struct kq_lines *lines,
				    size_t from_idx, size_t taken_idx, size_t taken_nr)
{
	struct search s = { .image = image, .lines = lines, .idx = from_idx };
	struct kq_places found = { 0 };
	size_t idx = image->want_idx;

	if (!image->nr) {
		if (idx >= from_idx && may_be_at(image, lines, idx) &&
		    !(taken_nr && idx < taken_idx + taken_nr && taken_idx < idx))
			add_place(&found, image, idx);
		return found;
	}
	while (find_next(&s, lines->nr, &idx)) {
		if (taken_nr && idx < taken_idx + taken_nr && taken_idx < idx + image->nr)
			continue;
		if (may_be_at(image, lines, idx))
			add_place(&found, image, idx);
	}
	return found;
}

size_t kq_image_count(const struct kq_image *image, const struct kq_lines *lines, size_t idx,
		      size_t end_idx)
{
	struct search s = { .image = image, .lines = lines, .idx = idx };
	size_t nr = 0, place;

	while (find_next(&s, end_idx, &place))
		nr++;
	return nr;
}

/* Is what the @@ line names above this place? If the file may have it in another form, it is. */
static bool is_below(const struct kq_lines *lines, size_t idx, struct ks_span section)
{
	struct kq_headings above = { 0 };
	size_t i;

	for (i = 0; i < idx && i < lines->nr; i++)
		kq_headings_pass(&above, lines->line[i], section);
	return above.is_unsure || kq_headings_are(&above, section);
}

/* The only place is below something else, and what the @@ line names is in the file. */
static bool is_in_other(const struct kq_image *image, const struct kq_lines *lines, size_t idx,
			size_t *ret_idx)
{
	size_t i;

	if (!image->nr || !image->section.bytes || kq_is_label(image->section) ||
	    is_below(lines, idx, image->section))
		return false;
	for (i = 0; i < lines->nr; i++) {
		struct kq_headings here = { 0 };

		kq_headings_pass(&here, lines->line[i], image->section);
		if (!kq_headings_are(&here, image->section))
			continue;
		*ret_idx = i;
		return true;
	}
	return false;
}

bool kq_image_is_elsewhere(const struct kq_image *image, const struct kq_lines *lines, size_t idx,
			   size_t *ret_idx)
{
	struct search s = { .image = image, .lines = lines };
	struct kq_headings above = { 0 };
	size_t passed = 0, place;

	/* Without lines it is at one place only; and a label is below every function. */
	if (!image->nr || !image->section.bytes || kq_is_label(image->section))
		return false;
	while (find_next(&s, lines->nr, &place)) {
		while (passed < place)
			kq_headings_pass(&above, lines->line[passed++], image->section);
		if (place == idx || !kq_headings_are(&above, image->section))
			continue;
		*ret_idx = place;
		return !is_below(lines, idx, image->section);
	}
	return false;
}

struct kq_places kq_image_find(const struct kq_image *image, const struct kq_lines *lines)
{
	return find_places(image, lines, 0, 0, 0);
}

struct kq_match kq_hunk_match(const struct kq_image *pre, const struct kq_image *post,
			      const struct kq_lines *lines, size_t from_idx, bool moved)
{
	struct kq_places old = find_places(pre, lines, from_idx, 0, 0), new;
	struct kq_match match = { .verdict = KQ_FWD, .idx = pre->want_idx, .nr_places = old.nr,
				  .places = { old.first[0], old.first[1] } };

	if (old.at_wanted && (!moved || old.nr == 1)) {
		match.misled =
			kq_image_is_elsewhere(pre, lines, match.idx, &match.other_idx) ||
			kq_image_is_elsewhere(post, lines, match.idx, &match.other_idx);
		if (match.misled)
			match.verdict = KQ_AMBIGUOUS;
		return match;
	}
	if (old.nr > 1) {
		match.verdict = KQ_AMBIGUOUS;
		return match;
	}
	if (old.nr) {
		match.idx = old.first[0];
		match.misled = is_in_other(pre, lines, match.idx, &match.other_idx);
		if (match.misled) {
			match.verdict = KQ_AMBIGUOUS;
			return match;
		}
		new = find_places(post, lines, from_idx, match.idx, pre->nr);
		match.verdict = new.nr ? KQ_BOTH : KQ_FWD;
		return match;
	}
	new = find_places(post, lines, from_idx, 0, 0);
	match.verdict = new.nr ? KQ_REV : KQ_NONE;
	match.idx = new.at_wanted ? post->want_idx : new.first[0];
	return match;
}

static size_t count_equal(const struct kq_image *image, const struct kq_lines *lines, size_t idx,
			  size_t *ret_miss)
{
	size_t i, nr = 0;

	*ret_miss = image->nr;
	for (i = 0; i < image->nr; i++) {
		if (idx + i < lines->nr && ks_span_eq(image->line[i]->text, lines->line[idx + i]))
			nr++;
		else if (*ret_miss == image->nr)
			*ret_miss = i;
	}
	return nr;
}

size_t kq_hunk_closest(const struct kq_image *image, const struct kq_lines *lines, size_t from_idx,
		       size_t *ret_miss)
{
	size_t best = image->want_idx < lines->nr ? image->want_idx : lines->nr;
	size_t best_nr = count_equal(image, lines, best, ret_miss), idx;

	for (idx = from_idx; idx < lines->nr; idx++) {
		size_t miss, nr = count_equal(image, lines, idx, &miss);

		if (nr > best_nr) {
			best = idx;
			best_nr = nr;
			*ret_miss = miss;
		}
	}
	return best;
}
