/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The diffstat between "---" and the first diff, as git format-patch writes it.
 */
#ifndef KQ_ENGINE_DIFFSTAT_H
#define KQ_ENGINE_DIFFSTAT_H

#include "base/buf.h"
#include "queue/patch.h"
#include "text/text.h"

/** kq_put_stat() - the diffstat, 72 columns wide, and the lines on new, gone and changed modes */
void kq_put_stat(const struct kq_patch *patch, struct ks_buf *out);

/**
 * kq_put_notes() - write the part of a patch before its first diff, with a new diffstat
 * @lines: of the patch as it was
 * @end_idx: its first diff
 * @written: what the diffstat is made from
 *
 * All other lines stay; without a diffstat none is added.
 */
void kq_put_notes(const struct kq_lines *lines, size_t end_idx, const struct kq_patch *written,
		  struct ks_buf *out);

#endif
