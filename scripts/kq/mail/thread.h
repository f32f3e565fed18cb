/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which mails of a mailbox are the patches that somebody means, and in which order: a thread has a
 * cover letter, replies, older versions and the same mail from two lists.
 */
#ifndef KQ_MAIL_THREAD_H
#define KQ_MAIL_THREAD_H

#include "base/buf.h"
#include "text/error.h"

/* More mails than anybody reads through before an import. */
#define KQ_MAX_MAILS 4096U

/**
 * struct kq_letter - what is known of one mail; all borrowed but @skip
 * @label: names it
 * @subject: decoded
 * @id: Message-ID, empty without one
 * @references: ids that it answers, one per line
 * @has_diff: there is a diff in it
 * @chosen: it was asked for by name: a commit, or a diff that is not a mail
 * @skip: receives why it is not a patch of the series; "" for those that are
 */
struct kq_letter {
	const char *label;
	struct ks_span subject;
	struct ks_span id;
	struct ks_span references;
	bool has_diff;
	bool chosen;
	char skip[120];
};

/**
 * kq_thread_sort() - leave out what is not a patch, check the numbers, order each series
 * @ret_order: room for @nr; receives the places of the patches, in order
 * @ret_nr: how many
 *
 * Left out, with the reason: replies, cover letters, mails without a diff that say nothing of a
 * patch, the same mail again, and an older version where a newer one is in the same thread. Mails
 * without ids are of one thread when they have the same title, or the same number of patches.
 *
 * Return: 0; KQ_REFUSED when a number is missing or there twice; a single patch of a series, alone,
 * is taken as it is.
 */
int __must_check kq_thread_sort(struct kq_letter *letter, size_t nr, size_t *ret_order,
				size_t *ret_nr, struct kq_error *error);

#endif
