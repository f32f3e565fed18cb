// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/hunk.h"

#include <stdlib.h>

void kq_image_done(struct kq_image *image)
{
	free(image->line);
	*image = (struct kq_image){ 0 };
}

int kq_image_build(const struct kq_hunk *hunk, char side, struct kq_image *ret_image,
		   struct kq_fault *fault)
{
	u32 start = side == '-' ? hunk->old_start : hunk->new_start;
	struct kq_image image = { 0 };
	size_t i;

	image.line = calloc(hunk->nr_lines + 1, sizeof(const struct kq_line *));
	if (!image.line)
		return kq_no_memory(fault);
	for (i = 0; i < hunk->nr_lines; i++)
		if (hunk->line[i].kind == ' ' || hunk->line[i].kind == side)
			image.line[image.nr++] = &hunk->line[i];
	image.want_idx = side == '-' ? kq_hunk_old_idx(hunk) : kq_hunk_new_idx(hunk);
	/* As in git apply: line 1 means the start of the file, no trailing context means its end. */
	image.at_start = start <= 1;
	image.at_end = !hunk->trailing;
	*ret_image = image;
	return 0;
}

bool kq_image_is_at(const struct kq_image *image, const struct kq_lines *lines, size_t idx)
{
	size_t i;

	if (idx > lines->nr || image->nr > lines->nr - idx)
		return false;
	if ((image->at_start && idx) || (image->at_end && idx + image->nr != lines->nr))
		return false;
	/* Nothing to compare with: only the line number says where, so it must be right. */
	if (!image->nr && idx != image->want_idx)
		return false;
	for (i = 0; i < image->nr; i++)
		if (!ks_span_eq(image->line[i]->text, lines->line[idx + i]))
			return false;
	return true;
}

/* All places from @from_idx on that do not touch the @taken_nr lines at @taken_idx. */
static struct kq_places find(const struct kq_image *image, const struct kq_lines *lines,
			     size_t from_idx, size_t taken_idx, size_t taken_nr)
{
	struct kq_places found = { 0 };
	size_t idx;

	for (idx = from_idx; idx <= lines->nr && image->nr <= lines->nr - idx; idx++) {
		if (taken_nr && idx < taken_idx + taken_nr && taken_idx < idx + image->nr)
			continue;
		if (!kq_image_is_at(image, lines, idx))
			continue;
		if (found.nr < KS_ARRAY_SIZE(found.first))
			found.first[found.nr] = idx;
		found.nr++;
		found.at_wanted |= idx == image->want_idx;
	}
	return found;
}

struct kq_places kq_image_find(const struct kq_image *image, const struct kq_lines *lines)
{
	return find(image, lines, 0, 0, 0);
}

struct kq_match kq_hunk_judge(const struct kq_image *pre, const struct kq_image *post,
			      const struct kq_lines *lines, size_t from_idx, bool moved)
{
	struct kq_places old = find(pre, lines, from_idx, 0, 0), new;
	struct kq_match match = { .verdict = KQ_FWD, .idx = pre->want_idx, .nr_places = old.nr,
				  .places = { old.first[0], old.first[1] } };

	if (old.at_wanted && (!moved || old.nr == 1))
		return match;
	if (old.nr > 1) {
		match.verdict = KQ_AMBIGUOUS;
		return match;
	}
	if (old.nr) {
		match.idx = old.first[0];
		new = find(post, lines, from_idx, match.idx, pre->nr);
		match.verdict = new.nr ? KQ_BOTH : KQ_FWD;
		return match;
	}
	new = find(post, lines, from_idx, 0, 0);
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
