// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keys behind any other URI: OpenSSL's store loaders, those of its providers too.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "key/openssl.h"
#include "key/source.h"
#include "key/store.h"

/* What the prompt's callback needs, and what it says back. */
struct asking {
	const struct ks_pass_source *pass;
	const char *what;
	struct ks_diag *diag;
	bool asked;
	int rc;
};

/* One answer only: a loader that asks again had a wrong one, and a token counts its failures. */
static int read_prompt(UI *ui, UI_STRING *prompt)
{
	__cleanup(ks_buf_done) struct ks_buf secret = { 0 };
	struct asking *asking = UI_get0_user_data(ui);
	enum UI_string_types type = UI_get_string_type(prompt);

	if (type != UIT_PROMPT && type != UIT_VERIFY)
		return 1;
	if (asking->asked)
		return 0;
	asking->asked = true;
	asking->rc = ks_pass_get(asking->pass, asking->what, &secret, asking->diag);
	if (asking->rc)
		return 0;
	return UI_set_result_ex(ui, prompt, (const char *)secret.p, (int)secret.bytes) >= 0;
}

/* Objects that a store may offer before the key: certificates, the public half. */
#define MAX_OBJECTS 64

static EVP_PKEY *first_key(OSSL_STORE_CTX *store)
{
	EVP_PKEY *pkey = NULL;
	int i;

	for (i = 0; i < MAX_OBJECTS && !pkey && !OSSL_STORE_eof(store); i++) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			pkey = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
		if (!info && OSSL_STORE_error(store))
			break;
	}
	return pkey;
}

/* The URI may hold a PIN, so it is not repeated. */
int ks_store_load(const char *uri, const char *what, const struct ks_pass_source *pass,
		  EVP_PKEY **ret_pkey, struct ks_diag *diag)
{
	struct asking asking = { .pass = pass, .what = what, .diag = diag };
	UI_METHOD *ui = UI_create_method("kseal");
	OSSL_STORE_CTX *store = NULL;
	EVP_PKEY *pkey = NULL;

	if (ui && !UI_method_set_reader(ui, read_prompt))
		store = OSSL_STORE_open(uri, ui, &asking, NULL, NULL);
	if (store && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY))
		pkey = first_key(store);
	OSSL_STORE_close(store);
	UI_destroy_method(ui);
	if (pkey) {
		ERR_clear_error();
		*ret_pkey = pkey;
		return 0;
	}
	if (asking.rc) {
		ERR_clear_error();
		return asking.rc;
	}
	if (asking.asked)
		return ks_fail_openssl(diag, -EACCES, "key store refused the passphrase or PIN");
	return ks_fail_openssl(diag, -ENOKEY, "no private key behind the key URI");
}

int ks_store_certs(const char *uri, STACK_OF(X509) * *ret_certs, struct ks_diag *diag)
{
	struct asking asking = { .what = uri };
	UI_METHOD *ui = UI_create_method("kseal");
	STACK_OF(X509) *certs = sk_X509_new_null();
	OSSL_STORE_CTX *store = NULL;
	int i;

	if (ui && certs && !UI_method_set_reader(ui, read_prompt))
		store = OSSL_STORE_open(uri, ui, &asking, NULL, NULL);
	if (store && !OSSL_STORE_expect(store, OSSL_STORE_INFO_CERT)) {
		OSSL_STORE_close(store);
		store = NULL;
	}
	for (i = 0; store && i < MAX_OBJECTS && !OSSL_STORE_eof(store); i++) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);
		X509 *x509 = info ? OSSL_STORE_INFO_get1_CERT(info) : NULL;

		OSSL_STORE_INFO_free(info);
		if (x509 && !sk_X509_push(certs, x509))
			X509_free(x509);
		if (!info && OSSL_STORE_error(store))
			break;
	}
	OSSL_STORE_close(store);
	UI_destroy_method(ui);
	if (certs && sk_X509_num(certs)) {
		ERR_clear_error();
		*ret_certs = certs;
		return 0;
	}
	sk_X509_free(certs);
	return ks_fail_openssl(diag, -ENOKEY, "no certificate behind the URI that can be read without a PIN");
}

/*
 * Providers of TPMs run one conversation with one chip, and two threads in it break it. After a
 * failure the key is not asked again: a batch with a wrong passphrase would lock the TPM.
 */
struct store {
	pthread_mutex_t lock;
	bool has_refused;
};

static void close_store(struct ks_key *key)
{
	struct store *store = key->state;

	if (store)
		pthread_mutex_destroy(&store->lock);
	free(store);
	key->state = NULL;
}

int ks_store_adopt(struct ks_key *key, struct ks_diag *diag)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	pthread_mutex_init(&store->lock, NULL);
	key->source = &ks_key_source_store;
	key->state = store;
	return 0;
}

static int open_store(const char *uri, const struct ks_pass_source *pass, struct ks_key *ret_key,
		      struct ks_diag *diag)
{
	struct ks_key key = { 0 };
	int rc = ks_store_load(uri, "key store", pass, &key.pkey, diag);

	if (!rc)
		rc = ks_store_adopt(&key, diag);
	if (rc)
		EVP_PKEY_free(key.pkey);
	else
		*ret_key = key;
	return rc;
}

static int sign_store(const struct ks_key *key, const EVP_MD *md, struct ks_span digest,
		      struct ks_buf *ret_sig, struct ks_diag *diag)
{
	struct store *store = key->state;
	int rc;

	pthread_mutex_lock(&store->lock);
	if (store->has_refused)
		rc = ks_fail(
			diag, -EACCES, KS_NO_OFF,
			"key store refused once and is not asked again, as it may count failures");
	else
		rc = ks_pkey_sign(key, md, digest, ret_sig, diag);
	store->has_refused = rc;
	pthread_mutex_unlock(&store->lock);
	return rc;
}

const struct ks_key_source ks_key_source_store = {
	.scheme = "",
	.remote = true,
	.open = open_store,
	.sign = sign_store,
	.close = close_store,
};
