// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   SpcIndirectDataContent ::= SEQUENCE {
 *       data SEQUENCE {
 *           type  OID 1.3.6.1.4.1.311.2.1.15 (SPC_PE_IMAGE_DATA),
 *           value SEQUENCE { flags BIT STRING {}, file [0] { [2] { [0] BMPString "<<<Obsolete>>>" } } } },
 *       (old pesign: 1.3.6.1.4.1.311.2.1.21 there; the kernel takes both, firmware any)
 *       messageDigest SEQUENCE { SEQUENCE { OID sha256, NULL }, OCTET STRING image digest } }
 */
#include "fmt/authcode.h"

#include <errno.h>

#include "base/der.h"

static const u8 oid_pe_image_data[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x0f };
static const u8 oid_individual[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x15 };
static const u8 oid_sha256[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
static const u8 oid_sha384[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02 };
static const u8 oid_sha512[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03 };

#define SPAN_OF(array) ((struct ks_span){ (array), sizeof(array) })

static void put_pe_image_data(struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 }, name = { 0 }, link = { 0 }, data = { 0 };
	__cleanup(ks_buf_done) struct ks_buf attribute = { 0 };
	static const char obsolete[] = "<<<Obsolete>>>";
	static const u8 no_flags[] = { 0 };
	const char *c;

	for (c = obsolete; *c; c++) {
		ks_put_u8(&text, 0);
		ks_put_u8(&text, (u8)*c);
	}
	ks_put_der_buf(&name, KS_DER_PRIM(0), &text);
	ks_put_der_buf(&link, KS_DER_CONS(2), &name);
	ks_put_der(&data, KS_DER_BIT_STRING, SPAN_OF(no_flags));
	ks_put_der_buf(&data, KS_DER_CONS(0), &link);
	ks_put_der(&attribute, KS_DER_OID, SPAN_OF(oid_pe_image_data));
	ks_put_der_buf(&attribute, KS_DER_SEQUENCE, &data);
	ks_put_der_buf(out, KS_DER_SEQUENCE, &attribute);
}

void ks_authcode_build(struct ks_span image_sha256, struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf alg = { 0 }, info = { 0 }, content = { 0 };

	ks_put_der(&alg, KS_DER_OID, SPAN_OF(oid_sha256));
	ks_put_der(&alg, KS_DER_NULL, (struct ks_span){ 0 });
	ks_put_der_buf(&info, KS_DER_SEQUENCE, &alg);
	ks_put_der(&info, KS_DER_OCTET_STRING, image_sha256);

	put_pe_image_data(&content);
	ks_put_der_buf(&content, KS_DER_SEQUENCE, &info);
	ks_put_der_buf(out, KS_DER_SEQUENCE, &content);
}

/* What firmware knows (EDK2's HashPeImageByType()) but SHA-1, which nobody should trust. */
static const struct digest_alg {
	const char *name;
	struct ks_span oid;
	size_t bytes;
} algs[] = {
	{ "sha256", { oid_sha256, sizeof(oid_sha256) }, 32 },
	{ "sha384", { oid_sha384, sizeof(oid_sha384) }, 48 },
	{ "sha512", { oid_sha512, sizeof(oid_sha512) }, 64 },
};

static const struct digest_alg *find_alg(const struct ks_der *oid)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(algs); i++)
		if (oid->tag == KS_DER_OID && ks_span_eq(oid->value, algs[i].oid))
			return &algs[i];
	return NULL;
}

/* DigestInfo: SEQUENCE { AlgorithmIdentifier, OCTET STRING } */
static int parse_digest_info(struct ks_cursor *c, struct ks_authcode_view *ret_view,
			     struct ks_diag *diag)
{
	const struct digest_alg *known;
	struct ks_cursor info, alg;
	struct ks_der oid, digest;
	int rc;

	rc = ks_der_enter(c, KS_DER_SEQUENCE, "Authenticode digest is no DigestInfo", &info, diag);
	if (!rc)
		rc = ks_der_enter(&info, KS_DER_SEQUENCE, "DigestInfo has no algorithm", &alg, diag);
	if (!rc)
		rc = ks_der_get(&alg, &oid, diag);
	if (rc)
		return rc;
	known = find_alg(&oid);
	if (!known)
		return ks_fail(diag, -EOPNOTSUPP, oid.value_off,
			       "image digest is not SHA-256, SHA-384 or SHA-512");
	rc = ks_der_get(&info, &digest, diag);
	if (!rc)
		rc = ks_cursor_end(&info, "DigestInfo has trailing bytes", diag);
	if (rc)
		return rc;
	if (digest.tag != KS_DER_OCTET_STRING || digest.value.bytes != known->bytes)
		return ks_fail(diag, -EBADMSG, digest.value_off,
			       "image digest is not as long as its algorithm's");
	*ret_view = (struct ks_authcode_view){ known->name, digest.value };
	return 0;
}

int ks_authcode_parse(struct ks_span content, struct ks_authcode_view *ret_view,
		      struct ks_diag *diag)
{
	struct ks_cursor c, seq, data;
	struct ks_authcode_view view = { 0 };
	struct ks_der type;
	int rc;

	ks_cursor_init(&c, content, 0);
	rc = ks_der_enter(&c, KS_DER_SEQUENCE, "no SpcIndirectDataContent", &seq, diag);
	if (!rc)
		rc = ks_cursor_end(&c, "SpcIndirectDataContent has trailing bytes", diag);
	if (!rc)
		rc = ks_der_enter(&seq, KS_DER_SEQUENCE, "SpcIndirectDataContent has no data", &data,
				  diag);
	if (!rc)
		rc = ks_der_get(&data, &type, diag);
	if (rc)
		return rc;
	if (type.tag != KS_DER_OID || (!ks_span_eq(type.value, SPAN_OF(oid_pe_image_data)) &&
				       !ks_span_eq(type.value, SPAN_OF(oid_individual))))
		return ks_fail(diag, -EBADMSG, type.value_off, "signature is not of a PE image");
	rc = parse_digest_info(&seq, &view, diag);
	if (!rc)
		rc = ks_cursor_end(&seq, "SpcIndirectDataContent has trailing bytes", diag);
	if (rc)
		return rc;
	*ret_view = view;
	return 0;
}
