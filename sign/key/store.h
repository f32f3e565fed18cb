/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_KEY_STORE_H
#define KS_KEY_STORE_H

#include <openssl/types.h>

#include "key/pass.h"

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

#endif
