/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading many files, one after the other, into memory that is used again.
 *
 * For what is read only to be judged: nothing is wiped, as in ks_buf, and no page is fetched anew,
 * which both cost as much as hashing the content. No mapping either: a file that somebody cuts
 * short under a mapping kills the process.
 */
#ifndef KS_BASE_SLURP_H
#define KS_BASE_SLURP_H

#include <pthread.h>

#include "base/diag.h"
#include "base/span.h"

/** struct ks_slurp - memory for one file; zero-initialised is empty */
struct ks_slurp {
	u8 *p;
	size_t room_bytes;
};

/**
 * ks_slurp_file() - read a regular file whole
 * @path: symbolic links are followed
 * @ret_content: borrows @s, until its next use
 *
 * Return: 0; -E2BIG over @max_bytes; -EINVAL if it is not a regular file; -EIO if its size changed
 * meanwhile; -ENOMEM; what open() or read() said.
 */
int __must_check ks_slurp_file(struct ks_slurp *s, const char *path, u64 max_bytes,
			       struct ks_span *ret_content, struct ks_diag *diag);
void ks_slurp_done(struct ks_slurp *s);

/* More than threads of one job. */
#define KS_SLURP_POOL 72U

/** struct ks_slurp_pool - one memory per thread at work; start with KS_SLURP_POOL_INIT */
struct ks_slurp_pool {
	pthread_mutex_t lock;
	struct ks_slurp spare[KS_SLURP_POOL];
	size_t nr_spare;
};

#define KS_SLURP_POOL_INIT { .lock = PTHREAD_MUTEX_INITIALIZER }

/** ks_slurp_get() - unused memory of the pool, or empty memory */
struct ks_slurp ks_slurp_get(struct ks_slurp_pool *pool);

/** ks_slurp_put() - hand it back */
void ks_slurp_put(struct ks_slurp_pool *pool, struct ks_slurp s);
void ks_slurp_pool_done(struct ks_slurp_pool *pool);

#endif
