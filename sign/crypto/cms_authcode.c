// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Authenticode is PKCS#7 1.5, which CMS cannot say: its content is a SEQUENCE instead of an OCTET
 * STRING, and the version is 1. So OpenSSL checks the detached CMS message over the content's bytes,
 * and the content is spliced out here:
 *
 *   SEQUENCE { OID signedData, [0] { SEQUENCE {
 *       INTEGER version, SET digestAlgorithms,
 *       SEQUENCE { OID spcIndirectData, [0] { content } },     <- detached: no [0]
 *       [0] certificates, SET signerInfos } } }
 */
#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/der.h"
#include "crypto/cms_internal.h"

static const u8 oid_spc_indirect_data[] = { 0x2b, 0x06, 0x01, 0x04, 0x01,
					    0x82, 0x37, 0x02, 0x01, 0x04 };

const struct ks_span ks_cms_oid_spc_indirect_data = { oid_spc_indirect_data,
						      sizeof(oid_spc_indirect_data) };

/* Contents of the OID 1.2.840.113549.1.7.2 and of the version: PKCS#7 1.5; CMS would say 3. */
static const u8 oid_signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const u8 version_1[] = { 1 };

/* A SignedData cut at the places where the two shapes differ. */
struct signed_data {
	struct ks_span type;	 /* OID signedData */
	struct ks_span digests;	 /* SET digestAlgorithms */
	struct ks_span oid;	 /* content type */
	struct ks_span content;	 /* what is inside [0]; empty when detached */
	struct ks_span rest;	 /* certificates and signerInfos */
};

/* Behind the content's type: nothing, or [0] around the content. */
static int parse_content(struct ks_cursor *encap, struct ks_span *ret_content,
			 struct ks_diag *diag)
{
	struct ks_cursor inside;
	struct ks_der content = { 0 };
	int rc;

	if (!ks_cursor_left(encap))
		return 0;
	rc = ks_der_enter(encap, KS_DER_CONS(0), "content is not explicit", &inside, diag);
	if (!rc)
		rc = ks_cursor_end(encap, "content has trailing bytes", diag);
	if (!rc)
		rc = ks_der_get(&inside, &content, diag);
	if (!rc)
		rc = ks_cursor_end(&inside, "content has trailing bytes", diag);
	if (!rc)
		*ret_content = content.whole;
	return rc;
}

static int parse_signed_data(struct ks_span der, struct signed_data *ret_sd, struct ks_diag *diag)
{
	struct ks_cursor c, info, explicit, seq, encap;
	struct signed_data sd = { 0 };
	struct ks_der type, version, digests, oid;
	int rc;

	ks_cursor_init(&c, der, 0);
	rc = ks_der_enter(&c, KS_DER_SEQUENCE, "signature is no ContentInfo", &info, diag);
	if (!rc)
		rc = ks_cursor_end(&c, "signature has trailing bytes", diag);
	if (!rc)
		rc = ks_der_get(&info, &type, diag);
	if (!rc)
		rc = ks_der_enter(&info, KS_DER_CONS(0), "ContentInfo has no content", &explicit,
				  diag);
	if (!rc)
		rc = ks_der_enter(&explicit, KS_DER_SEQUENCE, "no SignedData", &seq, diag);
	if (!rc)
		rc = ks_der_get(&seq, &version, diag);
	if (!rc)
		rc = ks_der_get(&seq, &digests, diag);
	if (!rc)
		rc = ks_der_enter(&seq, KS_DER_SEQUENCE, "SignedData has no content type", &encap,
				  diag);
	if (!rc)
		rc = ks_der_get(&encap, &oid, diag);
	if (!rc)
		rc = ks_cursor_end(&explicit, "SignedData has trailing bytes", diag);
	if (!rc)
		rc = ks_cursor_end(&info, "ContentInfo has trailing bytes", diag);
	if (!rc)
		rc = parse_content(&encap, &sd.content, diag);
	if (rc)
		return rc;
	if (!ks_span_eq(type.value, (struct ks_span){ oid_signed_data, sizeof(oid_signed_data) }))
		return ks_fail(diag, -EBADMSG, type.value_off, "ContentInfo is no SignedData");
	if (version.tag != KS_DER_INTEGER || digests.tag != KS_DER_SET ||
	    !ks_span_eq(version.value, (struct ks_span){ version_1, sizeof(version_1) }))
		return ks_fail(diag, -EBADMSG, version.value_off,
			       "SignedData is not version 1 with a SET of digests");
	sd.type = type.whole;
	sd.digests = digests.whole;
	sd.oid = oid.whole;
	sd.rest = ks_get_bytes(&seq, ks_cursor_left(&seq));
	*ret_sd = sd;
	return 0;
}

/* The message again with another version and content; an empty @content makes it detached. */
static void put_signed_data(const struct signed_data *sd, u8 version, struct ks_span content,
			    struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf encap = { 0 }, seq = { 0 }, explicit = { 0 };
	__cleanup(ks_buf_done) struct ks_buf info = { 0 };

	ks_put(&encap, sd->oid);
	if (content.bytes)
		ks_put_der(&encap, KS_DER_CONS(0), content);
	ks_put_der(&seq, KS_DER_INTEGER, (struct ks_span){ &version, 1 });
	ks_put(&seq, sd->digests);
	ks_put_der_buf(&seq, KS_DER_SEQUENCE, &encap);
	ks_put(&seq, sd->rest);
	ks_put_der_buf(&explicit, KS_DER_SEQUENCE, &seq);
	ks_put(&info, sd->type);
	ks_put_der_buf(&info, KS_DER_CONS(0), &explicit);
	ks_put_der_buf(out, KS_DER_SEQUENCE, &info);
}

