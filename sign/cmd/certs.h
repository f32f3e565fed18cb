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

/**
 * ks_load_chain() - what to embed beside a signer's certificate
 * @paths: of an option for more of it
 * @chain: an empty list; the caller frees it, also after a failure
 * Return: 0; what ks_certs_append() said of the first file that failed.
 */
int __must_check ks_load_chain(const struct ks_signer *signer, const struct ks_values *paths,
			       struct ks_certs *chain, struct ks_diag *diag);

#endif
