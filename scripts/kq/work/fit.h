/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * New patches on the queue that they come into: ids, line numbers and a missing mode filled in, and
 * merged where they do not apply, if that was asked for.
 */
#ifndef KQ_WORK_FIT_H
#define KQ_WORK_FIT_H

#include "stack/stack.h"
#include "work/incoming.h"

/**
 * kq_fit() - fill in what was written anew, and merge with --3way
 * @stack: the queue with the new patches; those that change are replaced, there and in @incoming
 * @notes: a line for each file that was merged
 *
 * A patch that does not apply is left as it is for kq_stack_check() to say so, unless it was to be
 * merged.
 *
 * Return: 0; KQ_REFUSED for a merge with conflicts, or without the contents that it starts from.
 */
int __must_check kq_fit(const struct kq_import *import, struct kq_incoming *incoming,
			const struct kq_source *source, struct kq_stack *stack,
			struct ks_buf *notes, struct kq_error *error);

#endif
