// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Attach: everything is checked first, for all files; then each file is opened, compared and
 * checked once more and written, so that what changed in between is not signed either.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "ops/offline_work.h"

struct attach {
	const struct ks_offline *manifest;
	const struct ks_offline_attach_opts *opts;
	struct ks_offline_faults *faults;
	bool write;
};

static int load_signature(const struct attach *a, size_t idx, struct ks_buf *ret_sig,
			  struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *path = NULL;
	char id[KS_OFFLINE_ID_BYTES];
	int rc;

	ks_offline_id(a->manifest, idx, id);
	if (asprintf(&path, "%s/%s.sig", a->opts->sig_dir, id) < 0) {
		path = NULL;
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	rc = ks_file_load(path, KS_MAX_RAW_SIG_BYTES, ret_sig, NULL);
	if (rc == -ENOENT)
		return ks_fail_detail(diag, rc, "its signature is missing", path);
	return rc ? ks_fail_detail(diag, rc, "cannot read its signature", path) : 0;
}

static int check_allowed(const struct attach *a, size_t cert_idx, struct ks_diag *diag)
{
	const struct ks_certs *allowed = a->opts->allowed;
	char hex[KS_OFFLINE_SHA256_BYTES];
	struct ks_digest digest = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < allowed->nr_certs; i++) {
		rc = ks_cert_fingerprint(&allowed->cert[i], &digest, diag);
		ks_hex(ks_digest_span(&digest), hex, sizeof(hex));
		if (!rc && !strcmp(hex, a->manifest->cert_sha256[cert_idx]))
			return 0;
	}
	if (rc || !allowed->nr_certs)
		return rc;
	return ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
		       "the manifest wants a signature by a certificate that --cert does not name");
}

/* The file must be what prepare saw, and everything that was computed from it then must still be.
 */
static int compare(const struct ks_offline_entry *entry, const struct ks_offline_work *work,
		   struct ks_diag *diag)
{
	if (!ks_span_eq(ks_digest_span(&entry->file), ks_digest_span(&work->file_sha256)))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "file is not the one of the manifest, it was changed since");
	if (!ks_span_eq(ks_buf_span(&entry->attrs), ks_buf_span(&work->attrs)))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "manifest has other signed attributes than the file");
	if (!ks_span_eq(ks_digest_span(&entry->digest), ks_digest_span(&work->digest)))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "manifest has another digest than the file");
	return 0;
}

static int check_entry(const struct attach *a, size_t idx, struct ks_certs *chain,
		       struct ks_signer *signer, struct ks_offline_work *work, struct ks_buf *sig,
		       struct ks_diag *diag)
{
	const struct ks_offline_entry *entry = &a->manifest->entry[idx];
	struct ks_signer_opts opts = { .cert = &a->manifest->certs.cert[entry->cert_idx],
				       .hash = entry->hash };
	size_t i;
	int rc = check_allowed(a, entry->cert_idx, diag);

	if (!rc)
		rc = ks_signer_open(&opts, signer, diag);
	for (i = 0; !rc && i < entry->nr_chain; i++)
		rc = ks_certs_push(chain, &a->manifest->certs.cert[entry->chain_idx[i]], diag);
	if (rc)
		return rc;
	if (entry->kind == KS_OFFLINE_PE)
		signer->time = entry->time;
	rc = ks_offline_work_open(entry, chain, signer, work, diag);
	if (!rc)
		rc = compare(entry, work, diag);
	if (!rc)
		rc = load_signature(a, idx, sig, diag);
	return rc ? rc
		  : ks_signer_check(signer, ks_digest_span(&work->digest), ks_buf_span(sig), diag);
}

static int attach_entry(const struct attach *a, size_t idx, struct ks_diag *diag)
{
	__cleanup(ks_offline_work_done) struct ks_offline_work work = { 0 };
	__cleanup(ks_signer_close) struct ks_signer signer = { 0 };
	__cleanup(ks_certs_done) struct ks_certs chain = { 0 };
	__cleanup(ks_buf_done) struct ks_buf sig = { 0 };
	struct ks_diag fault = { 0 };
	int rc = check_entry(a, idx, &chain, &signer, &work, &sig, &fault);

	if (!rc && a->write)
		rc = ks_offline_work_publish(&work, &chain, ks_buf_span(&sig), &fault);
	return rc ? ks_offline_note(a->manifest, idx, &fault, a->faults, diag) : 0;
}

static int verdict(const struct ks_offline_faults *faults)
{
	size_t i;

	for (i = 0; i < faults->nr_diags; i++)
		if (faults->diag[i].err != -EKEYREJECTED)
			return -EIO;
	return faults->nr_diags ? -EKEYREJECTED : 0;
}

int ks_offline_attach(const struct ks_offline *manifest, const struct ks_offline_attach_opts *opts,
		      struct ks_offline_faults *faults, struct ks_diag *diag)
{
	struct attach a = { manifest, opts, faults, false };
	size_t i;
	int rc = ks_offline_check_files(manifest, faults, diag);

	for (i = 0; !rc && i < manifest->nr_entries; i++)
		rc = attach_entry(&a, i, diag);
	if (!rc)
		rc = verdict(faults);
	a.write = true;
	for (i = 0; !rc && i < manifest->nr_entries; i++)
		rc = attach_entry(&a, i, diag);
	return rc ? rc : verdict(faults);
}
