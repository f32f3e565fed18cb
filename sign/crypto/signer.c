// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/signer.h"

#include <errno.h>
#include <openssl/x509.h>
#include <time.h>

#include "base/clock.h"

/* Start of validity in seconds since the epoch. */
static int not_before(const struct ks_cert *cert, u64 *ret_time, struct ks_diag *diag)
{
	struct tm tm;
	time_t t;

	if (!ASN1_TIME_to_tm(X509_get0_notBefore(cert->x509), &tm))
		return ks_fail_openssl(diag, -EBADMSG, "certificate has no start of validity");
	t = timegm(&tm);
	*ret_time = t > 0 ? (u64)t : 0;
	return 0;
}

static int signing_time(const struct ks_cert *cert, u64 *ret_time, struct ks_diag *diag)
{
	u64 start = 0, built = 0;
	int rc = ks_clock_build_time(&built, diag);

	if (!rc)
		rc = not_before(cert, &start, diag);
	if (!rc)
		*ret_time = built > start ? built : start;
	return rc;
}

int ks_signer_open(const char *key_uri, const char *cert_path, const char *hash,
		   struct ks_signer *ret_signer, struct ks_diag *diag)
{
	struct ks_signer signer = { 0 };
	int rc;

	rc = ks_digest_alg(hash, &signer.md, diag);
	if (!rc)
		rc = ks_cert_load(cert_path, &signer.cert, diag);
	if (!rc)
		rc = ks_key_open(key_uri, &signer.key, diag);
	if (!rc) {
		rc = ks_cert_check_signer(&signer.cert, &signer.key, ks_clock_now(), diag);
		ks_diag_in(diag, cert_path);
	}
	if (!rc)
		rc = signing_time(&signer.cert, &signer.time, diag);
	if (rc) {
		ks_signer_close(&signer);
		return rc;
	}
	*ret_signer = signer;
	return 0;
}

void ks_signer_close(struct ks_signer *signer)
{
	ks_key_close(&signer->key);
	ks_cert_done(&signer->cert);
	*signer = (struct ks_signer){ 0 };
}
