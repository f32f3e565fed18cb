/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A patch that fits, with its numbers as they should be.
 */
#ifndef KQ_WORK_RENEW_H
#define KQ_WORK_RENEW_H

#include "base/buf.h"
#include "tree/overlay.h"

/**
 * kq_renew() - write line numbers, ids and diffstat anew
 * @below: what the patch applies to; it is applied to it
 * @label: for messages
 * @text: the patch, replaced: the same bytes if all of it was right
 *
 * An index line without full ids gets them; where there is none it is put in. Lines of hunks, what
 * stands behind @@ and the message stay.
 */
int __must_check kq_renew(struct kq_overlay *below, const char *label, struct ks_buf *text,
			  struct kq_error *error);

#endif
