// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/shown.h"
#include "cmd/certs.h"
#include "ops/dbx.h"
#include "ops/efi.h"

static const char *opt_template, *opt_output, *opt_manifest, *opt_certs, *opt_pk, *opt_sbat_level;
static struct ks_values opt_kek, opt_db, opt_dbx, opt_dbx_cert, opt_dbx_hash;
static bool opt_add, opt_erase, opt_no_secure_boot;

static const struct ks_opt vars_opts[] = {
	{ .name = "--template",
	  .arg = "FD",
	  .help = "empty variable store, OVMF_VARS_4M.fd",
	  .required = true,
	  .ret_value = &opt_template },
	{ .name = "--add",
	  .help = "the template has keys: these join them",
	  .ret_flag = &opt_add },
	{ .name = "--erase", .help = "drop the template's own variables", .ret_flag = &opt_erase },
	{ .name = "--output",
	  .arg = "FILE",
	  .help = "the enrolled copy",
	  .required = true,
	  .ret_value = &opt_output },
	{ .name = "--manifest",
	  .arg = "FILE",
	  .help = "keyring: its kek, db, revoked certificates",
	  .ret_value = &opt_manifest },
	{ .name = "--certs",
	  .arg = "DIR",
	  .help = "its certificates (default: certs/ beside it)",
	  .ret_value = &opt_certs },
	{ .name = "--pk",
	  .arg = "PEM",
	  .help = "platform key; without it Secure Boot is off",
	  .ret_value = &opt_pk },
	{ .name = "--kek", .arg = "PEM", .help = "may change db and dbx", .ret_values = &opt_kek },
	{ .name = "--db", .arg = "PEM", .help = "may sign what boots", .ret_values = &opt_db },
	{ .name = "--dbx",
	  .arg = "FILE",
	  .help = "refused: signature lists, an update or Microsoft's JSON",
	  .ret_values = &opt_dbx },
	{ .name = "--dbx-cert",
	  .arg = "PEM",
	  .help = "refused signer",
	  .ret_values = &opt_dbx_cert },
	{ .name = "--dbx-hash",
	  .arg = "SHA256",
	  .help = "refused image, its Authenticode digest",
	  .ret_values = &opt_dbx_hash },
	{ .name = "--sbat-level",
	  .arg = "FILE",
	  .help = "least generations that shim starts (SbatLevel)",
	  .ret_value = &opt_sbat_level },
	{ .name = "--no-secure-boot",
	  .help = "enrol the keys, but leave enforcement off",
	  .ret_flag = &opt_no_secure_boot },
	{ 0 },
};

static int load_dbx(struct ks_efi_recipe *recipe, struct ks_diag *diag)
{
	const struct ks_dbx_opts opts = { .certs = &recipe->dbx };
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < opt_dbx.nr_values; i++) {
		__cleanup(ks_dbx_done) struct ks_dbx dbx = { 0 };

		rc = ks_dbx_load(opt_dbx.value[i], &opts, &dbx, diag);
		if (!rc)
			rc = ks_esl_join(&recipe->dbx_lists, dbx.lists.all, NULL, diag);
		ks_diag_in(diag, opt_dbx.value[i]);
	}
	return rc;
}

static int load_sbat_level(struct ks_efi_recipe *recipe, struct ks_diag *diag)
{
	int rc;

	if (!opt_sbat_level)
		return 0;
	rc = ks_file_load(opt_sbat_level, KS_MAX_TEXT_BYTES, &recipe->sbat_level, diag);
	if (!rc)
		rc = ks_sbat_check_level(ks_buf_span(&recipe->sbat_level), diag);
	ks_diag_in(diag, opt_sbat_level);
	return rc;
}

static int fill_recipe(struct ks_efi_recipe *recipe, struct ks_diag *diag)
{
	size_t i;
	int rc = ks_clock_build_time(&recipe->now, diag);

	recipe->secure_boot = !opt_no_secure_boot;
	recipe->erase = opt_erase;
	recipe->add = opt_add;
	if (!rc && opt_pk)
		rc = ks_certs_append(&recipe->pk, opt_pk, diag);
	if (!rc && opt_manifest)
		rc = ks_efi_recipe_add_manifest(recipe, opt_manifest, opt_certs, diag);
	if (!rc)
		rc = ks_load_certs(&opt_kek, &recipe->kek, diag);
	if (!rc)
		rc = ks_load_certs(&opt_db, &recipe->db, diag);
	if (!rc)
		rc = ks_load_certs(&opt_dbx_cert, &recipe->dbx, diag);
	for (i = 0; !rc && i < opt_dbx_hash.nr_values; i++)
		rc = ks_efi_recipe_add_hash(recipe, opt_dbx_hash.value[i], diag);
	return rc ? rc : load_dbx(recipe, diag) ?: load_sbat_level(recipe, diag);
}

static int run_vars(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_efi_recipe_done) struct ks_efi_recipe recipe = { 0 };
	struct ks_efi_summary sum;
	int rc;

	(void)nr_args;
	(void)args;
	if (opt_add && (opt_erase || opt_no_secure_boot)) {
		ks_fail(diag, -EINVAL, KS_NO_OFF,
			opt_erase ? "--add and --erase exclude each other" :
				    "--add leaves Secure Boot as it is, --no-secure-boot does not go with it");
		return KS_EXIT_USAGE;
	}
	rc = fill_recipe(&recipe, diag);
	if (!rc)
		rc = ks_efi_enrol(&recipe, opt_template, opt_output, &sum, diag);
	if (!rc)
		printf("%s: PK %zu, KEK %zu, db %zu, dbx %zu; Secure Boot %s\n", ks_shown(opt_output),
		       sum.nr_sigs[0], sum.nr_sigs[1], sum.nr_sigs[2], sum.nr_sigs[3],
		       !sum.user_mode	 ? "off (setup mode)"
		       : sum.secure_boot ? "on"
					 : "off");
	return rc;
}

const struct ks_verb ks_verb_efi_vars = {
	.noun = "efi",
	.verb = "vars",
	.help = "enrol Secure Boot keys in a variable store of OVMF",
	.opts = vars_opts,
	.run = run_vars,
};
