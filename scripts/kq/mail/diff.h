/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Diffs as people make them, written as git format-patch does: "diff --git a/NAME b/NAME", modes for
 * new and deleted files, an index line, "--- a/NAME", "+++ b/NAME", the hunks byte for byte.
 */
#ifndef KQ_MAIL_DIFF_H
#define KQ_MAIL_DIFF_H

#include "base/buf.h"
#include "text/error.h"

/** kq_has_diff() - a line opens a diff: git's own, or "--- ", "+++ " and "@@ -" */
bool kq_has_diff(struct ks_span text);

/**
 * kq_put_diff() - write the diffs of a text
 * @text: what else is in it (timestamps, "Index:" lines, a list's footer) is left out
 * @notes: what comes before the first diff is appended
 * @out: the diffs are appended; an index line that was missing is one of zeros
 * @ret_signed: git's "-- " line comes behind the last hunk
 *
 * With other prefixes than a/ and b/, or none: two equal names have none, others lose their first
 * part. What makes no sense is left as it is, for the reader of patches to name.
 *
 * Return: 0; -EBADMSG for a diff without a git header that has only one name, with no known prefix.
 */
int __must_check kq_put_diff(struct ks_span text, const char *label, struct ks_buf *notes,
			     struct ks_buf *out, bool *ret_signed, struct kq_error *error);

#endif
