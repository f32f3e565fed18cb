/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DER (X.690): just enough to walk and to wrap. Contents are OpenSSL's business.
 *
 * Only what the kernel's own asn1_ber_decoder takes in signatures: definite, minimal lengths and
 * one-byte tags.
 */
#ifndef KS_BASE_DER_H
#define KS_BASE_DER_H

#include "base/buf.h"
#include "base/cursor.h"

#define KS_DER_INTEGER 0x02
#define KS_DER_BIT_STRING 0x03
#define KS_DER_OCTET_STRING 0x04
#define KS_DER_NULL 0x05
#define KS_DER_OID 0x06
#define KS_DER_SEQUENCE 0x30
#define KS_DER_SET 0x31
/* Context tag [n]: constructed or primitive. */
#define KS_DER_CONS(n) ((u8)(0xa0 | (n)))
#define KS_DER_PRIM(n) ((u8)(0x80 | (n)))

/**
 * struct ks_der - one TLV, borrowed
 * @tag: identifier octet
 * @value: contents
 * @whole: identifier, length and contents
 * @value_off: file offset of @value
 */
struct ks_der {
	u8 tag;
	struct ks_span value;
	struct ks_span whole;
	u64 value_off;
};

/**
 * ks_der_get() - read one TLV
 * @c: advanced behind it on success
 *
 * Return: 0; -EBADMSG for a short, indefinite or non-minimal length, or a multi-byte tag.
 */
int __must_check ks_der_get(struct ks_cursor *c, struct ks_der *ret_der, struct ks_diag *diag);

/**
 * ks_der_enter() - read one TLV of a given tag and start reading inside it
 * @what: names the element in the error: static text
 * @ret_inside: cursor over the contents
 *
 * Return: 0; -EBADMSG.
 */
int __must_check ks_der_enter(struct ks_cursor *c, u8 tag, const char *what,
			      struct ks_cursor *ret_inside, struct ks_diag *diag);

/** ks_put_der() - append identifier, length and contents */
void ks_put_der(struct ks_buf *b, u8 tag, struct ks_span value);

/** ks_put_der_buf() - ks_put_der() of a builder's content, whose failure is passed on */
void ks_put_der_buf(struct ks_buf *b, u8 tag, const struct ks_buf *value);

#endif
