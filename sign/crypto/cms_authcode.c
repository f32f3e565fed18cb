// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Authenticode signatures as firmware reads them: EDK2's DxeImageVerificationLib and its
 * AuthenticodeVerify(), which is OpenSSL's PKCS7_verify() around some bytes at fixed places:
 *
 *   0   SEQUENCE, length in two bytes       ContentInfo
 *   4   OID signedData, [0] length in two bytes
 *   19  SEQUENCE, length in two bytes       SignedData
 *   23  INTEGER version, SET digestAlgorithms, SEQUENCE
 *   30  the OID that chooses the digest of the image, its value at 32
 *
 * It is PKCS#7 1.5, whose content is a SEQUENCE; CMS would want an OCTET STRING. What is digested is
 * that SEQUENCE without its tag and length, and its last bytes are the digest of the image.
 */
#include "crypto/cms.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/der.h"
#include "base/limits.h"
#include "crypto/chain.h"
#include "crypto/cms_internal.h"
#include "key/sigalg.h"

#define ALG_OFF 32U

static const u8 oid_spc_indirect_data[] = { 0x2b, 0x06, 0x01, 0x04, 0x01,
					    0x82, 0x37, 0x02, 0x01, 0x04 };

static const struct ks_span spc_indirect_data = { oid_spc_indirect_data,
						      sizeof(oid_spc_indirect_data) };

static int inner_of(struct ks_span content, struct ks_span *ret_inner, struct ks_diag *diag)
{
	struct ks_cursor c, inside;
	int rc;

	ks_cursor_init(&c, content, 0);
	rc = ks_der_enter(&c, KS_DER_SEQUENCE, "content is not a SEQUENCE", &inside, diag);
	if (!rc)
		rc = ks_cursor_end(&c, "content has trailing bytes", diag);
	if (!rc)
		*ret_inner = inside.in;
	return rc;
}

/* @ret_oid: in the message */
static const char *chosen_alg(struct ks_span cms, struct ks_span *ret_oid)
{
	size_t i;

	/* EDK2's own test: it takes 0x83 as well, whose OID then stands elsewhere. */
	if (cms.bytes < 2 || (cms.p[1] & 0x82) != 0x82)
		return NULL;
	for (i = 0; i < KS_NR_HASHES; i++) {
		const ASN1_OBJECT *object = OBJ_nid2obj(ks_hashes[i].nid);
		struct ks_span oid = { OBJ_get0_data(object), OBJ_length(object) };

		if (ks_hashes[i].firmware && ks_span_sub(cms, ALG_OFF, oid.bytes, ret_oid) &&
		    ks_span_eq(*ret_oid, oid))
			return ks_hashes[i].name;
	}
	return NULL;
}

const char *ks_cms_authcode_alg(struct ks_span cms)
{
	struct ks_span oid;

	return chosen_alg(cms, &oid);
}

void ks_p7_free(PKCS7 **p7)
{
	PKCS7_free(*p7);
}

static void free_store(X509_STORE **store)
{
	X509_STORE_free(*store);
}

void ks_p7_signers_free(STACK_OF(X509) * *stack)
{
	sk_X509_free(*stack);
}

/* OID signedData and [0] with a length of two bytes: without them EDK2 wraps the message again. */
static bool has_head(struct ks_span cms)
{
	static const u8 head[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
				   0x0d, 0x01, 0x07, 0x02, 0xa0, 0x82 };
	struct ks_span at;

	return ks_span_sub(cms, 4, sizeof(head), &at) &&
	       ks_span_eq(at, (struct ks_span){ head, sizeof(head) });
}

/* Bytes behind the message are not looked at: some signers count the padding in dwLength. */
static int read_p7(struct ks_span cms, PKCS7 **ret_p7, struct ks_diag *diag)
{
	const unsigned char *p = cms.p;

	if (!has_head(cms) || cms.bytes > INT_MAX)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "signature is not PKCS#7 SignedData in DER");
	*ret_p7 = d2i_PKCS7(NULL, &p, (long)cms.bytes);
	if (!*ret_p7)
		return ks_fail_openssl(diag, -EBADMSG, "signature is not PKCS#7 that firmware reads");
	if (!PKCS7_type_is_signed(*ret_p7) || !(*ret_p7)->d.sign->contents)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "signature is not PKCS#7 SignedData");
	return 0;
}

