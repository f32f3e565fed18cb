/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A mail, or a diff that is none, as git format-patch would have written the commit that git am makes
 * of it.
 */
#ifndef KQ_MAIL_MESSAGE_H
#define KQ_MAIL_MESSAGE_H

#include "base/buf.h"
#include "text/error.h"

/**
 * struct kq_message - what a patch says of itself, owned
 * @name: the author's, in UTF-8, as all of it
 * @address: the author's
 * @date: as a mail's Date
 * @subject: without "[PATCH]"
 * @body: the message with its trailers
 * @diff: from "---" or the first diff on
 */
struct kq_message {
	struct ks_buf name;
	struct ks_buf address;
	struct ks_buf date;
	struct ks_buf subject;
	struct ks_buf body;
	struct ks_buf diff;
};

/** kq_message_done() - free; accepts a zeroed struct */
void kq_message_done(struct kq_message *message);

/**
 * kq_message_read() - ask git mailinfo
 * @mail: one part, no transfer encoding: see struct kq_mime
 * @scissors: as git am --scissors
 */
int __must_check kq_message_read(struct ks_span mail, bool scissors, struct kq_message *ret_message,
				 struct kq_error *error);

/**
 * kq_message_split() - of a diff that is not a mail: what stands above it is the message
 *
 * "From:", "Author:", "Subject:" and "Date:" fields at the top, as quilt's patches often have,
 * count.
 */
int __must_check kq_message_split(struct ks_span text, struct kq_message *ret_message,
				  struct kq_error *error);

/** kq_message_author() - "Name <address>". Return: false when @author has another form. */
bool kq_message_author(struct kq_message *message, struct ks_span author);

/**
 * kq_message_patch() - write the patch
 * @ret_text: what kq_patch_parse() reads
 *
 * A patch that does not end with git's "-- " must do what its diffstat says, if it has one.
 *
 * Return: 0; -EBADMSG for what is not a patch, or was cut off.
 */
int __must_check kq_message_patch(const struct kq_message *message, const char *label,
				  struct ks_buf *ret_text, struct kq_error *error);

/** kq_is_git_mail() - @mail has only the fields that git format-patch writes, and needs no decoding */
bool kq_is_git_mail(struct ks_span mail);

#endif
