// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key/key.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "base/file.h"
#include "base/limits.h"
#include "key/openssl.h"

/* Never prompt: a build has no terminal. @data is told that a passphrase was wanted. */
static int no_passphrase(char *text, int text_bytes, int is_writing, void *data)
{
	(void)text;
	(void)text_bytes;
	(void)is_writing;
	*(bool *)data = true;
	return -1;
}

static int check_mode(const char *path, const struct stat *st, struct ks_diag *diag)
{
	if (!S_ISREG(st->st_mode) || !(st->st_mode & (S_IRWXG | S_IRWXO)))
		return 0;
	ks_fail(diag, -EACCES, KS_NO_OFF,
		"private key is open to group or others, run chmod 600 on it");
	ks_diag_in(diag, path);
	return -EACCES;
}

static int read_pem(const char *path, EVP_PKEY **ret_pkey, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	bool wanted_passphrase = false;
	EVP_PKEY *pkey = NULL;
	BIO *bio;
	int rc;

	rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);
	if (rc)
		return rc;
	bio = BIO_new_mem_buf(text.p ? (const void *)text.p : "", (int)text.bytes);
	if (bio)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &wanted_passphrase);
	BIO_free(bio);
	if (pkey) {
		*ret_pkey = pkey;
		return 0;
	}
	rc = wanted_passphrase ? ks_fail(diag, -EACCES, KS_NO_OFF,
					 "private key has a passphrase, give one without")
			       : ks_fail_openssl(diag, -EACCES, "not a private key in PEM");
	ERR_clear_error();
	ks_diag_in(diag, path);
	return rc;
}

static EVP_PKEY *first_key(OSSL_STORE_CTX *store)
{
	EVP_PKEY *pkey = NULL;

	while (!pkey && !OSSL_STORE_eof(store)) {
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			pkey = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
		if (!info && OSSL_STORE_error(store))
			break;
	}
	return pkey;
}

static int read_store(const char *uri, EVP_PKEY **ret_pkey, struct ks_diag *diag)
{
	bool wanted_passphrase = false;
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(no_passphrase, 0);
	OSSL_STORE_CTX *store =
		ui ? OSSL_STORE_open(uri, ui, &wanted_passphrase, NULL, NULL) : NULL;
	EVP_PKEY *pkey = NULL;
	int rc;

	if (store && OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY))
		pkey = first_key(store);
	OSSL_STORE_close(store);
	UI_destroy_method(ui);
	if (pkey) {
		ERR_clear_error();
		*ret_pkey = pkey;
		return 0;
	}
	/* The URI may hold a PIN, so it is not repeated. */
	rc = wanted_passphrase ? ks_fail(diag, -EACCES, KS_NO_OFF, "key store wants a passphrase")
			       : ks_fail_openssl(diag, -ENOKEY, "no private key behind the key URI");
	ERR_clear_error();
	return rc;
}

int ks_key_open(const char *uri, struct ks_key *ret_key, struct ks_diag *diag)
{
	const char *path = !strncmp(uri, "file:", 5) ? uri + 5 : uri;
	EVP_PKEY *pkey = NULL;
	struct stat st;
	int rc;

	if (path != uri && !strncmp(path, "//", 2))
		path += 2;
	if (!stat(path, &st)) {
		rc = check_mode(path, &st, diag);
		if (!rc)
			rc = read_pem(path, &pkey, diag);
	} else if (errno != ENOENT) {
		return ks_fail_sys(diag, "cannot open the private key", path);
	} else if (path == uri && strchr(uri, ':')) {
		rc = read_store(uri, &pkey, diag);
	} else {
		ks_fail(diag, -ENOKEY, KS_NO_OFF, "no such private key");
		ks_diag_in(diag, path);
		return -ENOKEY;
	}
	if (!rc)
		ret_key->pkey = pkey;
	return rc;
}

void ks_key_close(struct ks_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}
