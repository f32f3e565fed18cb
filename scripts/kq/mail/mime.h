/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a mail says once its transfer encodings and parts are taken off; libgmime reads it.
 */
#ifndef KQ_MAIL_MIME_H
#define KQ_MAIL_MIME_H

#include "base/buf.h"
#include "text/error.h"

/* A mail of more parts is not a patch; git's own limit on nested ones is lower. */
#define KQ_MAX_PARTS 256U

/**
 * struct kq_mime - one mail, owned
 * @subject: decoded, in UTF-8, unfolded
 * @id: Message-ID with its angle brackets, empty without one
 * @references: the ids that In-Reply-To and References name, each with a newline
 * @plain: the same mail as one part without a transfer encoding: its fields, an empty line, the text
 * and the diff; no byte of them is converted
 * @inner: mails that were attached, as a mailbox
 * @has_diff: there is one in @plain
 * @html: a part was left out for being HTML
 */
struct kq_mime {
	struct ks_buf subject;
	struct ks_buf id;
	struct ks_buf references;
	struct ks_buf plain;
	struct ks_buf inner;
	bool has_diff;
	bool html;
};

/** kq_mime_done() - free; accepts a zeroed struct */
void kq_mime_done(struct kq_mime *mime);

/**
 * kq_mime_read() - take a mail apart
 * @mail: with or without its "From " line; with LF or CRLF
 *
 * Of alternatives the plain text is taken, of the parts the texts up to the first that has a diff.
 *
 * Return: 0; -EOPNOTSUPP for an encrypted mail, or one with diffs in several parts; -E2BIG.
 */
int __must_check kq_mime_read(struct ks_span mail, const char *label, struct kq_mime *ret_mime,
			      struct kq_error *error);

/** kq_put_without_cr() - append @text with LF for every CRLF */
void kq_put_without_cr(struct ks_span text, struct ks_buf *out);

#endif
