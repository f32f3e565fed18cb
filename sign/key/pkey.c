// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signing with what OpenSSL has a handle on.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "base/limits.h"
#include "key/openssl.h"
#include "key/sigalg.h"
#include "key/source.h"

/* OpenSSL 3.2's name; a library that does not know it does not list it as settable. */
#ifndef OSSL_SIGNATURE_PARAM_NONCE_TYPE
#define OSSL_SIGNATURE_PARAM_NONCE_TYPE "nonce-type"
#endif

static void free_ctx(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

/* RFC 6979 where the library has it: the same input gives the same signature. */
static bool set_deterministic(EVP_PKEY_CTX *ctx)
{
	const OSSL_PARAM *known = EVP_PKEY_CTX_settable_params(ctx);
	unsigned int nonce_type = 1;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &nonce_type),
		OSSL_PARAM_construct_end(),
	};

	if (!known || !OSSL_PARAM_locate_const(known, OSSL_SIGNATURE_PARAM_NONCE_TYPE))
		return true;
	return EVP_PKEY_CTX_set_params(ctx, params) > 0;
}

const char *ks_pkey_provider(const EVP_PKEY *pkey)
{
	const OSSL_PROVIDER *provider = EVP_PKEY_get0_provider(pkey);

	return provider ? OSSL_PROVIDER_get0_name(provider) : "default";
}

/*
 * Ask the provider that has the key: OpenSSL would rather export it to the default one, and find
 * out later that the private half stayed in the TPM.
 */
static EVP_PKEY_CTX *new_ctx(EVP_PKEY *pkey)
{
	const char *name = ks_pkey_provider(pkey);
	char query[128];

	if (!strcmp(name, "default"))
		return EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	snprintf(query, sizeof(query), "?provider=%s", name);
	return EVP_PKEY_CTX_new_from_pkey(NULL, pkey, query);
}

static EVP_PKEY_CTX *set_up(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *ctx = new_ctx(pkey);
	bool ok = ctx && EVP_PKEY_sign_init(ctx) > 0;

	ok = ok && ks_sig_form_set(ctx, pkey);
	if (ok && ks_sig_form_of(pkey) == KS_SIG_PAIR)
		ok = set_deterministic(ctx);
	if (ok)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

EVP_PKEY_CTX *ks_pkey_prepare(EVP_PKEY *pkey)
{
	const OSSL_PROVIDER *provider = EVP_PKEY_get0_provider(pkey);
	EVP_PKEY_CTX *ctx = NULL;

	if (provider && !strcmp(OSSL_PROVIDER_get0_name(provider), "default"))
		ctx = set_up(pkey);
	ERR_clear_error();
	return ctx;
}

int ks_pkey_sign(const struct ks_key *key, const EVP_MD *md, struct ks_span digest,
		 struct ks_buf *ret_sig, struct ks_diag *diag)
{
	__cleanup(free_ctx) EVP_PKEY_CTX *ctx =
		key->signing ? EVP_PKEY_CTX_dup(key->signing) : set_up(key->pkey);
	u8 sig[KS_MAX_RAW_SIG_BYTES];
	size_t sig_bytes = sizeof(sig);

	if (!ctx || EVP_PKEY_CTX_set_signature_md(ctx, md) <= 0 ||
	    EVP_PKEY_get_size(key->pkey) > (int)sizeof(sig) ||
	    EVP_PKEY_sign(ctx, sig, &sig_bytes, digest.p, digest.bytes) <= 0)
		return ks_fail_openssl(diag, -EACCES, "cannot sign with this key");
	ks_put(ret_sig, (struct ks_span){ sig, sig_bytes });
	return ks_buf_ok(ret_sig, diag);
}
