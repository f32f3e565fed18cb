/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All files of a release, without their contents: what exists, what it was renamed to, git's tree
 * id.
 *
 *   tree <40-hex>                          git's id of the whole, as `git write-tree` prints it
 *   100644 <40-hex> Documentation/Kconfig  mode, git's id of the content, path; sorted by path
 *   120000 <40-hex> scripts/kernel-doc
 *
 * Since the first line follows from the others, a damaged manifest is noticed.
 */
#ifndef KQ_TREE_MANIFEST_H
#define KQ_TREE_MANIFEST_H

#include "base/buf.h"
#include "text/digest.h"

/* As git writes them. */
#define KQ_MODE_FILE	0100644U
#define KQ_MODE_EXECUTABLE 0100755U
#define KQ_MODE_LINK	0120000U
#define KQ_MODE_MODULE	0160000U

/* A release has 91,000 files: room for ten times as many. */
#define KQ_MAX_TREE_FILES (1U << 20)

/** struct kq_listed - one file; borrows the manifest's text */
struct kq_listed {
	u32 mode;
	struct ks_span id;
	struct ks_span path;
};

/** struct kq_manifest - @file is sorted by path, and owns like @text */
struct kq_manifest {
	struct ks_buf text;
	struct kq_hex tree;
	struct kq_listed *file;
	size_t nr;
};

/** kq_manifest_done() - free; accepts a zeroed manifest */
void kq_manifest_done(struct kq_manifest *manifest);

/** kq_manifest_add() - one line to a list that is not sorted yet */
void kq_manifest_add(struct ks_buf *list, u32 mode, const char *id, struct ks_span path);

/**
 * kq_manifest_make() - sort a list and compute the tree id
 * @list: lines of kq_manifest_add()
 * @label: where it comes from, for messages
 *
 * Return: 0; KQ_REFUSED for two equal paths, a path that is a file and a directory, more than 64
 * directories in each other; -EBADMSG for a line that is none; -E2BIG above KQ_MAX_TREE_FILES.
 */
int __must_check kq_manifest_make(struct ks_span list, const char *label,
				  struct kq_manifest *ret_manifest, struct kq_error *error);

/**
 * kq_manifest_read() - read a whole manifest
 * @text: moved into the manifest on success
 *
 * Return: 0; -EBADMSG also when it is not sorted or the tree id is not that of the lines; else as
 * kq_manifest_make().
 */
int __must_check kq_manifest_read(struct ks_buf *text, const char *label,
				  struct kq_manifest *ret_manifest, struct kq_error *error);

/** kq_manifest_find() - by path. Return: NULL if there is no such file; directories are not listed. */
const struct kq_listed *kq_manifest_find(const struct kq_manifest *manifest, struct ks_span path);

/** kq_manifest_has_dir() - there is a file below @path */
bool kq_manifest_has_dir(const struct kq_manifest *manifest, struct ks_span path);

/**
 * kq_manifest_find_id() - by content: what a file was renamed or copied to
 * @after: go on behind this one; NULL for the first
 */
const struct kq_listed *kq_manifest_find_id(const struct kq_manifest *manifest, struct ks_span id,
					    const struct kq_listed *after);

#endif
