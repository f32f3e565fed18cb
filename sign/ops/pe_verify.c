// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/pe_verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crypto/cms.h"
#include "fmt/authcode.h"
#include "ops/pe.h"

void ks_pe_report_done(struct ks_pe_report *report)
{
	size_t i;

	for (i = 0; i < report->nr_signatures; i++)
		ks_certs_done(&report->signature[i].chain);
	report->nr_signatures = 0;
}

/* Does it name the digest of this image? */
static int check_digest(struct ks_span cms, const struct ks_pe_report *report,
			struct ks_pe_signature *s)
{
	struct ks_authcode_view named = { 0 };
	struct ks_digest digest = report->sha256;
	struct ks_span content = { 0 };
	int rc;

	rc = ks_cms_authcode_content(cms, &content, &s->fault);
	if (!rc)
		rc = ks_authcode_parse(content, &named, &s->fault);
	if (!rc && strcmp(named.alg, "sha256"))
		rc = ks_pe_hash(&report->view, named.alg, &digest, &s->fault);
	if (rc)
		return rc;
	s->alg = named.alg;
	s->matches = ks_span_eq(named.digest, ks_digest_span(&digest));
	return s->matches ? 0 :
			    ks_fail(&s->fault, -EKEYREJECTED, KS_NO_OFF,
				    "signature is of other bytes: the image was changed after signing");
}

static int find_revoked(const struct ks_dbx *dbx, struct ks_pe_signature *s, struct ks_diag *diag)
{
	bool found = false;
	size_t i;
	int rc;

	for (i = 0; i < s->chain.nr_certs && !found; i++) {
		rc = ks_dbx_has_cert(dbx, &s->chain.cert[i], &found, diag);
		if (rc)
			return rc;
		if (found)
			s->revoked = i ? KS_PE_CA_REVOKED : KS_PE_CERT_REVOKED;
	}
	return 0;
}

/* @known: trusted and revoked certificates, where the chain may go on behind the embedded ones. */
static int inspect_one(const struct ks_pe_db *db, struct ks_span cms, const struct ks_certs *known,
		       const struct ks_pe_report *report, struct ks_pe_signature *s,
		       struct ks_diag *diag)
{
	struct ks_certs signer;
	int rc;

	(void)check_digest(cms, report, s);
	/* A message that is not well-formed has no chain; check_digest() or the next said why. */
	if (ks_cms_authcode_chain(cms, known, &s->chain, &s->fault))
		return 0;
	if (!s->chain.nr_certs) {
		(void)ks_fail(&s->fault, -EKEYREJECTED, KS_NO_OFF,
			      "the signer's certificate is not embedded, firmware does not find it");
		return 0;
	}
	signer = (struct ks_certs){ s->chain.cert, 1 };
	s->intact = !ks_cms_verify_authcode(cms, &signer, &s->fault);
	if (db->trust && s->intact)
		s->trusted = !ks_cms_verify_authcode(cms, db->trust, NULL);
	rc = db->dbx ? find_revoked(db->dbx, s, diag) : 0;
	return rc;
}

static int push_all(struct ks_certs *to, const struct ks_certs *from, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < from->nr_certs && !rc; i++)
		rc = ks_certs_push(to, &from->cert[i], diag);
	return rc;
}

int ks_pe_inspect(const struct ks_pe_db *db, struct ks_span in, struct ks_pe_report *ret_report,
		  struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs known = { 0 };
	struct ks_span cms[KS_MAX_PE_CERTS];
	size_t nr = 0;
	int rc;

	*ret_report = (struct ks_pe_report){ 0 };
	rc = ks_pe_parse(in, &ret_report->view, diag);
	if (!rc)
		rc = ks_pe_certs(&ret_report->view, cms, &nr, diag);
	if (!rc)
		rc = ks_pe_hash(&ret_report->view, "sha256", &ret_report->sha256, diag);
	if (!rc)
		rc = push_all(&known, db->trust ? db->trust : &ks_no_certs, diag);
	if (!rc)
		rc = push_all(&known, db->dbx ? &db->dbx->certs : &ks_no_certs, diag);
	if (!rc && db->dbx)
		rc = ks_dbx_has_image(db->dbx, &ret_report->view, &ret_report->image_revoked, diag);
	for (; !rc && ret_report->nr_signatures < nr; ret_report->nr_signatures++)
		rc = inspect_one(db, cms[ret_report->nr_signatures], &known, ret_report,
				 &ret_report->signature[ret_report->nr_signatures], diag);
	return rc;
}

/* Why this one refuses the whole image, 0 if it does not. */
static int refusal(const struct ks_pe_signature *s, size_t idx, struct ks_diag *diag)
{
	/* A digest that is not known here is no "no". */
	int err = s->fault.err == -EOPNOTSUPP ? -EOPNOTSUPP : -EKEYREJECTED;
	char which[144], name[96] = "";

	if (s->fault.err && s->fault.detail[0])
		return ks_fail_detail(diag, err, s->fault.what, s->fault.detail);
	if (s->fault.err)
		return ks_fail(diag, err, s->fault.off, s->fault.what);
	if (s->revoked == KS_PE_NOT_REVOKED)
		return 0;
	ks_cert_name(&s->chain.cert[0], name, sizeof(name));
	snprintf(which, sizeof(which), "signature %zu by %s", idx + 1, name);
	return ks_fail_detail(diag, -EKEYREJECTED,
			      s->revoked == KS_PE_CERT_REVOKED ?
				      "dbx has the signer's certificate, firmware refuses the image" :
				      "dbx has the signer's CA, firmware refuses the image",
			      which);
}

int ks_pe_verdict(const struct ks_pe_report *report, struct ks_diag *diag)
{
	bool trusted = false;
	size_t i;
	int rc;

	if (report->image_revoked)
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "dbx has the digest of the image, firmware refuses it");
	if (!report->nr_signatures)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "image is not signed");
	for (i = 0; i < report->nr_signatures; i++) {
		rc = refusal(&report->signature[i], i, diag);
		if (rc)
			return rc;
		trusted |= report->signature[i].trusted;
	}
	return trusted ? 0 :
			 ks_fail(diag, -ENOKEY, KS_NO_OFF,
				 "no signature is by a trusted certificate");
}
