/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_CERTS_H
#define KS_CMD_CERTS_H

#include "cmd/verbs.h"
#include "ops/module.h"

/**
 * ks_load_certs() - the certificates of an option that may be given several times
 * @certs: appended to; the caller frees it, also after a failure
 * Return: 0; what ks_certs_append() said of the first file that failed.
 */
int __must_check ks_load_certs(const struct ks_values *paths, struct ks_certs *certs,
			       struct ks_diag *diag);

#endif
