// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <openssl/x509.h>

#include "key/certs.h"
#include "key/openssl.h"
#include "key/secret.h"
#include "key/source.h"

static const struct ks_key_source *const sources[] = {
	&ks_key_source_pem,
	&ks_key_source_pkcs11,
	&ks_key_source_exec,
	&ks_key_source_fd,
};

static bool has_scheme(const char *uri, const char *scheme)
{
	return !strncmp(uri, scheme, strlen(scheme));
}

/* One with a known scheme, or NULL. */
static const struct ks_key_source *find_source(const char *uri)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(sources); i++)
		if (has_scheme(uri, sources[i]->scheme))
			return sources[i];
	return NULL;
}

/* The start of a URI, up to its colon (RFC 3986); false for what can only be the name of a file. */
static bool get_scheme(const char *uri, char *scheme, size_t scheme_bytes)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
	size_t n = strspn(uri, letters);

	if (!n || uri[n] != ':' || n >= scheme_bytes)
		return false;
	memcpy(scheme, uri, n);
	scheme[n] = '\0';
	return true;
}

/* Neither a file nor a scheme that anybody knows: the URI is not repeated, for it may have a PIN in it. */
static int check_scheme(const char *uri, struct ks_diag *diag)
{
	OSSL_STORE_LOADER *loader;
	char scheme[32], known[160];
	size_t i, n;

	if (!get_scheme(uri, scheme, sizeof(scheme)))
		return 0;
	loader = OSSL_STORE_LOADER_fetch(NULL, scheme, NULL);
	OSSL_STORE_LOADER_free(loader);
	ERR_clear_error();
	if (loader)
		return 0;
	n = (size_t)snprintf(known, sizeof(known), "%s:, known are", scheme);
	for (i = 0; i < KS_ARRAY_SIZE(sources) && n < sizeof(known); i++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, " %s", sources[i]->scheme);
	return ks_fail_detail(diag, -ENOKEY,
			      "key URI is neither a file nor of a scheme that is known, or that a provider of "
			      "OpenSSL has",
			      known);
}

int ks_key_open(const char *uri, const struct ks_pass_source *pass, struct ks_key *ret_key,
		struct ks_diag *diag)
{
	const struct ks_key_source *source = find_source(uri);
	bool is_known = source;
	struct ks_diag error = { 0 };
	struct ks_key key = { 0 };
	int rc = ks_secret_guard(diag);

	if (rc)
		return rc;
	if (!is_known)
		source = &ks_key_source_pem;
	rc = source->open(uri, pass, &key, &error);
	/* No file: what a store loader may know. */
	if (rc == -ENOKEY && !is_known && strchr(uri, ':')) {
		error = (struct ks_diag){ 0 };
		source = &ks_key_source_store;
		rc = check_scheme(uri, &error) ?: source->open(uri, pass, &key, &error);
	}
	if (rc) {
		if (diag && !diag->err)
			*diag = error;
		return rc;
	}
	if (!key.source)
		key.source = source;
	if (key.pkey)
		key.signing = ks_pkey_prepare(key.pkey);
	*ret_key = key;
	return 0;
}

bool ks_key_is_open(const struct ks_key *key)
{
	return key->source || key->pkey;
}

bool ks_key_is_remote(const struct ks_key *key)
{
	return key->source && key->source->remote;
}

int ks_key_sign(const struct ks_key *key, const EVP_MD *md, struct ks_span digest,
		struct ks_buf *ret_sig, struct ks_diag *diag)
{
	if (!ks_key_is_open(key))
		return ks_fail(diag, -EINVAL, KS_NO_OFF,
			       "there is a certificate, but no key to sign");
	if (digest.bytes != (size_t)EVP_MD_get_size(md))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "digest has another length than its kind");
	if (key->source && key->source->sign)
		return key->source->sign(key, md, digest, ret_sig, diag);
	return ks_pkey_sign(key, md, digest, ret_sig, diag);
}

int ks_key_certs(const struct ks_key *key, const char *uri, STACK_OF(X509) * *ret_certs,
		 struct ks_diag *diag)
{
	if (key->source && key->source->certs)
		return key->source->certs(key, uri, ret_certs, diag);
	if (!key->certs || uri)
		return ks_fail(diag, -ENOKEY, KS_NO_OFF, "no certificate comes with this key, give --cert");
	*ret_certs = X509_chain_up_ref(key->certs);
	return *ret_certs ? 0 : ks_fail_openssl(diag, -ENOMEM, "cannot hold the certificates");
}

void ks_key_close(struct ks_key *key)
{
	/* The handle first: it may need what the source holds. */
	EVP_PKEY_CTX_free(key->signing);
	key->signing = NULL;
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
	sk_X509_pop_free(key->certs, X509_free);
	key->certs = NULL;
	if (key->source && key->source->close)
		key->source->close(key);
	*key = (struct ks_key){ 0 };
}
