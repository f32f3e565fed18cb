// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pkcs11: keys on tokens. An OpenSSL provider that knows the scheme is asked first; otherwise
 * libp11 gives a handle whose operations it runs on the token. libp11 keeps a pool of sessions
 * behind a lock, so one login serves all threads.
 *
 * A PIN is given to one token only, and once only: tokens count wrong ones and lock themselves.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "key/certs.h"
#include "key/openssl.h"
#include "key/p11_uri.h"
#include "key/source.h"
#include "key/store.h"

/*
 * @slot, @key: that were found
 * @pin: kept for keys that want it with every signature (CKA_ALWAYS_AUTHENTICATE)
 */
struct token {
	PKCS11_CTX *ctx;
	bool is_loaded;
	PKCS11_SLOT *slots;
	unsigned int nr_slots;
	PKCS11_SLOT *slot;
	PKCS11_KEY *key;
	UI_METHOD *ui;
	struct ks_buf pin;
};

static void close_token(struct token *token)
{
	if (!token)
		return;
	if (token->slots)
		PKCS11_release_all_slots(token->ctx, token->slots, token->nr_slots);
	if (token->is_loaded)
		PKCS11_CTX_unload(token->ctx);
	if (token->ctx)
		PKCS11_CTX_free(token->ctx);
	UI_destroy_method(token->ui);
	ks_buf_done(&token->pin);
	free(token);
}

static void close_pkcs11(struct ks_key *key)
{
	close_token(key->state);
	key->state = NULL;
}

/* libp11's questions; without this it would ask the terminal itself. */
static int answer(UI *ui, UI_STRING *prompt)
{
	const struct token *token = UI_get0_user_data(ui);
	enum UI_string_types type = UI_get_string_type(prompt);

	if (type != UIT_PROMPT && type != UIT_VERIFY)
		return 1;
	return token->pin.bytes &&
	       UI_set_result_ex(ui, prompt, (const char *)token->pin.p, (int)token->pin.bytes) >= 0;
}

/* libp11 would print what the dynamic linker says. */
static int check_module(const char *module, struct ks_diag *diag)
{
	void *handle = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	const char *said = NULL;
	int rc = 0;

	if (!handle || !dlsym(handle, "C_GetFunctionList")) {
		said = dlerror();
		rc = ks_fail_detail(diag, -ENOKEY,
				    "cannot load the PKCS#11 module, check module-path= or "
				    "PKCS11_MODULE_PATH",
				    said ? said : module);
	}
	if (handle)
		dlclose(handle);
	return rc;
}

static int load_module(struct token *token, const char *module, struct ks_diag *diag)
{
	int rc = check_module(module, diag);

	if (rc)
		return rc;
	token->ctx = PKCS11_CTX_new();
	token->ui = UI_create_method("kseal");
	if (!token->ctx || !token->ui || UI_method_set_reader(token->ui, answer) ||
	    PKCS11_set_ui_method(token->ctx, token->ui, token))
		return ks_fail_openssl(diag, -ENOMEM, "cannot start libp11");
	if (PKCS11_CTX_load(token->ctx, module))
		return ks_fail_openssl(diag, -ENOKEY, "cannot start the PKCS#11 module");
	token->is_loaded = true;
	if (PKCS11_enumerate_slots(token->ctx, &token->slots, &token->nr_slots))
		return ks_fail_openssl(diag, -ENOKEY,
				       "cannot list the slots of the PKCS#11 module");
	return 0;
}

static int find_slot(struct token *token, const struct ks_p11_uri *uri, struct ks_diag *diag)
{
	PKCS11_SLOT *found = NULL;
	unsigned int i;

	for (i = 0; i < token->nr_slots; i++) {
		PKCS11_SLOT *slot = &token->slots[i];

		if (!slot->token || !slot->token->initialized ||
		    !ks_p11_uri_fits_slot(uri, token->ctx, slot))
			continue;
		if (found)
			return ks_fail(diag, -ENOKEY, KS_NO_OFF,
				       "pkcs11: URI fits several tokens, add token= or serial=");
		found = slot;
	}
	token->slot = found;
	return found ? 0
		     : ks_fail(diag, -ENOKEY, KS_NO_OFF,
			       "no token is what the pkcs11: URI names, is it plugged in");
}

