/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A patch on the queue that it is in: ids, line numbers, a diffstat and a missing mode filled in,
 * and merged where it does not apply, if that was asked for.
 */
#ifndef KQ_WORK_FIT_H
#define KQ_WORK_FIT_H

#include "stack/stack.h"

/**
 * struct kq_fit - how a new patch comes into the queue; all borrowed
 * @label: what messages call it
 * @anew: it was not written by git: ids and numbers are to be filled in
 * @three_way: if it does not apply it is merged, from the contents that its index lines name
 * @repository: where those are looked up when they are not in the release
 * @notes: a line for each file that was merged
 */
struct kq_fit {
	const char *label;
	bool anew;
	bool three_way;
	const char *repository;
	struct ks_buf *notes;
};

/**
 * kq_fit() - fill in what was written anew, and merge with --3way
 * @source: what the queue is on
 * @stack: the queue with the new patch at @idx, which is replaced if it changes
 *
 * Return: 0; KQ_REFUSED when it does not apply, for a merge with conflicts, or without the contents
 * that it starts from.
 */
int __must_check kq_fit(const struct kq_fit *fit, const struct kq_source *source,
			struct kq_stack *stack, size_t idx, struct kq_error *error);

/**
 * kq_renumber() - write line numbers and ids anew
 * @text: the bytes that @patch was parsed from
 * @before: what it applies to
 * @after: the same with it
 * @idx: where each hunk is, see kq_apply_patch_at()
 * @whole: fill in index lines and a diffstat too, see kq_refresh_whole()
 * @ret_text: the same bytes if all of it was right
 *
 * Lines of hunks, what stands behind @@ and the message stay.
 */
int __must_check kq_renumber(const struct kq_patch *patch, struct ks_span text,
			     struct kq_overlay *before, struct kq_overlay *after, const size_t *idx,
			     bool whole, struct ks_buf *ret_text, struct kq_error *error);

#endif
