// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/cms_info.h"

#include <errno.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/cms_internal.h"

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
	__cleanup(ks_cms_free) CMS_ContentInfo *cms = NULL;
	struct ks_cms_info info = { 0 };
	ASN1_OCTET_STRING *key_id = NULL;
	X509_ALGOR *digest = NULL, *sig = NULL;
	ASN1_INTEGER *serial = NULL;
	X509_NAME *issuer = NULL;
	STACK_OF(CMS_SignerInfo) * signers;
	int rc = ks_cms_from_der(der, &cms, diag);

	if (!rc)
		rc = ks_cms_check_module_shape(cms, diag);
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
	*ret_info = info;
	return 0;
}

void ks_cms_signer_key_id(const struct ks_signer *signer, char *text, size_t text_bytes)
{
	octets_hex(X509_get0_subject_key_id(signer->cert.x509), text, text_bytes);
}
