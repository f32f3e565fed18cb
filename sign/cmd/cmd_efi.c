// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/shown.h"
#include "cmd/json.h"
#include "cmd/verbs.h"
#include "ops/efi.h"

static const char *opt_template, *opt_output, *opt_manifest, *opt_certs, *opt_pk;
static struct ks_values opt_kek, opt_db, opt_dbx_cert, opt_dbx_hash;
static bool opt_erase, opt_no_secure_boot, opt_json;

static const struct ks_opt vars_opts[] = {
	{ .name = "--template",
	  .arg = "FD",
	  .help = "empty variable store, OVMF_VARS_4M.fd",
	  .required = true,
	  .ret_value = &opt_template },
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
	{ .name = "--dbx-cert",
	  .arg = "PEM",
	  .help = "refused signer",
	  .ret_values = &opt_dbx_cert },
	{ .name = "--dbx-hash",
	  .arg = "SHA256",
	  .help = "refused image, its Authenticode digest",
	  .ret_values = &opt_dbx_hash },
	{ .name = "--no-secure-boot",
	  .help = "enrol the keys, but leave enforcement off",
	  .ret_flag = &opt_no_secure_boot },
	{ 0 },
};

static const struct ks_opt show_opts[] = {
	{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
	{ 0 },
};

static int load_certs(struct ks_certs *certs, const struct ks_values *paths, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < paths->nr_values; i++)
		rc = ks_certs_append(certs, paths->value[i], diag);
	return rc;
}

static int fill_recipe(struct ks_efi_recipe *recipe, struct ks_diag *diag)
{
	size_t i;
	int rc = ks_clock_build_time(&recipe->now, diag);

	recipe->secure_boot = !opt_no_secure_boot;
	recipe->erase = opt_erase;
	if (!rc && opt_pk)
		rc = ks_certs_append(&recipe->pk, opt_pk, diag);
	if (!rc && opt_manifest)
		rc = ks_efi_recipe_add_manifest(recipe, opt_manifest, opt_certs, diag);
	if (!rc)
		rc = load_certs(&recipe->kek, &opt_kek, diag);
	if (!rc)
		rc = load_certs(&recipe->db, &opt_db, diag);
	if (!rc)
		rc = load_certs(&recipe->dbx, &opt_dbx_cert, diag);
	for (i = 0; !rc && i < opt_dbx_hash.nr_values; i++)
		rc = ks_efi_recipe_add_hash(recipe, opt_dbx_hash.value[i], diag);
	return rc;
}

static int run_vars(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_efi_recipe_done) struct ks_efi_recipe recipe = { 0 };
	int rc = fill_recipe(&recipe, diag);

	(void)nr_args;
	(void)args;
	if (!rc)
		rc = ks_efi_enrol(&recipe, opt_template, opt_output, diag);
	if (!rc)
		printf("%s: PK %zu, KEK %zu, db %zu, dbx %zu; Secure Boot %s\n", ks_shown(opt_output),
		       recipe.pk.nr_certs, recipe.kek.nr_certs, recipe.db.nr_certs,
		       recipe.dbx.nr_certs + recipe.dbx_hashes.bytes / KS_ESL_SHA256_BYTES,
		       !recipe.pk.nr_certs  ? "off (setup mode)"
		       : recipe.secure_boot ? "on"
					    : "off");
	return rc;
}

