/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A mailbox cut into its mails, as git mailsplit cuts it, without changing a byte.
 */
#ifndef KQ_MAIL_MAILBOX_H
#define KQ_MAIL_MAILBOX_H

#include "base/span.h"
#include "text/error.h"

/**
 * kq_mailbox_next() - cut the next mail off
 * @rest: what is left of the mailbox, updated
 * @ret_mail: from its "From " line up to the next one, without the empty line that parts the two
 * when it has one of its own; borrows
 *
 * A "From " line opens a mail when it ends as a date does: git's rule. A text that does not start
 * with one is a single mail.
 *
 * Return: false at the end.
 */
bool kq_mailbox_next(struct ks_span *rest, struct ks_span *ret_mail);

/** kq_is_from_line() - "From somebody Thu Jan  1 00:00:00 2026": opens a mail in a mailbox */
bool kq_is_from_line(struct ks_span line);

#endif
