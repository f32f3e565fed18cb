// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/pe.h"

#include <errno.h>

#include "crypto/chain.h"
#include "fmt/authcode.h"
#include "ops/kind.h"
#include "ops/uki_lint.h"

int ks_pe_hash_md(const struct ks_pe_view *view, const EVP_MD *md, struct ks_digest *ret_digest,
		  struct ks_diag *diag)
{
	struct ks_span region[KS_PE_MAX_REGIONS];
	size_t nr = ks_pe_hash_regions(view, region);

	return ks_digest_spans(md, region, nr, ret_digest, diag);
}

int ks_pe_hash(const struct ks_pe_view *view, const char *alg, struct ks_digest *ret_digest,
	       struct ks_diag *diag)
{
	const EVP_MD *md = NULL;
	int rc = ks_digest_alg(alg, &md, diag);

	return rc ? rc : ks_pe_hash_md(view, md, ret_digest, diag);
}

/* The same signature twice only costs space in a table that some firmware reads one entry of. */
static int refuse_equal(const struct ks_cert *cert, const struct ks_pe_signing *signing,
			struct ks_diag *diag)
{
	bool equal = false;
	size_t i;

	for (i = 0; i < signing->nr_kept && !equal; i++) {
		__cleanup(ks_certs_done) struct ks_certs signers = { 0 }, embedded = { 0 };

		equal = !ks_cms_authcode_matches(signing->kept[i], ks_digest_span(&signing->digest),
						 NULL) &&
			!ks_cms_authcode_certs(signing->kept[i], &signers, &embedded, NULL) &&
			signers.nr_certs && ks_cert_same(&signers.cert[0], cert);
	}
	return equal ? ks_fail(diag, -EEXIST, KS_NO_OFF,
			       "image carries a signature by this certificate already") :
		       0;
}

/* The signatures that stay; none for an unsigned image and for a replacement. */
static int keep_signatures(enum ks_if_signed mode, struct ks_pe_signing *signing,
			   struct ks_diag *diag)
{
	u64 off = signing->view.cert_dir_off;
	size_t nr = 0;
	int rc = ks_pe_certs(&signing->view, signing->kept, &nr, diag);

	if (rc)
		return rc;
	if (nr && mode == KS_IF_SIGNED_REFUSE)
		return ks_fail(diag, -EEXIST, off,
			       "image is signed already, use --signed add or replace");
	if (nr == KS_MAX_PE_CERTS && mode == KS_IF_SIGNED_ADD)
		return ks_fail(diag, -E2BIG, off, "over 64 signatures");
	signing->nr_kept = mode == KS_IF_SIGNED_REPLACE ? 0 : nr;
	return 0;
}

void ks_pe_signing_done(struct ks_pe_signing *signing)
{
	ks_buf_done(&signing->content);
	*signing = (struct ks_pe_signing){ 0 };
}

int ks_pe_sign_begin(const struct ks_cert *cert, const struct ks_pe_sign_opts *opts,
		     struct ks_span in, struct ks_pe_signing *ret_signing, struct ks_diag *diag)
{
	__cleanup(ks_pe_signing_done) struct ks_pe_signing signing = { .first = opts->first };
	int rc;

	if (opts->chain && ks_cert_check_chain(cert, opts->chain, diag))
		return -EINVAL;
	rc = ks_kind_parse_pe(in, &signing.view, diag);
	if (!rc)
		rc = ks_uki_lint_fatal(&signing.view, diag);
	if (!rc)
		rc = keep_signatures(opts->mode, &signing, diag);
	if (!rc)
		rc = ks_pe_hash(&signing.view, "sha256", &signing.digest, diag);
	if (!rc)
		rc = refuse_equal(cert, &signing, diag);
	if (rc)
		return rc;
	ks_authcode_build(ks_digest_span(&signing.digest), &signing.content);
	rc = ks_buf_ok(&signing.content, diag);
	if (rc)
		return rc;
	*ret_signing = signing;
	signing = (struct ks_pe_signing){ 0 };
	return 0;
}

int ks_pe_sign_end(const struct ks_pe_signing *signing, struct ks_span cms,
		   struct ks_pe_image *ret_image, struct ks_diag *diag)
{
	struct ks_span all[KS_MAX_PE_CERTS + 1];
	size_t i, nr = 0;

	if (signing->first)
		all[nr++] = cms;
	for (i = 0; i < signing->nr_kept; i++)
		all[nr++] = signing->kept[i];
	if (!signing->first)
		all[nr++] = cms;
	return ks_pe_build_signed(&signing->view, all, nr, ret_image, diag);
}

int ks_pe_sign(const struct ks_signer *signer, const struct ks_pe_sign_opts *opts,
	       struct ks_span in, struct ks_pe_image *ret_image, struct ks_diag *diag)
{
	__cleanup(ks_pe_signing_done) struct ks_pe_signing signing = { 0 };
	__cleanup(ks_buf_done) struct ks_buf mine = { 0 };
	int rc;

	rc = ks_pe_sign_begin(&signer->cert, opts, in, &signing, diag);
	if (!rc)
		rc = ks_cms_sign_authcode(signer, ks_buf_span(&signing.content), opts->chain, &mine,
					  diag);
	return rc ? rc : ks_pe_sign_end(&signing, ks_buf_span(&mine), ret_image, diag);
}

int ks_pe_strip(struct ks_span in, struct ks_pe_image *ret_image, struct ks_diag *diag)
{
	struct ks_pe_view view;
	int rc = ks_kind_parse_pe(in, &view, diag);

	if (rc)
		return rc;
	if (!view.certs.bytes)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "image is not signed");
	return ks_pe_build_signed(&view, NULL, 0, ret_image, diag);
}
