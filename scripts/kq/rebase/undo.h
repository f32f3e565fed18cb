/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way back from the last rebase, in STATE/undo:
 *
 *   queue/       the queue as it was before
 *   after.json   name of the queue, and the hashes of what the rebase made of it
 */
#ifndef KQ_REBASE_UNDO_H
#define KQ_REBASE_UNDO_H

#include "rebase/plan.h"
#include "stack/publish.h"

/** kq_undo_keep() - the old directory, which lies beside the queue now, goes there; may be repeated */
int __must_check kq_undo_keep(const struct kq_plan *plan, const struct kq_next *next,
			      struct kq_error *error);

/**
 * kq_undo() - the queue is what it was before the last rebase, in one step
 * @ret_queue: which queue
 *
 * Return: 0; KQ_REFUSED when there was none, or when the queue was changed since.
 */
int __must_check kq_undo(const char *state, struct kq_path *ret_queue, struct kq_error *error);

#endif
