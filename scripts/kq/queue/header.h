/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The mail header of a patch: its fields, which libgmime decodes and encodes (RFC 2047), and the
 * file name that git format-patch makes of its subject.
 */
#ifndef KQ_QUEUE_HEADER_H
#define KQ_QUEUE_HEADER_H

#include "base/buf.h"
#include "queue/patch.h"

/* git's format.filenameMaxLength is 64, which counts ".patch" and one byte more. */
#define KQ_NAME_CUT 57U

/**
 * kq_subject() - the first line of the commit that git am would make
 * @head: mail header
 * @subject: appended to: unfolded, encoded words (RFC 2047) decoded, "[PATCH n/m]" and whatever
 * else stands in brackets in front taken off; empty when there is no Subject
 */
void kq_subject(struct ks_span head, struct ks_buf *subject);

/** kq_head_field() - a field of the mail's head as text: unfolded, encoded words decoded. @key:
 * "Date:" */
void kq_head_field(struct ks_span head, const char *key, struct ks_buf *text);

/**
 * kq_author() - whom git am would name as the author
 * @name: appended to; the address if there is no name
 * @address: appended to; empty if From has none
 */
void kq_author(struct ks_span head, struct ks_buf *name, struct ks_buf *address);

/**
 * kq_patch_name() - "NNNN-subject.patch" as git format-patch names it
 * @number: from 1
 * @cut_bytes: where to cut before ".patch": KQ_NAME_CUT as git does, or SIZE_MAX
 * @name: appended to; "NNNN-.patch" for a subject without letters or digits
 */
void kq_patch_name(struct ks_span subject, size_t number, size_t cut_bytes, struct ks_buf *name);

/** kq_gmime_start() - before the first call of libgmime; more often does no harm */
void kq_gmime_start(void);

/** kq_header_decode() - append a value, unfolded, decoded to UTF-8 */
void kq_header_decode(struct ks_span value, struct ks_buf *out);

/** kq_header_encode() - append text as a value: encoded words where it needs them */
void kq_header_encode(const char *text, struct ks_buf *out);

/** kq_header_address() - append "Name <address>" as a value */
void kq_header_address(const char *name, const char *address, struct ks_buf *out);

#endif
