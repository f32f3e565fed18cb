/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values of mail fields and the words they are encoded in (RFC 2047); libgmime does it.
 */
#ifndef KQ_TEXT_HEADER_H
#define KQ_TEXT_HEADER_H

#include "base/buf.h"

/** kq_gmime_start() - before the first call of libgmime; more often does no harm */
void kq_gmime_start(void);

/** kq_header_decode() - append a value, unfolded, decoded to UTF-8 */
void kq_header_decode(struct ks_span value, struct ks_buf *out);

/** kq_header_encode() - append text as a value: encoded words where it needs them */
void kq_header_encode(const char *text, struct ks_buf *out);

/** kq_header_address() - append "Name <address>" as a value */
void kq_header_address(const char *name, const char *address, struct ks_buf *out);

#endif
