/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a 6.18 kernel can compute, as far as it decides on module signatures.
 */
#ifndef KS_KERNEL_DIGEST_H
#define KS_KERNEL_DIGEST_H

#include "crypto/digest.h"

enum ks_kdigest {
	KS_KDIGEST_SHA1,
	KS_KDIGEST_SHA224,
	KS_KDIGEST_SHA256,
	KS_KDIGEST_SHA384,
	KS_KDIGEST_SHA512,
	KS_KDIGEST_SHA3_256,
	KS_KDIGEST_SHA3_384,
	KS_KDIGEST_SHA3_512,
	KS_KDIGEST_SM3,
	KS_KDIGEST_STREEBOG256,
	KS_KDIGEST_STREEBOG512,
	KS_KDIGEST_NR,
	KS_KDIGEST_NONE = KS_KDIGEST_NR,
};

/** ks_kdigest_name() - the kernel's name, "sha512" */
const char *ks_kdigest_name(enum ks_kdigest digest);

/** ks_kdigest_config() - the option that brings the digest, "CONFIG_CRYPTO_SHA512" */
const char *ks_kdigest_config(enum ks_kdigest digest);

/** ks_kdigest_bits() - length of its value in bits */
unsigned int ks_kdigest_bits(enum ks_kdigest digest);

/**
 * struct ks_kcrypto - a kernel's crypto options, and OpenSSL's counterparts, fetched once
 * @digests: bit 1 << enum ks_kdigest: the kernel has it, or asks modprobe for the module
 * @rsa: CONFIG_CRYPTO_RSA
 * @ecdsa: CONFIG_CRYPTO_ECDSA
 * @ecrdsa: CONFIG_CRYPTO_ECRDSA
 */
struct ks_kcrypto {
	unsigned int digests;
	bool rsa;
	bool ecdsa;
	bool ecrdsa;
	EVP_MD *md[KS_KDIGEST_NR];
};

/**
 * ks_kcrypto_init() - fetch the digests; @crypto may be shared by threads afterwards
 * What OpenSSL lacks is left out, see ks_kcrypto_digest().
 */
void ks_kcrypto_init(struct ks_kcrypto *crypto);

/** ks_kcrypto_set_mainline() - all is built in, but for sm3 and streebog, which no distribution has */
void ks_kcrypto_set_mainline(struct ks_kcrypto *crypto);

void ks_kcrypto_done(struct ks_kcrypto *crypto);

/**
 * ks_kcrypto_digest() - as the kernel's crypto_alloc_shash() and crypto_shash_digest()
 *
 * Return: 0; -ENOPKG if the kernel has not got it; -EOPNOTSUPP if it has but OpenSSL has not, so
 * that nothing can be predicted; -ENOMEM.
 */
int __must_check ks_kcrypto_digest(const struct ks_kcrypto *crypto, enum ks_kdigest digest,
				   struct ks_span in, struct ks_digest *ret_value);

#endif
