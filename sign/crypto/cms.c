// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SignedData (RFC 5652, PKCS#7 1.5) around a raw signature. Direct signing, keys behind a program
 * and offline signing all come through here, so that their outputs are the same bytes:
 *
 *   SEQUENCE { OID signedData, [0] { SEQUENCE {
 *       INTEGER 1, SET { digestAlgorithm },
 *       SEQUENCE { OID contentType, [0] { content } },         module: detached, no [0]
 *       [0] { certificates },                                  module: none
 *       SET { SEQUENCE { INTEGER 1, IssuerAndSerialNumber, digestAlgorithm,
 *                        [0] { signed attributes },            module: none
 *                        signatureAlgorithm, OCTET STRING signature } } } } }
 */
#include "crypto/cms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "base/limits.h"
#include "crypto/cms_internal.h"

static void free_cms(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}

void ks_bio_free(BIO **bio)
{
	BIO_free_all(*bio);
}

static int from_der(struct ks_span der, CMS_ContentInfo **ret_cms, struct ks_diag *diag)
{
	const unsigned char *p = der.p;

	if (der.bytes > KS_MAX_CMS_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "signature is over 64 KiB");
	*ret_cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.bytes);
	if (!*ret_cms)
		return ks_fail_openssl(diag, -EBADMSG, "signature is not a CMS message");
	if (p != der.p + der.bytes)
		return ks_fail(diag, -EBADMSG, (u64)(p - der.p),
			       "signature has trailing bytes behind the CMS message");
	return 0;
}

/* 6.18's pkcs7_verify(): modules need id-data, detached, and no signed attributes at all. */
static int check_module_shape(CMS_ContentInfo *cms, struct ks_diag *diag)
{
	STACK_OF(CMS_SignerInfo) * signers;
	int i;

	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "CMS message is not SignedData");
	if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data || !CMS_is_detached(cms))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "module signature is not detached data");
	signers = CMS_get0_SignerInfos(cms);
	if (sk_CMS_SignerInfo_num(signers) < 1)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "CMS message has no signer");
	for (i = 0; i < sk_CMS_SignerInfo_num(signers); i++)
		if (CMS_signed_get_attr_count(sk_CMS_SignerInfo_value(signers, i)) > 0)
			return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
				       "module signature has signed attributes, the kernel refuses it");
	return 0;
}

static void octets_hex(const ASN1_OCTET_STRING *octets, char *text, size_t text_bytes)
{
	text[0] = '\0';
	if (octets)
		ks_hex((struct ks_span){ ASN1_STRING_get0_data(octets),
					 (size_t)ASN1_STRING_length(octets) },
		       text, text_bytes);
}

static void name_text(const X509_NAME *name, char *text, size_t text_bytes)
{
	__cleanup(ks_bio_free) BIO *out = BIO_new(BIO_s_mem());
	int n = 0;

	if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253) >= 0)
		n = BIO_read(out, text, (int)text_bytes - 1);
	text[n > 0 ? n : 0] = '\0';
}

/* The value's bytes, without the zero that keeps DER's INTEGER positive. */
static void serial_hex(const ASN1_INTEGER *serial, char *text, size_t text_bytes)
{
	ks_hex((struct ks_span){ ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial) },
	       text, text_bytes);
}

static void algorithm_name(const X509_ALGOR *alg, char *text, size_t text_bytes)
{
	const ASN1_OBJECT *oid = NULL;
	int nid;

	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	nid = OBJ_obj2nid(oid);
	if (nid == NID_undef)
		OBJ_obj2txt(text, (int)text_bytes, oid, 1);
	else
		BIO_snprintf(text, text_bytes, "%s", OBJ_nid2ln(nid));
}

int ks_cms_module_info(struct ks_span der, struct ks_cms_info *ret_info, struct ks_diag *diag)
{
	__cleanup(free_cms) CMS_ContentInfo *cms = NULL;
	struct ks_cms_info info = { 0 };
	ASN1_OCTET_STRING *key_id = NULL;
	X509_ALGOR *digest = NULL, *sig = NULL;
	const ASN1_OCTET_STRING *raw;
	ASN1_INTEGER *serial = NULL;
	X509_NAME *issuer = NULL;
	STACK_OF(CMS_SignerInfo) * signers;
	int rc = from_der(der, &cms, diag);

	if (!rc)
		rc = check_module_shape(cms, diag);
	if (rc)
		return rc;
	signers = CMS_get0_SignerInfos(cms);
	info.nr_signers = (unsigned int)sk_CMS_SignerInfo_num(signers);
	if (!CMS_SignerInfo_get0_signer_id(sk_CMS_SignerInfo_value(signers, 0), &key_id, &issuer,
					   &serial))
		return ks_fail_openssl(diag, -EBADMSG, "CMS message names no signer");
	CMS_SignerInfo_get0_algs(sk_CMS_SignerInfo_value(signers, 0), NULL, NULL, &digest, &sig);
	octets_hex(key_id, info.key_id, sizeof(info.key_id));
	if (issuer)
		name_text(issuer, info.issuer, sizeof(info.issuer));
	if (serial)
		serial_hex(serial, info.serial, sizeof(info.serial));
	algorithm_name(digest, info.hash, sizeof(info.hash));
	algorithm_name(sig, info.sig_alg, sizeof(info.sig_alg));
	raw = CMS_SignerInfo_get0_signature(sk_CMS_SignerInfo_value(signers, 0));
	info.sig_bytes = raw ? (unsigned int)ASN1_STRING_length(raw) : 0;
	*ret_info = info;
	return 0;
}

