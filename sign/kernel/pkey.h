/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public keys and signatures as crypto/asymmetric_keys/public_key.c of Linux 6.18 takes them.
 */
#ifndef KS_KERNEL_PKEY_H
#define KS_KERNEL_PKEY_H

#include "kernel/digest.h"

enum ks_kpkey {
	KS_KPKEY_RSA,
	KS_KPKEY_P192,
	KS_KPKEY_P256,
	KS_KPKEY_P384,
	KS_KPKEY_P521,
	KS_KPKEY_ECRDSA,
};

/* What a signature says of its algorithm: no curve. */
enum ks_ksig_kind { KS_KSIG_RSA, KS_KSIG_ECDSA, KS_KSIG_ECRDSA };

/**
 * struct ks_kpub - a public key
 * @key_bytes: RSA: bytes of a signature, which is the modulus rounded up to 8
 * @n, @e: RSA: the two numbers, borrowed
 * @err: what the kernel's set_pub_key() returns
 * @pkey: owned; NULL when @err is set, for ECRDSA, or if OpenSSL does not take that RSA key
 * @verifier: owned; set up to verify with @pkey, and copied by each thread that does; may be NULL
 */
struct ks_kpub {
	enum ks_kpkey kind;
	size_t key_bytes;
	struct ks_span n;
	struct ks_span e;
	int err;
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *verifier;
};

/**
 * struct ks_ksig - a signature with the digest that it is over
 * @s: the signature itself, borrowed
 */
struct ks_ksig {
	enum ks_ksig_kind kind;
	enum ks_kdigest digest_id;
	struct ks_span s;
	struct ks_digest digest;
};

/**
 * ks_kpub_init() - take the contents of a certificate's subjectPublicKey
 * @kind: from the algorithm's identifier
 * @key: borrowed by @ret_pub
 *
 * A key that the kernel would not take sets @ret_pub->err: the kernel finds out at the first use.
 *
 * Return: 0; -ENOMEM.
 */
int __must_check ks_kpub_init(enum ks_kpkey kind, struct ks_span key, struct ks_kpub *ret_pub);
void ks_kpub_done(struct ks_kpub *pub);

/** ks_kpub_same() - the same public key */
bool ks_kpub_same(const struct ks_kpub *a, const struct ks_kpub *b);

/**
 * ks_kpub_verify() - as the kernel's public_key_verify_signature()
 *
 * Return: 0 if the signature is good; the kernel's errno if not: -EKEYREJECTED, -EBADMSG, -EINVAL,
 * or -ENOENT for an algorithm that it has not got; -EOPNOTSUPP if that cannot be predicted;
 * -ENOMEM.
 */
int __must_check ks_kpub_verify(const struct ks_kcrypto *crypto, const struct ks_kpub *pub,
				const struct ks_ksig *sig);

#endif
