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
 * @pkey: owned by @ret_key on success
 * Return: 0; -ENOMEM.
 */
int __must_check ks_store_adopt(EVP_PKEY *pkey, struct ks_key *ret_key, struct ks_diag *diag);

#endif
