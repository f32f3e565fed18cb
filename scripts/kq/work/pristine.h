/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The release that the queue is made for, with the files that its patches touch at hand.
 */
#ifndef KQ_WORK_PRISTINE_H
#define KQ_WORK_PRISTINE_H

#include "work/stack.h"

/** struct kq_pristine - an open source; must not move while @source is in use */
struct kq_pristine {
	struct kq_source folder;
	const struct kq_source *source;
};

/** kq_pristine_done() - free; accepts a zeroed struct */
void kq_pristine_done(struct kq_pristine *pristine);

/**
 * kq_pristine_open() - open a release
 * @spec: see tree/release.h; must outlive @ret_pristine
 * @stack: the queue; its files are fetched at once
 */
int __must_check kq_pristine_open(const char *spec, const struct kq_stack *stack,
				  struct kq_pristine *ret_pristine, struct kq_fault *fault);

#endif