/*
 * The signature without its content, and the content. Trailing zeros are the padding that some
 * signers count in dwLength.
 */
static int split(struct ks_span cms, struct signed_data *ret_sd, struct ks_diag *diag)
{
	struct signed_data sd = { 0 };
	struct ks_der whole, oid;
	struct ks_cursor c;
	int rc;

	ks_cursor_init(&c, cms, 0);
	rc = ks_der_get(&c, &whole, diag);
	if (rc)
		return rc;
	if (ks_cursor_left(&c) > 7 || !ks_span_is_zero(ks_get_bytes(&c, ks_cursor_left(&c))))
		return ks_fail(diag, -EBADMSG, whole.whole.bytes, "signature has trailing bytes");
	rc = parse_signed_data(whole.whole, &sd, diag);
	if (rc)
		return rc;
	ks_cursor_init(&c, sd.oid, 0);
	rc = ks_der_get(&c, &oid, diag);
	if (rc)
		return rc;
	if (!ks_span_eq(oid.value, ks_cms_oid_spc_indirect_data) || !sd.content.bytes)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "signature is not Authenticode");
	*ret_sd = sd;
	return 0;
}

int ks_cms_authcode_content(struct ks_span cms, struct ks_span *ret_content, struct ks_diag *diag)
{
	struct signed_data sd = { 0 };
	int rc = split(cms, &sd, diag);

	if (!rc)
		*ret_content = sd.content;
	return rc;
}

static void free_store(X509_STORE **store)
{
	X509_STORE_free(*store);
}

/* As firmware does: any certificate of the chain may be the trusted one, the clock is not asked. */
static int make_store(const struct ks_certs *trust, X509_STORE *store, struct ks_diag *diag)
{
	X509_VERIFY_PARAM *param;
	size_t i;

	if (!store)
		return ks_fail_openssl(diag, -ENOMEM, "out of memory");
	for (i = 0; i < trust->nr_certs; i++)
		if (!X509_STORE_add_cert(store, trust->cert[i].x509))
			return ks_fail_openssl(diag, -ENOMEM, "out of memory");
	param = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
	return 0;
}

/* Signed attributes are what binds the content: a signature without them signs something else. */
int ks_cms_authcode_open(struct ks_span der, CMS_ContentInfo **ret_cms, struct ks_span *ret_inner,
			 struct ks_span *ret_issuer, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf detached = { 0 };
	STACK_OF(CMS_SignerInfo) * infos;
	struct signed_data sd = { 0 };
	int rc;

	rc = split(der, &sd, diag);
	if (!rc)
		rc = ks_cms_authcode_inner(sd.content, ret_inner, diag);
	if (!rc)
		rc = ks_cms_check_signer(sd.rest, ret_issuer, diag);
	if (rc)
		return rc;
	put_signed_data(&sd, 3, (struct ks_span){ 0 }, &detached);
	rc = ks_buf_ok(&detached, diag);
	if (!rc)
		rc = ks_cms_from_der(ks_buf_span(&detached), ret_cms, diag);
	if (rc)
		return rc;
	infos = CMS_get0_SignerInfos(*ret_cms);
	if (sk_CMS_SignerInfo_num(infos) != 1 ||
	    CMS_signed_get_attr_count(sk_CMS_SignerInfo_value(infos, 0)) < 2)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "signature has less than two signed attributes");
	return 0;
}

int ks_cms_verify_authcode(struct ks_span der, const struct ks_certs *trust, struct ks_diag *diag)
{
	__cleanup(ks_cms_free) CMS_ContentInfo *cms = NULL;
	__cleanup(free_store) X509_STORE *store = X509_STORE_new();
	__cleanup(ks_bio_free) BIO *in = NULL;
	struct ks_span inner = { 0 }, issuer = { 0 };
	int rc, reason;

	rc = ks_cms_authcode_open(der, &cms, &inner, &issuer, diag);
	if (!rc)
		rc = make_store(trust, store, diag);
	if (!rc)
		rc = ks_cms_span_bio(inner, &in, diag);
	if (rc)
		return rc;
	/* No further certificates: as in firmware, the signer's own is in the message or nowhere. */
	if (CMS_verify(cms, NULL, store, in, NULL, CMS_BINARY | CMS_DETACHED))
		return ks_cms_check_names(cms, issuer, diag);
	reason = ERR_GET_REASON(ERR_peek_last_error());
	if (reason == CMS_R_CERTIFICATE_VERIFY_ERROR ||
	    reason == CMS_R_SIGNER_CERTIFICATE_NOT_FOUND)
		return ks_fail_openssl(diag, -ENOKEY, "no chain ends in a trusted certificate");
	return ks_fail_openssl(diag, -EKEYREJECTED, "signature does not verify");
}
