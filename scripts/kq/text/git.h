/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * git, for what it does best: differences, three-way merges and the small tree where a person works.
 *
 * No setting of the user, the system or a surrounding repository changes what it prints: GIT_* of the
 * environment is taken away, and attributes, hooks, pagers, external diffs and line-end conversion
 * are off. A repository's own configuration counts only for kq_git() in that repository, and one of
 * another owner only if the user's git trusts it (safe.directory).
 */
#ifndef KQ_TEXT_GIT_H
#define KQ_TEXT_GIT_H

#include "text/child.h"

/**
 * kq_git() - run git
 * @dir: its current directory; NULL for ours
 * @args: what follows "git", NULL-terminated, at most 48
 * @in: its standard input
 *
 * The author and committer of what it commits is "kq <kq@localhost>", at second 0 of 1970.
 *
 * Return: as kq_child_run(): 0 whatever the exit code.
 */
int __must_check kq_git(const char *dir, const char *const *args, struct ks_span in,
			struct kq_child_end *ret_end, struct kq_error *error);

/** kq_git_must() - as kq_git(), and an exit code that is not 0 is -EIO with git's first line */
int __must_check kq_git_must(const char *dir, const char *const *args, struct ks_span in,
			     struct kq_child_end *ret_end, struct kq_error *error);

/* For a child's environment: the person's own git, at no other repository than where it runs. */
extern const char *const kq_git_users_env[];

/**
 * kq_git_person() - who the user is, as git commit would say in the current directory: from the
 * environment, their own configuration and what it includes, that of the repository
 * @name: appended to
 * @address: the same
 *
 * Return: 0; -EIO with git's first line when it does not know.
 */
int __must_check kq_git_person(struct ks_buf *name, struct ks_buf *address, struct kq_error *error);

/**
 * kq_git_diff() - what differs between two contents
 * @name: file name that says which language the section names after @@ are taken from
 * @context: lines of context
 * @ret_hunks: from the first @@ line on; empty if nothing differs
 */
int __must_check kq_git_diff(struct ks_span old, struct ks_span new, const char *name,
			     unsigned int context, struct ks_buf *ret_hunks,
			     struct kq_error *error);

/**
 * kq_git_diff_as_rebase() - what differs, as git rebase sees it when it merges
 * @ret_hunks: with one line of context: without any, git leaves out equal ends before it compares
 *
 * merge-ort compares by histogram, where git merge-file does not: with repeated lines the two may
 * take other ones for the same.
 */
int __must_check kq_git_diff_as_rebase(struct ks_span old, struct ks_span new,
				       struct ks_buf *ret_hunks, struct kq_error *error);

/**
 * kq_git_mailinfo() - what git am makes of a mail, in git's own words
 * @scissors: cut at a scissors line, as git am --scissors
 * @ret_end: its output is git mailinfo's; file[0] is the message, file[1] the rest from "---" or the
 * first diff on
 */
int __must_check kq_git_mailinfo(struct ks_span mail, bool scissors, struct kq_child_end *ret_end,
				 struct kq_error *error);

/** struct kq_merge - three sides and how conflict markers call them */
struct kq_merge {
	struct ks_span base;
	struct ks_span ours;
	struct ks_span theirs;
	const char *base_label;
	const char *ours_label;
	const char *theirs_label;
};

/**
 * kq_git_merge() - git merge-file
 * @marked: in a conflict show all three sides (--diff3)
 * @ret_content: the merge; with conflict markers unless it is clean
 *
 * Return: 0, also in a conflict; -EOPNOTSUPP for binary contents.
 */
int __must_check kq_git_merge(const struct kq_merge *merge, bool marked, struct ks_buf *ret_content,
			      bool *ret_clean, struct kq_error *error);

#endif