void ks_cms_signer_key_id(const struct ks_signer *signer, char *text, size_t text_bytes)
{
	octets_hex(X509_get0_subject_key_id(signer->cert.x509), text, text_bytes);
}

bool ks_cms_info_is_of(const struct ks_cms_info *info, const struct ks_cert *cert)
{
	char key_id[sizeof(info->key_id)], issuer[sizeof(info->issuer)], serial[sizeof(info->serial)];

	octets_hex(X509_get0_subject_key_id(cert->x509), key_id, sizeof(key_id));
	if (info->key_id[0])
		return !strcmp(info->key_id, key_id);
	name_text(X509_get_issuer_name(cert->x509), issuer, sizeof(issuer));
	serial_hex(X509_get0_serialNumber(cert->x509), serial, sizeof(serial));
	return info->serial[0] && !strcmp(info->serial, serial) && !strcmp(info->issuer, issuer);
}

static const u8 oid_signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const u8 oid_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
static const u8 version_1 = 1;

const struct ks_span ks_cms_id_data = { oid_data, sizeof(oid_data) };

/* X.690 11.6: by the octets of the encodings; one that is the start of the other comes first. */
static int by_octets(const void *a, const void *b)
{
	return ks_span_cmp(*(const struct ks_span *)a, *(const struct ks_span *)b);
}

void ks_cms_put_set_of(struct ks_buf *out, u8 tag, struct ks_span *elements, size_t nr_elements)
{
	__cleanup(ks_buf_done) struct ks_buf inside = { 0 };
	size_t i;

	qsort(elements, nr_elements, sizeof(*elements), by_octets);
	for (i = 0; i < nr_elements; i++)
		ks_put(&inside, elements[i]);
	ks_put_der_buf(out, tag, &inside);
}

static void put_signer_info(const struct ks_cms_parts *parts, struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf info = { 0 };
	const struct ks_signer *signer = parts->signer;

	ks_put_der(&info, KS_DER_INTEGER, (struct ks_span){ &version_1, 1 });
	ks_put(&info, ks_buf_span(&signer->sid_der));
	ks_put(&info, ks_buf_span(&signer->digest_alg_der));
	if (parts->attrs.bytes)
		ks_put_der(&info, KS_DER_CONS(0), parts->attrs);
	ks_put(&info, ks_buf_span(&signer->sig_alg_der));
	ks_put_der(&info, KS_DER_OCTET_STRING, parts->sig);
	ks_put_der_buf(out, KS_DER_SEQUENCE, &info);
}

int ks_cms_build(const struct ks_cms_parts *parts, struct ks_buf *ret_cms, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf encap = { 0 }, info = { 0 }, sd = { 0 };
	__cleanup(ks_buf_done) struct ks_buf explicit = { 0 }, whole = { 0 }, out = { 0 };
	int rc;

	ks_put_der(&encap, KS_DER_OID, parts->type);
	if (parts->content.bytes)
		ks_put_der(&encap, KS_DER_CONS(0), parts->content);
	put_signer_info(parts, &info);

	ks_put_der(&sd, KS_DER_INTEGER, (struct ks_span){ &version_1, 1 });
	ks_put_der_buf(&sd, KS_DER_SET, &parts->signer->digest_alg_der);
	ks_put_der_buf(&sd, KS_DER_SEQUENCE, &encap);
	ks_put(&sd, parts->certs);
	ks_put_der_buf(&sd, KS_DER_SET, &info);

	ks_put_der_buf(&explicit, KS_DER_SEQUENCE, &sd);
	ks_put_der(&whole, KS_DER_OID,
		   (struct ks_span){ oid_signed_data, sizeof(oid_signed_data) });
	ks_put_der_buf(&whole, KS_DER_CONS(0), &explicit);
	ks_put_der_buf(&out, KS_DER_SEQUENCE, parts->bare ? &sd : &whole);
	rc = ks_buf_ok(&out, diag);
	if (!rc)
		ks_buf_move(ret_cms, &out);
	return rc;
}

int ks_cms_module_build(const struct ks_signer *signer, struct ks_span sig, struct ks_buf *ret_cms,
			struct ks_diag *diag)
{
	const struct ks_cms_parts parts = {
		.signer = signer,
		.type = ks_cms_id_data,
		.sig = sig,
	};

	return ks_cms_build(&parts, ret_cms, diag);
}
