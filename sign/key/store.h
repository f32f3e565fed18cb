/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_KEY_STORE_H
#define KS_KEY_STORE_H

#include "key/key.h"

/**
 * ks_store_load() - the first private key behind a URI, through OpenSSL's store loaders
 * @what: names the store when a secret is asked for
 * @pass: asked once at most
 * @ret_pkey: owned by the caller
 *
 * Return: 0; -ENOKEY; -EACCES if the secret was wrong or there is none.
 */
int __must_check ks_store_load(const char *uri, const char *what, const struct ks_pass_source *pass,
			       EVP_PKEY **ret_pkey, struct ks_diag *diag);

/**
 * ks_store_adopt() - a key whose operations a provider runs elsewhere, for one thread at a time
 * @key: has its pkey; gets source and state
 * Return: 0; -ENOMEM.
 */
int __must_check ks_store_adopt(struct ks_key *key, struct ks_diag *diag);

/**
 * ks_store_certs() - the certificates behind a URI, for which no secret is given
 * @ret_certs: owned by the caller
 * Return: 0; -ENOKEY.
 */
int __must_check ks_store_certs(const char *uri, STACK_OF(X509) * *ret_certs, struct ks_diag *diag);

#endif