/* What some EDK2 has; the newest alone has SHA-3. */
static bool knows_digest(const X509_ALGOR *alg)
{
	static const int nids[] = { NID_md5,	NID_sha1,     NID_sha224,   NID_sha256,
				    NID_sha384, NID_sha512,   NID_sha3_256, NID_sha3_384,
				    NID_sha3_512 };
	const ASN1_OBJECT *object;
	size_t i;

	X509_ALGOR_get0(&object, NULL, NULL, alg);
	for (i = 0; i < KS_ARRAY_SIZE(nids); i++)
		if (OBJ_obj2nid(object) == nids[i])
			return true;
	return false;
}

/* PKCS7_verify() would fail as well, but leak in some versions. */
static int check_digests(const PKCS7 *p7, struct ks_diag *diag)
{
	int i;

	for (i = 0; i < sk_X509_ALGOR_num(p7->d.sign->md_algs); i++)
		if (!knows_digest(sk_X509_ALGOR_value(p7->d.sign->md_algs, i)))
			return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
				       "digestAlgorithms have one that firmware does not know");
	return 0;
}

/* The contents of the SpcIndirectDataContent, borrowed from @p7. */
static int find_inner(const PKCS7 *p7, struct ks_span *ret_inner, struct ks_diag *diag)
{
	const PKCS7 *contents = p7->d.sign->contents;
	const ASN1_TYPE *other = contents->d.other;
	struct ks_span oid = { OBJ_get0_data(contents->type), OBJ_length(contents->type) };
	const ASN1_STRING *content;

	if (!ks_span_eq(oid, spc_indirect_data) || !other ||
	    other->type != V_ASN1_SEQUENCE)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF, "signature is not Authenticode");
	content = other->value.sequence;
	return inner_of((struct ks_span){ content->data, (size_t)content->length },
				     ret_inner, diag);
}

static int open_p7(struct ks_span cms, PKCS7 **ret_p7, struct ks_span *ret_inner,
		   struct ks_diag *diag)
{
	int rc = read_p7(cms, ret_p7, diag);

	return rc ? rc : find_inner(*ret_p7, ret_inner, diag);
}

/* Is DigestInfo's algorithm another one than that by which firmware hashes the image? */
static bool names_two_digests(struct ks_span cms, struct ks_span inner)
{
	struct ks_cursor c, info, alg;
	struct ks_span chosen;
	struct ks_der der;

	ks_cursor_init(&c, inner, 0);
	return chosen_alg(cms, &chosen) && !ks_der_get(&c, &der, NULL) &&
	       !ks_der_enter(&c, KS_DER_SEQUENCE, "no DigestInfo", &info, NULL) &&
	       !ks_der_enter(&info, KS_DER_SEQUENCE, "no algorithm", &alg, NULL) &&
	       !ks_der_get(&alg, &der, NULL) && !ks_span_eq(der.value, chosen);
}

int ks_cms_authcode_matches(struct ks_span cms, struct ks_span digest, struct ks_diag *diag)
{
	__cleanup(ks_p7_free) PKCS7 *p7 = NULL;
	struct ks_span inner, last;
	int rc = open_p7(cms, &p7, &inner, diag);

	if (rc)
		return rc;
	if (digest.bytes > inner.bytes ||
	    !ks_span_sub(inner, inner.bytes - digest.bytes, digest.bytes, &last))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "content of the signature is shorter than a digest");
	if (ks_span_eq(last, digest))
		return 0;
	return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
		       names_two_digests(cms, inner) ?
			       "signature's DigestInfo names another digest than its "
			       "digestAlgorithms, by which firmware hashes the image; sign it anew" :
			       "signature is of other bytes: the image was changed after signing");
}

/* As firmware does: the one trusted certificate may be anywhere in the chain, no clock is asked. */
static int make_store(const struct ks_cert *anchor, X509_STORE *store, struct ks_diag *diag)
{
	X509_VERIFY_PARAM *param;

	if (!store || !X509_STORE_add_cert(store, anchor->x509))
		return ks_fail_openssl(diag, -ENOMEM, "out of memory");
	param = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
	return 0;
}

