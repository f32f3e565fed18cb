/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys that are the same in every run, and so no secrets, and signatures by them that are the same as
 * well: a difference that was found is found again by its seed.
 */
#ifndef KERNEL_KEYS_H
#define KERNEL_KEYS_H

#include <openssl/types.h>

#include "base/buf.h"

enum key_idx { KEY_RSA_1024, KEY_RSA_2048, KEY_P256, KEY_P256_OTHER, KEY_P384, KEY_P521, KEY_P192, KEY_NR };

void keys_make(void);

EVP_PKEY *keys_pkey(enum key_idx key);

/** keys_sign() - the signature over @data. Return: false if that key cannot sign with that digest. */
bool keys_sign(enum key_idx key, const EVP_MD *md, struct ks_span data, struct ks_buf *ret_signature);

/** keys_digest_of() - the digest that an algorithm's identifier names, alone or in a signature's; NULL */
const EVP_MD *keys_digest_of(struct ks_span oid);

#endif
