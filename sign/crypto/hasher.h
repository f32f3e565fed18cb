/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CRYPTO_HASHER_H
#define KS_CRYPTO_HASHER_H

#include "crypto/digest.h"

/** struct ks_hasher - a digest that is computed in parts; all zero: not started */
struct ks_hasher {
	EVP_MD_CTX *ctx;
};

/** ks_hasher_begin() - start a SHA-256; @ret_hasher: ks_hasher_done(). Return: 0; -ENOMEM. */
int __must_check ks_hasher_begin(struct ks_hasher *ret_hasher, struct ks_diag *diag);

/** ks_hasher_begin_md() - the same of any digest */
int __must_check ks_hasher_begin_md(const EVP_MD *md, struct ks_hasher *ret_hasher, struct ks_diag *diag);

/** ks_hasher_add() - the next part. Return: 0; -EIO. */
int __must_check ks_hasher_add(struct ks_hasher *hasher, struct ks_span part, struct ks_diag *diag);

/** ks_hasher_end() - the digest of all parts. Return: 0; -EIO. */
int __must_check ks_hasher_end(struct ks_hasher *hasher, struct ks_digest *ret_digest,
			       struct ks_diag *diag);

/** ks_hasher_done() - accepts an empty one */
void ks_hasher_done(struct ks_hasher *hasher);

#endif
