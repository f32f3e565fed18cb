/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The release that the queue is made on, with the files that its patches touch at hand.
 */
#ifndef KQ_WORK_PRISTINE_H
#define KQ_WORK_PRISTINE_H

#include "tree/release.h"
#include "work/stack.h"

/**
 * struct kq_pristine - the release of the queue, and another one to compare with
 * @base: the queue's
 * @on: NULL unless asked for
 */
struct kq_pristine {
	struct kq_release *base;
	struct kq_release *on;
};

/** kq_pristine_done() - free; accepts a zeroed struct */
void kq_pristine_done(struct kq_pristine *pristine);

/**
 * kq_pristine_open() - open one release or two
 * @queue: its folder, with base.lock
 * @base: see tree/release.h; NULL for the release of base.lock
 * @on: NULL, or the other one
 * @stack: the queue; all files that it touches are fetched at once
 *
 * Return: 0; KQ_REFUSED when @base is not what base.lock says; -EINVAL without either; what
 * kq_release_open() says.
 */
int __must_check kq_pristine_open(const char *queue, const char *base, const char *on,
				  const struct kq_stack *stack, struct kq_pristine *ret_pristine,
				  struct kq_fault *fault);

#endif
