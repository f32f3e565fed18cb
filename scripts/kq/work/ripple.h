/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One patch of the queue has changed: what becomes of those behind it?
 */
#ifndef KQ_WORK_RIPPLE_H
#define KQ_WORK_RIPPLE_H

#include "stack/stack.h"

/**
 * kq_ripple() - refresh the patches behind one that was edited
 * @old: the queue as it was
 * @new: the same with patch @idx edited; the patches behind it are replaced
 * @notes: a line for each that is not the same any more
 *
 * Each is judged as in a rebase, with the old state of the queue as the old base, for every SKU and
 * architecture. Only line numbers, a clean merge or a part that the edited patch has now are taken.
 *
 * Return: 0; KQ_REFUSED with the patch that is in conflict or has nothing left to do.
 */
int __must_check kq_ripple(const struct kq_stack *old, struct kq_stack *new, size_t idx,
			   const struct kq_source *source, struct ks_buf *notes,
			   struct kq_fault *fault);

#endif
