/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two bases of a rebase, opened and checked against the queue's base.lock.
 */
#ifndef KQ_REBASE_BASES_H
#define KQ_REBASE_BASES_H

#include "queue/lock.h"
#include "rebase/run.h"
#include "tree/release.h"

/**
 * struct kq_bases - the old base, the new one
 * @has_lock: the queue has a base.lock, which is @locked
 * @lock: what base.lock will say; empty if it stays as it is
 */
struct kq_bases {
	struct kq_base base[2];
	struct kq_release *release[2];
	bool has_lock;
	struct kq_lock locked;
	struct ks_buf lock;
};

/** kq_bases_done() - free; accepts a zeroed struct */
void kq_bases_done(struct kq_bases *bases);

/**
 * kq_bases_find_from() - the old base, if the caller did not name it, is that of base.lock
 * @from: in and out; what is put there is owned by @bases
 *
 * Return: 0; -EINVAL when there is no base.lock; what reading it said.
 */
int __must_check kq_bases_find_from(const char *queue, const char **from, struct kq_bases *bases,
				    struct kq_fault *fault);

/**
 * kq_bases_open() - open both, with all files that the patches touch
 * @plan: must outlive @bases
 * @run: loaded
 *
 * Return: 0; KQ_REFUSED when the old base is not the one of base.lock, or when there is a base.lock
 * but the new base is a folder, which has no identity; what opening said.
 */
int __must_check kq_bases_open(const struct kq_plan *plan, const struct kq_run *run,
			       struct kq_bases *bases, struct kq_fault *fault);

/** kq_bases_id() - what identifies a base, "" if nothing does; owned by @bases */
const char *kq_bases_id(const struct kq_bases *bases, size_t idx);

#endif
