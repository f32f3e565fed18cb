// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keys in files. PEM: PKCS#8, encrypted PKCS#8, and the traditional form with its own encryption; the rest
 * is key_der.c's. A file that has certificates beside the key, as the kernel's signing_key.pem and
 * PKCS#12, keeps them for who has no other.
 */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "key/certs.h"
#include "key/file.h"
#include "key/sigalg.h"
#include "key/openssl.h"
#include "key/secret.h"
#include "key/source.h"
#include "key/store.h"

/* The kind of an unencrypted key that this OpenSSL does not know. */
static const struct ks_sigalg *later_alg(struct ks_span file)
{
	BIO *bio = BIO_new_mem_buf(file.p, (int)file.bytes);
	const ASN1_OBJECT *oid = NULL;
	PKCS8_PRIV_KEY_INFO *p8 = NULL;
	const struct ks_sigalg *alg = NULL;

	if (bio)
		p8 = PEM_read_bio_PKCS8_PRIV_KEY_INFO(bio, NULL, NULL, NULL);
	if (bio && !p8 && BIO_reset(bio) > 0)
		p8 = d2i_PKCS8_PRIV_KEY_INFO_bio(bio, NULL);
	if (p8 && PKCS8_pkey_get0(&oid, NULL, NULL, NULL, p8))
		alg = ks_sigalg_later(oid);
	PKCS8_PRIV_KEY_INFO_free(p8);
	BIO_free(bio);
	return alg;
}

static int refused(struct ks_span file, const struct ks_asking *asking)
{
	const struct ks_sigalg *later = asking->rc || asking->asked ? NULL : later_alg(file);
	int rc = asking->rc;

	if (later)
		rc = ks_fail_detail(asking->diag, -EOPNOTSUPP,
				    "this OpenSSL does not know the kind of the private key, and Linux 6.18 "
				    "verifies none of its signatures",
				    later->name);

	if (!rc && asking->asked)
		rc = ks_fail(asking->diag, -EACCES, KS_NO_OFF,
			     "wrong passphrase of the private key");
	if (!rc)
		rc = ks_fail_openssl(asking->diag, -EACCES, "not a private key in PEM, DER or PKCS#12");
	ERR_clear_error();
	ks_diag_in(asking->diag, asking->path);
	return rc;
}

/* All of a text, or none if one is damaged. */
static STACK_OF(X509) * read_certs(struct ks_span text)
{
	BIO *bio = BIO_new_mem_buf(text.p, (int)text.bytes);
	STACK_OF(X509) *certs = sk_X509_new_null();
	bool is_whole = bio && certs;
	X509 *x509;

	while (is_whole && (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
		if (sk_X509_num(certs) == KS_MAX_CERTS || !sk_X509_push(certs, x509)) {
			X509_free(x509);
			is_whole = false;
		}
	/* What ends the text is one particular error. */
	is_whole = is_whole && sk_X509_num(certs) && ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_PEM &&
		   ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	BIO_free(bio);
	ERR_clear_error();
	if (is_whole)
		return certs;
	sk_X509_pop_free(certs, X509_free);
	return NULL;
}

static EVP_PKEY *read_pem(struct ks_span text, struct ks_asking *asking)
{
	BIO *bio = BIO_new_mem_buf(text.p, (int)text.bytes);
	EVP_PKEY *pkey = NULL;

	if (bio)
		pkey = PEM_read_bio_PrivateKey(bio, NULL, ks_asking_answer, asking);
	BIO_free(bio);
	return pkey;
}

static int read_key(struct ks_span file, const struct ks_asking *from, struct ks_key *key)
{
	struct ks_asking asking = *from;
	int rc;

	if (memmem(file.p, file.bytes, "-----BEGIN ", 11)) {
		key->pkey = read_pem(file, &asking);
		if (key->pkey)
			key->certs = read_certs(file);
	} else if (ks_p12_is(file)) {
		rc = ks_p12_read(file, asking.path, asking.pass, &key->pkey, &key->certs, asking.diag);
		if (rc || key->pkey)
			return rc;
		asking.rc = ks_fail(asking.diag, -ENOKEY, KS_NO_OFF,
				    "PKCS#12 file has certificates and no private key");
	} else {
		key->pkey = ks_der_read(file, &asking);
	}
	return key->pkey ? 0 : refused(file, &asking);
}

static int open_pem(const char *uri, const struct ks_pass_source *pass, struct ks_key *ret_key,
		    struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	const char *path = !strncmp(uri, "file:", 5) ? uri + 5 : uri;
	struct ks_asking asking = { .pass = pass, .diag = diag };
	struct ks_key key = { 0 };
	struct ks_diag error = { 0 };
	const char *provider;
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
	if (!text.bytes)
		ks_put_u8(&text, 0);
	rc = ks_buf_ok(&text, diag);
	if (!rc)
		rc = read_key(ks_buf_span(&text), &asking, &key);
	if (rc)
		return rc;
	/* "TSS2 PRIVATE KEY": the file only says how the TPM finds the key. */
	provider = ks_pkey_provider(key.pkey);
	if (strcmp(provider, "default") && strcmp(provider, "fips"))
		rc = ks_store_adopt(&key, diag);
	if (!rc) {
		*ret_key = key;
		return 0;
	}
	EVP_PKEY_free(key.pkey);
	sk_X509_pop_free(key.certs, X509_free);
	return rc;
}

const struct ks_key_source ks_key_source_pem = {
	.scheme = "file:",
	.open = open_pem,
};
