/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `kseal audit image` and `audit release` say of a signed kernel beside the rules: options, document, text.
 */
#ifndef KS_CMD_AUDIT_ARTIFACT_H
#define KS_CMD_AUDIT_ARTIFACT_H

#include "cmd/certs.h"
#include "ops/audit_artifact.h"

/** struct ks_artifact_values - options of this invocation: one process runs one verb */
struct ks_artifact_values {
	struct ks_values db, var, bank;
	const char *dbx, *sbat_level, *vars, *jobs;
	bool allow_dev_keys;
};

extern struct ks_artifact_values ks_artifact_values;

/* Their rows. */
#define KS_ARTIFACT_OPTS \
	{ .name = "--db", .arg = "FILE", .help = "certificates that the firmware starts images of, in any file; may be repeated", \
	  .form = KS_OPT_NOT_EMPTY, .ret_values = &ks_artifact_values.db }, \
	{ .name = "--dbx", .arg = "FILE", .help = "what the firmware forbids", .form = KS_OPT_NOT_EMPTY, \
	  .ret_value = &ks_artifact_values.dbx }, \
	{ .name = "--vars", .arg = "FILE", .help = "variable store of OVMF: PK, KEK, db and dbx, for PCR 7", \
	  .form = KS_OPT_NOT_EMPTY, .ret_value = &ks_artifact_values.vars }, \
	{ .name = "--var", .arg = "NAME=FILE", .help = "one of PK, KEK, db and dbx instead; may be repeated", \
	  .form = KS_OPT_NOT_EMPTY, .ret_values = &ks_artifact_values.var }, \
	{ .name = "--sbat-level", .arg = "FILE", .help = "shim's SbatLevel, or a variable store that has it", \
	  .form = KS_OPT_NOT_EMPTY, .ret_value = &ks_artifact_values.sbat_level }, \
	{ .name = "--bank", .arg = "BANK", .help = "of the PCRs: sha1, sha256 (default), sha384 or sha512; may be repeated", \
	  .form = KS_OPT_WORD, .ret_values = &ks_artifact_values.bank }, \
	{ .name = "--allow-dev-keys", .help = "development certificates are fine", \
	  .ret_flag = &ks_artifact_values.allow_dev_keys }

/**
 * struct ks_artifact_input - what the options name, and what was made of it; zero-initialised is empty
 * @artifact: borrows the rest
 */
struct ks_artifact_input {
	struct ks_db_files firmware;
	struct ks_boot_vars vars;
	struct ks_release release;
	const char *addon[KS_MAX_AUDIT_LINES];
	struct ks_artifact artifact;
};

void ks_artifact_input_done(struct ks_artifact_input *input);

/**
 * ks_artifact_load_release() - linux.efi of a directory, and its addons in the order in which the stub sorts them
 * @config_path: as ks_audited_image()
 * Return: 0; as ks_release_find(), ks_audited_image() and ks_audited_lines().
 */
int __must_check ks_artifact_load_release(struct ks_artifact_input *input, struct ks_audited *audited, const char *dir,
					  const char *config_path, struct ks_diag *diag);

/**
 * ks_artifact_run() - read what the options name, and examine the kernel
 * @is_release: @input->release was found
 * @now: seconds since the epoch
 * Return: 0; KS_EXIT_USAGE for options that contradict each other; what reading and ks_artifact_examine() said.
 */
int __must_check ks_artifact_run(struct ks_artifact_input *input, struct ks_audited *audited, bool is_release, u64 now,
				 struct ks_diag *diag);

/** ks_artifact_json() - its objects, into the document of an audit; @now: seconds since the epoch */
int __must_check ks_artifact_json(struct json_object *json, const struct ks_artifact *artifact, u64 now,
				  struct ks_diag *diag);

/** ks_artifact_text() - the same for people, out of the document */
void ks_artifact_text(struct json_object *json);

#endif
