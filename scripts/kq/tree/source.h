/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where pristine files come from: an unpacked tree, a release's tarball, a git tree.
 */
#ifndef KQ_TREE_SOURCE_H
#define KQ_TREE_SOURCE_H

#include <sys/types.h>

#include "base/buf.h"
#include "text/error.h"

/**
 * struct kq_blob - one file as its source has it
 * @exists: there is such a file; the rest is empty otherwise
 * @mode: permission bits
 * @content: owned
 */
struct kq_blob {
	bool exists;
	mode_t mode;
	struct ks_buf content;
};

/** kq_blob_done() - free; accepts a zeroed blob */
void kq_blob_done(struct kq_blob *blob);

/**
 * struct kq_source - pristine files by path; owned by whoever made it (a directory's needs no
 * freeing)
 * @name: for messages; borrowed
 * @load: see kq_source_load()
 * @self: what @load needs
 */
struct kq_source {
	const char *name;
	int (*load)(const struct kq_source *source, const char *path, struct kq_blob *ret_blob,
		    struct kq_error *error);
	void *self;
};

/** kq_source_dir() - the files of a directory; @tree is borrowed */
struct kq_source kq_source_dir(const char *tree);

/**
 * kq_source_load() - one file
 * @path: checked by kq_path_is_safe()
 * @ret_blob: written on success only; exists == false when there is no such file
 *
 * Return: 0; KQ_REFUSED when a part of the path is a symbolic link, a plain file where a directory
 * is needed, or no plain file; -E2BIG above KQ_MAX_FILE_BYTES; what reading said.
 */
int __must_check kq_source_load(const struct kq_source *source, const char *path,
				struct kq_blob *ret_blob, struct kq_error *error);

#endif
