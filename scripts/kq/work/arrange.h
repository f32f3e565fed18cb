/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order and the looks of the queue: refresh, move, remove, rename, renumber.
 */
#ifndef KQ_WORK_ARRANGE_H
#define KQ_WORK_ARRANGE_H

#include "work/edition.h"

/**
 * struct kq_arrange - what to do with which patches
 * @queue: its directory
 * @base: the release that the queue is on, see tree/release.h; NULL for that of base.lock
 * @state: STATE
 * @patch: as a person names them, see queue/find.h
 * @nr: how many
 */
struct kq_arrange {
	const char *queue;
	const char *base;
	const char *state;
	char *const *patch;
	size_t nr;
};

/*
 * All of them change the whole queue in one step or nothing, and say in @ret_notes, a line for
 * each, what became of the patches.
 *
 * Return: 0; KQ_REFUSED when there is no such patch, when the others would not fit any more, or
 * while a conflict is open; KQ_BAD_USAGE.
 */

/** kq_refresh_patches() - line numbers, ids and diffstat as they should be; of all with @nr 0 */
int __must_check kq_refresh_patches(const struct kq_arrange *arrange, struct ks_buf *ret_notes,
				    struct kq_error *error);

/** kq_move_patches() - behind @after or in front of @before, in the order in which they are named */
int __must_check kq_move_patches(const struct kq_arrange *arrange, const char *before,
				 const char *after, struct ks_buf *ret_notes,
				 struct kq_error *error);

/** kq_remove_patches() - out of the queue, into dropped.log. @why: NULL if there is nothing to say */
int __must_check kq_remove_patches(const struct kq_arrange *arrange, const char *why,
				   struct ks_buf *ret_notes, struct kq_error *error);

/** kq_rename_patch() - of one patch. @name: NULL for the one that its subject makes */
int __must_check kq_rename_patch(const struct kq_arrange *arrange, const char *name,
				 struct ks_buf *ret_notes, struct kq_error *error);

/** kq_renumber_patches() - all of the queue: from 1, and from 1001 what has a condition */
int __must_check kq_renumber_patches(const struct kq_arrange *arrange, struct ks_buf *ret_notes,
				     struct kq_error *error);

#endif
