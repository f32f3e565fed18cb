// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/pubkey.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

int ks_pubkey_parse(struct ks_span pem, struct ks_pubkey *ret_key, struct ks_diag *diag)
{
	EVP_PKEY *pkey = NULL;
	BIO *bio = NULL;

	if (pem.bytes && pem.bytes <= INT_MAX)
		bio = BIO_new_mem_buf(pem.p, (int)pem.bytes);
	if (bio)
		pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (!pkey)
		return ks_fail_openssl(diag, -EBADMSG, "not a public key in PEM");
	ret_key->pkey = pkey;
	return 0;
}

int ks_pubkey_of_cert(const struct ks_cert *cert, struct ks_pubkey *ret_key, struct ks_diag *diag)
{
	EVP_PKEY *pkey = X509_get_pubkey(cert->x509);

	if (!pkey)
		return ks_fail_openssl(diag, -EOPNOTSUPP, "certificate's key cannot be read");
	ret_key->pkey = pkey;
	return 0;
}

void ks_pubkey_done(struct ks_pubkey *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}

int ks_pubkey_pem(const struct ks_pubkey *key, struct ks_buf *out, struct ks_diag *diag)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	long n = 0;
	int rc = 0;

	if (bio && PEM_write_bio_PUBKEY(bio, key->pkey))
		n = BIO_get_mem_data(bio, &p);
	if (n > 0)
		ks_put(out, (struct ks_span){ (const u8 *)p, (size_t)n });
	else
		rc = ks_fail_openssl(diag, -EIO, "cannot encode the public key");
	BIO_free(bio);
	return rc ? rc : ks_buf_ok(out, diag);
}

int ks_pubkey_fingerprint(const struct ks_pubkey *key, struct ks_digest *ret_digest,
			  struct ks_diag *diag)
{
	u8 *der = NULL;
	int n = i2d_PublicKey(key->pkey, &der), rc;

	if (n <= 0)
		return ks_fail_openssl(diag, -EOPNOTSUPP, "cannot encode the public key");
	rc = ks_sha256((struct ks_span){ der, (size_t)n }, ret_digest, diag);
	OPENSSL_free(der);
	return rc;
}

const struct ks_sigalg *ks_pubkey_alg(const struct ks_pubkey *key)
{
	return ks_sigalg_of(key->pkey);
}

int ks_pubkey_verify(const struct ks_pubkey *key, const struct ks_digest *digest,
		     struct ks_span sig, struct ks_diag *diag)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
	bool ok = ctx && EVP_PKEY_verify_init(ctx) > 0 &&
		  EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
		  EVP_PKEY_verify(ctx, sig.p, sig.bytes, digest->value, digest->bytes) == 1;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok ? 0 : ks_fail(diag, -EKEYREJECTED, KS_NO_OFF, "signature is not by this key");
}
