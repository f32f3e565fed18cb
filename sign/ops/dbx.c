// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/dbx.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "ops/dbx_json.h"
#include "ops/efi_key.h"

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

static int read_store(struct ks_span file, struct ks_buf *lists, struct ks_diag *diag)
{
	const struct ks_efi_key *key;
	struct ks_varstore_view view;
	struct ks_var var;
	bool found = false;
	int rc = ks_varstore_parse(file, &view, diag) ?: ks_efi_key_named("dbx", &key, diag);

	if (!rc)
		rc = ks_efi_key_find(&view, key, &found, &var, diag);
	if (!rc && !found)
		rc = ks_fail(diag, -EBADMSG, KS_NO_OFF,
			     "variable store has no dbx and forbids nothing, leave --dbx out if that is meant");
	if (rc)
		return rc;
	ks_put(lists, var.data);
	return ks_buf_ok(lists, diag);
}

/* Other forms become lists, so that all that follows has one to read. */
static int read_lists(struct ks_dbx *dbx, const struct ks_dbx_opts *opts, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf lists = { 0 };
	struct ks_span file = ks_buf_span(&dbx->file);
	int rc;

	if (ks_varstore_probe(file))
		rc = read_store(file, &lists, diag);
	else if (file.bytes > KS_MAX_TEXT_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "dbx is over 4 MiB and not a variable store");
	else if (ks_dbx_is_json(file))
		rc = ks_dbx_json_parse(file, opts ? opts->arch : NULL, opts ? opts->certs : NULL, &lists,
				       diag);
	else
		return ks_efi_parse_lists(file, &dbx->lists, diag);
	if (rc)
		return rc;
	ks_buf_done(&dbx->file);
	ks_buf_move(&dbx->file, &lists);
	return ks_esl_parse(ks_buf_span(&dbx->file), 0, &dbx->lists, diag);
}

int ks_dbx_load(const char *path, const struct ks_dbx_opts *opts, struct ks_dbx *ret_dbx,
		struct ks_diag *diag)
{
	__cleanup(ks_dbx_done) struct ks_dbx dbx = { 0 };
	int rc = ks_file_load(path, KS_MAX_VARSTORE_BYTES, &dbx.file, diag);

	if (!rc)
		rc = read_lists(&dbx, opts, diag);
	rc = rc ? rc : ks_efi_certs(&dbx.lists, &dbx.certs, diag);
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

int ks_dbx_take(struct ks_span lists, struct ks_dbx *ret_dbx, struct ks_diag *diag)
{
	__cleanup(ks_dbx_done) struct ks_dbx dbx = { 0 };
	int rc;

	ks_put(&dbx.file, lists);
	rc = ks_buf_ok(&dbx.file, diag);
	rc = rc ? rc : ks_esl_parse(ks_buf_span(&dbx.file), 0, &dbx.lists, diag);
	rc = rc ? rc : ks_efi_certs(&dbx.lists, &dbx.certs, diag);
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

/* What an entry is, and its digest where it is one. */
enum kind { OTHER, IMAGE, CERT, CERT_DIGEST, SVN };

static enum kind kind_of(const struct ks_esl_list_view *list, const struct ks_guid *owner,
			 struct ks_span payload, struct ks_span *ret_digest)
{
	size_t i;

	if (ks_guid_eq(&list->type, &ks_esl_type_x509))
		return CERT;
	for (i = 0; i < KS_ARRAY_SIZE(digests); i++) {
		if (!ks_span_sub(payload, 0, ks_esl_type_of(digests[i].image)->payload_bytes, ret_digest))
			continue;
		if (ks_guid_eq(&list->type, digests[i].image))
			return ks_guid_eq(owner, &ks_dbx_owner_svn) ? SVN : IMAGE;
		if (digests[i].cert && ks_guid_eq(&list->type, digests[i].cert))
			return CERT_DIGEST;
	}
	return OTHER;
}

static enum kind entry_of(const struct ks_esl_list_view *list, u32 idx, struct ks_span *ret_digest,
			  struct ks_span *ret_payload)
{
	struct ks_guid owner;

	if (ks_esl_sig(list, idx, &owner, ret_payload, NULL))
		return OTHER;
	return kind_of(list, &owner, *ret_payload, ret_digest);
}

static void put_hash(struct ks_buf *out, const char *prefix, struct ks_span digest)
{
	char hex[2 * KS_DIGEST_MAX_BYTES + 1];

	ks_hex(digest, hex, sizeof(hex));
	ks_put_str(out, out->bytes ? ",\n\"" : "\"");
	ks_put_str(out, prefix);
	ks_put_str(out, hex);
	ks_put_str(out, "\"");
}

/* Count what there is; @hashes gets what a list of hashes takes, and may be NULL. */
static struct ks_dbx_counts count(const struct ks_esl_view *lists, struct ks_buf *hashes)
{
	struct ks_dbx_counts counts = { 0 };
	struct ks_span digest, payload;
	size_t i;
	u32 k;

	for (i = 0; i < lists->nr_lists; i++)
		for (k = 0; k < lists->list[i].nr_sigs; k++) {
			enum kind kind = entry_of(&lists->list[i], k, &digest, &payload);

			counts.nr_images += kind == IMAGE;
			counts.nr_certs += kind == CERT;
			counts.nr_cert_digests += kind == CERT_DIGEST;
			counts.nr_svns += kind == SVN;
			counts.nr_left_out += kind == OTHER;
			if (hashes && (kind == IMAGE || kind == CERT_DIGEST))
				put_hash(hashes, kind == IMAGE ? "bin:" : "tbs:", digest);
		}
	return counts;
}

void ks_dbx_count(const struct ks_esl_view *lists, struct ks_dbx_counts *ret_counts)
{
	*ret_counts = count(lists, NULL);
}

int ks_dbx_put_hash_list(const struct ks_esl_view *lists, struct ks_buf *out,
			 struct ks_dbx_counts *ret_counts, struct ks_diag *diag)
{
	struct ks_dbx_counts counts = count(lists, out);

	if (!counts.nr_images && !counts.nr_cert_digests)
		return ks_fail(diag, -ENODATA, KS_NO_OFF, "dbx has no digest for a list of hashes");
	counts.nr_left_out += counts.nr_certs + counts.nr_svns;
	counts.nr_certs = counts.nr_svns = 0;
	ks_put_u8(out, '\n');
	*ret_counts = counts;
	return ks_buf_ok(out, diag);
}

int ks_dbx_put_revocation_keys(const struct ks_esl_view *lists, struct ks_buf *out,
			       struct ks_dbx_counts *ret_counts, struct ks_diag *diag)
{
	struct ks_dbx_counts counts = { 0 };
	struct ks_span digest, payload;
	size_t i;
	u32 k;
	int rc = 0;

	for (i = 0; i < lists->nr_lists; i++)
		for (k = 0; k < lists->list[i].nr_sigs && !rc; k++) {
			__cleanup(ks_cert_done) struct ks_cert cert = { 0 };

			if (entry_of(&lists->list[i], k, &digest, &payload) != CERT) {
				counts.nr_left_out++;
				continue;
			}
			counts.nr_certs++;
			rc = ks_cert_parse_padded(payload, &cert, diag) ?: ks_cert_pem(&cert, out, diag);
		}
	if (!rc && !counts.nr_certs)
		rc = ks_fail(diag, -ENODATA, KS_NO_OFF, "dbx has no certificate for the kernel's revocation keys");
	if (!rc)
		*ret_counts = counts;
	return rc;
}
