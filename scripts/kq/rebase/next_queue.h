/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a rebase makes of the queue, on its way into its place; see stack/publish.h.
 */
#ifndef KQ_REBASE_NEXT_QUEUE_H
#define KQ_REBASE_NEXT_QUEUE_H

#include "rebase/plan.h"
#include "stack/publish.h"

/** kq_evidence() - why a patch with the fate UPSTREAM or DROPPED is dropped, in one line */
void kq_evidence(const struct kq_step *step, struct ks_buf *out);

/**
 * kq_next_write() - write the next directory, and its hashes into the state
 * @trial: only the resolutions that were used; everything else stays as it is
 * @next: begun by this
 * @ret_changed: it differs from the queue
 */
int __must_check kq_next_write(const struct kq_rebase *rebase, bool trial, struct kq_next *next,
			       bool *ret_changed, struct kq_error *error);

/** kq_next_is_in() - the queue is the next one already: an earlier run came that far */
int __must_check kq_next_is_in(const struct kq_plan *plan, bool *ret_is_in, struct kq_error *error);

/** kq_next_drop_pending() - pending resolutions that the queue has now are pending no more */
int __must_check kq_next_drop_pending(const char *pending, const char *queue,
				      struct kq_error *error);

#endif
