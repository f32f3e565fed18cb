/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mails of an import: where they come from, and which of them are patches.
 */
#ifndef KQ_WORK_INCOMING_H
#define KQ_WORK_INCOMING_H

#include "work/import.h"

/* An import that nobody reads through is no import. */
#define KQ_MAX_MAILS 4096U
/* A mailbox of that many patches of a usual size. */
#define KQ_MAX_MAILBOX_BYTES (64ULL << 20)

/**
 * struct kq_mail - one new patch
 * @label: "mailbox, mail 2", owned
 * @text: its bytes, owned
 * @subject: decoded, owned
 * @name: file name in the queue, owned; NULL until it is named
 */
struct kq_mail {
	char *label;
	struct ks_buf text;
	struct ks_buf subject;
	char *name;
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
 *
 * Return: 0 with at least one mail, each a patch that kq_patch_parse() takes; KQ_REFUSED for merges
 * in a range; -EOPNOTSUPP for what git am would have to decode; -ENOENT; -E2BIG.
 */
int __must_check kq_incoming_read(const struct kq_import *import, struct kq_incoming *ret_incoming,
				  struct kq_fault *fault);

#endif
