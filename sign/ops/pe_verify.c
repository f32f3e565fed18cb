// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/pe_verify.h"

#include <errno.h>
#include <stdio.h>

#include "crypto/cms.h"
#include "ops/kind.h"
#include "ops/pe.h"

/* The certificates that firmware looks into, and where a chain may go on that is shown. */
struct pool {
	struct ks_certs anchors;
	struct ks_certs known;
	const struct ks_dbx *dbx;
};

static void pool_done(struct pool *pool)
{
	ks_certs_done(&pool->anchors);
	ks_certs_done(&pool->known);
}

void ks_pe_report_done(struct ks_pe_report *report)
{
	size_t i;

	for (i = 0; i < report->nr_signatures; i++) {
		ks_certs_done(&report->signature[i].signers);
		ks_certs_done(&report->signature[i].chain);
	}
	report->nr_signatures = 0;
}

static const struct {
	const char *word;
	const char *text;
} revoked_names[] = {
	[KS_PE_NOT_REVOKED] = { "clear", "not in dbx" },
	[KS_PE_CERT_REVOKED] = { "certificate", "REVOKED by dbx" },
	[KS_PE_CA_REVOKED] = { "ca", "CA REVOKED by dbx" },
	[KS_PE_NO_SIGNER] = { "no-signer", "REFUSED where there is a dbx" },
	[KS_PE_TRUST_REVOKED] = { "trust", "trusted certificate REVOKED by dbx" },
};

const char *ks_pe_revoked_word(enum ks_pe_revoked revoked)
{
	return revoked_names[revoked].word;
}

const char *ks_pe_revoked_text(enum ks_pe_revoked revoked)
{
	return revoked_names[revoked].text;
}

static bool has_ecdsa(const struct ks_certs *chain)
{
	size_t i;

	for (i = 0; i < chain->nr_certs; i++)
		if (!ks_cert_is_rsa(&chain->cert[i]))
			return true;
	return false;
}

/* Who signed, and whether the signature is by that certificate; @s->error says why not. */
static int check_signer(struct ks_span cms, const struct pool *pool, struct ks_pe_signature *s)
{
	__cleanup(ks_certs_done) struct ks_certs embedded = { 0 };
	int rc = ks_cms_authcode_certs(cms, &s->signers, &embedded, &s->error);

	if (rc)
		return rc;
	if (!s->signers.nr_certs)
		return ks_fail(&s->error, -EKEYREJECTED, KS_NO_OFF,
			       "the signer's certificate is not embedded, firmware does not find it");
	rc = ks_cert_chain(&s->signers.cert[0], &embedded, &pool->known, &s->chain, &s->error);
	if (rc)
		return rc;
	s->ecdsa = has_ecdsa(&s->chain);
	rc = ks_cms_verify_authcode(cms, &s->signers, NULL, &s->error);
	s->intact = !rc;
	s->checked = s->intact || rc == -EKEYREJECTED;
	return ks_cms_authcode_check_type(cms, &s->error);
}

/* Is it of this image? Also looks the image up in dbx, by the digest that the signature chooses. */
static int check_digest(struct ks_span cms, const struct ks_dbx *dbx, struct ks_pe_report *report,
			struct ks_pe_signature *s, struct ks_diag *diag)
{
	struct ks_digest digest = { 0 };
	const EVP_MD *md = NULL;
	int rc;

	s->alg = ks_cms_authcode_alg(cms);
	if (!s->alg)
		return ks_fail(&s->error, -EKEYREJECTED, KS_NO_OFF,
			       "firmware skips this signature: no DER of 256 bytes to 64 KiB whose "
			       "digestAlgorithms start with SHA-1 or SHA-2");
	rc = ks_digest_alg_to_read(s->alg, &md, diag);
	if (!rc)
		rc = ks_pe_hash_md(&report->view, md, &digest, diag);
	if (rc)
		return rc;
	if (dbx && ks_dbx_has_image(dbx, s->alg, &digest))
		report->image_revoked = true;
	rc = ks_cms_authcode_matches(cms, ks_digest_span(&digest), &s->error);
	s->matches = !rc;
	s->compared = s->matches || rc == -EKEYREJECTED;
	return 0;
}

/* EDK2's IsForbiddenByDbx(): each certificate of dbx is an anchor that forbids. */
static int find_revoked(struct ks_span cms, const struct ks_dbx *dbx, struct ks_pe_signature *s,
			struct ks_diag *diag)
{
	bool found = false;
	size_t i, idx = 0;
	int rc = 0;

	if (s->matches && !ks_cms_verify_authcode(cms, &dbx->certs, &idx, NULL)) {
		s->revoked = KS_PE_CA_REVOKED;
		for (i = 0; i < s->signers.nr_certs; i++)
			if (ks_cert_same(&s->signers.cert[i], &dbx->certs.cert[idx]))
				s->revoked = KS_PE_CERT_REVOKED;
		return 0;
	}
	if (!s->signers.nr_certs)
		s->revoked = KS_PE_NO_SIGNER;
	for (i = 0; i < s->signers.nr_certs && !found && !rc; i++)
		rc = ks_dbx_has_tbs(dbx, &s->signers.cert[i], &found, diag);
	if (found)
		s->revoked = KS_PE_CERT_REVOKED;
	return rc;
}

