/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The small git work tree in which a person edits one patch: the files that the queue touches, a
 * commit before the patch and a commit with it; and what it has become, as the patch again.
 */
#ifndef KQ_WORK_WORKTREE_H
#define KQ_WORK_WORKTREE_H

#include "queue/patch.h"
#include "stack/workdir.h"
#include "text/text.h"
#include "tree/overlay.h"

/* A change of more files than that is not one patch. */
#define KQ_MAX_CHANGES 16384U

/**
 * struct kq_worktree - an open work tree
 * @dir: its directory; empty when there is none
 * @base: commit before the patch
 * @top: commit with the patch
 */
struct kq_worktree {
	struct kq_path dir;
	char base[KQ_COMMIT_BYTES];
	char top[KQ_COMMIT_BYTES];
};

/**
 * kq_worktree_make() - make one
 * @dir: must not be there
 * @before: all files that the queue touches are loaded
 * @after: with the patch
 *
 * Return: 0; KQ_REFUSED when @dir is there: an edit that was cut off.
 */
int __must_check kq_worktree_make(const char *dir, const struct kq_patch *patch,
				  struct kq_overlay *before, struct kq_overlay *after,
				  struct kq_worktree *ret_worktree, struct kq_error *error);

/**
 * struct kq_changed - one file that is not as it was before the patch
 * @path: owned
 * @content: empty when it does not exist
 */
struct kq_changed {
	char *path;
	bool exists;
	bool executable;
	struct ks_buf content;
};

/**
 * struct kq_work_result - what the work tree has become
 * @changed: sorted by path
 * @subject: new subject as mail header lines, "Subject: [PATCH] ...\n"; empty if it is the old one
 * @body: new text below the subject; only with @new_message
 * @author: new author as a mail header line, "From: ...\n"; empty if it is the old one
 */
struct kq_work_result {
	struct kq_changed *changed;
	size_t nr;
	size_t room;
	bool new_message;
	struct ks_buf subject;
	struct ks_buf body;
	struct ks_buf author;
};

/** kq_work_result_done() - free; accepts a zeroed result */
void kq_work_result_done(struct kq_work_result *result);

/**
 * kq_worktree_read() - commits on top of the base and what is not committed count together
 *
 * Message and author are those of the first commit after the base; a later one is folded into it if
 * its message says no more than "fixup! ...".
 *
 * Return: 0; KQ_REFUSED when the base is not below HEAD, when a message would be lost, when nobody
 * is the author, or for links and submodules.
 */
int __must_check kq_worktree_read(const struct kq_worktree *worktree,
				  struct kq_work_result *ret_result, struct kq_error *error);

/**
 * kq_worktree_refresh() - write the edited patch
 * @patch: as it was
 * @text: the bytes that @patch was parsed from
 * @before: the state before the patch
 * @after: the state after it, as it was
 * @ret_text: the same bytes if nothing was edited
 *
 * Head and body stay byte for byte unless the message was edited; so do the files of the patch
 * whose content is what it was. The others are written as git diff writes them, the diffstat anew.
 *
 * Return: 0; KQ_REFUSED when nothing is left of the patch.
 */
int __must_check kq_worktree_refresh(const struct kq_patch *patch, struct ks_span text,
				     struct kq_overlay *before, struct kq_overlay *after,
				     const struct kq_work_result *result, struct ks_buf *ret_text,
				     struct kq_error *error);

#endif