/* Each alone, so that two CAs of one name do not hide one another. */
int ks_p7_verify(PKCS7 *p7, struct ks_span inner, const struct ks_cert *anchor,
		 struct ks_diag *diag)
{
	__cleanup(free_store) X509_STORE *store = X509_STORE_new();
	/* A memory BIO is copied; any other is freed or left in pieces where there is not one digest. */
	__cleanup(ks_bio_free) BIO *in = BIO_new_mem_buf(inner.p, (int)inner.bytes);
	int rc, reason;

	if (!in)
		return ks_fail_openssl(diag, -ENOMEM, "out of memory");
	rc = check_digests(p7, diag);
	if (!rc)
		rc = make_store(anchor, store, diag);
	if (rc)
		return rc;
	ERR_clear_error();
	if (PKCS7_verify(p7, NULL, store, in, NULL, PKCS7_BINARY) == 1)
		return 0;
	reason = ERR_GET_REASON(ERR_peek_last_error());
	if (reason == PKCS7_R_CERTIFICATE_VERIFY_ERROR)
		return ks_fail_openssl(diag, -ENOKEY, "no chain ends in a trusted certificate");
	if (reason == PKCS7_R_SIGNER_CERTIFICATE_NOT_FOUND)
		return ks_fail_openssl(diag, -EKEYREJECTED, "the signer's certificate is not embedded");
	return ks_fail_openssl(diag, -EKEYREJECTED, "signature does not verify");
}

int ks_cms_verify_authcode(struct ks_span cms, const struct ks_certs *anchors, size_t *ret_idx,
			   struct ks_diag *diag)
{
	__cleanup(ks_p7_free) PKCS7 *p7 = NULL;
	struct ks_diag reason = { 0 };
	struct ks_span inner;
	size_t i;
	int rc = open_p7(cms, &p7, &inner, diag);

	if (rc)
		return rc;
	for (i = 0; i < anchors->nr_certs; i++) {
		reason = (struct ks_diag){ 0 };
		rc = ks_p7_verify(p7, inner, &anchors->cert[i], &reason);
		if (!rc && ret_idx)
			*ret_idx = i;
		if (rc != -ENOKEY)
			break;
	}
	ERR_clear_error();
	if (rc || !anchors->nr_certs)
		return ks_fail(diag, rc ? rc : -ENOKEY, KS_NO_OFF,
			       rc ? reason.what : "no chain ends in a trusted certificate");
	return 0;
}

int ks_cms_authcode_check_type(struct ks_span cms, struct ks_diag *diag)
{
	__cleanup(ks_p7_free) PKCS7 *p7 = NULL;
	struct ks_span inner;
	STACK_OF(PKCS7_SIGNER_INFO) * infos;
	int i, rc = open_p7(cms, &p7, &inner, diag);

	if (rc)
		return rc;
	infos = PKCS7_get_signer_info(p7);
	for (i = 0; i < sk_PKCS7_SIGNER_INFO_num(infos); i++) {
		const ASN1_TYPE *type = PKCS7_get_signed_attribute(
			sk_PKCS7_SIGNER_INFO_value(infos, i), NID_pkcs9_contentType);

		if (type && (type->type != V_ASN1_OBJECT ||
			     OBJ_cmp(type->value.object, p7->d.sign->contents->type)))
			return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
				       "signed attribute contentType is not SpcIndirectData: the key "
				       "signed something else than an image");
	}
	return 0;
}

static int push_stack(const STACK_OF(X509) * stack, struct ks_certs *certs, struct ks_diag *diag)
{
	int i, rc = 0;

	for (i = 0; i < sk_X509_num(stack) && !rc; i++) {
		const struct ks_cert cert = { sk_X509_value(stack, i) };

		rc = ks_certs_push(certs, &cert, diag);
	}
	return rc;
}

int ks_cms_authcode_certs(struct ks_span cms, struct ks_certs *signers, struct ks_certs *embedded,
			  struct ks_diag *diag)
{
	__cleanup(ks_p7_free) PKCS7 *p7 = NULL;
	__cleanup(ks_p7_signers_free) STACK_OF(X509) *stack = NULL;
	int rc = read_p7(cms, &p7, diag);

