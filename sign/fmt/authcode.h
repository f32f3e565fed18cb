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

#endif
