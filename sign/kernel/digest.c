// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel/digest.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/evp.h>

static const struct {
	const char *name;
	const char *openssl_name;
	const char *config;
	unsigned int bits;
} digests[KS_KDIGEST_NR] = {
	[KS_KDIGEST_SHA1] = { "sha1", "SHA1", "CONFIG_CRYPTO_SHA1", 160 },
	[KS_KDIGEST_SHA224] = { "sha224", "SHA2-224", "CONFIG_CRYPTO_SHA256", 224 },
	[KS_KDIGEST_SHA256] = { "sha256", "SHA2-256", "CONFIG_CRYPTO_SHA256", 256 },
	[KS_KDIGEST_SHA384] = { "sha384", "SHA2-384", "CONFIG_CRYPTO_SHA512", 384 },
	[KS_KDIGEST_SHA512] = { "sha512", "SHA2-512", "CONFIG_CRYPTO_SHA512", 512 },
	[KS_KDIGEST_SHA3_256] = { "sha3-256", "SHA3-256", "CONFIG_CRYPTO_SHA3", 256 },
	[KS_KDIGEST_SHA3_384] = { "sha3-384", "SHA3-384", "CONFIG_CRYPTO_SHA3", 384 },
	[KS_KDIGEST_SHA3_512] = { "sha3-512", "SHA3-512", "CONFIG_CRYPTO_SHA3", 512 },
	[KS_KDIGEST_SM3] = { "sm3", "SM3", "CONFIG_CRYPTO_SM3_GENERIC", 256 },
	/* OpenSSL has these in a provider that nobody ships. */
	[KS_KDIGEST_STREEBOG256] = { "streebog256", NULL, "CONFIG_CRYPTO_STREEBOG", 256 },
	[KS_KDIGEST_STREEBOG512] = { "streebog512", NULL, "CONFIG_CRYPTO_STREEBOG", 512 },
};

const char *ks_kdigest_name(enum ks_kdigest digest)
{
	return digest < KS_KDIGEST_NR ? digests[digest].name : "unknown";
}

const char *ks_kdigest_config(enum ks_kdigest digest)
{
	return digests[digest].config;
}

unsigned int ks_kdigest_bits(enum ks_kdigest digest)
{
	return digest < KS_KDIGEST_NR ? digests[digest].bits : 0;
}

void ks_kcrypto_init(struct ks_kcrypto *crypto)
{
	size_t i;

	for (i = 0; i < KS_KDIGEST_NR; i++)
		if (digests[i].openssl_name)
			crypto->md[i] = EVP_MD_fetch(NULL, digests[i].openssl_name, NULL);
	ERR_clear_error();
}

void ks_kcrypto_set_mainline(struct ks_kcrypto *crypto)
{
	crypto->digests = (1U << KS_KDIGEST_SM3) - 1;
	crypto->rsa = true;
	crypto->ecdsa = true;
}

void ks_kcrypto_done(struct ks_kcrypto *crypto)
{
	size_t i;

	for (i = 0; i < KS_KDIGEST_NR; i++) {
		EVP_MD_free(crypto->md[i]);
		crypto->md[i] = NULL;
	}
}

int ks_kcrypto_digest(const struct ks_kcrypto *crypto, enum ks_kdigest digest, struct ks_span in,
		      struct ks_digest *ret_value)
{
	if (digest >= KS_KDIGEST_NR || !(crypto->digests & 1U << digest))
		return -ENOPKG;
	if (!crypto->md[digest])
		return -EOPNOTSUPP;
	return ks_digest_spans(crypto->md[digest], &in, 1, ret_value, NULL) ? -ENOMEM : 0;
}