static int log_in(struct token *token, const struct ks_p11_uri *uri,
		  const struct ks_pass_source *pass, struct ks_diag *diag)
{
	PKCS11_SLOT *slot = token->slot;
	const PKCS11_TOKEN *info = slot->token;
	int rc;

	if (!info->loginRequired)
		return 0;
	if (info->userPinLocked)
		return ks_fail_detail(diag, -EACCES, "token is locked, have its PIN reset",
				      info->label);
	if (info->userPinFinalTry)
		return ks_fail_detail(diag, -EACCES,
				      "one more wrong PIN locks the token, log in with its own "
				      "tool first",
				      info->label);
	/* secureLogin: the reader has keys of its own. */
	if (!info->secureLogin) {
		rc = ks_p11_uri_pin(uri, pass, info->label, &token->pin, diag);
		if (rc)
			return rc;
	}
	if (!PKCS11_login(slot, 0, info->secureLogin ? NULL : (const char *)token->pin.p))
		return 0;
	ERR_clear_error();
	return ks_fail_detail(
		diag, -EACCES,
		"token refused the PIN, which is not tried again: check it before the "
		"token locks itself",
		info->label);
}

static int find_key(struct token *token, const struct ks_p11_uri *uri, struct ks_diag *diag)
{
	PKCS11_KEY *keys = NULL, *found = NULL;
	PKCS11_SLOT *slot = token->slot;
	unsigned int i, nr_keys = 0;

	if (PKCS11_enumerate_keys(slot->token, &keys, &nr_keys))
		return ks_fail_openssl(diag, -ENOKEY, "cannot list the private keys of the token");
	for (i = 0; i < nr_keys; i++) {
		if (!ks_p11_uri_fits(uri, keys[i].label,
				     (struct ks_span){ keys[i].id, keys[i].id_len }))
			continue;
		if (found)
			return ks_fail_detail(diag, -ENOKEY,
					      "pkcs11: URI fits several private keys, add id= or "
					      "object=",
					      slot->token->label);
		found = &keys[i];
	}
	token->key = found;
	return found ? 0
		     : ks_fail_detail(diag, -ENOKEY,
				      "token has no private key of this object= and id=",
				      slot->token->label);
}

/* A list of one certificate, which libp11 keeps too. */
static int list_of(X509 *x509, STACK_OF(X509) * *ret_certs, struct ks_diag *diag)
{
	STACK_OF(X509) *certs = sk_X509_new_null();

	if (certs && X509_up_ref(x509)) {
		if (sk_X509_push(certs, x509)) {
			*ret_certs = certs;
			return 0;
		}
		X509_free(x509);
	}
	sk_X509_free(certs);
	return ks_fail_openssl(diag, -ENOMEM, "cannot hold the certificates");
}

/* @of: a key whose CKA_ID the certificate has; NULL: the URI says which one it is */
static int find_cert(const struct ks_p11_uri *uri, PKCS11_SLOT *slot, const PKCS11_KEY *of,
		     STACK_OF(X509) * *ret_certs, struct ks_diag *diag)
{
	struct ks_span want = { of ? of->id : NULL, of ? of->id_len : 0 };
	unsigned int i, nr_certs = 0;
	PKCS11_CERT *certs = NULL;
	X509 *found = NULL;

	if (PKCS11_enumerate_certs(slot->token, &certs, &nr_certs))
		return ks_fail_openssl(diag, -ENOKEY, "cannot list the certificates of the token");
	for (i = 0; i < nr_certs; i++) {
		struct ks_span id = { certs[i].id, certs[i].id_len };

		if (of ? !want.bytes || !ks_span_eq(id, want) : !ks_p11_uri_fits(uri, certs[i].label, id))
			continue;
		if (found)
			return ks_fail_detail(diag, -ENOKEY,
					      "several certificates on the token fit, name one by "
					      "--cert pkcs11: with object= or id=",
					      slot->token->label);
		found = certs[i].x509;
	}
	if (!found)
		return ks_fail_detail(diag, -ENOKEY,
				      of ? "token has no certificate with the id of the key, give --cert" :
					   "token has no certificate of this object= and id=",
				      slot->token->label);
	return list_of(found, ret_certs, diag);
}

