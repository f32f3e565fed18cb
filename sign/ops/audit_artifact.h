/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What there is to say of a signed kernel, or of its whole release, beside the rules of a policy: who can sign for it,
 * whether its modules load, what a TPM measures of it, and what is wrong with it.
 */
#ifndef KS_OPS_AUDIT_ARTIFACT_H
#define KS_OPS_AUDIT_ARTIFACT_H

#include "ops/audit_modules.h"
#include "ops/audit_release.h"
#include "ops/audit_signers.h"
#include "ops/boot_pcr.h"
#include "ops/findings.h"
#include "ops/uki_policy.h"

/* The kernel, its addons and the kernel for kexec. */
#define KS_MAX_AUDIT_PES (KS_MAX_AUDIT_LINES + 2U)

/**
 * struct ks_audit_pe - an image that somebody starts or loads
 * @path: owned by the caller, or by the release
 * @role: "image", "addon" or "kexec"
 * @map: of the kernel for kexec
 * @fault: why it cannot be read; err is 0 otherwise, and then there is a @report
 * @verdict: why who starts it refuses it; err is 0 if nothing is known against it
 */
struct ks_audit_pe {
	char path[KS_MAX_PATH_BYTES];
	const char *role;
	struct ks_map map;
	struct ks_span file;
	struct ks_pe_report report;
	struct ks_diag fault;
	struct ks_diag verdict;
};

/**
 * struct ks_artifact_opts - what the user says
 * @db: certificates of the firmware, its dbx and shim's level; NULL for those that nobody said
 * @vars: variables of Secure Boot; may be empty
 * @bank, @nr_banks: of the PCRs
 * @now: seconds since the epoch
 * @allow_dev_keys: development certificates are fine
 * @release: found by ks_release_find(); NULL for an image alone
 * @nr_jobs, @progress: for modules
 */
struct ks_artifact_opts {
	struct ks_pe_db db;
	const struct ks_boot_vars *vars;
	const struct ks_uki_bank *const *bank;
	size_t nr_banks;
	u64 now;
	bool allow_dev_keys;
	struct ks_release *release;
	unsigned int nr_jobs;
	void (*progress)(size_t nr_done, size_t nr_paths);
};

/**
 * struct ks_artifact - owned; zero-initialised is empty
 * @addon: names of the addons, as many as the audited kernel has, in the order in which the stub loads them
 * @pe: the image first, then the addons
 * @policies: PCR 11, unless @why_11 says why there is none
 * @pcr: PCR 4 of each bank, then PCR 7
 * @cannot_tell: something could not be judged
 */
struct ks_artifact {
	const char *const *addon;
	struct ks_audit_pe *pe[KS_MAX_AUDIT_PES];
	size_t nr_pes;
	struct ks_signers signers;
	struct ks_uki_policies policies;
	struct ks_diag why_11;
	struct ks_boot_pcr pcr[2 * KS_UKI_NR_BANKS];
	size_t nr_pcrs;
	const struct ks_release *release;
	struct ks_audit_modules modules;
	bool has_modules;
	struct ks_findings findings;
	bool cannot_tell;
};

void ks_artifact_done(struct ks_artifact *artifact);

/**
 * ks_artifact_examine() - look at all of it
 * @audited: by ks_audited_image(), with its addons
 * @ret_artifact: zeroed but for @addon; ks_artifact_done(), also after a failure
 *
 * Return: 0, whatever was found; -ENOMEM; what the file system said.
 */
int __must_check ks_artifact_examine(struct ks_audited *audited, const struct ks_artifact_opts *opts,
				     struct ks_artifact *ret_artifact, struct ks_diag *diag);

/** ks_artifact_judge() - fill the findings of what was looked at. Return: 0; -ENOMEM; what the file system said. */
int __must_check ks_artifact_judge(struct ks_audited *audited, const struct ks_artifact_opts *opts,
				   struct ks_artifact *artifact, struct ks_diag *diag);

#endif
