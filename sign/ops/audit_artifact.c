// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/audit_artifact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ops/uki_pcrsig.h"

/* The first systemd-stub that loads addons. */
#define ADDONS_SINCE 254U

void ks_artifact_done(struct ks_artifact *artifact)
{
	size_t i;

	for (i = 0; i < artifact->nr_pes; i++) {
		ks_pe_report_done(&artifact->pe[i]->report);
		ks_map_close(&artifact->pe[i]->map);
		free(artifact->pe[i]);
	}
	ks_signers_done(&artifact->signers);
	ks_audit_modules_done(&artifact->modules);
	ks_findings_done(&artifact->findings);
	memset(artifact, 0, sizeof(*artifact));
}

static int add_pe(struct ks_artifact *artifact, const char *path, const char *role, struct ks_audit_pe **ret_pe,
		  struct ks_diag *diag)
{
	struct ks_audit_pe *pe = calloc(1, sizeof(*pe));

	if (!pe)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	snprintf(pe->path, sizeof(pe->path), "%s", path);
	pe->role = role;
	artifact->pe[artifact->nr_pes++] = pe;
	*ret_pe = pe;
	return 0;
}

/* Without certificates that are trusted, a signature can be good or bad, and no more. */
static int inspect(struct ks_audit_pe *pe, const struct ks_pe_db *db, struct ks_diag *diag)
{
	int rc = ks_pe_inspect(db, pe->file, &pe->report, &pe->fault);

	ks_diag_in(&pe->fault, pe->path);
	if (rc == -ENOMEM)
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	if (rc)
		return 0;
	rc = ks_pe_verdict(&pe->report, &pe->verdict);
	if (rc == -ENOKEY && !db->trust)
		pe->verdict = (struct ks_diag){ 0 };
	ks_diag_in(&pe->verdict, pe->path);
	return 0;
}

/* By kexec_file_load(): built-in keys, and those of the platform keyring. */
static int certs_of_kexec(const struct ks_signers *signers, struct ks_certs *certs, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < signers->nr_keys; i++)
		if (signers->key[i].may & KS_SIGNS_KEXEC && !ks_certs_have(certs, &signers->key[i].cert))
			rc = ks_certs_push(certs, &signers->key[i].cert, diag);
	return rc;
}

static int add_kexec(const struct ks_release *release, const struct ks_artifact_opts *opts, struct ks_artifact *artifact,
		     struct ks_diag *diag)
{
	__cleanup(ks_certs_done) struct ks_certs certs = { 0 };
	struct ks_pe_db db = { .dbx = opts->db.dbx };
	char path[KS_MAX_PATH_BYTES];
	struct ks_audit_pe *pe;
	int rc;

	if (!ks_release_path(release, "vmlinuz-kexec", path))
		return ks_fail(diag, -ENAMETOOLONG, KS_NO_OFF, "name is too long");
	rc = add_pe(artifact, path, "kexec", &pe, diag);
	rc = rc ? rc : ks_map_open(path, KS_MAX_IMAGE_BYTES, &pe->map, diag);
	if (rc)
		return rc;
	pe->file = ks_map_span(&pe->map);
	rc = certs_of_kexec(&artifact->signers, &certs, diag);
	/* Of a kernel whose keys or configuration are not known nobody can say whose signature it wants. */
	if (certs.nr_certs)
		db.trust = &certs;
	return rc ? rc : inspect(pe, &db, diag);
}

static int add_pes(const struct ks_audited *audited, const struct ks_artifact_opts *opts, struct ks_artifact *artifact,
		   struct ks_diag *diag)
{
	struct ks_audit_pe *pe;
	size_t i;
	int rc = add_pe(artifact, audited->path, "image", &pe, diag);

	if (!rc) {
		pe->file = audited->file.content;
		rc = inspect(pe, &opts->db, diag);
	}
	for (i = 0; !rc && i < audited->nr_addons; i++) {
		rc = add_pe(artifact, artifact->addon[i], "addon", &pe, diag);
		if (rc)
			break;
		pe->file = ks_map_span(&audited->addon[i]);
		rc = inspect(pe, &opts->db, diag);
	}
	if (!rc && opts->release && ks_release_has(opts->release, "vmlinuz-kexec"))
		rc = add_kexec(opts->release, opts, artifact, diag);
	return rc;
}

static int predict_11(struct ks_audited *audited, const struct ks_artifact_opts *opts, struct ks_artifact *artifact,
		      struct ks_diag *diag)
{
	const char *paths[KS_UKI_MAX_PATHS] = { "" };
	struct ks_uki_phases phases = { paths, 1 };
	size_t i;
	int rc;

