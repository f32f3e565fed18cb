/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two bases of a rebase, opened and checked against the queue's base.lock.
 */
#ifndef KQ_REBASE_BASES_H
#define KQ_REBASE_BASES_H

#include "rebase/run.h"

/**
 * struct kq_bases - the old base, the new one
 * @from: name of the old one out of base.lock
 * @lock: what base.lock will say
 */
struct kq_bases {
	struct kq_base base[2];
	struct kq_source folder[2];
	struct ks_buf lock;
};

/** kq_bases_done() - free; accepts a zeroed struct */
void kq_bases_done(struct kq_bases *bases);

/**
 * kq_bases_find_from() - the old base, if the caller did not name it, is that of base.lock
 * @from: in and out; what is put there is owned by @bases
 *
 * Return: 0; -EINVAL when there is no base.lock.
 */
int __must_check kq_bases_find_from(const char *queue, const char **from, struct kq_bases *bases,
				    struct kq_fault *fault);

/**
 * kq_bases_open() - open both, with all files that the patches touch
 * @plan: must outlive @bases
 * @run: loaded
 *
 * Return: 0; KQ_REFUSED when the old base is not the one of base.lock; what opening said.
 */
int __must_check kq_bases_open(const struct kq_plan *plan, const struct kq_run *run,
			       struct kq_bases *bases, struct kq_fault *fault);

/** kq_bases_id() - what identifies a base, "" if nothing does; owned by @bases */
const char *kq_bases_id(const struct kq_bases *bases, size_t idx);

#endif
