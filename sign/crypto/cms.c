// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/cms.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/limits.h"
#include "crypto/cms_internal.h"

void ks_cms_free(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}

void ks_bio_free(BIO **bio)
{
	BIO_free_all(*bio);
}

int ks_cms_from_der(struct ks_span der, CMS_ContentInfo **ret_cms, struct ks_diag *diag)
{
	const unsigned char *p = der.p;

	if (der.bytes > KS_MAX_CMS_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "signature is over 64 KiB");
	*ret_cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.bytes);
	if (!*ret_cms)
		return ks_fail_openssl(diag, -EBADMSG, "signature is no CMS message");
	if (p != der.p + der.bytes)
		return ks_fail(diag, -EBADMSG, (u64)(p - der.p),
			       "signature has trailing bytes behind the CMS message");
	return 0;
}

/* 6.18's pkcs7_verify(): modules need id-data, detached, and no signed attributes at all. */
int ks_cms_check_module_shape(CMS_ContentInfo *cms, struct ks_diag *diag)
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
