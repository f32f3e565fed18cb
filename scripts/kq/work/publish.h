/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A changed queue takes the place of the old one in one step.
 */
#ifndef KQ_WORK_PUBLISH_H
#define KQ_WORK_PUBLISH_H

#include "stack/stack.h"

/**
 * kq_publish() - write the patches that differ
 * @queue: its folder; what else is in it stays
 * @old: what @new was made from; the folder must still hold it
 * @new: the same entries
 * @idx: of the patch that gets @name, and a new name in the series with it
 * @name: its file name, old or new
 *
 * Return: 0; KQ_REFUSED when somebody else has changed the queue since.
 */
int __must_check kq_publish(const char *queue, const struct kq_stack *old,
			    const struct kq_stack *new, size_t idx, const char *name,
			    struct kq_fault *fault);

#endif
