/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What speaks against a place that was found: the same lines elsewhere, the same change elsewhere.
 */
#ifndef KQ_ENGINE_VERDICT_DOUBT_H
#define KQ_ENGINE_VERDICT_DOUBT_H

#include "engine/verdict_input.h"

enum kq_duplicate {
	KQ_NO_DUPLICATE,
	KQ_FAR_DUPLICATE,   /* somewhere in the file: common lines of error paths are */
	KQ_CLOSE_DUPLICATE, /* within some lines */
};

/**
 * kq_find_duplicate() - has the new base made the change of a hunk too, at another place?
 * @merged: the merge that the hunk is a part of; NULL if it is applied as it is
 */
int __must_check kq_find_duplicate(struct kq_verdict_input *c, size_t hunk_idx,
				   const struct kq_lines *merged, enum kq_duplicate *ret_duplicate,
				   struct kq_error *error);

/**
 * kq_find_doubt() - is there another place that may be meant? Then it is a conflict
 * @is_merge: what was decided is what git merge-file makes
 */
int __must_check kq_find_doubt(struct kq_verdict_input *c, bool is_merge, bool *ret_doubt,
			       struct kq_error *error);

#endif
