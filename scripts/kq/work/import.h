/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mails, commits and diffs become patches of the queue, all of them or none. What git format-patch
 * wrote stays byte for byte; the rest is written as it would have.
 */
#ifndef KQ_WORK_IMPORT_H
#define KQ_WORK_IMPORT_H

#include "mail/mime.h"

/**
 * struct kq_import - what to take in, and where
 * @queue: its directory; its series may be empty
 * @base: the release that the queue is on, see tree/release.h; NULL for that of base.lock
 * @from: mailboxes, mails, diffs, "-" for standard input, or ranges of commits (A..B, COMMIT^!)
 * @nr_from: how many
 * @repository: where a range is looked up, and the contents that @three_way starts from
 * @subject: of a diff that is not a mail, or instead of that of the one mail; NULL unless given
 * @author: the same, "Name <address>"
 * @three_way: a patch that does not apply is merged, from the contents that its index lines name
 * @scissors: leave out what stands above a scissors line
 * @sku: condition of the new lines: a list, NULL for none
 * @arch: the same
 * @state: STATE
 * @before: put them in front of this patch; NULL
 * @after: or behind this one; NULL for behind the last of their kind
 */
struct kq_import {
	const char *queue;
	const char *base;
	char *const *from;
	size_t nr_from;
	const char *repository;
	const char *subject;
	const char *author;
	bool three_way;
	bool scissors;
	const char *sku;
	const char *arch;
	const char *state;
	const char *before;
	const char *after;
};

/* A mailbox of that many patches of a usual size. */
#define KQ_MAX_MAILBOX_BYTES (64ULL << 20)

/**
 * struct kq_mail - one new patch
 * @label: "mailbox, mail 2", owned
 * @text: the patch, owned
 * @subject: decoded, owned
 * @mime: what it says as a mail, owned
 * @chosen: a commit, or a diff that is not a mail
 * @is_diff: no mail
 * @has_mails_attached: patches were attached to it
 * @anew: @text is not what was given: its ids and numbers are to be filled in
 */
struct kq_mail {
	char *label;
	struct ks_buf text;
	struct ks_buf subject;
	struct kq_mime mime;
	bool chosen;
	bool is_diff;
	bool has_mails_attached;
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

/**
 * kq_import() - add patches to the queue
 * @ret_names: "FILE\n" for each new patch, and behind them a line for each that is not what it was
 * @ret_notes: a line for each mail that is not a patch of the series, and why; for each merged file
 *
 * Patches for all come after the last one that is for all; patches with a condition at the end,
 * numbered from 1001, so that the others have room. The new queue has to apply to @base for every
 * SKU and architecture that the series names.
 *
 * Return: 0; KQ_REFUSED when the queue would not apply or says no; -EOPNOTSUPP, -EBADMSG, -E2BIG
 * for a mail that is not a good patch. The queue is as before then.
 */
int __must_check kq_import(const struct kq_import *import, struct ks_buf *ret_names,
			   struct ks_buf *ret_notes, struct kq_error *error);

#endif
