/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_OPS_CSP_H
#define KS_OPS_CSP_H

#include "base/buf.h"

/**
 * ks_csp_put() - append the source that lets a browser take one script or style inside of a page, and no other
 * @inside: what stands between its tags
 *
 * "'sha256-...'", as Content Security Policy Level 3 has it.
 *
 * Return: 0; what the digest said. Without memory @out says so.
 */
int __must_check ks_csp_put(struct ks_buf *out, struct ks_span inside, struct ks_diag *diag);

#endif
