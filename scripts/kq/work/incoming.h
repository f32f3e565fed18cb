/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mails of an import: where they come from, and which of them are patches.
 */
#ifndef KQ_WORK_INCOMING_H
#define KQ_WORK_INCOMING_H

#include "mail/mime.h"
#include "work/import.h"

/* A mailbox of that many patches of a usual size. */
#define KQ_MAX_MAILBOX_BYTES (64ULL << 20)

/**
 * struct kq_mail - one new patch
 * @label: "mailbox, mail 2", owned
 * @text: the patch, owned
 * @subject: decoded, owned
 * @name: file name in the queue, owned; NULL until it is named
 * @mime: what it says as a mail, owned
 * @chosen: a commit, or a diff that is not a mail
 * @is_diff: no mail
 * @holds_mails: patches were attached to it
 * @anew: @text is not what was given: its ids and numbers are to be filled in
 */
struct kq_mail {
	char *label;
	struct ks_buf text;
	struct ks_buf subject;
	char *name;
	struct kq_mime mime;
	bool chosen;
	bool is_diff;
	bool holds_mails;
	bool anew;
};

/** struct kq_incoming - all of them, in order */
struct kq_incoming {
	struct kq_mail *mail;
	size_t nr;
	size_t room;
};

/** kq_incoming_done() - free; accepts a zeroed struct */
void kq_incoming_done(struct kq_incoming *incoming);

/**
 * kq_incoming_read() - read import->from
 * @notes: a line for each mail that was left out
 *
 * Return: 0 with at least one mail, each a patch that kq_patch_parse() takes; KQ_REFUSED for merges
 * in a range and a series with holes; -EOPNOTSUPP, -EBADMSG; -ENODATA; -ENOENT; -E2BIG.
 */
int __must_check kq_incoming_read(const struct kq_import *import, struct kq_incoming *ret_incoming,
				  struct ks_buf *notes, struct kq_error *error);

/** kq_incoming_named() - Return: the one that is to be the file @name, or NULL. */
struct kq_mail *kq_incoming_named(const struct kq_incoming *incoming, const char *name);

#endif
