// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/hasher.h"

#include <errno.h>
#include <openssl/evp.h>

int ks_hasher_begin(struct ks_hasher *ret_hasher, struct ks_diag *diag)
{
	return ks_hasher_begin_md(EVP_sha256(), ret_hasher, diag);
}

int ks_hasher_begin_md(const EVP_MD *md, struct ks_hasher *ret_hasher, struct ks_diag *diag)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || !EVP_DigestInit_ex2(ctx, md, NULL)) {
		EVP_MD_CTX_free(ctx);
		return ks_fail_openssl(diag, -ENOMEM, "cannot start a digest");
	}
	ret_hasher->ctx = ctx;
	return 0;
}

int ks_hasher_add(struct ks_hasher *hasher, struct ks_span part, struct ks_diag *diag)
{
	if (part.bytes && !EVP_DigestUpdate(hasher->ctx, part.p, part.bytes))
		return ks_fail_openssl(diag, -EIO, "cannot compute a digest");
	return 0;
}

int ks_hasher_end(struct ks_hasher *hasher, struct ks_digest *ret_digest, struct ks_diag *diag)
{
	struct ks_digest digest = { 0 };
	unsigned int n = 0;

	if (!EVP_DigestFinal_ex(hasher->ctx, digest.value, &n))
		return ks_fail_openssl(diag, -EIO, "cannot compute a digest");
	digest.bytes = n;
	*ret_digest = digest;
	return 0;
}

void ks_hasher_done(struct ks_hasher *hasher)
{
	EVP_MD_CTX_free(hasher->ctx);
	hasher->ctx = NULL;
}
