/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a work tree has become, as the patch again.
 */
#ifndef KQ_WORK_REFOLD_H
#define KQ_WORK_REFOLD_H

#include "work/worktree.h"

/**
 * kq_refold() - write the edited patch
 * @patch: as it was
 * @text: the bytes that @patch was parsed from
 * @before: the state before the patch
 * @after: the state after it, as it was
 * @ret_text: the same bytes if nothing was edited
 *
 * Head and body stay byte for byte unless the message was edited; so do the files of the patch whose
 * content is what it was. The others are written as git diff writes them, the diffstat anew.
 *
 * Return: 0; KQ_REFUSED when nothing is left of the patch.
 */
int __must_check kq_refold(const struct kq_patch *patch, struct ks_span text,
			   struct kq_overlay *before, struct kq_overlay *after,
			   const struct kq_work_result *result, struct ks_buf *ret_text,
			   struct kq_error *error);

#endif