	for (i = 0; i < ks_uki_default_phases.nr_paths; i++)
		paths[phases.nr_paths++] = ks_uki_default_phases.path[i];
	if (!audited->is_uki)
		rc = ks_fail(&artifact->why_11, -ENODATA, KS_NO_OFF,
			     "is no unified kernel image, nobody measures it into PCR 11");
	else
		rc = ks_uki_policies_of_banks(&audited->uki, &phases, opts->bank, opts->nr_banks, &artifact->policies,
					      &artifact->why_11);
	ks_diag_in(&artifact->why_11, audited->path);
	return rc == -ENOMEM ? ks_fail(diag, rc, KS_NO_OFF, "out of memory") : 0;
}

/* A stub that knows no addons loads none, and what its .uname contradicts it does not use, but measures. */
static size_t boot_path(const struct ks_audited *audited, const struct ks_artifact *artifact,
			struct ks_boot_image ret_image[KS_MAX_AUDIT_PES])
{
	size_t i, nr = 0;

	for (i = 0; i < artifact->nr_pes; i++) {
		const struct ks_audit_pe *pe = artifact->pe[i];
		bool is_addon = !strcmp(pe->role, "addon");

		if (!strcmp(pe->role, "kexec") || (is_addon && audited->uki.stub_version < ADDONS_SINCE))
			continue;
		ret_image[nr++] = (struct ks_boot_image){ pe->path, &pe->report };
	}
	return nr;
}

static void refuse_pcr(struct ks_boot_pcr *pcr, unsigned int number, const struct ks_uki_bank *bank,
		       const struct ks_diag *why)
{
	pcr->pcr = number;
	pcr->bank = bank;
	pcr->nr_events = 0;
	pcr->why = *why;
}

/* The kernel that firmware loads for the stub. */
static struct ks_span loaded_kernel(const struct ks_audited *audited, const struct ks_boot_vars *vars)
{
	const struct ks_uki_section *s = audited->is_uki ? ks_uki_find(&audited->uki, 0, ".linux") : NULL;

	return s && ks_boot_measures_kernel(vars, audited->uki.stub_version) ? s->data : (struct ks_span){ 0 };
}

static int predict_boot(const struct ks_audited *audited, const struct ks_artifact_opts *opts,
			struct ks_artifact *artifact, struct ks_diag *diag)
{
	struct ks_boot_image image[KS_MAX_AUDIT_PES];
	size_t i, nr = boot_path(audited, artifact, image);
	struct ks_span kernel = loaded_kernel(audited, opts->vars);
	const struct ks_diag *fault = NULL;
	int rc = 0;

	for (i = 0; i < artifact->nr_pes; i++)
		if (!fault && artifact->pe[i]->fault.err && strcmp(artifact->pe[i]->role, "kexec") != 0)
			fault = &artifact->pe[i]->fault;
	for (i = 0; !rc && i < opts->nr_banks; i++) {
		struct ks_boot_pcr *pcr = &artifact->pcr[artifact->nr_pcrs];

		artifact->nr_pcrs += 2;
		if (fault) {
			refuse_pcr(pcr, 4, opts->bank[i], fault);
			refuse_pcr(pcr + 1, 7, opts->bank[i], fault);
			continue;
		}
		rc = ks_boot_pcr4(opts->bank[i], image, nr, kernel, pcr, diag);
		rc = rc ? rc : ks_boot_pcr7(opts->bank[i], opts->vars, image, nr, pcr + 1, diag);
	}
	return rc;
}

static int examine_modules(struct ks_audited *audited, const struct ks_artifact_opts *opts,
			   struct ks_artifact *artifact, struct ks_diag *diag)
{
	bool wants = !audited->subject.config || strcmp(audited->policy.modules, "none") != 0;
	char name[128];
	int rc = ks_release_find_modules(opts->release, audited->release, wants, diag);

	artifact->release = opts->release;
	snprintf(name, sizeof(name), "modules/lib/modules/%.*s", KS_FMT(audited->release));
	if (rc || !ks_release_has(opts->release, name))
		return rc;
	if (!ks_release_path(opts->release, name, artifact->modules.dir))
		return ks_fail(diag, -ENAMETOOLONG, KS_NO_OFF, "name is too long");
	artifact->has_modules = true;
	artifact->modules.fault = artifact->signers.fault;
	return ks_audit_modules_run(artifact->signers.fault.err ? NULL : &audited->image, opts->nr_jobs, opts->progress, &artifact->modules, diag);
}

int ks_artifact_examine(struct ks_audited *audited, const struct ks_artifact_opts *opts,
			struct ks_artifact *ret_artifact, struct ks_diag *diag)
{
	int rc = ks_signers_find(audited, opts->db.trust, opts->db.dbx, &ret_artifact->signers, diag);

	rc = rc ? rc : add_pes(audited, opts, ret_artifact, diag);
	rc = rc ? rc : predict_11(audited, opts, ret_artifact, diag);
	rc = rc ? rc : predict_boot(audited, opts, ret_artifact, diag);
	if (!rc && opts->release)
		rc = examine_modules(audited, opts, ret_artifact, diag);
	return rc ? rc : ks_artifact_judge(audited, opts, ret_artifact, diag);
}
