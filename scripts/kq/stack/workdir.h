/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The small git repository in which a person works: on a patch (kq edit), or on a conflict.
 *
 * The person's own git must work in it, and neither sign, convert, run hooks nor ask who they are.
 */
#ifndef KQ_STACK_WORKDIR_H
#define KQ_STACK_WORKDIR_H

#include "text/git.h"

/* A commit's name and the NUL; git may be set to SHA-256. */
#define KQ_COMMIT_BYTES 65

/** kq_workdir_make() - a repository on branch @branch, with nothing in it; left-overs are ignored */
int __must_check kq_workdir_make(const char *dir, const char *branch, struct kq_error *error);

/** kq_workdir_git() - run git in it, which must succeed. @ret_id: the object that it names, or NULL */
int __must_check kq_workdir_git(const char *dir, const char *const *args, struct ks_span in,
				char ret_id[KQ_COMMIT_BYTES], struct kq_error *error);

/** kq_workdir_commit() - commit all that is there, ignored or not, with this message */
int __must_check kq_workdir_commit(const char *dir, struct ks_span message,
				   char ret_id[KQ_COMMIT_BYTES], struct kq_error *error);

/** kq_workdir_put() - write DIR/NAME and the directories above it */
int __must_check kq_workdir_put(const char *dir, struct ks_span name, const struct ks_span *parts,
				size_t nr_parts, struct kq_error *error);

#endif
