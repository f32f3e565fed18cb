// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/digest.h"

#include <stdio.h>

#include <openssl/evp.h>

static void free_md(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static int digest(const EVP_MD *md, struct ks_span first, struct ks_span second,
		  struct kq_hex *ret_hex, struct kq_fault *fault)
{
	__cleanup(free_md) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	u8 raw[EVP_MAX_MD_SIZE];
	unsigned int i, raw_bytes = 0;

	if (!ctx)
		return kq_no_memory(fault);
	if (!EVP_DigestInit_ex(ctx, md, NULL) || !EVP_DigestUpdate(ctx, first.p, first.bytes) ||
	    !EVP_DigestUpdate(ctx, second.p, second.bytes) ||
	    !EVP_DigestFinal_ex(ctx, raw, &raw_bytes) || raw_bytes > 32)
		return kq_fail(fault, -EIO, "OpenSSL cannot compute a digest");
	for (i = 0; i < raw_bytes; i++)
		snprintf(ret_hex->text + 2 * (size_t)i, 3, "%02x", raw[i]);
	return 0;
}

int kq_sha256(struct ks_span bytes, struct kq_hex *ret_hex, struct kq_fault *fault)
{
	return digest(EVP_sha256(), bytes, (struct ks_span){ 0 }, ret_hex, fault);
}

int kq_blob_id(struct ks_span content, struct kq_hex *ret_hex, struct kq_fault *fault)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "blob %zu", content.bytes);

	/* git's object header ends with a NUL that is part of what is hashed. */
	return digest(EVP_sha1(), (struct ks_span){ (const u8 *)head, (size_t)n + 1 }, content,
		      ret_hex, fault);
}
