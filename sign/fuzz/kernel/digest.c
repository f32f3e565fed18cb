// SPDX-License-Identifier: LGPL-2.1-or-later
#include "digest.h"

#include <string.h>

#include <openssl/evp.h>

/* In the order of enum ks_kdigest. */
static const struct {
	const char *name;
	const char *openssl_name;
} names[] = {
	{ "sha1", "SHA1" },
	{ "sha224", "SHA2-224" },
	{ "sha256", "SHA2-256" },
	{ "sha384", "SHA2-384" },
	{ "sha512", "SHA2-512" },
	{ "sha3-256", "SHA3-256" },
	{ "sha3-384", "SHA3-384" },
	{ "sha3-512", "SHA3-512" },
	{ "sm3", "SM3" },
};

const void *shim_digest_find(const char *name, unsigned int have)
{
	static EVP_MD *md[sizeof(names) / sizeof(names[0])];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, name) != 0 || !(have & 1U << i))
			continue;
		if (!md[i])
			md[i] = EVP_MD_fetch(NULL, names[i].openssl_name, NULL);
		return md[i];
	}
	return NULL;
}

unsigned int shim_digest_bytes(const void *digest)
{
	return (unsigned int)EVP_MD_get_size(digest);
}

bool shim_digest(const void *digest, const uint8_t *data, size_t bytes, uint8_t *value)
{
	return EVP_Digest(data, bytes, value, NULL, digest, NULL) == 1;
}
