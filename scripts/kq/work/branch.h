/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue as a branch of git, a commit for each patch, and back.
 *
 *   refs/heads/BRANCH   the release's commit and the patches on it
 *   refs/kq/BRANCH      the same, as it was when the queue and the branch were the same: what is in
 *                       BRANCH beyond it exists nowhere else
 */
#ifndef KQ_WORK_BRANCH_H
#define KQ_WORK_BRANCH_H

#include "base/buf.h"
#include "queue/series.h"

/**
 * struct kq_branch - queue and branch
 * @queue: its directory
 * @from: the release's commit, "git:REPO:REV"; NULL for the tag of base.lock's release
 * @spec: "[REPO:]BRANCH"
 * @state: STATE
 * @selection: which patches are in the branch
 */
struct kq_branch {
	const char *queue;
	const char *from;
	const char *spec;
	const char *state;
	struct kq_selection selection;
};

/**
 * kq_branch_export() - the branch becomes the queue
 * @ret_note: one line
 *
 * The same queue makes the same commits: author and committer are the author of the patch.
 *
 * Return: 0; KQ_REFUSED when the branch has commits that the queue has not, or is checked out.
 */
int __must_check kq_branch_export(const struct kq_branch *branch, struct ks_buf *ret_note,
				  struct kq_error *error);

/**
 * kq_branch_import() - the queue becomes the branch
 * @ret_notes: a line for each patch that is not what it was
 *
 * A patch that the branch has as it was keeps its bytes; a commit that is another is written as git
 * format-patch does, in the same file. What the branch has no more goes into dropped.log.
 *
 * Return: 0; KQ_REFUSED when the queue would not make the files of the branch.
 */
int __must_check kq_branch_import(const struct kq_branch *branch, struct ks_buf *ret_notes,
				  struct kq_error *error);

#endif
