// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/offline_work.h"

static int check_paths(const struct ks_offline_entry *entry, struct ks_diag *diag)
{
	int rc;

	if (!entry->path || (entry->kind != KS_OFFLINE_MODULE && !entry->output))
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = ks_offline_check_path(entry->path, diag);
	return rc || !entry->output ? rc : ks_offline_check_path(entry->output, diag);
}

/* What the file says goes into the entry. */
static int fill(struct ks_offline_entry *entry, const struct ks_certs *chain,
		const struct ks_signer *signer, struct ks_diag *diag)
{
	struct ks_offline_job job = { .entry = entry, .nr_entries = 1, .signer = signer, .chain = chain };
	__cleanup(ks_offline_work_done) struct ks_offline_work work = { 0 };
	int rc = check_paths(entry, diag);

	if (!rc)
		rc = ks_offline_work_open(&job, &work, diag);
	if (!rc) {
		entry->file = work.file_sha256;
		entry->digest = work.digest;
		ks_buf_move(&entry->attrs, &work.attrs);
	}
	ks_diag_in(diag, entry->path ? entry->path : "");
	return rc;
}

/* Modules are read in threads, each into an entry of its own. */
struct modules {
	const struct ks_signer *signer;
	const struct ks_offline_modules *opts;
	struct ks_offline_entry *entry;
	struct ks_diag *error;
};

static int fill_module(const void *context, const char *path, struct ks_diag *diag)
{
	const struct modules *m = context;
	struct ks_offline_entry *entry = &m->entry[diag - m->error];

	entry->kind = KS_OFFLINE_MODULE;
	entry->path = strdup(path);
	snprintf(entry->hash, sizeof(entry->hash), "%s", m->opts->hash);
	return fill(entry, NULL, m->signer, diag);
}

/* The manifest owns what it takes. */
static int push_modules(struct ks_offline *manifest, struct modules *m, size_t nr,
			struct ks_offline_errors *errors, struct ks_diag *diag)
{
	size_t i, cert_idx = 0;
	int rc = ks_offline_cert(manifest, &m->signer->cert, &cert_idx, diag);

	for (i = 0; !rc && i < nr; i++) {
		m->entry[i].cert_idx = cert_idx;
		if (m->error[i].err)
			rc = ks_offline_add_error(errors, &m->error[i], diag);
		else
			rc = ks_offline_push(manifest, &m->entry[i], diag);
		if (!rc && !m->error[i].err)
			m->entry[i] = (struct ks_offline_entry){ 0 };
	}
	return rc;
}

int ks_offline_add_modules(struct ks_offline *manifest, const struct ks_signer *signer,
			   const struct ks_offline_modules *modules,
			   struct ks_offline_errors *errors, struct ks_diag *diag)
{
	__cleanup(ks_paths_done) struct ks_paths paths = { 0 };
	struct modules m = { .signer = signer, .opts = modules };
	struct ks_batch batch = {
		&paths, modules->nr_jobs, fill_module, &m, modules->progress, NULL
	};
	size_t i;
	int rc = ks_modules_find(modules->path, modules->nr_paths, &paths, diag);

	if (!rc && !paths.nr_paths)
		rc = ks_fail_detail(diag, -ENOENT, "no module there", modules->path[0]);
	if (rc)
		return rc;
	m.entry = calloc(paths.nr_paths, sizeof(*m.entry));
	m.error = calloc(paths.nr_paths, sizeof(*m.error));
	batch.ret_diag = m.error;
	if (m.entry && m.error) {
		ks_batch_run(&batch);
		rc = push_modules(manifest, &m, paths.nr_paths, errors, diag);
	} else {
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	for (i = 0; m.entry && i < paths.nr_paths; i++)
		ks_offline_entry_done(&m.entry[i]);
	free(m.entry);
	free(m.error);
	return rc;
}

static int add_chain(struct ks_offline *manifest, const struct ks_certs *chain,
		     struct ks_offline_entry *entry, struct ks_diag *diag)
{
	size_t i, idx = 0;
	int rc = 0;

