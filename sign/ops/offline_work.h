/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file of a manifest between its digest and its signature: prepare and attach compute the
 * digest with the same code.
 */
#ifndef KS_OPS_OFFLINE_WORK_H
#define KS_OPS_OFFLINE_WORK_H

#include "ops/commit.h"
#include "ops/efi_update.h"
#include "ops/module.h"
#include "ops/offline_internal.h"
#include "ops/pe.h"
#include "ops/uki_policy.h"

/**
 * struct ks_offline_job - one file of a manifest
 * @entry: its entry; of policies the first, the others follow
 * @nr_entries: how many signatures the file gets; 0 while policies are being prepared
 * @signer: certificate, digest and time
 * @chain: KS_OFFLINE_PE: certificates to embed
 * @phases: KS_OFFLINE_PCR: boot phases, a policy for each of them in every profile
 * @is_attaching: the file will be replaced, so a module is locked
 */
struct ks_offline_job {
	const struct ks_offline_entry *entry;
	size_t nr_entries;
	const struct ks_signer *signer;
	const struct ks_certs *chain;
	const struct ks_uki_phases *phases;
	bool is_attaching;
};

/**
 * struct ks_offline_work - a job with its file read; borrows the job
 * @file: whole file, of an image
 * @file_sha256: its digest
 * @digest: what has to be signed, but for policies
 * @module: KS_OFFLINE_MODULE: the file, locked while the work is open if it is replaced
 * @attrs: KS_OFFLINE_PE: the signed attributes
 * @policies: KS_OFFLINE_PCR: what has to be signed
 * @update: KS_OFFLINE_AUTH: the update, borrows @file
 */
struct ks_offline_work {
	const struct ks_offline_job *job;
	struct ks_buf file;
	struct ks_digest file_sha256;
	struct ks_digest digest;
	struct ks_module module;
	struct ks_buf attrs;
	struct ks_pe_signing pe;
	struct ks_uki_policies *policies;
	struct ks_efi_update update;
};

/**
 * ks_offline_work_open() - load a file and compute what has to be signed
 * @ret_work: ks_offline_work_done(), also after a failure
 *
 * What prepare found out about the file (@file, @digest, @attrs, @policy of the entries) is not
 * looked at: that is for the caller to compare.
 *
 * Return: 0; what signing this file would refuse it with.
 */
int __must_check ks_offline_work_open(const struct ks_offline_job *job,
				      struct ks_offline_work *ret_work, struct ks_diag *diag);

/**
 * ks_offline_work_publish() - write the signed file
 * @sig: raw signatures, one for each entry, checked by the caller
 * @commits: puts modules under their names, many at once
 * @diag: for a module it may get a failure until ks_commits_close()
 */
int __must_check ks_offline_work_publish(struct ks_offline_work *work, const struct ks_span *sig,
					 struct ks_commits *commits, struct ks_diag *diag);

void ks_offline_work_done(struct ks_offline_work *work);

#endif