static void add_str(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

/* One signature as text, or into @list. */
static int show_sig(const struct ks_esl_list_view *list, u32 idx, struct json_object *to,
		    struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };
	char owner_text[KS_GUID_TEXT_BYTES], hex[65] = "", name[128] = "", end[16] = "";
	const char *kind = "unknown";
	struct ks_digest fingerprint;
	struct json_object *row;
	struct ks_span payload;
	struct ks_guid owner;
	int rc = ks_esl_sig(list, idx, &owner, &payload, diag);

	if (rc)
		return rc;
	ks_guid_format(&owner, owner_text);
	if (ks_guid_eq(&list->type, &ks_esl_type_sha256)) {
		kind = "sha256";
		ks_hex(payload, hex, sizeof(hex));
	} else if (ks_guid_eq(&list->type, &ks_esl_type_x509)) {
		kind = "x509";
		rc = ks_cert_parse_padded(payload, &cert, diag)
			     ?: ks_cert_fingerprint(&cert, &fingerprint, diag);
		if (rc)
			return rc;
		ks_hex(ks_digest_span(&fingerprint), hex, sizeof(hex));
		ks_cert_name(&cert, name, sizeof(name));
		ks_cert_not_after(&cert, end, sizeof(end));
	}
	if (!to) {
		printf("    %-7s %s %s%s%s\n", kind, hex, end, name[0] ? "  " : "",
		       ks_shown(name));
		return 0;
	}
	row = json_object_new_object();
	add_str(row, "type", kind);
	add_str(row, "owner", owner_text);
	add_str(row, "sha256", hex);
	if (cert.x509) {
		add_str(row, "cn", name);
		add_str(row, "notAfter", end);
	}
	return json_object_array_add(to, row) ? -ENOMEM : 0;
}

static int show_lists(struct ks_span data, u64 data_off, struct json_object *to,
		      struct ks_diag *diag)
{
	struct ks_esl_view view;
	size_t i;
	u32 idx;
	int rc = ks_esl_parse(data, data_off, &view, diag);

	for (i = 0; !rc && i < view.nr_lists; i++)
		for (idx = 0; !rc && idx < view.list[i].nr_sigs; idx++)
			rc = show_sig(&view.list[i], idx, to, diag);
	return rc;
}

static int show_var(const struct ks_var *var, u64 data_off, struct json_object *to,
		    struct ks_diag *diag)
{
	char vendor[KS_GUID_TEXT_BYTES], name[64], attributes[32];
	struct json_object *row = NULL, *sigs = NULL;

	ks_guid_format(&var->vendor, vendor);
	ks_utf16_format(var->name, name, sizeof(name));
	ks_efi_attributes(var->attributes, attributes, sizeof(attributes));
	if (!to) {
		printf("%-18s %s %-12s %zu bytes\n", ks_shown(name), vendor, attributes, var->data.bytes);
	} else {
		row = json_object_new_object();
		add_str(row, "name", name);
		add_str(row, "guid", vendor);
		add_str(row, "attributes", attributes);
		json_object_object_add(row, "bytes",
				       json_object_new_int64((int64_t)var->data.bytes));
		json_object_array_add(to, row);
	}
	if (!ks_efi_is_key_list(var))
		return 0;
	if (row) {
		sigs = json_object_new_array();
		json_object_object_add(row, "signatures", sigs);
	}
	return show_lists(var->data, data_off, sigs, diag);
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = opt_json ? json_object_new_array() : NULL;
	__cleanup(ks_buf_done) struct ks_buf image = { 0 };
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	struct ks_var var;
	u64 data_off;
	int rc = ks_file_load(args[0], KS_MAX_VARSTORE_BYTES, &image, diag);

	(void)nr_args;
	if (!rc)
		rc = ks_varstore_parse(ks_buf_span(&image), &view, diag);
	while (!rc && ks_varstore_next(&view, &iter, &var, &data_off))
		rc = show_var(&var, data_off, json, diag);
	if (rc)
		ks_diag_in(diag, args[0]);
	else if (json)
		ks_json_print(json);
	else if (!view.nr_vars)
		printf("no variables\n");
	return rc;
}

const struct ks_verb ks_verb_efi_vars = {
	.noun = "efi",
	.verb = "vars",
	.help = "make a variable store for OVMF with Secure Boot keys enrolled",
	.opts = vars_opts,
	.run = run_vars,
};

const struct ks_verb ks_verb_efi_show = {
	.noun = "efi",
	.verb = "show",
	.args = "FILE",
	.max_args = 1,
	.help = "list the variables of an OVMF variable store",
	.opts = show_opts,
	.run = run_show,
};
