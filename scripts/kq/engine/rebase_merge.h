/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The merge that git rebase makes. git merge-file is another one: it compares by another algorithm, and
 * where lines are repeated the two may both be clean and differ.
 */
#ifndef KQ_ENGINE_REBASE_MERGE_H
#define KQ_ENGINE_REBASE_MERGE_H

#include "base/buf.h"
#include "text/text.h"

/** struct kq_version - a text with its lines, both borrowed */
struct kq_version {
	struct ks_span content;
	const struct kq_lines *lines;
};

/**
 * kq_rebase_merge() - three-way merge
 * @ret_made: nothing of use unless @ret_clean
 */
int __must_check kq_rebase_merge(const struct kq_version *base, const struct kq_version *ours,
				 const struct kq_version *theirs, struct ks_buf *ret_made,
				 bool *ret_clean, struct kq_fault *fault);

#endif
