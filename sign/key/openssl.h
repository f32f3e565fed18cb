/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_KEY_OPENSSL_H
#define KS_KEY_OPENSSL_H

#include "base/diag.h"

/** ks_fail_openssl() - record @what with OpenSSL's own reason, and drain its error queue */
int ks_fail_openssl(struct ks_diag *diag, int err, const char *what);

#endif
