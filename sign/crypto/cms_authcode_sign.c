// SPDX-License-Identifier: LGPL-2.1-or-later
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
#include <errno.h>
#include <time.h>

#include "base/limits.h"
#include "crypto/cms_internal.h"

#define UTC_TIME	 0x17
#define GENERALIZED_TIME 0x18

static const u8 oid_content_type[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03 };
static const u8 oid_message_digest[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04 };
static const u8 oid_signing_time[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05 };

#define OID(name) ((struct ks_span){ name, sizeof(name) })

int ks_cms_authcode_inner(struct ks_span content, struct ks_span *ret_inner, struct ks_diag *diag)
{
	struct ks_cursor c, inside;
	int rc;

	ks_cursor_init(&c, content, 0);
	rc = ks_der_enter(&c, KS_DER_SEQUENCE, "content is no SEQUENCE", &inside, diag);
	if (!rc)
		rc = ks_cursor_end(&c, "content has trailing bytes", diag);
	if (!rc)
		*ret_inner = inside.in;
	return rc;
}

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
	int rc = ks_cms_authcode_inner(content, &inner, diag);

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
	put_attribute(&type, OID(oid_content_type), KS_DER_OID, ks_cms_oid_spc_indirect_data);
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
static int put_certs(const struct ks_signer *signer, const struct ks_certs *chain,
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
	rc = ks_der_enter(&c, KS_DER_SET, "signed attributes are no SET", ret_inside, diag);
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
		rc = put_certs(signer, chain, &certs, diag);
	if (rc)
		return rc;
	return ks_cms_build(&(struct ks_cms_parts){ .signer = signer,
						    .type = ks_cms_oid_spc_indirect_data,
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