	for (i = 0; !rc && i < chain->nr_certs; i++) {
		rc = ks_offline_cert(manifest, &chain->cert[i], &idx, diag);
		entry->chain_idx[i] = (u8)idx;
	}
	entry->nr_chain = chain->nr_certs;
	return rc;
}

/* The manifest owns the entry then; on failure nobody does. */
static int add_entry(struct ks_offline *manifest, struct ks_offline_entry *entry, const struct ks_certs *chain,
		     const struct ks_signer *signer, struct ks_diag *diag)
{
	int rc = fill(entry, chain, signer, diag);

	if (!rc)
		rc = ks_offline_cert(manifest, &signer->cert, &entry->cert_idx, diag);
	if (!rc)
		rc = ks_offline_push(manifest, entry, diag);
	if (rc)
		ks_offline_entry_done(entry);
	return rc;
}

int ks_offline_add_pe(struct ks_offline *manifest, const struct ks_signer *signer,
		      const struct ks_offline_pe *pe, struct ks_diag *diag)
{
	struct ks_offline_entry entry = {
		.kind = KS_OFFLINE_PE,
		.path = strdup(pe->path),
		.output = strdup(pe->output),
		.hash = "sha256",
		.time = signer->time,
		.mode = pe->mode,
		.first = pe->first,
	};
	int rc = add_chain(manifest, pe->chain, &entry, diag);

	if (rc) {
		ks_offline_entry_done(&entry);
		return rc;
	}
	return add_entry(manifest, &entry, pe->chain, signer, diag);
}

int ks_offline_add_auth(struct ks_offline *manifest, const struct ks_signer *signer, const char *path,
			const char *output, struct ks_diag *diag)
{
	struct ks_offline_entry entry = {
		.kind = KS_OFFLINE_AUTH,
		.path = strdup(path),
		.output = strdup(output),
		.hash = "sha256",
	};

	return add_entry(manifest, &entry, NULL, signer, diag);
}

/* A copy of the image's entry with one policy. */
static int add_policy(struct ks_offline *manifest, const struct ks_offline_entry *image,
		      const struct ks_uki_policy *policy, struct ks_diag *diag)
{
	struct ks_offline_entry entry = *image;
	int rc = -ENOMEM;

	entry.path = strdup(image->path);
	entry.output = strdup(image->output);
	entry.phases = strdup(policy->phases);
	entry.profile = policy->profile;
	entry.policy = policy->policy;
	entry.digest = policy->tbs;
	if (entry.path && entry.output && entry.phases)
		rc = ks_offline_push(manifest, &entry, diag);
	else
		ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	if (rc)
		ks_offline_entry_done(&entry);
	return rc;
}

int ks_offline_add_pcr(struct ks_offline *manifest, const struct ks_signer *signer,
		       const struct ks_uki_phases *phases, const char *path, const char *output,
		       struct ks_diag *diag)
{
	__cleanup(ks_offline_entry_done) struct ks_offline_entry image = {
		.kind = KS_OFFLINE_PCR,
		.path = strdup(path),
		.output = strdup(output),
		.hash = "sha256",
	};
	struct ks_offline_job job = { .entry = &image, .signer = signer, .phases = phases };
	__cleanup(ks_offline_work_done) struct ks_offline_work work = { 0 };
	size_t i;
	int rc = check_paths(&image, diag);

	if (!rc)
		rc = ks_offline_work_open(&job, &work, diag);
	if (!rc)
		rc = ks_offline_cert(manifest, &signer->cert, &image.cert_idx, diag);
	image.file = work.file_sha256;
	for (i = 0; !rc && i < work.policies->nr_policies; i++)
		rc = add_policy(manifest, &image, &work.policies->policy[i], diag);
	ks_diag_in(diag, path);
	return rc;
}