	if (rc)
		return rc;
	/* All of them or, if one is missing, none. */
	stack = PKCS7_get0_signers(p7, NULL, PKCS7_BINARY);
	ERR_clear_error();
	if (stack)
		rc = push_stack(stack, signers, diag);
	return rc ? rc : push_stack(p7->d.sign->cert, embedded, diag);
}

/*
 * Authenticode signatures. What is signed is the SET of the signed attributes:
 *
 *   SET { SEQUENCE { OID contentType,   SET { OID spcIndirectData } },
 *         SEQUENCE { OID signingTime,   SET { UTCTime } },
 *         SEQUENCE { OID messageDigest, SET { OCTET STRING } } }
 *
 * The message holds it under the tag [0]. messageDigest is of the content without its own tag and
 * length.
 */

#define UTC_TIME	 0x17
#define GENERALIZED_TIME 0x18

static const u8 oid_content_type[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03 };
static const u8 oid_message_digest[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04 };
static const u8 oid_signing_time[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05 };

#define OID(name) ((struct ks_span){ name, sizeof(name) })

static void put_attribute(struct ks_buf *out, struct ks_span oid, u8 tag, struct ks_span value)
{
	__cleanup(ks_buf_done) struct ks_buf attribute = { 0 }, set = { 0 };

	ks_put_der(&set, tag, value);
	ks_put_der(&attribute, KS_DER_OID, oid);
	ks_put_der_buf(&attribute, KS_DER_SET, &set);
	ks_put_der_buf(out, KS_DER_SEQUENCE, &attribute);
}

/* RFC 5652 11.3: UTCTime up to the year 2049. */
static void put_signing_time(struct ks_buf *out, u64 when)
{
	time_t t = (time_t)when;
	struct tm tm = { 0 };
	char text[24];
	bool is_utc;

	gmtime_r(&t, &tm);
	is_utc = tm.tm_year < 150;
	strftime(text, sizeof(text), is_utc ? "%y%m%d%H%M%SZ" : "%Y%m%d%H%M%SZ", &tm);
	put_attribute(out, OID(oid_signing_time), is_utc ? UTC_TIME : GENERALIZED_TIME,
		      ks_span_str(text));
}

static int content_digest(const struct ks_signer *signer, struct ks_span content,
			  struct ks_digest *ret_digest, struct ks_diag *diag)
{
	struct ks_span inner;
	int rc = inner_of(content, &inner, diag);

	return rc ? rc : ks_digest_spans(signer->md, &inner, 1, ret_digest, diag);
}

int ks_cms_authcode_attrs(const struct ks_signer *signer, struct ks_span content,
			  struct ks_buf *ret_attrs, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf type = { 0 }, when = { 0 }, what = { 0 }, out = { 0 };
	struct ks_digest digest;
	int rc = content_digest(signer, content, &digest, diag);

	if (rc)
		return rc;
	put_attribute(&type, OID(oid_content_type), KS_DER_OID, spc_indirect_data);
	put_signing_time(&when, signer->time);
	put_attribute(&what, OID(oid_message_digest), KS_DER_OCTET_STRING, ks_digest_span(&digest));
	rc = ks_buf_ok(&type, diag) ?: ks_buf_ok(&when, diag) ?: ks_buf_ok(&what, diag);
	if (rc)
		return rc;
	ks_cms_put_set_of(
		&out, KS_DER_SET,
		(struct ks_span[]){ ks_buf_span(&type), ks_buf_span(&when), ks_buf_span(&what) },
		3);
	rc = ks_buf_ok(&out, diag);
	if (!rc)
		ks_buf_move(ret_attrs, &out);
	return rc;
}

/* [0] with the signer's certificate and the chain, none of them twice. */
int ks_cms_put_certs(const struct ks_signer *signer, const struct ks_certs *chain,
		     struct ks_buf *out, struct ks_diag *diag)
{
	struct ks_buf der[KS_MAX_CERTS] = { 0 };
	struct ks_span all[KS_MAX_CERTS + 1];
	size_t i, k, nr = chain ? chain->nr_certs : 0;
	int rc = nr > KS_MAX_CERTS
			 ? ks_fail(diag, -E2BIG, KS_NO_OFF, "too many certificates to embed")
			 : 0;

