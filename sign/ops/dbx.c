// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/dbx.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"

/* The lists that name something by a digest; no list names a certificate by SHA-1. */
static const struct {
	const char *alg;
	const struct ks_guid *image;
	const struct ks_guid *cert;
} digests[] = {
	{ "sha1", &ks_esl_type_sha1, NULL },
	{ "sha256", &ks_esl_type_sha256, &ks_esl_type_x509_sha256 },
	{ "sha384", &ks_esl_type_sha384, &ks_esl_type_x509_sha384 },
	{ "sha512", &ks_esl_type_sha512, &ks_esl_type_x509_sha512 },
};

void ks_dbx_done(struct ks_dbx *dbx)
{
	ks_buf_done(&dbx->file);
	ks_certs_done(&dbx->certs);
	dbx->lists.nr_lists = 0;
}

static int push_certs(const struct ks_esl_list_view *list, struct ks_certs *certs,
		      struct ks_diag *diag)
{
	struct ks_span payload;
	struct ks_guid owner;
	u32 i;
	int rc = 0;

	for (i = 0; i < list->nr_sigs && !rc; i++) {
		__cleanup(ks_cert_done) struct ks_cert cert = { 0 };

		rc = ks_esl_sig(list, i, &owner, &payload, diag);
		if (!rc)
			rc = ks_cert_parse_padded(payload, &cert, diag);
		if (!rc)
			rc = ks_certs_push(certs, &cert, diag);
	}
	return rc;
}

int ks_dbx_load(const char *path, struct ks_dbx *ret_dbx, struct ks_diag *diag)
{
	__cleanup(ks_dbx_done) struct ks_dbx dbx = { 0 };
	size_t i;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &dbx.file, diag);

	if (!rc)
		rc = ks_esl_parse_file(ks_buf_span(&dbx.file), &dbx.lists, diag);
	for (i = 0; !rc && i < dbx.lists.nr_lists; i++)
		if (ks_guid_eq(&dbx.lists.list[i].type, &ks_esl_type_x509))
			rc = push_certs(&dbx.lists.list[i], &dbx.certs, diag);
	/* Firmware has no empty variable: such a file is a download or a copy that failed. */
	if (!rc && !dbx.lists.nr_lists)
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF,
			     "dbx has no entry and forbids nothing, leave --dbx out if that is meant");
	ks_diag_in(diag, path);
	if (rc)
		return rc;
	*ret_dbx = dbx;
	dbx = (struct ks_dbx){ 0 };
	return 0;
}

/*
 * An image's entry is the digest and nothing else; a certificate's has a time behind it, which
 * SetVariable() insists on and the search does not look at.
 */
static bool find_digest(const struct ks_dbx *dbx, const struct ks_guid *type,
		 const struct ks_digest *digest, bool whole)
{
	struct ks_span payload, head;
	struct ks_guid owner;
	size_t i;
	u32 k;

	for (i = 0; i < dbx->lists.nr_lists; i++) {
		const struct ks_esl_list_view *list = &dbx->lists.list[i];

		if (!ks_guid_eq(&list->type, type))
			continue;
		for (k = 0; k < list->nr_sigs; k++)
			if (!ks_esl_sig(list, k, &owner, &payload, NULL) &&
			    (!whole || payload.bytes == digest->bytes) &&
			    ks_span_sub(payload, 0, digest->bytes, &head) &&
			    ks_span_eq(head, ks_digest_span(digest)))
				return true;
	}
	return false;
}

bool ks_dbx_has_image(const struct ks_dbx *dbx, const char *alg, const struct ks_digest *digest)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(digests); i++)
		if (!strcmp(digests[i].alg, alg))
			return find_digest(dbx, digests[i].image, digest, true);
	return false;
}

static bool has_type(const struct ks_dbx *dbx, const struct ks_guid *type)
{
	size_t i;

	for (i = 0; i < dbx->lists.nr_lists; i++)
		if (ks_guid_eq(&dbx->lists.list[i].type, type))
			return true;
	return false;
}

int ks_dbx_has_tbs(const struct ks_dbx *dbx, const struct ks_cert *cert, bool *ret_found,
		   struct ks_diag *diag)
{
	bool found = false;
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(digests) && !found; i++) {
		struct ks_digest tbs = { 0 };
		int rc;

		if (!digests[i].cert || !has_type(dbx, digests[i].cert))
			continue;
		rc = ks_cert_tbs_digest(cert, digests[i].alg, &tbs, diag);
		if (rc)
			return rc;
		found = find_digest(dbx, digests[i].cert, &tbs, false);
	}
	*ret_found = found;
	return 0;
}
