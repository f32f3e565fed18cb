/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file of a manifest between its digest and its signature: prepare and attach compute the
 * digest with the same code.
 */
#ifndef KS_OPS_OFFLINE_WORK_H
#define KS_OPS_OFFLINE_WORK_H

#include "ops/offline_internal.h"
#include "ops/pe.h"

/**
 * struct ks_offline_work - what one entry is about; borrows entry and signer
 * @file: whole file
 * @file_sha256: its digest
 * @digest: what has to be signed
 * @attrs: KS_OFFLINE_PE: the signed attributes
 */
struct ks_offline_work {
	const struct ks_offline_entry *entry;
	const struct ks_signer *signer;
	struct ks_buf file;
	struct ks_digest file_sha256;
	struct ks_digest digest;
	struct ks_buf attrs;
	struct ks_span content;
	struct ks_pe_signing pe;
};

/**
 * ks_offline_work_open() - load a file and compute what has to be signed
 * @entry: @path and what the kind needs to know; @file, @digest and @attrs are not looked at
 * @chain: KS_OFFLINE_PE: certificates to embed
 * @signer: certificate, digest and time; stays open as long as the work
 * @ret_work: ks_offline_work_done(), also after a failure
 *
 * Return: 0; what signing this file would refuse it with.
 */
int __must_check ks_offline_work_open(const struct ks_offline_entry *entry,
				      const struct ks_certs *chain, const struct ks_signer *signer,
				      struct ks_offline_work *ret_work, struct ks_diag *diag);

/**
 * ks_offline_work_publish() - write the signed file
 * @sig: raw signature of @work->digest, checked by the caller
 */
int __must_check ks_offline_work_publish(const struct ks_offline_work *work,
					 const struct ks_certs *chain, struct ks_span sig,
					 struct ks_diag *diag);

void ks_offline_work_done(struct ks_offline_work *work);

#endif
