/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A rebase from the first word to the last: start, continue, drop, abort.
 *
 * It is computed anew by each call. What is half done is never trusted: until the new queue's
 * directory is complete nothing of the old one is touched, and then one rename exchanges them.
 */
#ifndef KQ_REBASE_REBASE_H
#define KQ_REBASE_REBASE_H

#include "rebase/plan.h"

/** kq_rebase_done() - free; accepts a zeroed rebase */
void kq_rebase_done(struct kq_rebase *rebase);

/**
 * kq_rebase_start() - begin, and go as far as it goes
 * @state: directory of the state, .kq
 * @from: the old base; NULL for that of base.lock
 * @to: the new base
 * @sku: NULL for all
 * @ret_rebase: owned by the caller, also after a failure
 *
 * Return: 0; KQ_REFUSED when a rebase is under way, when the queue is not on its old base, or when
 * a patch comes out differently for two SKUs; errors of reading. Nothing is under way then.
 */
int __must_check kq_rebase_start(const char *state, const char *queue, const char *from,
				 const char *to, const char *sku, struct kq_rebase *ret_rebase,
				 struct kq_error *error);

/** kq_rebase_continue() - take what the person decided, and go on. As kq_rebase_start(). */
int __must_check kq_rebase_continue(const char *state, struct kq_rebase *ret_rebase,
				    struct kq_error *error);

/**
 * kq_rebase_abort() - forget it; the queue is as it was. Answers that were given stay.
 * @ret_kept: where a work tree is that was edited; "" for none
 *
 * Return: 0; KQ_REFUSED if it is complete.
 */
int __must_check kq_rebase_abort(const char *state, struct kq_path *ret_kept,
				 struct kq_error *error);

/**
 * kq_rebase_drop() - record that a patch of the series is dropped on purpose
 * @files: only its change of these files is
 */
int __must_check kq_rebase_drop(const char *state, const char *patch, char *const *files,
				size_t nr_files, const char *reason, struct kq_error *error);

#endif
