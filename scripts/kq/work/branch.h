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
#include "stack/stack.h"
#include "text/text.h"

#define KQ_COMMIT_ROOM 65

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
 * struct kq_branch_place - where that is
 * @rev: of the release, as a person says it
 * @base: its commit
 */
struct kq_branch_place {
	struct kq_path repo;
	struct kq_path name;
	struct kq_path rev;
	char base[KQ_COMMIT_ROOM];
};

/** kq_branch_find() - the repository, the branch's name and the commit that it starts at */
int __must_check kq_branch_find(const struct kq_branch *branch,
				struct kq_branch_place *ret_place, struct kq_error *error);

/** kq_branch_ref() - what a name stands for; "" for nothing. @prefix: "refs/heads/" */
int __must_check kq_branch_ref(const struct kq_branch_place *place, const char *prefix,
			       char ret_id[KQ_COMMIT_ROOM], struct kq_error *error);

/** kq_branch_set() - a reference, if it still is what it was. @old: "" for none */
int __must_check kq_branch_set(const struct kq_branch_place *place, const char *prefix,
			       const char *new, const char *old, struct kq_error *error);

/**
 * kq_branch_commit() - put the commits of a queue into the repository; no branch changes
 * @ret_tip: the last of them; the release's own without a patch
 * @ret_nr: how many patches
 */
int __must_check kq_branch_commit(const struct kq_branch_place *place,
				  const struct kq_stack *stack,
				  const struct kq_selection *selection,
				  char ret_tip[KQ_COMMIT_ROOM], size_t *ret_nr,
				  struct kq_error *error);

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
