// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keys in PEM files: PKCS#8, encrypted PKCS#8, and the traditional form with its own encryption.
 */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/limits.h"
#include "key/openssl.h"
#include "key/secret.h"
#include "key/source.h"
#include "key/store.h"

/* What OpenSSL's callback needs, and what it says back. */
struct asking {
	const struct ks_pass_source *pass;
	const char *path;
	struct ks_diag *diag;
	bool asked;
	int rc;
};

static int answer_passphrase(char *text, int text_bytes, int is_writing, void *data)
{
	__cleanup(ks_buf_done) struct ks_buf secret = { 0 };
	struct asking *asking = data;

	(void)is_writing;
	asking->asked = true;
	if (asking->rc)
		return -1;
	asking->rc = ks_pass_get(asking->pass, asking->path, &secret, asking->diag);
	if (!asking->rc && secret.bytes > (size_t)text_bytes)
		asking->rc = ks_fail(asking->diag, -EACCES, KS_NO_OFF,
				     "passphrase is longer than OpenSSL takes");
	if (asking->rc)
		return -1;
	memcpy(text, secret.p, secret.bytes);
	return (int)secret.bytes;
}

static int refused(const struct asking *asking)
{
	int rc = asking->rc;

	if (!rc && asking->asked)
		rc = ks_fail(asking->diag, -EACCES, KS_NO_OFF,
			     "wrong passphrase of the private key");
	if (!rc)
		rc = ks_fail_openssl(asking->diag, -EACCES, "not a private key in PEM");
	ERR_clear_error();
	ks_diag_in(asking->diag, asking->path);
	return rc;
}

static int open_pem(const char *uri, const struct ks_pass_source *pass, struct ks_key *ret_key,
		    struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const char *path = !strncmp(uri, "file:", 5) ? uri + 5 : uri;
	struct asking asking = { .pass = pass, .diag = diag };
	struct ks_diag error = { 0 };
	const char *provider;
	BIO *bio;
	int rc;

	if (path != uri && !strncmp(path, "//", 2))
		path += 2;
	asking.path = path;
	rc = ks_secret_load(path, KS_MAX_TEXT_BYTES, pass, &text, &error);
	if (rc == -ENOENT) {
		error = (struct ks_diag){ 0 };
		rc = ks_fail(&error, -ENOKEY, KS_NO_OFF, "no such private key");
		ks_diag_in(&error, path);
	}
	if (rc) {
		*diag = error;
		return rc;
	}
	bio = BIO_new_mem_buf(text.p ? (const void *)text.p : "", (int)text.bytes);
	if (bio)
		ret_key->pkey = PEM_read_bio_PrivateKey(bio, NULL, answer_passphrase, &asking);
	BIO_free(bio);
	if (!ret_key->pkey)
		return refused(&asking);
	/* "TSS2 PRIVATE KEY": the file only says how the TPM finds the key. */
	provider = ks_pkey_provider(ret_key->pkey);
	if (strcmp(provider, "default") && strcmp(provider, "fips")) {
		rc = ks_store_adopt(ret_key->pkey, ret_key, diag);
		if (rc)
			EVP_PKEY_free(ret_key->pkey);
	}
	return rc;
}

const struct ks_key_source ks_key_source_pem = {
	.scheme = "file:",
	.open = open_pem,
};
