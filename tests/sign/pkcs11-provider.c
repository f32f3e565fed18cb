// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * An OpenSSL provider for tests that reads pkcs11: URIs, as pkcs11-provider does where a distribution has
 * it. Its one key is the PKCS#8 file of P11_KEY; whenever the key is loaded it asks for the PIN, which
 * must be P11_PIN, and notes the answer in the file of P11_ASKED. A failure is not the end of the
 * store: who asks again gets another try, as on a token.
 */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_read;

static void *store_open(void *provider, const char *uri)
{
	(void)provider;
	return strncmp(uri, "pkcs11:", 7) ? NULL : &is_read;
}

static int store_set_ctx_params(void *loader, const OSSL_PARAM params[])
{
	(void)loader;
	(void)params;
	return 1;
}

static int is_pin_right(OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	FILE *to = fopen(getenv("P11_ASKED"), "a");
	char pin[64];
	size_t n = 0;
	int right = 0;

	if (to && ask(pin, sizeof(pin) - 1, &n, NULL, ask_arg)) {
		pin[n] = '\0';
		right = !strcmp(pin, getenv("P11_PIN"));
		fprintf(to, "%s\n", right ? "right" : "wrong");
	}
	if (to)
		fclose(to);
	return right;
}

static int store_load(void *loader, OSSL_CALLBACK *found, void *found_arg,
		      OSSL_PASSPHRASE_CALLBACK *ask, void *ask_arg)
{
	static unsigned char der[8192];
	FILE *from = fopen(getenv("P11_KEY"), "r");
	size_t n = from ? fread(der, 1, sizeof(der), from) : 0;
	int type = OSSL_OBJECT_PKEY;
	OSSL_PARAM object[] = {
		OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
		OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der, n),
		OSSL_PARAM_construct_end(),
	};

	(void)loader;
	if (from)
		fclose(from);
	is_read = n && is_pin_right(ask, ask_arg) && found(object, found_arg);
	return is_read;
}

static int store_eof(void *loader)
{
	(void)loader;
	return is_read;
}

static int store_close(void *loader)
{
	(void)loader;
	is_read = 0;
	return 1;
}

static const OSSL_DISPATCH store_functions[] = {
	{ OSSL_FUNC_STORE_OPEN, (void (*)(void))store_open },
	{ OSSL_FUNC_STORE_SET_CTX_PARAMS, (void (*)(void))store_set_ctx_params },
	{ OSSL_FUNC_STORE_LOAD, (void (*)(void))store_load },
	{ OSSL_FUNC_STORE_EOF, (void (*)(void))store_eof },
	{ OSSL_FUNC_STORE_CLOSE, (void (*)(void))store_close },
	{ 0, NULL },
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
	static const OSSL_ALGORITHM stores[] = {
		{ "pkcs11", "provider=test-pkcs11", store_functions, "keys for tests" },
		{ NULL, NULL, NULL, NULL },
	};

	(void)provider;
	*no_cache = 0;
	return operation == OSSL_OP_STORE ? stores : NULL;
}

int OSSL_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
		       const OSSL_DISPATCH **ret_functions, void **ret_context)
{
	static const OSSL_DISPATCH functions[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query },
		{ 0, NULL },
	};

	(void)core;
	*ret_functions = functions;
	*ret_context = (void *)handle;
	return 1;
}
