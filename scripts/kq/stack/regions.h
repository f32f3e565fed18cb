/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The conflict regions of a merge that git marked with all three sides (git merge-file --diff3):
 *
 *   <<<<<<< 6.18.15            ours: the new base
 *   ||||||| 6.18.5             base: the old base
 *   =======                    theirs: the old base with our patch
 *   >>>>>>> 0003-x.patch
 */
#ifndef KQ_STACK_REGIONS_H
#define KQ_STACK_REGIONS_H

#include "text/text.h"

/* A file with more conflicts than this is merged by hand as a whole. */
#define KQ_MAX_REGIONS 4096U

/**
 * struct kq_region - one conflict and the merged text above it; all borrowed
 * @before: what follows the region before
 */
struct kq_region {
	struct ks_span before;
	struct ks_span ours;
	struct ks_span base;
	struct ks_span theirs;
};

/** struct kq_regions - all conflicts of one file; @after is the text below the last */
struct kq_regions {
	struct kq_region *region;
	size_t nr;
	struct ks_span after;
};

/** kq_regions_done() - free; accepts a zeroed struct */
void kq_regions_done(struct kq_regions *regions);

/**
 * kq_regions_parse() - find the regions
 * @marked: borrowed by @ret_regions
 *
 * Where it is not certain which lines are markers (a text that has such lines of its own, or a last
 * line without a newline), no region is returned, and the file has to be taken as a whole.
 */
int __must_check kq_regions_parse(struct ks_span marked, struct kq_regions *ret_regions,
				  struct kq_error *error);

/**
 * kq_regions_results() - what a person made of each region
 * @edited: the file after the edit
 * @ret_result: one span for each region, borrowed from @edited
 *
 * Return: false when text outside of the regions was edited too, or when it is not certain where
 * a region ends.
 */
bool kq_regions_results(const struct kq_regions *regions, struct ks_span edited,
			struct ks_span *ret_result);

/**
 * kq_markers_left() - line of the first conflict marker that is still in an edited file
 * @sides: what the merge was made of; markers that are text of theirs do not count
 *
 * Return: line number from 1; 0 for none.
 */
u32 kq_markers_left(struct ks_span edited, const struct ks_span *sides, size_t nr_sides);

#endif
