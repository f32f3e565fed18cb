// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/signer.h"

#include <errno.h>

#include "base/clock.h"
#include "kernel/keyring.h"

int ks_cert_check_signer(const struct ks_cert *cert, const struct ks_key *key, u64 now,
			 struct ks_diag *diag)
{
	return ks_cert_check_pair(cert, key, diag)
		       ?: ks_cert_check_time(cert, now, diag)
		       ?: ks_cert_check_embed(cert, diag)
		       ?: ks_cert_check_usage(cert, diag);
}

static int get_cert(const struct ks_signer_opts *opts, struct ks_cert *ret_cert,
		    struct ks_diag *diag)
{
	if (!opts->cert)
		return ks_cert_load(opts->cert_path, ret_cert, diag);
	return ks_cert_share(opts->cert, ret_cert, diag);
}

static int check_cert(const struct ks_signer *signer, const struct ks_signer_opts *opts,
		      struct ks_diag *diag)
{
	int rc = ks_cert_check_signer(&signer->cert, &signer->key, ks_clock_now(), diag);

	if (rc && !opts->cert)
		ks_diag_in(diag, opts->cert_path);
	return rc;
}

static int check_use(const struct ks_cert *cert, unsigned int use, struct ks_diag *diag)
{
	const struct ks_sigalg *alg = ks_cert_alg(cert);

	if (!use || (alg && (alg->takes & use)))
		return 0;
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      use == KS_SIGN_PE ? "firmware does not verify this kind of key" :
						  "Linux 6.18 does not verify this kind of key",
			      alg ? alg->type : NULL);
}

int ks_signer_open(const struct ks_signer_opts *opts, struct ks_signer *ret_signer,
		   struct ks_diag *diag)
{
	struct ks_signer signer = { 0 };
	int rc;

	rc = ks_digest_alg(opts->hash, &signer.md, diag);
	if (!rc)
		rc = get_cert(opts, &signer.cert, diag);
	if (!rc)
		rc = check_cert(&signer, opts, diag) ?: check_use(&signer.cert, opts->use, diag);
	/* Nobody is asked for a PIN on behalf of a certificate that may not sign. */
	if (!rc && opts->key_uri)
		rc = ks_key_open(opts->key_uri, opts->pass, &signer.key, diag);
	if (!rc)
		rc = check_cert(&signer, opts, diag);
	if (!rc)
		rc = ks_signer_prepare(&signer, diag);
	if (rc) {
		ks_signer_close(&signer);
		return rc;
	}
	*ret_signer = signer;
	return 0;
}
