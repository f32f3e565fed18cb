/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files of a commit or tree of a git repository.
 */
#ifndef KQ_TREE_GITTREE_H
#define KQ_TREE_GITTREE_H

#include "base/buf.h"
#include "text/digest.h"

/** struct kq_gittree - a tree by its id, so that a branch that moves on changes nothing */
struct kq_gittree {
	const char *repo;
	struct kq_hex tree;
};

/**
 * kq_gittree_find() - which tree is it?
 * @repo: directory of the repository, bare or not; borrowed
 * @rev: anything that git rev-parse knows
 *
 * Return: 0; -ENOENT when git knows no such revision; -EOPNOTSUPP for a repository with SHA-256.
 */
int __must_check kq_gittree_find(const char *repo, const char *rev, struct kq_gittree *ret_tree,
				 struct kq_error *error);

/** kq_gittree_list() - append a line of kq_manifest_add() for each file */
int __must_check kq_gittree_list(const struct kq_gittree *tree, struct ks_buf *list,
				 struct kq_error *error);

/**
 * kq_gittree_blobs() - read contents by id
 * @take: is shown each of them; what it returns ends the reading unless it is 0
 */
int __must_check kq_gittree_blobs(const struct kq_gittree *tree, const struct kq_hex *id, size_t nr,
				  int (*take)(void *arg, const char *id, struct ks_span content,
					      struct kq_error *error),
				  void *arg, struct kq_error *error);

#endif
