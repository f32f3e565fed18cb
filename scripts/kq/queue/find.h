/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The patch that a person means: by its number, its file name, or a part of that.
 */
#ifndef KQ_QUEUE_FIND_H
#define KQ_QUEUE_FIND_H

#include "queue/series.h"

/** kq_number_of() - the number that a file name starts with, 0 for none */
u32 kq_number_of(const char *name);

/**
 * kq_find_patch() - look up what a person typed
 * @queue: its folder, for messages
 * @text: "7" or "0007"; a file name, with folders in front or without; or a part of one file name only
 *
 * Digits alone are a number and never a part of a name: "1" must not take out 0010.
 *
 * Return: 0; KQ_REFUSED when there is none, or several, of which the first ones are named.
 */
int __must_check kq_find_patch(const struct kq_series *series, const char *queue, const char *text,
			       size_t *ret_idx, struct kq_fault *fault);

#endif