static int open_token(struct token *token, const struct ks_p11_uri *uri,
		      const struct ks_pass_source *pass, EVP_PKEY **ret_pkey, struct ks_diag *diag)
{
	int rc = load_module(token, ks_p11_uri_module(uri), diag) ?: find_slot(token, uri, diag) ?:
		 log_in(token, uri, pass, diag) ?: find_key(token, uri, diag);

	if (rc)
		return rc;
	*ret_pkey = PKCS11_get_private_key(token->key);
	return *ret_pkey ? 0
			 : ks_fail_openssl(diag, -EACCES,
					   "token does not tell the public half of the key");
}

/* Does a provider (pkcs11-provider) read such URIs? */
static bool provider_reads_pkcs11(void)
{
	OSSL_STORE_LOADER *loader = OSSL_STORE_LOADER_fetch(NULL, "pkcs11", NULL);

	OSSL_STORE_LOADER_free(loader);
	ERR_clear_error();
	return loader;
}

static int open_pkcs11(const char *text, const struct ks_pass_source *pass, struct ks_key *ret_key,
		       struct ks_diag *diag)
{
	__cleanup(ks_p11_uri_done) struct ks_p11_uri uri = { 0 };
	struct ks_key key = { 0 };
	int rc = ks_p11_uri_parse(text, false, &uri, diag);

	if (rc)
		return rc;
	if (provider_reads_pkcs11())
		return ks_store_load(text, "token", pass, &ret_key->pkey, diag);
	key.state = calloc(1, sizeof(struct token));
	rc = key.state ? open_token(key.state, &uri, pass, &key.pkey, diag)
		       : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (rc)
		close_pkcs11(&key);
	else
		*ret_key = key;
	return rc;
}

/* Without the state there is a provider, which was asked before the login. */
static int certs_pkcs11(const struct ks_key *key, const char *text, STACK_OF(X509) * *ret_certs,
			struct ks_diag *diag)
{
	__cleanup(ks_p11_uri_done) struct ks_p11_uri uri = { 0 };
	const struct token *token = key->state;
	int rc = text ? ks_p11_uri_parse(text, true, &uri, diag) : 0;

	if (rc)
		return rc;
	if (!token)
		return ks_fail(diag, -ENOKEY, KS_NO_OFF,
			       "the provider shows no certificate of this key, give --cert");
	if (text && !ks_p11_uri_fits_slot(&uri, token->ctx, token->slot))
		return ks_fail(diag, -ENOKEY, KS_NO_OFF,
			       "certificate's token is not the key's, and shows none without a login");
	return find_cert(&uri, token->slot, text ? NULL : token->key, ret_certs, diag);
}

bool ks_token_has(const char *uri)
{
	return !strncmp(uri, ks_key_source_pkcs11.scheme, strlen(ks_key_source_pkcs11.scheme));
}

int ks_token_certs(const char *text, bool is_key, STACK_OF(X509) * *ret_certs, struct ks_diag *diag)
{
	__cleanup(ks_p11_uri_done) struct ks_p11_uri uri = { 0 };
	struct token *token;
	int rc = ks_p11_uri_parse(text, !is_key, &uri, diag);

	if (rc)
		return rc;
	if (provider_reads_pkcs11())
		return ks_store_certs(text, ret_certs, diag);
	token = calloc(1, sizeof(*token));
	if (!token)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = load_module(token, ks_p11_uri_module(&uri), diag) ?: find_slot(token, &uri, diag) ?:
	     find_cert(&uri, token->slot, NULL, ret_certs, diag);
	close_token(token);
	return rc;
}

const struct ks_key_source ks_key_source_pkcs11 = {
	.scheme = "pkcs11:",
	.remote = true,
	.open = open_pkcs11,
	.certs = certs_pkcs11,
	.close = close_pkcs11,
};
