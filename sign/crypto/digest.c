// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/digest.h"

#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "key/sigalg.h"

static int get_md(const struct ks_hash *hash, const EVP_MD **ret_md, struct ks_diag *diag)
{
	const EVP_MD *md = EVP_get_digestbynid(hash->nid);

	if (!md)
		return ks_fail_openssl(diag, -EOPNOTSUPP, "OpenSSL does not offer this digest");
	*ret_md = md;
	return 0;
}

int ks_digest_alg_for(const char *name, unsigned int use, const EVP_MD **ret_md, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < KS_NR_HASHES; i++)
		if (!strcmp(name, ks_hashes[i].name) && (ks_hashes[i].takes & use))
			return get_md(&ks_hashes[i], ret_md, diag);
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      use == KS_SIGN_MODULE ? "digest refused, use " KS_MODULE_HASH_WORDS :
						      "digest refused, use " KS_HASH_WORDS,
			      name);
}

int ks_digest_alg(const char *name, const EVP_MD **ret_md, struct ks_diag *diag)
{
	return ks_digest_alg_for(name, KS_SIGN_PE, ret_md, diag);
}

int ks_digest_alg_to_read(const char *name, const EVP_MD **ret_md, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < KS_NR_HASHES; i++)
		if (!strcmp(name, ks_hashes[i].name) && ks_hashes[i].firmware)
			return get_md(&ks_hashes[i], ret_md, diag);
	return ks_fail_detail(diag, -EOPNOTSUPP, "digest refused, use " KS_HASH_WORDS, name);
}

const EVP_MD *ks_digest_of_bytes(size_t bytes)
{
	switch (bytes) {
	case 20:
		return EVP_sha1();
	case 32:
		return EVP_sha256();
	case 48:
		return EVP_sha384();
	case 64:
		return EVP_sha512();
	default:
		return NULL;
	}
}

static void free_md_ctx(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

int ks_digest_spans(const EVP_MD *md, const struct ks_span *parts, size_t nr_parts,
		    struct ks_digest *ret_digest, struct ks_diag *diag)
{
	__cleanup(free_md_ctx) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct ks_digest digest = { 0 };
	unsigned int n = 0;
	size_t i;

	if (!ctx || !EVP_DigestInit_ex2(ctx, md, NULL))
		return ks_fail_openssl(diag, -ENOMEM, "cannot start a digest");
	for (i = 0; i < nr_parts; i++)
		if (parts[i].bytes && !EVP_DigestUpdate(ctx, parts[i].p, parts[i].bytes))
			return ks_fail_openssl(diag, -EIO, "cannot compute a digest");
	if (!EVP_DigestFinal_ex(ctx, digest.value, &n))
		return ks_fail_openssl(diag, -EIO, "cannot compute a digest");
	digest.bytes = n;
	*ret_digest = digest;
	return 0;
}

int ks_sha256(struct ks_span in, struct ks_digest *ret_digest, struct ks_diag *diag)
{
	return ks_sha256_spans(&in, 1, ret_digest, diag);
}

int ks_sha256_spans(const struct ks_span *parts, size_t nr_parts, struct ks_digest *ret_digest,
		    struct ks_diag *diag)
{
	return ks_digest_spans(EVP_sha256(), parts, nr_parts, ret_digest, diag);
}

struct ks_span ks_digest_span(const struct ks_digest *digest)
{
	return (struct ks_span){ digest->value, digest->bytes };
}
