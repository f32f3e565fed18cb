/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who can sign. A key is opened once, by URI, and used by all threads; no format knows its kind.
 *
 * Private bytes stay inside OpenSSL: nothing here, no diag and no log ever holds them.
 */
#ifndef KS_KEY_KEY_H
#define KS_KEY_KEY_H

#include <openssl/types.h>

#include "base/diag.h"

/** struct ks_key - an open private key */
struct ks_key {
	EVP_PKEY *pkey;
};

/**
 * ks_key_open() - open a private key
 * @uri: a PEM file's path, or any URI that an OpenSSL store loader knows
 * @ret_key: owned by the caller, ks_key_close()
 *
 * A file that group or others may read is refused: a signing key with mode 0644 is a leak.
 *
 * Return: 0; -ENOKEY if nothing is there; -EACCES if it cannot be used (mode, passphrase, type).
 */
int __must_check ks_key_open(const char *uri, struct ks_key *ret_key, struct ks_diag *diag);

/** ks_key_close() - accepts an empty key */
void ks_key_close(struct ks_key *key);

#endif
