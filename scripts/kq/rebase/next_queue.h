/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a rebase makes of the queue, on its way into its place; see stack/next.h.
 */
#ifndef KQ_REBASE_NEXT_QUEUE_H
#define KQ_REBASE_NEXT_QUEUE_H

#include "rebase/plan.h"
#include "stack/next.h"
#include "stack/run.h"

/**
 * struct kq_next_content - what becomes the next directory
 * @base: the old one, the new one; for dropped.log
 * @lock: content of base.lock, empty to keep what is there
 * @resolver: its used resolutions go into the queue
 * @resolutions_only: everything else stays as it is
 */
struct kq_next_content {
	const struct kq_run *run;
	const struct kq_base *base;
	struct ks_span lock;
	const struct kq_resolver *resolver;
	bool resolutions_only;
};

/**
 * kq_next_write() - write the next directory, and its hashes into the state
 * @next: begun by this
 * @ret_changed: it differs from the queue
 */
int __must_check kq_next_write(const struct kq_plan *plan, const struct kq_next_content *content,
			       struct kq_next *next, bool *ret_changed, struct kq_error *error);

/** kq_next_is_in() - the queue is the next one already: an earlier run came that far */
int __must_check kq_next_is_in(const struct kq_plan *plan, bool *ret_is_in, struct kq_error *error);

/** kq_next_settle() - pending resolutions that the queue has now are pending no more */
int __must_check kq_next_settle(const char *pending, const char *queue, struct kq_error *error);

#endif
