/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One thread that puts new files under their names while others make them.
 */
#ifndef KS_OPS_COMMIT_H
#define KS_OPS_COMMIT_H

#include "base/target.h"

struct ks_commits;

/**
 * ks_commits_open() - start the thread
 * @nr_writers: how many threads will call ks_commits_add(), which have descriptors open too
 * @ret_commits: owned by the caller, ks_commits_close()
 * Return: 0; -ENOMEM; what the system said.
 */
int __must_check ks_commits_open(unsigned int nr_writers, struct ks_commits **ret_commits,
				 struct ks_diag *diag);

/**
 * ks_commits_add() - hand a complete file over
 * @aside: moved
 * @diag: where a failure goes; must stay until ks_commits_close()
 *
 * Waits while too many are on their way. Nothing waits here for ever: the thread takes what there
 * is after a tenth of a second, and it waits for no lock.
 */
void ks_commits_add(struct ks_commits *commits, struct ks_aside *aside, struct ks_diag *diag);

/** ks_commits_close() - wait until all are under their names; accepts NULL */
void ks_commits_close(struct ks_commits *commits);

#endif
