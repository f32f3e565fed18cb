/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All hunks of one file: their places, and the content that they make.
 */
#ifndef KQ_ENGINE_PLACE_H
#define KQ_ENGINE_PLACE_H

#include "base/buf.h"
#include "engine/hunk.h"

/**
 * kq_place_hunks() - find every hunk of a file, exactly
 * @lines: the file before this patch
 * @ret_idx: room for file->nr_hunks; receives the index of the line where each starts
 *
 * Return: 0; KQ_REFUSED with patch, file, hunk and the first line that differs.
 */
int __must_check kq_place_hunks(const struct kq_patch *patch, const struct kq_file *file,
				const struct kq_lines *lines, size_t *ret_idx,
				struct kq_fault *fault);

/**
 * kq_put_hunks() - the file with hunks applied
 * @idx: where the pre-image of each hunk is, ascending
 * @take: which hunks; NULL for all
 */
void kq_put_hunks(const struct kq_file *file, const struct kq_lines *lines, const size_t *idx,
		  const bool *take, struct ks_buf *out);

#endif
