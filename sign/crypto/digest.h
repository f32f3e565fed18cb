/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CRYPTO_DIGEST_H
#define KS_CRYPTO_DIGEST_H

#include <openssl/types.h>

#include "base/diag.h"
#include "base/hex.h"
#include "base/span.h"
#include "key/openssl.h"

#define KS_DIGEST_MAX_BYTES 64

/** struct ks_digest - a digest value; @bytes is 32 for SHA-256, 64 for SHA-512 */
struct ks_digest {
	u8 value[KS_DIGEST_MAX_BYTES];
	size_t bytes;
};

/**
 * ks_digest_alg_for() - look a digest up by name
 * @name: of ks_hashes
 * @use: KS_SIGN_*: what is signed with it
 * Return: 0; -EOPNOTSUPP for any other name.
 */
int __must_check ks_digest_alg_for(const char *name, unsigned int use, const EVP_MD **ret_md,
				   struct ks_diag *diag);

/** ks_digest_alg() - the same for images */
int __must_check ks_digest_alg(const char *name, const EVP_MD **ret_md, struct ks_diag *diag);

/** ks_digest_alg_to_read() - one that firmware computes, to read what others signed */
int __must_check ks_digest_alg_to_read(const char *name, const EVP_MD **ret_md, struct ks_diag *diag);

/** ks_digest_of_bytes() - SHA-1 (20 bytes) or SHA-2 by the length of its value, as TPMs have them; NULL for any other */
const EVP_MD *ks_digest_of_bytes(size_t bytes);

/**
 * ks_digest_spans() - digest of several ranges in order, as if they were one
 * Return: 0; -ENOMEM.
 */
int __must_check ks_digest_spans(const EVP_MD *md, const struct ks_span *parts, size_t nr_parts,
				 struct ks_digest *ret_digest, struct ks_diag *diag);

/** ks_sha256() - ks_digest_spans() of one range with SHA-256 */
int __must_check ks_sha256(struct ks_span in, struct ks_digest *ret_digest, struct ks_diag *diag);

/** ks_sha256_spans() - ks_digest_spans() with SHA-256 */
int __must_check ks_sha256_spans(const struct ks_span *parts, size_t nr_parts,
				 struct ks_digest *ret_digest, struct ks_diag *diag);

/** ks_digest_span() - the value, borrowed */
struct ks_span ks_digest_span(const struct ks_digest *digest);

#endif
