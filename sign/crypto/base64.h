/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CRYPTO_BASE64_H
#define KS_CRYPTO_BASE64_H

#include "base/buf.h"

/** ks_base64_put() - append @in in base64 (RFC 4648) on one line, without a NUL */
void ks_base64_put(struct ks_buf *out, struct ks_span in);

/**
 * ks_base64_get() - decode one line
 * @out: appended to
 * Return: 0; -EBADMSG if it is not base64 with its padding; -ENOMEM.
 */
int __must_check ks_base64_get(struct ks_span text, struct ks_buf *out, struct ks_diag *diag);

#endif
