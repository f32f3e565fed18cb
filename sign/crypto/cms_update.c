// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signatures of updates of EFI variables, as EDK2's AuthVariableLib reads them: SignedData of PKCS#7 1.5,
 * which its Pkcs7Verify() puts into a ContentInfo by writing 19 bytes before it,
 *
 *   30 82 length  06 09 signedData  a0 82 length
 *
 * and asks OpenSSL's PKCS7_verify() about. Before that it looks for the digest at a fixed place:
 *
 *   0   SEQUENCE, length in two bytes       SignedData
 *   4   INTEGER version, SET digestAlgorithms, SEQUENCE
 *   11  the OID of the digest, its value at 13 (with a ContentInfo at 32)
 */
#include "crypto/cms.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "crypto/cms_internal.h"
#include "key/sigalg.h"

#define WRAP_BYTES 19U
#define ALG_OFF 13U
/* EDK2 asks for both bits of the length's form, and takes 0x83 too. */
#define TWO_BYTE_LENGTH 0x82

static const u8 oid_signed_data[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
				      0x0d, 0x01, 0x07, 0x02, 0xa0, 0x82 };

static bool has_content_info(struct ks_span cms)
{
	struct ks_span head;

	return ks_span_sub(cms, 4, sizeof(oid_signed_data), &head) &&
	       ks_span_eq(head, (struct ks_span){ oid_signed_data, sizeof(oid_signed_data) });
}

/* The row of the digest whose OID is at @off, behind a SEQUENCE at @seq_off; NULL for none. */
static const struct ks_hash *hash_at(struct ks_span cms, u64 seq_off, u64 off)
{
	struct ks_span form, at;
	size_t i;

	if (!ks_span_sub(cms, seq_off + 1, 1, &form) ||
	    (form.p[0] & TWO_BYTE_LENGTH) != TWO_BYTE_LENGTH)
		return NULL;
	for (i = 0; i < KS_NR_HASHES; i++) {
		const ASN1_OBJECT *object = OBJ_nid2obj(ks_hashes[i].nid);
		struct ks_span oid = { OBJ_get0_data(object), OBJ_length(object) };

		if ((ks_hashes[i].takes & KS_SIGN_PE) && ks_span_sub(cms, off, oid.bytes, &at) && ks_span_eq(at, oid))
			return &ks_hashes[i];
	}
	return NULL;
}

int ks_cms_update_check(struct ks_span cms, struct ks_diag *diag)
{
	const struct ks_hash *hash = hash_at(cms, 0, ALG_OFF);
	bool wrapped = !hash;

	if (!hash)
		hash = hash_at(cms, WRAP_BYTES, WRAP_BYTES + ALG_OFF);
	if (!hash)
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "update's digest is not one of SHA-2 where firmware looks for it, sign it "
			       "anew");
	if (wrapped)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "signature has a ContentInfo around it, which firmware as old as OVMF "
			       "2022.11 refuses, sign it anew");
	if (hash->nid != NID_sha256)
		return ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
			       "update's digest is not SHA-256, the only one that firmware as old as OVMF "
			       "2022.11 takes");
	return 0;
}

static int read_p7(struct ks_span cms, PKCS7 **ret_p7, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf whole = { 0 };
	const unsigned char *p;
	int rc;

	/* EDK2 writes 16 bits of either length. */
	if (cms.bytes > KS_MAX_CMS_BYTES - 1 - WRAP_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "signature of the update is over 64 KiB");
	if (!has_content_info(cms)) {
		ks_put_u8(&whole, KS_DER_SEQUENCE);
		ks_put_u8(&whole, 0x82);
		ks_put_u8(&whole, (u8)((cms.bytes + WRAP_BYTES - 4) >> 8));
		ks_put_u8(&whole, (u8)((cms.bytes + WRAP_BYTES - 4) & 0xff));
		ks_put(&whole, (struct ks_span){ oid_signed_data, sizeof(oid_signed_data) });
		ks_put_u8(&whole, (u8)(cms.bytes >> 8));
		ks_put_u8(&whole, (u8)(cms.bytes & 0xff));
	}
	ks_put(&whole, cms);
	rc = ks_buf_ok(&whole, diag);
	if (rc)
		return rc;
	p = whole.p;
	*ret_p7 = d2i_PKCS7(NULL, &p, (long)whole.bytes);
	if (!*ret_p7)
		return ks_fail_openssl(diag, -EBADMSG, "signature of the update is not PKCS#7 SignedData");
	if (!PKCS7_type_is_signed(*ret_p7) || !(*ret_p7)->d.sign || !(*ret_p7)->d.sign->contents)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "signature of the update is not PKCS#7 SignedData");
	return 0;
}

int ks_cms_update_signer(struct ks_span cms, struct ks_cert *ret_signer, struct ks_diag *diag)
{
	__cleanup(ks_p7_free) PKCS7 *p7 = NULL;
	__cleanup(ks_p7_signers_free) STACK_OF(X509) *stack = NULL;
	int rc = read_p7(cms, &p7, diag);

	if (rc)
		return rc;
	stack = PKCS7_get0_signers(p7, NULL, PKCS7_BINARY);
	if (!stack || !sk_X509_num(stack))
		return ks_fail_openssl(diag, -EKEYREJECTED, "the signer's certificate is not embedded");
	/* It pops them, so that the first one is left as the trusted one. */
	return ks_cert_share(&(struct ks_cert){ sk_X509_value(stack, 0) }, ret_signer, diag);
}

int ks_cms_verify_update(struct ks_span cms, struct ks_span content, const struct ks_cert *anchor,
			 struct ks_diag *diag)
{
	__cleanup(ks_p7_free) PKCS7 *p7 = NULL;
	int rc = read_p7(cms, &p7, diag);

	if (!rc)
		rc = ks_p7_verify(p7, content, anchor, diag);
	ERR_clear_error();
	return rc;
}

int ks_cms_update_build(const struct ks_signer *signer, const struct ks_certs *chain,
			struct ks_span sig, struct ks_buf *ret_cms, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf certs = { 0 };
	int rc = ks_cms_put_certs(signer, chain, &certs, diag);

	if (rc)
		return rc;
	return ks_cms_build(&(struct ks_cms_parts){ .signer = signer,
						    .type = ks_cms_id_data,
						    .certs = ks_buf_span(&certs),
						    .sig = sig,
						    .bare = true },
			    ret_cms, diag);
}
