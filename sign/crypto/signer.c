// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/signer.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/der.h"
#include "key/openssl.h"
#include "key/sigalg.h"

/* Start of validity in seconds since the epoch. */
static int not_before(const struct ks_cert *cert, u64 *ret_time, struct ks_diag *diag)
{
	struct tm tm;
	time_t t;

	if (!ASN1_TIME_to_tm(X509_get0_notBefore(cert->x509), &tm))
		return ks_fail_openssl(diag, -EBADMSG, "certificate has no start of validity");
	t = timegm(&tm);
	*ret_time = t > 0 ? (u64)t : 0;
	return 0;
}

static int signing_time(const struct ks_cert *cert, u64 *ret_time, struct ks_diag *diag)
{
	u64 start = 0, built = 0;
	int rc = ks_clock_build_time(&built, diag);

	if (!rc)
		rc = not_before(cert, &start, diag);
	if (!rc)
		*ret_time = built > start ? built : start;
	return rc;
}

/*
 * IssuerAndSerialNumber out of the certificate, whose encoding of the name is copied as it is:
 *
 *   SEQUENCE { SEQUENCE { [0] version, INTEGER serial, SEQUENCE signature, Name issuer, ...
 */
static int put_sid(struct ks_span cert_der, struct ks_buf *sid, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf both = { 0 };
	struct ks_cursor c, cert, tbs;
	struct ks_der serial = { 0 }, alg = { 0 }, issuer = { 0 };
	int rc;

	ks_cursor_init(&c, cert_der, 0);
	rc = ks_der_enter(&c, KS_DER_SEQUENCE, "no certificate", &cert, diag);
	if (!rc)
		rc = ks_der_enter(&cert, KS_DER_SEQUENCE, "no certificate body", &tbs, diag);
	if (!rc)
		rc = ks_der_get(&tbs, &serial, diag);
	if (!rc && serial.tag == KS_DER_CONS(0))
		rc = ks_der_get(&tbs, &serial, diag);
	if (!rc)
		rc = ks_der_get(&tbs, &alg, diag);
	if (!rc)
		rc = ks_der_get(&tbs, &issuer, diag);
	if (rc)
		return rc;
	if (serial.tag != KS_DER_INTEGER || issuer.tag != KS_DER_SEQUENCE)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "certificate without serial and issuer");
	ks_put(&both, issuer.whole);
	ks_put(&both, serial.whole);
	ks_put_der_buf(sid, KS_DER_SEQUENCE, &both);
	return ks_buf_ok(sid, diag);
}

/* AlgorithmIdentifier; RFC 4055 wants NULL behind rsaEncryption, SHA-2 and ECDSA have nothing. */
static int put_algorithm(int nid, bool with_null, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf inside = { 0 };
	const ASN1_OBJECT *oid = OBJ_nid2obj(nid);

	if (!oid || !OBJ_length(oid))
		return ks_fail_openssl(diag, -EOPNOTSUPP, "algorithm has no identifier");
	ks_put_der(&inside, KS_DER_OID, (struct ks_span){ OBJ_get0_data(oid), OBJ_length(oid) });
	if (with_null)
		ks_put_der(&inside, KS_DER_NULL, (struct ks_span){ 0 });
	ks_put_der_buf(out, KS_DER_SEQUENCE, &inside);
	return ks_buf_ok(out, diag);
}

static int put_algorithms(struct ks_signer *signer, struct ks_diag *diag)
{
	const struct ks_sigalg *alg = ks_sigalg_of(X509_get0_pubkey(signer->cert.x509));
	const struct ks_hash *hash = ks_hash_of(signer->md);
	int rc;

	if (!alg || !hash)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF, "no signature algorithm for this key and digest");
	rc = put_algorithm(hash->nid, false, &signer->digest_alg_der, diag);
	return rc ? rc
		  : put_algorithm(alg->alg_nid ? alg->alg_nid : hash->ecdsa_nid, alg->has_null,
				  &signer->sig_alg_der, diag);
}

