/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue's next folder: written whole beside the old one, then exchanged with it.
 *
 *   patches/6.18          the queue
 *   patches/.6.18.kq      the next one on its way in; afterwards the old one on its way out
 *   patches/.6.18.kq-old  only where a file system cannot exchange two names
 */
#ifndef KQ_REBASE_NEXT_QUEUE_H
#define KQ_REBASE_NEXT_QUEUE_H

#include "rebase/run.h"

/**
 * kq_next_write() - write the next folder, and its hashes into the state
 * @base: the old one, the new one; for dropped.log
 * @lock: content of base.lock, empty to keep what is there
 * @resolutions_only: everything else stays as it is
 * @ret_changed: it differs from the queue
 */
int __must_check kq_next_write(const struct kq_plan *plan, const struct kq_run *run,
			       const struct kq_base base[2], struct ks_span lock,
			       bool resolutions_only, bool *ret_changed, struct kq_fault *fault);

/** kq_next_swap() - the next folder becomes the queue */
int __must_check kq_next_swap(const struct kq_plan *plan, struct kq_fault *fault);

/** kq_next_is_in() - the queue is the next one already: an earlier run came that far */
int __must_check kq_next_is_in(const struct kq_plan *plan, bool *ret_is_in, struct kq_fault *fault);

/** kq_next_remove() - remove what lies beside the queue */
int __must_check kq_next_remove(const struct kq_plan *plan, struct kq_fault *fault);

/** kq_next_repair() - a kill between two renames may have left no queue: put it back */
int __must_check kq_next_repair(const struct kq_plan *plan, struct kq_fault *fault);

#endif
