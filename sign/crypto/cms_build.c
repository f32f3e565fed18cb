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
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/cms_internal.h"

static const u8 oid_signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const u8 oid_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
static const u8 version_1 = 1;

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
	ks_put_der_buf(&out, KS_DER_SEQUENCE, &whole);
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
		.type = { oid_data, sizeof(oid_data) },
		.sig = sig,
	};

	return ks_cms_build(&parts, ret_cms, diag);
}
