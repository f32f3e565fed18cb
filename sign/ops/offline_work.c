// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/offline_work.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "ops/uki_lint.h"

static int open_module(struct ks_offline_work *work, struct ks_diag *diag)
{
	struct ks_module *m = &work->module;
	enum ks_target_use use = work->job->is_attaching ? KS_TARGET_REPLACE : KS_TARGET_READ;
	int rc = ks_module_open(m, work->job->entry->path, use, diag);

	if (!rc)
		rc = ks_sha256(ks_buf_span(&m->file), &work->file_sha256, diag);
	if (rc)
		return rc;
	if (m->view.cms.bytes)
		return ks_fail(diag, -EEXIST, m->view.content.bytes,
			       "module is signed already, strip it first");
	rc = ks_module_signable(m, KS_IF_SIGNED_REFUSE, diag);
	return rc ? rc
		  : ks_digest_spans(work->job->signer->md, &m->view.content, 1, &work->digest,
				    diag);
}

static int publish_module(struct ks_offline_work *work, struct ks_span sig,
			  struct ks_commits *commits, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf cms = { 0 }, trailer = { 0 };
	__cleanup(ks_aside_done) struct ks_aside aside = KS_ASIDE_NONE;
	struct ks_module_file file;
	int rc = ks_cms_module_build(work->job->signer, sig, &cms, diag);

	if (rc)
		return rc;
	ks_modsig_build(ks_buf_span(&cms), &trailer);
	rc = ks_buf_ok(&trailer, diag);
	if (!rc)
		rc = ks_module_write(&work->module, ks_buf_span(&trailer), work->module.kind, false,
				     &file, &aside, diag);
	if (!rc)
		ks_commits_add(commits, &aside, diag);
	return rc;
}

static int open_image(struct ks_offline_work *work, struct ks_diag *diag)
{
	int rc = ks_file_load(work->job->entry->path, KS_MAX_IMAGE_BYTES, &work->file, diag);

	return rc ? rc : ks_sha256(ks_buf_span(&work->file), &work->file_sha256, diag);
}

static int open_pe(struct ks_offline_work *work, struct ks_diag *diag)
{
	const struct ks_offline_job *job = work->job;
	struct ks_pe_sign_opts opts = { job->chain, job->entry->mode, job->entry->first };
	struct ks_span attrs;
	int rc = open_image(work, diag);

	if (!rc)
		rc = ks_pe_sign_begin(&job->signer->cert, &opts, ks_buf_span(&work->file),
				      &work->pe, diag);
	if (!rc)
		rc = ks_cms_authcode_attrs(job->signer, ks_buf_span(&work->pe.content),
					   &work->attrs, diag);
	if (rc)
		return rc;
	attrs = ks_buf_span(&work->attrs);
	return ks_digest_spans(job->signer->md, &attrs, 1, &work->digest, diag);
}

static int publish_pe(const struct ks_offline_work *work, struct ks_span sig, struct ks_diag *diag)
{
	const struct ks_offline_job *job = work->job;
	__cleanup(ks_pe_image_done) struct ks_pe_image image = { 0 };
	__cleanup(ks_buf_done) struct ks_buf cms = { 0 };
	struct ks_span part[KS_PE_IMAGE_PARTS];
	int rc;

	rc = ks_cms_authcode_build(job->signer, ks_buf_span(&work->pe.content), job->chain,
				   ks_buf_span(&work->attrs), sig, &cms, diag);
	if (!rc)
		rc = ks_pe_sign_end(&work->pe, ks_buf_span(&cms), &image, diag);
	if (rc)
		return rc;
	ks_pe_image_parts(&image, part);
	return ks_file_publish(job->entry->output, part, KS_PE_IMAGE_PARTS, 0644, diag);
}

static int open_pcr(struct ks_offline_work *work, struct ks_diag *diag)
{
	int rc = open_image(work, diag);

	if (!rc)
		rc = ks_uki_check_pcrsigs(ks_buf_span(&work->file), &work->job->signer->cert, diag);
	if (rc)
		return rc;
	work->policies = calloc(1, sizeof(*work->policies));
	if (!work->policies)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	rc = ks_uki_predict(ks_buf_span(&work->file), work->job->phases, work->policies, diag);
	return rc ? rc : ks_uki_check_phases(work->policies, diag);
}

static int publish_pcr(const struct ks_offline_work *work, const struct ks_span *sig,
		       struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_span part;
	int rc = ks_uki_add_pcrsigs(ks_buf_span(&work->file), &work->job->signer->cert,
				    work->policies, sig, &out, diag);

	part = ks_buf_span(&out);
	return rc ? rc : ks_file_publish(work->job->entry->output, &part, 1, 0644, diag);
}

static int open_auth(struct ks_offline_work *work, struct ks_diag *diag)
{
	const char *path = work->job->entry->path;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &work->file, diag);

	if (!rc)
		rc = ks_sha256(ks_buf_span(&work->file), &work->file_sha256, diag);
	if (!rc)
		rc = ks_efi_update_read_any(ks_buf_span(&work->file), &work->update, diag);
	return rc ? rc : ks_efi_update_digest(work->job->signer, &work->update, &work->digest, diag);
}

static int publish_auth(const struct ks_offline_work *work, struct ks_span sig, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	const struct ks_certs no_chain = { 0 };
	struct ks_span part;
	int rc = ks_efi_update_attach(work->job->signer, &no_chain, &work->update, sig, &out, diag);

	part = ks_buf_span(&out);
	return rc ? rc : ks_file_publish(work->job->entry->output, &part, 1, 0644, diag);
}

int ks_offline_work_open(const struct ks_offline_job *job, struct ks_offline_work *ret_work,
			 struct ks_diag *diag)
{
	*ret_work = (struct ks_offline_work){ .job = job };
	switch (job->entry->kind) {
	case KS_OFFLINE_MODULE:
		return open_module(ret_work, diag);
	case KS_OFFLINE_PE:
		return open_pe(ret_work, diag);
	case KS_OFFLINE_PCR:
		return open_pcr(ret_work, diag);
	case KS_OFFLINE_AUTH:
		return open_auth(ret_work, diag);
	}
	return ks_fail(diag, -EINVAL, KS_NO_OFF, "no such kind of entry");
}

int ks_offline_work_publish(struct ks_offline_work *work, const struct ks_span *sig,
			    struct ks_commits *commits, struct ks_diag *diag)
{
	switch (work->job->entry->kind) {
	case KS_OFFLINE_MODULE:
		return publish_module(work, sig[0], commits, diag);
	case KS_OFFLINE_PE:
		return publish_pe(work, sig[0], diag);
	case KS_OFFLINE_PCR:
		return publish_pcr(work, sig, diag);
	case KS_OFFLINE_AUTH:
		return publish_auth(work, sig[0], diag);
	}
	return ks_fail(diag, -EINVAL, KS_NO_OFF, "no such kind of entry");
}

void ks_offline_work_done(struct ks_offline_work *work)
{
	ks_buf_done(&work->file);
	ks_module_done(&work->module);
	ks_buf_done(&work->attrs);
	ks_pe_signing_done(&work->pe);
	free(work->policies);
	*work = (struct ks_offline_work){ 0 };
}
