/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From memory to disk, and the two files that say what a tree is:
 *
 *   .kq-applying   being written, or an interrupted write: the tree is good for nothing
 *   .kq-applied    the record of a complete queue; it is the first file, renamed as the last step
 */
#ifndef KQ_TREE_COMMIT_H
#define KQ_TREE_COMMIT_H

#include "tree/overlay.h"

#define KQ_MARKER ".kq-applying"
#define KQ_RECORD ".kq-applied"

/**
 * kq_commit() - write all changed files, then the record
 * @overlay: its source is kq_source_dir(@tree)
 * @tree: the directory
 * @record: content of the record
 * @ret_nr_files: how many files were written or removed
 *
 * Signals that end a program wait until the tree is whole. After an error (disk full, read-only)
 * what was written is put back; only if that fails too the marker stays.
 */
int __must_check kq_commit(struct kq_overlay *overlay, const char *tree, struct ks_span record,
			   size_t *ret_nr_files, struct kq_error *error);

/**
 * kq_node_export() - write a file below @directory as it is after the patches so far, or remove it
 *
 * It is always a new file: the one that was there may be a hard link to the pristine tree.
 */
int __must_check kq_node_export(const char *directory, const struct kq_node *node,
				struct kq_error *error);

#endif
