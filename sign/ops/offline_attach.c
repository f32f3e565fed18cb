// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Attach: everything is checked first, for all files; then each file is opened, compared and
 * checked once more and written, so that what changed in between is not signed either.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/limits.h"
#include "ops/offline_work.h"

/* @error: one for each entry; @commits: NULL while entries are only checked */
struct attach {
	const struct ks_offline *manifest;
	const struct ks_offline_attach_opts *opts;
	struct ks_diag *error;
	struct ks_commits *commits;
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
	return rc ? rc : ks_fail(diag, -EKEYREJECTED, KS_NO_OFF,
		       "the manifest wants a signature by a certificate that --cert does not name");
}

/* What was computed from the file for one entry then must be what is computed now. */
static int compare_entry(const struct ks_offline_entry *entry, const struct ks_offline_work *work,
			 size_t idx, struct ks_diag *diag)
{
	const struct ks_uki_policy *policy = work->policies ? &work->policies->policy[idx] : NULL;
	const struct ks_digest *digest = policy ? &policy->tbs : &work->digest;

	if (policy &&
	    (entry->profile != policy->profile || strcmp(entry->phases, policy->phases) ||
	     !ks_span_eq(ks_digest_span(&entry->policy), ks_digest_span(&policy->policy))))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "manifest has another policy than the file");
	if (!ks_span_eq(ks_digest_span(&entry->digest), ks_digest_span(digest)))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "manifest has another digest than the file");
	return 0;
}

/* The file must be what prepare saw. */
static int compare_file(const struct ks_offline_job *job, const struct ks_offline_work *work,
			struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < job->nr_entries; i++)
		if (!ks_span_eq(ks_digest_span(&job->entry[i].file),
				ks_digest_span(&work->file_sha256)))
			return ks_fail(diag, -EBADMSG, KS_NO_OFF,
				       "file is not the one of the manifest, it was changed since");
	if (!ks_span_eq(ks_buf_span(&job->entry->attrs), ks_buf_span(&work->attrs)))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "manifest has other signed attributes than the file");
	if (work->policies && work->policies->nr_policies != job->nr_entries)
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "manifest has not all policies of the file, in their order");
	return 0;
}

/* @i: which of the file's entries it is */
static int check_entry(const struct attach *a, size_t idx, const struct ks_offline_work *work,
		       size_t i, struct ks_buf *sig)
{
	const struct ks_offline_entry *entry = &a->manifest->entry[idx];
	struct ks_diag *diag = &a->error[idx];
	int rc = compare_entry(entry, work, i, diag);

	if (!rc)
		rc = load_signature(a, idx, sig, diag);
	return rc ? rc
		  : ks_signer_check(work->job->signer, ks_digest_span(&entry->digest),
				    ks_buf_span(sig), diag);
}

/* What a job borrows, and its signatures. */
struct opened_job {
	struct ks_signer signer;
	struct ks_certs chain;
	const char *path[KS_UKI_MAX_PATHS];
	struct ks_uki_phases phases;
	struct ks_buf sig[KS_UKI_MAX_POLICIES];
};

static void job_done(struct opened_job **h)
{
	size_t i;

	for (i = 0; *h && i < KS_ARRAY_SIZE((*h)->sig); i++)
		ks_buf_done(&(*h)->sig[i]);
	if (*h) {
		ks_signer_close(&(*h)->signer);
		ks_certs_done(&(*h)->chain);
	}
	free(*h);
}

/* Certificate, time, chain and phases as the manifest has them. */
static int open_job(const struct attach *a, struct opened_job *h, struct ks_offline_job *job,
		    struct ks_diag *diag)
{
	const struct ks_offline_entry *entry = job->entry;
	const struct ks_cert *cert = a->manifest->certs.cert;
	struct ks_signer_opts opts = { .cert = &cert[entry->cert_idx], .hash = entry->hash,
				       .use = entry->kind == KS_OFFLINE_MODULE ? KS_SIGN_MODULE :
					      entry->kind == KS_OFFLINE_PE     ? KS_SIGN_PE :
					      entry->kind == KS_OFFLINE_AUTH   ? KS_SIGN_UPDATE :
										 0,
				       .allow_expired = a->opts->allow_expired };
	size_t i;
	int rc = check_allowed(a, entry->cert_idx, diag);

