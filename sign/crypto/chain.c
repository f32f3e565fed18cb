// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/chain.h"

#include <errno.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/limits.h"
#include "crypto/cms_internal.h"

const struct ks_certs ks_no_certs;

bool ks_cert_same(const struct ks_cert *a, const struct ks_cert *b)
{
	return !X509_cmp(a->x509, b->x509);
}

bool ks_cert_issued(const struct ks_cert *issuer, const struct ks_cert *cert)
{
	EVP_PKEY *pkey = X509_get0_pubkey(issuer->x509);
	bool issued = pkey && X509_check_issued(issuer->x509, cert->x509) == X509_V_OK &&
		      X509_verify(cert->x509, pkey) == 1;

	ERR_clear_error();
	return issued;
}

bool ks_certs_have(const struct ks_certs *certs, const struct ks_cert *cert)
{
	size_t i;

	for (i = 0; i < certs->nr_certs; i++)
		if (ks_cert_same(&certs->cert[i], cert))
			return true;
	return false;
}

/* The issuer of @cert that is not in @known yet, NULL if @pool has none. */
static const struct ks_cert *find_issuer(const struct ks_cert *cert, const struct ks_certs *pool,
					 const struct ks_certs *known)
{
	size_t i;

	for (i = 0; i < pool->nr_certs; i++)
		if (ks_cert_issued(&pool->cert[i], cert) && !ks_certs_have(known, &pool->cert[i]))
			return &pool->cert[i];
	return NULL;
}

/* From the last of @chain upwards. It ends: each step adds a certificate that was not there. */
static int extend(struct ks_certs *chain, const struct ks_certs *first,
		  const struct ks_certs *second, struct ks_diag *diag)
{
	int rc = 0;

	while (!rc && chain->nr_certs < KS_MAX_CERTS) {
		const struct ks_cert *last = &chain->cert[chain->nr_certs - 1];
		const struct ks_cert *issuer = NULL;

		if (!ks_cert_issued(last, last))
			issuer = find_issuer(last, first, chain) ?: find_issuer(last, second, chain);
		if (!issuer)
			break;
		rc = ks_certs_push(chain, issuer, diag);
	}
	return rc;
}

int ks_cert_check_chain(const struct ks_cert *signer, const struct ks_certs *chain,
			struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs real = { 0 };
	char name[128];
	size_t i, k;
	int rc;

	rc = ks_certs_push(&real, signer, diag);
	if (!rc)
		rc = extend(&real, chain, &ks_no_certs, diag);
	for (i = 0; i < chain->nr_certs && !rc; i++) {
		ks_cert_name(&chain->cert[i], name, sizeof(name));
		for (k = 0; k < i && !ks_cert_same(&chain->cert[k], &chain->cert[i]); k++)
			;
		if (k < i || ks_cert_same(signer, &chain->cert[i]))
			rc = ks_fail_detail(diag, -EINVAL,
					    "certificate to embed is given twice, or the signer's",
					    name);
		else if (!ks_certs_have(&real, &chain->cert[i]))
			rc = ks_fail_detail(diag, -EINVAL,
					    "certificate to embed is not an issuer in the signer's chain",
					    name);
	}
	return rc;
}

static bool issued_another(const struct ks_certs *certs, size_t idx)
{
	size_t i;

	for (i = 0; i < certs->nr_certs; i++)
		if (i != idx && ks_cert_issued(&certs->cert[idx], &certs->cert[i]))
			return true;
	return false;
}

int ks_cert_split_chain(const struct ks_certs *certs, struct ks_cert *ret_signer,
			struct ks_certs *ret_chain, struct ks_diag *diag)
{
	size_t i, leaf = certs->nr_certs;
	int rc = 0;

	if (certs->nr_certs > KS_MAX_CHAIN)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 16 certificates, a signer's and its chain are wanted");
	for (i = 0; i < certs->nr_certs; i++) {
		if (issued_another(certs, i))
			continue;
		if (leaf != certs->nr_certs)
			return ks_fail(diag, -EINVAL, KS_NO_OFF,
				       "certificates are not one chain, give the signer's with its issuers "
				       "alone");
		leaf = i;
	}
	if (leaf == certs->nr_certs)
		return ks_fail(diag, -EINVAL, KS_NO_OFF,
			       "certificates have no signer's among them, each issued another");
	for (i = 0; i < certs->nr_certs && !rc; i++)
		if (i != leaf)
			rc = ks_certs_push(ret_chain, &certs->cert[i], diag);
	if (!rc)
		rc = ks_cert_check_chain(&certs->cert[leaf], ret_chain, diag);
	return rc ? rc : ks_cert_share(&certs->cert[leaf], ret_signer, diag);
}

int ks_cert_chain(const struct ks_cert *signer, const struct ks_certs *embedded,
		  const struct ks_certs *extra, struct ks_certs *ret_chain, struct ks_diag *diag)
{
	int rc = ks_certs_push(ret_chain, signer, diag);

	return rc ? rc : extend(ret_chain, embedded, extra, diag);
}

int ks_cert_tbs_digest(const struct ks_cert *cert, const char *alg, struct ks_digest *ret_digest,
		       struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf der = { 0 };
	const EVP_MD *md = NULL;
	struct ks_cursor c, inside;
	struct ks_der tbs;
	int rc;

	rc = ks_digest_alg(alg, &md, diag);
	if (!rc)
		rc = ks_cert_der(cert, &der, diag);
	if (rc)
		return rc;
	ks_cursor_init(&c, ks_buf_span(&der), 0);
	rc = ks_der_enter(&c, KS_DER_SEQUENCE, "certificate is not a SEQUENCE", &inside, diag);
	if (!rc)
		rc = ks_der_get(&inside, &tbs, diag);
	return rc ? rc : ks_digest_spans(md, &tbs.whole, 1, ret_digest, diag);
}
