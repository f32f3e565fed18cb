// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   SpcIndirectDataContent ::= SEQUENCE {
 *       data SEQUENCE {
 *           type  OID 1.3.6.1.4.1.311.2.1.15 (SPC_PE_IMAGE_DATA),
 *           value SEQUENCE { flags BIT STRING {}, file [0] { [2] { [0] BMPString "<<<Obsolete>>>" } } } },
 *       messageDigest SEQUENCE { SEQUENCE { OID sha256, NULL }, OCTET STRING image digest } }
 */
#include "fmt/authcode.h"

#include "base/der.h"

static const u8 oid_pe_image_data[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x0f };
static const u8 oid_sha256[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };

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
