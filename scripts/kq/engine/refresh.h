/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A patch written anew: its message stays byte for byte, numbers and ids follow the new base.
 */
#ifndef KQ_ENGINE_REFRESH_H
#define KQ_ENGINE_REFRESH_H

#include "base/buf.h"
#include "queue/patch.h"
#include "tree/overlay.h"

enum kq_refresh_how {
	KQ_AS_IS,    /* the same bytes */
	KQ_RENUMBER, /* the same hunks, or some of them, at other lines */
	KQ_ANEW,     /* the difference between two contents */
	KQ_LEAVE_OUT,
};

/** struct kq_refresh_side - the file before or after the patch */
struct kq_refresh_side {
	bool exists;
	bool executable;
	struct ks_span content;
};

/** kq_refresh_side_of() - as it is now. Return: borrows @node's content. */
struct kq_refresh_side kq_refresh_side_of(const struct kq_node *node);

/**
 * struct kq_refresh_file - what becomes of one file of the patch
 * @path: for KQ_ANEW, NUL-terminated: a file may have moved
 * @onto_idx: for KQ_RENUMBER: where each hunk's pre-image starts
 * @take: for KQ_RENUMBER: which hunks stay
 * @before: for KQ_RENUMBER and KQ_ANEW
 * @after: the same; only its mode and content differ from @before where it exists
 */
struct kq_refresh_file {
	enum kq_refresh_how how;
	const char *path;
	const size_t *onto_idx;
	const bool *take;
	struct kq_refresh_side before;
	struct kq_refresh_side after;
};

/**
 * kq_refresh() - write a patch for new contents
 * @text: the bytes that @patch was parsed from
 * @file: patch->nr_files of them
 * @ret_text: the patch; if all files are KQ_AS_IS, the same bytes
 *
 * Index lines get full ids where the patch has such lines. The section text after @@ stays. The
 * diffstat in the notes is made anew only if a file is left out, loses hunks or is KQ_ANEW.
 *
 * Return: 0; -EINVAL if all files are left out; -ENOMEM; what git said.
 */
int __must_check kq_refresh(const struct kq_patch *patch, struct ks_span text,
			    const struct kq_refresh_file *file, struct ks_buf *ret_text,
			    struct kq_error *error);

/**
 * kq_refresh_whole() - kq_refresh(), with nothing that is not as it should be
 *
 * All files get index lines with full ids, and a diffstat that counts otherwise is made anew.
 */
int __must_check kq_refresh_whole(const struct kq_patch *patch, struct ks_span text,
				  const struct kq_refresh_file *file, struct ks_buf *ret_text,
				  struct kq_error *error);

/**
 * kq_refresh_section() - the difference of one file as git writes it, from "diff --git" on
 * @file: its how does not matter
 * @out: appended to
 */
int __must_check kq_refresh_section(const struct kq_refresh_file *file, struct ks_buf *out,
				    struct kq_error *error);

#endif
