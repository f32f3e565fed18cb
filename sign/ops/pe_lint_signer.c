// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signatures that firmware takes and shim does not: verify.c of shim, and what shim 16.1 answered under
 * OVMF 2022.11. A usage for modules counts in the certificate that is enrolled, in db or as a MOK, and
 * nowhere else; which one that is the image does not say.
 */
#include "ops/pe_lint_internal.h"

#include <string.h>

#include "crypto/chain.h"
#include "crypto/cms.h"

static const char rule[] = "shim-signer";

static void add(struct ks_findings *findings, u64 off, const char *what, const struct ks_cert *cert)
{
	const struct ks_finding finding = { rule, false, off, what, "" };
	char name[64];

	if (cert)
		ks_cert_name(cert, name, sizeof(name));
	ks_findings_add(findings, &finding, cert ? name : NULL);
}

int ks_pe_lint_signer(const struct ks_cert *signer, const struct ks_certs *embedded, u64 off,
		      struct ks_findings *findings, struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs chain = { 0 };
	int rc = ks_cert_chain(signer, embedded ? embedded : &ks_no_certs, &ks_no_certs, &chain,
			       diag);
	size_t i;

	for (i = 0; !rc && i < chain.nr_certs; i++) {
		const struct ks_cert *cert = &chain.cert[i];

		if (!ks_cert_is_rsa(cert))
			add(findings, off, "key is not RSA, shim does not take its signatures", cert);
		if (ks_cert_is_for_modules(cert))
			add(findings, off,
			    "certificate is for signing modules, shim ignores it in db and as a MOK",
			    cert);
	}
	return rc ? rc : ks_findings_ok(findings, diag);
}

void ks_pe_lint_signers(struct ks_pe_lint *l)
{
	struct ks_span cms[KS_MAX_PE_CERTS];
	size_t i, nr = 0;

	if (ks_pe_firmware_certs(&l->view, cms, &nr, NULL))
		return;
	for (i = 0; i < nr; i++) {
		__cleanup(ks_certs_done) struct ks_certs signers = { 0 }, embedded = { 0 };
		const char *alg = ks_cms_authcode_alg(cms[i]);
		const u64 off = (u64)(cms[i].p - l->view.file.p);

		if (alg && strcmp(alg, "sha256"))
			add(l->out, off, "digest is not SHA-256, shim knows no other", NULL);
		/* What cannot be read is pe verify's to tell. */
		if (!ks_cms_authcode_certs(cms[i], &signers, &embedded, NULL) && signers.nr_certs &&
		    ks_pe_lint_signer(&signers.cert[0], &embedded, off, l->out, NULL))
			return;
	}
}
