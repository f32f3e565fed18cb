/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A changed queue takes the place of the old one in one step.
 */
#ifndef KQ_WORK_PUBLISH_H
#define KQ_WORK_PUBLISH_H

#include "stack/stack.h"

/**
 * kq_publish() - write series and patches that differ, remove those that are gone
 * @queue: its directory; what else is in it stays
 * @old: what @new was made from; the directory must still hold it
 * @new: the queue as it should be
 * @log: content of dropped.log; empty to leave it as it is
 *
 * Return: 0, also if nothing differs and nothing is touched; KQ_REFUSED when somebody else has
 * changed the queue since, or when a new name is taken by a file that no series names.
 */
int __must_check kq_publish(const char *queue, const struct kq_stack *old,
			    const struct kq_stack *new, struct ks_span log, struct kq_error *error);

#endif
