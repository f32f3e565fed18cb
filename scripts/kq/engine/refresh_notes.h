/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The diffstat between "---" and the first diff.
 */
#ifndef KQ_ENGINE_REFRESH_NOTES_H
#define KQ_ENGINE_REFRESH_NOTES_H

#include "base/buf.h"
#include "text/text.h"

/**
 * kq_put_notes() - write the part of a patch before its first diff, with a new diffstat
 * @lines: of the patch
 * @end_idx: the first diff
 * @diffs: what the diffstat is made from
 *
 * All other lines stay; without a diffstat none is added.
 */
int __must_check kq_put_notes(const struct kq_lines *lines, size_t end_idx, struct ks_span diffs,
			      struct ks_buf *out, struct kq_fault *fault);

#endif