	if (!rc)
		rc = ks_signer_open(&opts, &h->signer, diag);
	for (i = 0; !rc && i < entry->nr_chain; i++)
		rc = ks_certs_push(&h->chain, &cert[entry->chain_idx[i]], diag);
	if (rc)
		return rc;
	if (entry->kind == KS_OFFLINE_PE)
		h->signer.time = entry->time;
	/* Each profile has the same phases, for each choice anew: those of the first tell all. */
	for (i = 0; i < job->nr_entries && job->entry[i].profile == entry->profile; i++) {
		if (entry->kind != KS_OFFLINE_PCR || (i && !strcmp(job->entry[i].phases, entry->phases)))
			break;
		if (i == KS_ARRAY_SIZE(h->path))
			return ks_fail(diag, -E2BIG, KS_NO_OFF, "manifest has over 16 boot phases");
		h->path[i] = job->entry[i].phases;
		h->phases.nr_paths = i + 1;
	}
	h->phases.path = h->path;
	job->signer = &h->signer;
	job->chain = &h->chain;
	job->phases = &h->phases;
	return 0;
}

/* All entries of one file: checked, and written if it is time for that. */
static int attach_file(const struct attach *a, size_t first, size_t nr)
{
	struct ks_offline_job job = { .entry = &a->manifest->entry[first],
				      .nr_entries = nr,
				      .is_attaching = a->commits };
	__cleanup(ks_offline_work_done) struct ks_offline_work work = { 0 };
	__cleanup(job_done) struct opened_job *h = calloc(1, sizeof(*h));
	struct ks_span sig[KS_UKI_MAX_POLICIES] = { 0 };
	struct ks_diag *error = &a->error[first];
	size_t i;
	int rc;

	if (!h)
		return ks_fail(error, -ENOMEM, KS_NO_OFF, "out of memory");
	if (nr > KS_ARRAY_SIZE(sig))
		return ks_fail(error, -E2BIG, KS_NO_OFF, "manifest has over 1024 policies of it");
	rc = open_job(a, h, &job, error);
	if (!rc)
		rc = ks_offline_work_open(&job, &work, error);
	if (!rc)
		rc = compare_file(&job, &work, error);
	if (rc)
		return rc;
	for (i = 0; i < nr; i++) {
		if (check_entry(a, first + i, &work, i, &h->sig[i]))
			rc = -EIO;
		sig[i] = ks_buf_span(&h->sig[i]);
	}
	return rc || !a->commits ? rc : ks_offline_work_publish(&work, sig, a->commits, error);
}

/* Policies of one image are next to each other, and the first of them does the work of all. */
static int attach_entry(const void *context, const char *path, struct ks_diag *diag)
{
	const struct attach *a = context;
	size_t first = (size_t)(diag - a->error), nr = 1;

	(void)path;
	if (first && ks_offline_same_job(a->manifest, first - 1, first))
		return 0;
	while (first + nr < a->manifest->nr_entries &&
	       ks_offline_same_job(a->manifest, first, first + nr))
		nr++;
	return attach_file(a, first, nr);
}

/* Once over all entries; their errors, in order, are noted. */
static int attach_all(struct attach *a, struct ks_offline_errors *errors, struct ks_diag *diag)
{
	size_t i, nr = a->manifest->nr_entries;
	struct ks_paths paths = { calloc(nr, sizeof(char *)), nr };
	struct ks_batch batch = { &paths, a->opts->nr_jobs,  attach_entry,
				  a,	  a->opts->progress, a->error };
	int rc = 0;

	if (!paths.path)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; i < nr; i++)
		paths.path[i] = a->manifest->entry[i].path;
	ks_batch_run(&batch);
	ks_commits_close(a->commits);
	a->commits = NULL;
	for (i = 0; !rc && i < nr; i++)
		if (a->error[i].err)
			rc = ks_offline_add_entry_error(a->manifest, i, &a->error[i], errors, diag);
	free(paths.path);
	return rc;
}

static int verdict(const struct ks_offline_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->nr_diags; i++)
		if (errors->diag[i].err != -EKEYREJECTED)
			return -EIO;
	return errors->nr_diags ? -EKEYREJECTED : 0;
}

int ks_offline_attach(const struct ks_offline *manifest, const struct ks_offline_attach_opts *opts,
		      struct ks_offline_errors *errors, struct ks_diag *diag)
{
	struct attach a = { manifest, opts, calloc(manifest->nr_entries, sizeof(*a.error)), NULL };
	int rc = ks_offline_check_files(manifest, opts->below, errors, diag);

	if (!rc && !a.error)
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (!rc)
		rc = attach_all(&a, errors, diag);
	if (!rc)
		rc = verdict(errors);
	if (!rc)
		rc = ks_commits_open(opts->nr_jobs, &a.commits, diag);
	if (!rc)
		rc = attach_all(&a, errors, diag);
	free(a.error);
	return rc ? rc : verdict(errors);
}
