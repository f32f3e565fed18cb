/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Apply one patch to an overlay, exactly or not at all.
 */
#ifndef KQ_ENGINE_APPLY_H
#define KQ_ENGINE_APPLY_H

#include "queue/patch.h"
#include "text/text.h"
#include "tree/overlay.h"

/**
 * kq_apply_patch() - apply all files of a patch
 * @overlay: changed only for good; after a failure it must not be committed
 * @notes: one line is appended per hunk that was not at its stated line; may be NULL
 *
 * Return: 0; KQ_REFUSED with patch, file, hunk and the first line that differs.
 */
int __must_check kq_apply_patch(struct kq_overlay *overlay, const struct kq_patch *patch,
				struct ks_buf *notes, struct kq_error *error);

/**
 * kq_apply_patch_at() - the same, and say where
 * @ret_idx: room for patch->nr_hunks; receives the index of the line where each pre-image was
 */
int __must_check kq_apply_patch_at(struct kq_overlay *overlay, const struct kq_patch *patch,
				   struct ks_buf *notes, size_t *ret_idx, struct kq_error *error);

/**
 * kq_put_hunks() - the file with hunks applied
 * @idx: where the pre-image of each hunk is, ascending
 * @take: which hunks; NULL for all
 */
void kq_put_hunks(const struct kq_file *file, const struct kq_lines *lines, const size_t *idx,
		  const bool *take, struct ks_buf *out);

#endif