/* EDK2's IsAllowedByDb(): the first certificate of db that anchors decides. */
static int find_trusted(struct ks_span cms, const struct pool *pool, struct ks_pe_signature *s,
			struct ks_diag *diag)
{
	bool found = false;
	size_t idx = 0;
	int rc;

	if (!s->matches || s->error.err ||
	    ks_cms_verify_authcode(cms, &pool->anchors, &idx, NULL))
		return 0;
	s->checked = true;
	s->intact = true;
	rc = pool->dbx ? ks_dbx_has_tbs(pool->dbx, &pool->anchors.cert[idx], &found, diag) : 0;
	if (found && s->revoked == KS_PE_NOT_REVOKED)
		s->revoked = KS_PE_TRUST_REVOKED;
	s->trusted = !found;
	return rc;
}

static int inspect_one(const struct pool *pool, struct ks_span cms, struct ks_pe_report *report,
		       struct ks_pe_signature *s, struct ks_diag *diag)
{
	int rc = check_digest(cms, pool->dbx, report, s, diag);

	if (rc && !s->error.err)
		return rc;
	(void)check_signer(cms, pool, s);
	if (!s->alg)
		return 0;
	rc = pool->dbx ? find_revoked(cms, pool->dbx, s, diag) : 0;
	return rc ? rc : find_trusted(cms, pool, s, diag);
}

static int fill_pool(const struct ks_pe_db *db, struct pool *pool, bool *ret_no_rsa,
		     struct ks_diag *diag)
{
	const struct ks_certs *trust = db->trust ? db->trust : &ks_no_certs;
	const struct ks_certs *revoked = db->dbx ? &db->dbx->certs : &ks_no_certs;
	size_t i;
	int rc = 0;

	pool->dbx = db->dbx;
	for (i = 0; i < trust->nr_certs && !rc; i++) {
		rc = ks_certs_push(&pool->known, &trust->cert[i], diag);
		if (!ks_cert_is_rsa(&trust->cert[i]))
			*ret_no_rsa = true;
		else if (!rc)
			rc = ks_certs_push(&pool->anchors, &trust->cert[i], diag);
	}
	for (i = 0; i < revoked->nr_certs && !rc; i++)
		rc = ks_certs_push(&pool->known, &revoked->cert[i], diag);
	return rc;
}

/* Firmware looks an unsigned image up by SHA-256 alone; lists were made with the padding and without. */
static int find_unsigned(const struct ks_dbx *dbx, struct ks_pe_report *report, struct ks_diag *diag)
{
	struct ks_span region[KS_PE_MAX_REGIONS];
	size_t nr = ks_pe_hash_regions(&report->view, region);
	struct ks_digest unpadded = { 0 };
	int rc = ks_sha256_spans(region, nr - 1, &unpadded, diag);

	if (!rc)
		report->image_revoked = ks_dbx_has_image(dbx, "sha256", &report->sha256) ||
					ks_dbx_has_image(dbx, "sha256", &unpadded);
	return rc;
}

/* The components of .sbat. Return: 0; why shim cannot read it. */
static int read_sbat(struct ks_pe_report *report, struct ks_diag *diag)
{
	const struct ks_pe_section *s = ks_pe_find(&report->view, ".sbat");
	struct ks_span text;
	int rc, more = 1;

	if (!s)
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "no .sbat section, shim does not start the image");
	text = ks_pe_loaded(s);
	rc = ks_sbat_check(text, s->raw_off, diag);
	while (!rc && more > 0 && report->nr_sbat < KS_PE_MAX_SBAT) {
		more = ks_sbat_next(&text, &report->sbat[report->nr_sbat].entry, diag);
		report->nr_sbat += more > 0;
	}
	report->has_sbat = !rc && more >= 0;
	return rc ? rc : more;
}

static void revoke_sbat(struct ks_pe_report *report, const struct ks_pe_sbat *row)
{
	struct ks_span name = row->entry.component;
	char which[192];

	snprintf(which, sizeof(which), "%.*s,%u, the level has %u",
		 (int)(name.bytes < 128 ? name.bytes : 128), (const char *)name.p, row->entry.generation,
		 row->least);
	ks_fail_detail(&report->sbat_error, -EKEYREJECTED,
		       "SBAT revokes a component, shim does not start the image", which);
}

/* As shim does with what it starts itself; @level is NULL if nobody asked. */
static int judge_sbat(const struct ks_span *level, struct ks_pe_report *report, struct ks_diag *diag)
{
	size_t i;
	int rc = read_sbat(report, level ? &report->sbat_error : NULL);

	report->has_level = level;
	if (rc || !level)
		return 0;
	for (i = 0; i < report->nr_sbat; i++) {
		struct ks_pe_sbat *row = &report->sbat[i];

		rc = ks_sbat_least(*level, row->entry.component, &row->least, diag);
		if (rc < 0)
			return rc;
		row->has_least = rc;
		if (row->has_least && row->entry.generation < row->least)
			revoke_sbat(report, row);
	}
	return 0;
}

