// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keys in DER and PKCS#12, all read by OpenSSL.
 */
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "key/certs.h"
#include "key/file.h"
#include "key/openssl.h"

int ks_asking_answer(char *text, int text_bytes, int is_writing, void *data)
{
	__cleanup(ks_buf_done) struct ks_buf secret = { 0 };
	struct ks_asking *asking = data;

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

/* EncryptedPrivateKeyInfo begins with an AlgorithmIdentifier, all others with a number. */
static bool is_encrypted(struct ks_span der)
{
	const u8 *p = der.p;
	X509_SIG *sealed = d2i_X509_SIG(NULL, &p, (long)der.bytes);
	bool whole = sealed && p == der.p + der.bytes;

	X509_SIG_free(sealed);
	ERR_clear_error();
	return whole;
}

EVP_PKEY *ks_der_read(struct ks_span der, struct ks_asking *asking)
{
	const u8 *p = der.p;
	EVP_PKEY *pkey = NULL;
	BIO *bio;

	if (is_encrypted(der)) {
		bio = BIO_new_mem_buf(der.p, (int)der.bytes);
		if (bio)
			pkey = d2i_PKCS8PrivateKey_bio(bio, NULL, ks_asking_answer, asking);
		BIO_free(bio);
		return pkey;
	}
	pkey = d2i_AutoPrivateKey(NULL, &p, (long)der.bytes);
	if (!pkey || p == der.p + der.bytes)
		return pkey;
	EVP_PKEY_free(pkey);
	asking->rc = ks_fail(asking->diag, -EBADMSG, (u64)(p - der.p), "bytes follow the private key");
	return NULL;
}

static PKCS12 *parse(struct ks_span der)
{
	const u8 *p = der.p;
	PKCS12 *p12 = NULL;

	if (der.bytes && der.bytes <= KS_MAX_TEXT_BYTES)
		p12 = d2i_PKCS12(NULL, &p, (long)der.bytes);
	if (p12 && p != der.p + der.bytes) {
		PKCS12_free(p12);
		p12 = NULL;
	}
	ERR_clear_error();
	return p12;
}

bool ks_p12_is(struct ks_span file)
{
	PKCS12 *p12 = parse(file);

	PKCS12_free(p12);
	return p12;
}

/* OpenSSL keeps what it cannot do without its legacy provider apart from a wrong passphrase. */
static int refuse(const char *path, bool is_wrong, struct ks_diag *diag)
{
	unsigned long code;
	bool is_old = false;
	int rc;

	while ((code = ERR_get_error()))
		is_old = is_old || ERR_GET_REASON(code) == ERR_R_UNSUPPORTED ||
			 (ERR_GET_LIB(code) == ERR_LIB_EVP &&
			  ERR_GET_REASON(code) == EVP_R_UNSUPPORTED_ALGORITHM);
	if (is_old)
		rc = ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			     "PKCS#12 file has a cipher that OpenSSL 3 has only in its legacy provider "
			     "(RC2 or RC4), make it anew: openssl pkcs12 -legacy -in OLD -out PEM, then "
			     "openssl pkcs12 -export -in PEM -out NEW");
	else if (is_wrong)
		rc = ks_fail(diag, -EACCES, KS_NO_OFF, "wrong passphrase of the PKCS#12 file");
	else
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF, "damaged PKCS#12 file");
	ks_diag_in(diag, path);
	return rc;
}

static bool has_mac_of(PKCS12 *p12, const char *passphrase)
{
	return PKCS12_verify_mac(p12, passphrase, passphrase ? -1 : 0);
}

/* OpenSSL takes "" for no passphrase and for an empty one, whichever the MAC is of. */
static bool opens_without(PKCS12 *p12, EVP_PKEY **pkey, X509 **own, STACK_OF(X509) * *certs)
{
	bool may = !PKCS12_mac_present(p12) || has_mac_of(p12, NULL) || has_mac_of(p12, "");

	return may && PKCS12_parse(p12, "", pkey, own, certs);
}

static int open_p12(PKCS12 *p12, const char *path, const struct ks_pass_source *pass,
		    EVP_PKEY **pkey, STACK_OF(X509) * *certs, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf secret = { 0 };
	X509 *own = NULL;
	int rc = 0;

	if (!opens_without(p12, pkey, &own, certs)) {
		ERR_clear_error();
		rc = ks_pass_get(pass, path, &secret, diag);
		if (!rc && PKCS12_mac_present(p12) && !has_mac_of(p12, (const char *)secret.p))
			rc = refuse(path, true, diag);
		if (!rc && !PKCS12_parse(p12, (const char *)secret.p, pkey, &own, certs))
			rc = refuse(path, !PKCS12_mac_present(p12), diag);
	}
	ERR_clear_error();
	if (rc)
		return rc;
	if (own && !*certs)
		*certs = sk_X509_new_null();
	if (own && (!*certs || !sk_X509_unshift(*certs, own))) {
		X509_free(own);
		return ks_fail_openssl(diag, -ENOMEM, "cannot hold the certificates");
	}
	return 0;
}

int ks_p12_read(struct ks_span der, const char *path, const struct ks_pass_source *pass,
		EVP_PKEY **ret_pkey, STACK_OF(X509) * *ret_certs, struct ks_diag *diag)
{
	PKCS12 *p12 = parse(der);
	STACK_OF(X509) *certs = NULL;
	EVP_PKEY *pkey = NULL;
	int rc = p12 ? open_p12(p12, path, pass, &pkey, &certs, diag)
		     : ks_fail(diag, -EBADMSG, KS_NO_OFF, "not a PKCS#12 file");

	PKCS12_free(p12);
	if (rc) {
		EVP_PKEY_free(pkey);
		sk_X509_pop_free(certs, X509_free);
		return rc;
	}
	*ret_pkey = pkey;
	*ret_certs = certs;
	return 0;
}

int ks_p12_certs(struct ks_span der, const char *path, const struct ks_pass_source *pass,
		 STACK_OF(X509) * *ret_certs, struct ks_diag *diag)
{
	STACK_OF(X509) *certs = NULL;
	EVP_PKEY *pkey = NULL;
	int rc = ks_p12_read(der, path, pass, &pkey, &certs, diag);

	EVP_PKEY_free(pkey);
	if (rc)
		return rc;
	if (!certs) {
		rc = ks_fail(diag, -ENOKEY, KS_NO_OFF, "PKCS#12 file has no certificate");
		ks_diag_in(diag, path);
		return rc;
	}
	*ret_certs = certs;
	return 0;
}
