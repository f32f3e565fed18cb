/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an Authenticode signature signs: SpcIndirectDataContent.
 * Source: Windows Authenticode Portable Executable Signature Format; crypto/asymmetric_keys/mscode.asn1.
 */
#ifndef KS_FMT_AUTHCODE_H
#define KS_FMT_AUTHCODE_H

#include "base/buf.h"

/**
 * ks_authcode_build() - SpcIndirectDataContent of an image digest
 * @image_sha256: 32 bytes; SHA-256 is the one digest that every firmware takes
 * @out: gets the DER SEQUENCE
 */
void ks_authcode_build(struct ks_span image_sha256, struct ks_buf *out);

/**
 * struct ks_authcode_view - the image digest that a signature signs
 * @alg: "sha256", "sha384" or "sha512"; static
 * @digest: 32, 48 or 64 bytes, borrowed
 */
struct ks_authcode_view {
	const char *alg;
	struct ks_span digest;
};

/**
 * ks_authcode_parse() - the image digest inside a SpcIndirectDataContent
 * @content: DER SEQUENCE
 * @ret_view: borrows @content
 *
 * Return: 0; -EBADMSG; -EOPNOTSUPP for SHA-1 and whatever else is no SHA-2.
 */
int __must_check ks_authcode_parse(struct ks_span content, struct ks_authcode_view *ret_view,
				   struct ks_diag *diag);

#endif
