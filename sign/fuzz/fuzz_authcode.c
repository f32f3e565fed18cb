// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: the certificate table of an image that `kseal pe verify|show` reads.
 *
 * Valid input: PKCS#7 SignedData in DER whose content is a SpcIndirectDataContent.
 *
 * Laws: a message that verifies to one of its own signers names that signer's certificate; it matches
 * at most one digest of a length; without a trusted certificate nothing verifies.
 */
#include <errno.h>
#include <openssl/err.h>

#include "crypto/chain.h"
#include "crypto/cms.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	__cleanup(ks_certs_done) struct ks_certs signers = { 0 }, embedded = { 0 };
	static const u8 zeros[32], ones[32] = { 1 };
	struct ks_span cms = { data, size };
	int rc;

	(void)ks_cms_authcode_alg(cms);
	rc = ks_cms_authcode_certs(cms, &signers, &embedded, NULL);
	KS_LAW(!rc || rc == -EBADMSG || rc == -E2BIG);
	KS_LAW(!signers.nr_certs || embedded.nr_certs);
	KS_LAW(ks_cms_verify_authcode(cms, &ks_no_certs, NULL, NULL));
	if (!ks_cms_verify_authcode(cms, &signers, NULL, NULL))
		KS_LAW(signers.nr_certs && !rc);
	KS_LAW(ks_cms_authcode_matches(cms, (struct ks_span){ zeros, 32 }, NULL) ||
	       ks_cms_authcode_matches(cms, (struct ks_span){ ones, 32 }, NULL));
	rc = ks_cms_authcode_check_type(cms, NULL);
	KS_LAW(!rc || rc == -EBADMSG || rc == -EKEYREJECTED);
	ERR_clear_error();
	return 0;
}