static int encode_parts(struct ks_signer *signer, struct ks_diag *diag)
{
	int rc = ks_cert_der(&signer->cert, &signer->cert_der, diag);

	if (!rc)
		rc = put_sid(ks_buf_span(&signer->cert_der), &signer->sid_der, diag);
	return rc ? rc : put_algorithms(signer, diag);
}

/* OpenSSL looks algorithms up by name for this: once is enough, as kernel/pkey.c says. */
static int open_verifier(struct ks_signer *signer, struct ks_diag *diag)
{
	EVP_PKEY *pkey = X509_get0_pubkey(signer->cert.x509);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	bool ok = ctx && EVP_PKEY_verify_init(ctx) > 0;

	ok = ok && ks_sig_form_set(ctx, pkey) && EVP_PKEY_CTX_set_signature_md(ctx, signer->md) > 0;
	signer->verifier = ctx;
	return ok ? 0 : ks_fail_openssl(diag, -EKEYREJECTED, "cannot verify with this certificate");
}

int ks_signer_prepare(struct ks_signer *signer, struct ks_diag *diag)
{
	return open_verifier(signer, diag) ?: encode_parts(signer, diag) ?:
	       signing_time(&signer->cert, &signer->time, diag);
}

static void free_ctx(EVP_PKEY_CTX **ctx)
{
	EVP_PKEY_CTX_free(*ctx);
}

/* What signing services answer instead of a raw signature; NULL if it looks like one. */
static const char *other_form(const struct ks_signer *signer, struct ks_span sig)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n";
	EVP_PKEY *pkey = X509_get0_pubkey(signer->cert.x509);
	size_t i;

	if (sig.bytes && memmem(sig.p, sig.bytes, "-----BEGIN ", 11))
		return "it is PEM, the bytes of a raw signature are wanted";
	for (i = 0; i < sig.bytes && memchr(base64, sig.p[i], sizeof(base64) - 1); i++)
		;
	if (sig.bytes > 64 && i == sig.bytes)
		return "it is base64 text, decode it";
	if (!pkey || ks_sig_form_of(pkey) != KS_SIG_PAIR)
		return NULL;
	if (sig.bytes == 2 * (((size_t)EVP_PKEY_get_bits(pkey) + 7) / 8))
		return "it is r and s side by side, a DER SEQUENCE of both is wanted";
	return NULL;
}

int ks_signer_check(const struct ks_signer *signer, struct ks_span digest, struct ks_span sig,
		    struct ks_diag *diag)
{
	__cleanup(free_ctx) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_dup(signer->verifier);

	if (!ctx)
		return ks_fail_openssl(diag, -EKEYREJECTED, "cannot verify with this certificate");
	if (digest.bytes == (size_t)EVP_MD_get_size(signer->md) && sig.bytes &&
	    EVP_PKEY_verify(ctx, sig.p, sig.bytes, digest.p, digest.bytes) == 1)
		return 0;
	ERR_clear_error();
	return ks_fail_detail(diag, -EKEYREJECTED,
			      "the certificate does not verify the raw signature",
			      other_form(signer, sig));
}

int ks_signer_sign(const struct ks_signer *signer, struct ks_span digest, struct ks_buf *ret_sig,
		   struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf sig = { 0 };
	int rc = ks_key_sign(&signer->key, signer->md, digest, &sig, diag);

	if (!rc && ks_key_is_remote(&signer->key) &&
	    ks_signer_check(signer, digest, ks_buf_span(&sig), NULL))
		rc = ks_fail_detail(
			diag, -EIO,
			"the key answered with what its certificate does not verify, check that "
			"they belong together",
			other_form(signer, ks_buf_span(&sig)));
	if (!rc)
		ks_buf_move(ret_sig, &sig);
	return rc;
}

void ks_signer_close(struct ks_signer *signer)
{
	ks_key_close(&signer->key);
	EVP_PKEY_CTX_free(signer->verifier);
	ks_cert_done(&signer->cert);
	ks_certs_done(&signer->chain);
	ks_buf_done(&signer->cert_der);
	ks_buf_done(&signer->sid_der);
	ks_buf_done(&signer->digest_alg_der);
	ks_buf_done(&signer->sig_alg_der);
	*signer = (struct ks_signer){ 0 };
}
