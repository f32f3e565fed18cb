// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What OpenSSL forgives in a message and the kernel's decoder (pkcs7.asn1) does not. None of it is
 * signed, so a verifier that takes it takes a file that somebody changed.
 *
 *   [0] certificates, [1] crls, SET { SignerInfo ::= SEQUENCE {
 *       INTEGER version, SEQUENCE { issuer, serial } or [0] key id, SEQUENCE digestAlgorithm,
 *       [0] { SEQUENCE { OID, SET values } ... }, SEQUENCE signatureAlgorithm,
 *       OCTET STRING signature, [1] unsigned attributes } }
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "crypto/cms_internal.h"

/* Skip an optional element: certificates, revocation lists, unsigned attributes. */
static int skip(struct ks_cursor *c, u8 tag, struct ks_diag *diag)
{
	struct ks_cursor before = *c;
	struct ks_der der;
	int rc;

	if (!ks_cursor_left(c))
		return 0;
	rc = ks_der_get(c, &der, diag);
	if (!rc && der.tag != tag)
		*c = before;
	return rc;
}

static int check_attributes(struct ks_cursor *attrs, struct ks_diag *diag)
{
	struct ks_cursor attr, values;
	struct ks_der oid;
	int rc = 0;

	while (!rc && ks_cursor_left(attrs)) {
		rc = ks_der_enter(attrs, KS_DER_SEQUENCE, "signed attribute is no SEQUENCE", &attr,
				  diag);
		if (!rc)
			rc = ks_der_get(&attr, &oid, diag);
		if (!rc)
			rc = ks_der_enter(&attr, KS_DER_SET, "signed attribute has no SET", &values,
					  diag);
		if (!rc)
			rc = ks_cursor_end(&attr, "signed attribute has trailing bytes", diag);
	}
	return rc;
}

/* @ret_issuer: the issuer's name as it stands there; empty for a key identifier. */
static int check_sid(struct ks_cursor *info, struct ks_span *ret_issuer, struct ks_diag *diag)
{
	struct ks_cursor version, sid;
	struct ks_der der, issuer;
	u8 number;
	int rc;

	rc = ks_der_enter(info, KS_DER_INTEGER, "SignerInfo has no version", &version, diag);
	if (!rc)
		rc = ks_der_get(info, &der, diag);
	if (rc)
		return rc;
	number = ks_get_u8(&version);
	rc = ks_cursor_end(&version, "SignerInfo has an unknown version", diag);
	if (rc)
		return rc;
	*ret_issuer = (struct ks_span){ 0 };
	if (der.tag == KS_DER_PRIM(0) && number == 3)
		return 0;
	if (der.tag != KS_DER_SEQUENCE || number != 1)
		return ks_fail(diag, -EBADMSG, der.value_off, "SignerInfo has an unknown version");
	ks_cursor_init(&sid, der.value, der.value_off);
	rc = ks_der_get(&sid, &issuer, diag);
	if (!rc)
		*ret_issuer = issuer.whole;
	return rc;
}

int ks_cms_check_signer(struct ks_span rest, struct ks_span *ret_issuer, struct ks_diag *diag)
{
	struct ks_cursor c, infos, info, part;
	int rc;

	ks_cursor_init(&c, rest, 0);
	rc = skip(&c, KS_DER_CONS(0), diag);
	if (!rc)
		rc = skip(&c, KS_DER_CONS(1), diag);
	if (!rc)
		rc = ks_der_enter(&c, KS_DER_SET, "message has no signers", &infos, diag);
	if (!rc)
		rc = ks_cursor_end(&c, "signers have trailing bytes", diag);
	if (!rc)
		rc = ks_der_enter(&infos, KS_DER_SEQUENCE, "message has no signer", &info, diag);
	if (!rc)
		rc = ks_cursor_end(&infos, "Authenticode needs exactly one signer", diag);
	if (!rc)
		rc = check_sid(&info, ret_issuer, diag);
	if (!rc)
		rc = ks_der_enter(&info, KS_DER_SEQUENCE, "signer has no digest", &part, diag);
	if (!rc)
		rc = ks_der_enter(&info, KS_DER_CONS(0), "signature has no signed attributes",
				  &part, diag);
	if (!rc)
		rc = check_attributes(&part, diag);
	if (!rc)
		rc = ks_der_enter(&info, KS_DER_SEQUENCE, "signer has no algorithm", &part, diag);
	if (!rc)
		rc = ks_der_enter(&info, KS_DER_OCTET_STRING, "signer has no signature", &part, diag);
	if (!rc)
		rc = skip(&info, KS_DER_CONS(1), diag);
	return rc ? rc : ks_cursor_end(&info, "signer has trailing bytes", diag);
}

/* rsaEncryption and id-ecPublicKey name the key alone; others the key and the digest. */
static bool algorithm_fits(CMS_SignerInfo *info, const X509 *cert)
{
	X509_ALGOR *digest = NULL, *signature = NULL;
	const EVP_PKEY *pkey = X509_get0_pubkey(cert);
	const ASN1_OBJECT *object;
	int nid, key_nid, md_nid = NID_undef, digest_nid;

	CMS_SignerInfo_get0_algs(info, NULL, NULL, &digest, &signature);
	X509_ALGOR_get0(&object, NULL, NULL, signature);
	nid = OBJ_obj2nid(object);
	if (!OBJ_find_sigid_algs(nid, &md_nid, &key_nid))
		key_nid = nid;
	X509_ALGOR_get0(&object, NULL, NULL, digest);
	digest_nid = OBJ_obj2nid(object);
	ERR_clear_error();
	return pkey && key_nid == EVP_PKEY_get_base_id(pkey) &&
	       (md_nid == NID_undef || md_nid == digest_nid);
}

/* The kernel finds a key by the very bytes of issuer and serial number. */
static bool issuer_fits(struct ks_span issuer, const X509 *cert)
{
	u8 *der = NULL;
	int n = i2d_X509_NAME(X509_get_issuer_name(cert), &der);
	bool fits = n > 0 && ks_span_eq(issuer, (struct ks_span){ der, (size_t)n });

	OPENSSL_free(der);
	return fits;
}

int ks_cms_check_names(CMS_ContentInfo *cms, struct ks_span issuer, struct ks_diag *diag)
{
	CMS_SignerInfo *info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	X509 *cert = NULL;

	CMS_SignerInfo_get0_algs(info, NULL, &cert, NULL, NULL);
	if (!cert || !algorithm_fits(info, cert))
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "signature algorithm is not the one of the signer's key");
	if (issuer.bytes && !issuer_fits(issuer, cert))
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "signature spells the issuer's name otherwise than the certificate");
	return 0;
}