int ks_pe_inspect(const struct ks_pe_db *db, struct ks_span in, struct ks_pe_report *ret_report,
		  struct ks_diag *diag)
{
	__cleanup(pool_done) struct pool pool = { 0 };
	struct ks_span cms[KS_MAX_PE_CERTS];
	size_t nr = 0;
	int rc;

	*ret_report = (struct ks_pe_report){ 0 };
	rc = ks_kind_parse_pe(in, &ret_report->view, diag);
	if (!rc)
		rc = ks_pe_firmware_certs(&ret_report->view, cms, &nr, diag);
	if (!rc)
		rc = ks_pe_hash(&ret_report->view, "sha256", &ret_report->sha256, diag);
	if (!rc)
		rc = ks_sha256(in, &ret_report->file_sha256, diag);
	if (!rc)
		rc = judge_sbat(db->sbat_level, ret_report, diag);
	if (!rc)
		rc = fill_pool(db, &pool, &ret_report->no_rsa, diag);
	if (!rc && db->dbx && !ret_report->view.certs.bytes)
		rc = find_unsigned(db->dbx, ret_report, diag);
	for (; !rc && ret_report->nr_signatures < nr; ret_report->nr_signatures++)
		rc = inspect_one(&pool, cms[ret_report->nr_signatures], ret_report,
				 &ret_report->signature[ret_report->nr_signatures], diag);
	return rc;
}

static bool refuses(const struct ks_pe_signature *s)
{
	return s->revoked != KS_PE_NOT_REVOKED && s->revoked != KS_PE_TRUST_REVOKED;
}

/* Why this one refuses the whole image. */
static int refusal(const struct ks_pe_signature *s, size_t idx, struct ks_diag *diag)
{
	static const char *const why[] = {
		[KS_PE_CERT_REVOKED] = "dbx has the signer's certificate, firmware refuses the image",
		[KS_PE_CA_REVOKED] = "dbx has the signer's CA, firmware refuses the image",
		[KS_PE_NO_SIGNER] = "the signer's certificate is not embedded: where there is a dbx, "
				    "firmware refuses the image",
	};
	char which[144], name[96] = "nobody known";

	if (s->chain.nr_certs)
		ks_cert_name(&s->chain.cert[0], name, sizeof(name));
	snprintf(which, sizeof(which), "signature %zu by %s", idx + 1, name);
	return ks_fail_detail(diag, -EKEYREJECTED, why[s->revoked], which);
}

/* None is trusted: the first reason that there is. */
static int untrusted(const struct ks_pe_report *report, size_t idx, struct ks_diag *diag)
{
	const struct ks_pe_signature *s;

	if (idx == KS_PE_NO_DECIDER)
		return ks_fail(diag, -ENOKEY, KS_NO_OFF,
			       report->no_rsa ? "no signature is by a trusted certificate; one without an RSA "
						"key is in no db, SetVariable() refuses it" :
						"no signature is by a trusted certificate");
	s = &report->signature[idx];
	if (s->error.err && s->error.detail[0])
		return ks_fail_detail(diag, -EKEYREJECTED, s->error.what, s->error.detail);
	if (s->error.err)
		return ks_fail(diag, -EKEYREJECTED, s->error.off, s->error.what);
	return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
		       "dbx has the digest of the trusted certificate, what it vouches for does not count");
}

/*
 * EDK2 walks the signatures: the first that dbx forbids ends it, else the first that db allows is the
 * one. Where there is neither, the first with a reason.
 */
size_t ks_pe_decider(const struct ks_pe_report *report)
{
	const struct ks_pe_signature *s = report->signature;
	size_t i;

	if (report->image_revoked)
		return KS_PE_NO_DECIDER;
	for (i = 0; i < report->nr_signatures; i++)
		if (refuses(&s[i]))
			return i;
	for (i = 0; i < report->nr_signatures; i++)
		if (s[i].trusted)
			return i;
	for (i = 0; i < report->nr_signatures; i++)
		if (s[i].error.err || s[i].revoked == KS_PE_TRUST_REVOKED)
			return i;
	return KS_PE_NO_DECIDER;
}

int ks_pe_verdict(const struct ks_pe_report *report, struct ks_diag *diag)
{
	size_t idx = ks_pe_decider(report);

	if (report->image_revoked)
		return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
			       "dbx has the digest of the image, firmware refuses it");
	if (!report->nr_signatures)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "image is not signed");
	if (idx != KS_PE_NO_DECIDER && refuses(&report->signature[idx]))
		return refusal(&report->signature[idx], idx, diag);
	if (idx == KS_PE_NO_DECIDER || !report->signature[idx].trusted)
		return untrusted(report, idx, diag);
	if (!report->sbat_error.err)
		return 0;
	if (report->sbat_error.detail[0])
		return ks_fail_detail(diag, -EKEYREJECTED, report->sbat_error.what, report->sbat_error.detail);
	return ks_fail(diag, -EKEYREJECTED, report->sbat_error.off, report->sbat_error.what);
}
