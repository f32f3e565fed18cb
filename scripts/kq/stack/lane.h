/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lanes: variants that had the same patches so far share their state of both bases. They part at
 * the first line of the series that tells them apart.
 */
#ifndef KQ_STACK_LANE_H
#define KQ_STACK_LANE_H

#include "stack/run.h"

/**
 * struct kq_lane - the state of some variants
 * @holds: for each variant, whether it is in this lane
 */
struct kq_lane {
	struct kq_overlay old;
	struct kq_overlay onto;
	bool holds[KQ_MAX_VARIANTS];
};

/** struct kq_lanes - all of them, and what they have in common, borrowed */
struct kq_lanes {
	const struct kq_base *base;
	const struct kq_variants *variants;
	struct kq_resolver *resolver;
	struct kq_lane *lane;
	size_t nr;
	size_t room;
};

/** kq_lanes_done() - free; accepts a zeroed struct */
void kq_lanes_done(struct kq_lanes *lanes);

/** kq_lanes_start() - one lane with all variants on pristine bases */
int __must_check kq_lanes_start(struct kq_lanes *lanes, const struct kq_base base[2],
				const struct kq_variants *variants, struct kq_resolver *resolver,
				struct kq_error *error);

/** kq_lanes_split() - afterwards a lane's variants all have this patch, or none has */
int __must_check kq_lanes_split(struct kq_lanes *lanes, const struct kq_entry *entry,
				struct kq_error *error);

/** kq_lane_selects() - the lane's variants have this patch */
bool kq_lane_selects(const struct kq_lanes *lanes, const struct kq_lane *lane,
		     const struct kq_entry *entry);

/** kq_lane_variant() - the first variant of a lane */
const struct kq_variant *kq_lane_variant(const struct kq_lanes *lanes, const struct kq_lane *lane);

/** kq_lane_sides() - for the engine */
struct kq_sides kq_lane_sides(const struct kq_lanes *lanes, struct kq_lane *lane);

/**
 * kq_lane_same() - judge a patch that another lane has had before
 * @step: with the verdict of that lane; replaced when this lane has a conflict
 *
 * There is one file for all SKUs, so it must come out the same for each.
 *
 * Return: 0; KQ_REFUSED when the fate differs, or when the patch as it was written for the other
 * lane does not make the same files here.
 */
int __must_check kq_lane_same(struct kq_lanes *lanes, struct kq_lane *lane, struct kq_step *step,
			      struct kq_error *error);

#endif
