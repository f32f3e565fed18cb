// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/audit_artifact.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/modules.h"

struct ks_artifact_values ks_artifact_values;

void ks_artifact_input_done(struct ks_artifact_input *input)
{
	ks_artifact_done(&input->artifact);
	ks_release_done(&input->release);
	ks_boot_vars_done(&input->vars);
	ks_db_files_done(&input->firmware);
}

static bool has_role(const struct ks_release_file *file, const char *role)
{
	return file->role && !strcmp(file->role, role) && file->state == KS_RELEASE_FOUND;
}

int ks_artifact_load_release(struct ks_artifact_input *input, struct ks_audited *audited, const char *dir,
			     const char *config_path, struct ks_diag *diag)
{
	struct ks_release *release = &input->release;
	size_t i, nr_addons = 0;
	int rc = ks_release_find(dir, release, diag);

	for (i = 0; !rc && i < release->nr_files; i++)
		if (has_role(&release->file[i], "image"))
			rc = ks_audited_image(release->file[i].path, config_path, audited, diag);
	for (i = 0; !rc && i < release->nr_files; i++) {
		if (!has_role(&release->file[i], "addon"))
			continue;
		if (nr_addons == KS_MAX_AUDIT_LINES)
			return ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 64 addons");
		input->addon[nr_addons++] = release->file[i].path;
	}
	return rc ? rc : ks_audited_lines(audited, NULL, input->addon, nr_addons, diag);
}

/* Of PK=FILE. */
static int set_var(struct ks_boot_vars *vars, const char *option, struct ks_diag *diag)
{
	const char *equals = strchr(option, '=');
	char name[8];
	int rc;

	if (!equals || (size_t)(equals - option) >= sizeof(name)) {
		ks_fail_detail(diag, -EINVAL, "--var wants NAME=FILE, PK=PK.esl", option);
		return KS_EXIT_USAGE;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(equals - option), option);
	rc = ks_boot_vars_set(vars, name, equals + 1, diag);
	return rc == -EINVAL || rc == -EEXIST ? KS_EXIT_USAGE : rc;
}

/* What `make` wrote for the firmware of the release's machines. */
static int enrolled(struct ks_boot_vars *vars, const struct ks_release *release, struct ks_diag *diag)
{
	char name[32], path[KS_MAX_PATH_BYTES];
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < KS_EFI_NR_KEYS; i++) {
		snprintf(name, sizeof(name), "enroll/%s.esl", ks_efi_keys[i].name);
		if (ks_release_has(release, name) && ks_release_path(release, name, path))
			rc = ks_boot_vars_set(vars, ks_efi_keys[i].name, path, diag);
	}
	return rc;
}

static int load_vars(struct ks_artifact_input *input, bool is_release, struct ks_diag *diag)
{
	const struct ks_artifact_values *v = &ks_artifact_values;
	size_t i;
	int rc = 0;

	if (v->vars && v->var.nr_values) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "--vars and --var say the same, give one of them");
		return KS_EXIT_USAGE;
	}
	if (v->vars)
		return ks_boot_vars_store(&input->vars, v->vars, diag);
	for (i = 0; !rc && i < v->var.nr_values; i++)
		rc = set_var(&input->vars, v->var.value[i], diag);
	if (!rc && !v->var.nr_values && is_release)
		rc = enrolled(&input->vars, &input->release, diag);
	return rc;
}

static size_t idx_of(const char *name)
{
	size_t i;

	for (i = 0; i < KS_EFI_NR_KEYS && strcmp(ks_efi_keys[i].name, name) != 0; i++)
		;
	return i;
}

/* db and dbx of the variables, where the options do not name others. */
static int take_vars(struct ks_artifact_input *input, struct ks_diag *diag)
{
	struct ks_db_files *firmware = &input->firmware;
	const size_t db = idx_of("db"), dbx = idx_of("dbx");
	int rc = 0;

	if (firmware->db.trust && input->vars.is_there[db]) {
		ks_fail(diag, -EINVAL, KS_NO_OFF, "--db and the db of the variables say the same, give one of them");
		return KS_EXIT_USAGE;
	}
	if (input->vars.is_there[db]) {
		rc = ks_boot_vars_db(&input->vars, &firmware->trust, diag);
		firmware->db.trust = &firmware->trust;
	}
	if (rc || firmware->db.dbx || !input->vars.value[dbx].bytes)
		return rc;
	rc = ks_dbx_take(input->vars.value[dbx], &firmware->dbx, diag);
	firmware->db.dbx = &firmware->dbx;
	return rc;
}

int ks_artifact_run(struct ks_artifact_input *input, struct ks_audited *audited, bool is_release, u64 now,
		    struct ks_diag *diag)
{
	const struct ks_artifact_values *v = &ks_artifact_values;
	const struct ks_uki_bank *banks[KS_UKI_NR_BANKS];
	struct ks_artifact_opts opts = {
		.vars = &input->vars,
		.bank = banks,
		.now = now,
		.allow_dev_keys = v->allow_dev_keys,
		.release = is_release ? &input->release : NULL,
		.progress = ks_progress("modules"),
	};
	int rc;

	if (ks_uki_read_banks(&v->bank.value[0], v->bank.nr_values, banks, &opts.nr_banks, diag))
		return KS_EXIT_USAGE;
	rc = ks_parse_jobs(v->jobs, &opts.nr_jobs, diag);
	rc = rc ? rc : ks_db_load(&v->db, v->dbx, v->sbat_level, &input->firmware, diag);
	rc = rc ? rc : load_vars(input, is_release, diag);
	if (!rc && input->vars.is_given)
		rc = take_vars(input, diag);
	opts.db = input->firmware.db;
	input->artifact.addon = input->addon;
	return rc ? rc : ks_artifact_examine(audited, &opts, &input->artifact, diag);
}