	all[0] = ks_buf_span(&signer->cert_der);
	for (i = 0; i < nr && !rc; i++) {
		rc = ks_cert_der(&chain->cert[i], &der[i], diag);
		all[i + 1] = ks_buf_span(&der[i]);
		for (k = 0; k <= i && !rc; k++)
			if (ks_span_eq(all[k], all[i + 1]))
				rc = ks_fail(
					diag, -EINVAL, KS_NO_OFF,
					"a certificate is to be embedded twice, the signer's own "
					"always is");
	}
	if (!rc) {
		ks_cms_put_set_of(out, KS_DER_CONS(0), all, nr + 1);
		rc = ks_buf_ok(out, diag);
	}
	for (i = 0; i < nr && i < KS_MAX_CERTS; i++)
		ks_buf_done(&der[i]);
	return rc;
}

/* The value of the messageDigest attribute. */
static int find_message_digest(struct ks_cursor attrs, struct ks_span *ret_value,
			       struct ks_diag *diag)
{
	struct ks_cursor attribute, set;
	struct ks_der oid, value;
	int rc = 0;

	while (!rc && ks_cursor_left(&attrs)) {
		rc = ks_der_enter(&attrs, KS_DER_SEQUENCE, "signed attributes are damaged",
				  &attribute, diag);
		if (!rc)
			rc = ks_der_get(&attribute, &oid, diag);
		if (!rc)
			rc = ks_der_enter(&attribute, KS_DER_SET,
					  "signed attribute without a value", &set, diag);
		if (!rc)
			rc = ks_der_get(&set, &value, diag);
		if (!rc && ks_span_eq(oid.value, OID(oid_message_digest))) {
			*ret_value = value.value;
			return 0;
		}
	}
	return rc ? rc
		  : ks_fail(diag, -EBADMSG, KS_NO_OFF, "signed attributes have no message digest");
}

/* Attributes that came from elsewhere must be of this content. */
static int check_attrs(const struct ks_signer *signer, struct ks_span content, struct ks_span attrs,
		       struct ks_cursor *ret_inside, struct ks_diag *diag)
{
	struct ks_span signed_digest = { 0 };
	struct ks_digest digest;
	struct ks_cursor c;
	int rc;

	ks_cursor_init(&c, attrs, 0);
	rc = ks_der_enter(&c, KS_DER_SET, "signed attributes are not a SET", ret_inside, diag);
	if (!rc)
		rc = ks_cursor_end(&c, "signed attributes have trailing bytes", diag);
	if (!rc)
		rc = find_message_digest(*ret_inside, &signed_digest, diag);
	if (!rc)
		rc = content_digest(signer, content, &digest, diag);
	if (!rc && !ks_span_eq(signed_digest, ks_digest_span(&digest)))
		rc = ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			     "signed attributes are of another image, prepare it again");
	return rc;
}

int ks_cms_authcode_build(const struct ks_signer *signer, struct ks_span content,
			  const struct ks_certs *chain, struct ks_span attrs, struct ks_span sig,
			  struct ks_buf *ret_cms, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf certs = { 0 };
	struct ks_cursor inside = { 0 };
	int rc = check_attrs(signer, content, attrs, &inside, diag);

	if (!rc)
		rc = ks_cms_put_certs(signer, chain, &certs, diag);
	if (rc)
		return rc;
	return ks_cms_build(&(struct ks_cms_parts){ .signer = signer,
						    .type = spc_indirect_data,
						    .content = content,
						    .certs = ks_buf_span(&certs),
						    .attrs = inside.in,
						    .sig = sig },
			    ret_cms, diag);
}

int ks_cms_sign_authcode(const struct ks_signer *signer, struct ks_span content,
			 const struct ks_certs *chain, struct ks_buf *ret_cms, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf attrs = { 0 }, sig = { 0 };
	struct ks_digest digest;
	struct ks_span to_digest;
	int rc = ks_cms_authcode_attrs(signer, content, &attrs, diag);

	if (rc)
		return rc;
	to_digest = ks_buf_span(&attrs);
	rc = ks_digest_spans(signer->md, &to_digest, 1, &digest, diag);
	if (!rc)
		rc = ks_signer_sign(signer, ks_digest_span(&digest), &sig, diag);
	return rc ? rc
		  : ks_cms_authcode_build(signer, content, chain, to_digest, ks_buf_span(&sig),
					  ret_cms, diag);
}
