// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/efi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define SWITCH_ATTRIBUTES (KS_VAR_NON_VOLATILE | KS_VAR_BOOT_SERVICE)

static const struct ks_guid secure_boot_enable =
	KS_GUID(0xf0a30bc7, 0xaf08, 0x4556, 0x99c4, 0x001009c93a44);
static const struct ks_guid custom_mode =
	KS_GUID(0xc076ec0c, 0x7028, 0x4399, 0xa072, 0x71ee5c448b9f);

#define SBAT_LEVEL "SbatLevel"

/* shim's own namespace. */
static const struct ks_guid shim_lock =
	KS_GUID(0x605dab50, 0xe046, 0x4300, 0xabb6, 0x3dd810dd8b23);

/* Variables being made: names and data live here until the store is built. */
#define MAX_VARS 7
struct set {
	struct ks_var var[MAX_VARS];
	struct ks_buf name[MAX_VARS];
	struct ks_buf data[MAX_VARS];
	size_t nr_vars;
};

static void set_done(struct set *set)
{
	size_t i;

	for (i = 0; i < MAX_VARS; i++) {
		ks_buf_done(&set->name[i]);
		ks_buf_done(&set->data[i]);
	}
}

void ks_efi_recipe_done(struct ks_efi_recipe *recipe)
{
	ks_certs_done(&recipe->pk);
	ks_certs_done(&recipe->kek);
	ks_certs_done(&recipe->db);
	ks_certs_done(&recipe->dbx);
	ks_buf_done(&recipe->dbx_hashes);
	ks_buf_done(&recipe->dbx_lists);
	ks_buf_done(&recipe->sbat_level);
}

int ks_efi_recipe_add_manifest(struct ks_efi_recipe *recipe, const char *manifest,
			       const char *certs_dir, struct ks_diag *diag)
{
	__cleanup(ks_keyring_done) struct ks_keyring keyring = { 0 };
	int rc = ks_keyring_load(manifest, certs_dir, &keyring, diag);

	return rc ?: ks_keyring_select(&keyring, KS_PURPOSE_KEK, &recipe->kek, diag)
		  ?: ks_keyring_select(&keyring, KS_PURPOSE_DB, &recipe->db, diag)
		  ?: ks_keyring_select(&keyring, KS_PURPOSE_REVOKED, &recipe->dbx, diag);
}

int ks_efi_recipe_add_hash(struct ks_efi_recipe *recipe, const char *hex, struct ks_diag *diag)
{
	if (strlen(hex) != 2 * KS_ESL_SHA256_BYTES || !ks_unhex(hex, &recipe->dbx_hashes))
		return ks_fail_detail(diag, -EINVAL, "SHA-256 is not 64 hex digits", hex);
	return ks_buf_ok(&recipe->dbx_hashes, diag);
}

/* One variable's part of a recipe; what may be NULL is not for it. */
struct part {
	const char *name;
	const struct ks_certs *certs;
	const struct ks_buf *hashes;
	const struct ks_buf *lists;
};

/* The certificates and digests of the recipe as lists, into @data after what is there already. */
static int put_lists(struct ks_buf *data, const struct part *part, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf lists = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < part->certs->nr_certs; i++)
		rc = ks_efi_check_rsa(&part->certs->cert[i], diag);
	if (!rc)
		rc = ks_efi_put_certs(&lists, &ks_efi_owner, part->certs, diag);
	if (!rc && part->hashes)
		rc = ks_efi_put_digests(&lists, &ks_esl_type_sha256, &ks_efi_owner,
					ks_buf_span(part->hashes), diag);
	if (!rc && data->bytes)
		return ks_esl_join(data, ks_buf_span(&lists), NULL, diag);
	ks_put(data, ks_buf_span(&lists));
	return rc;
}

/* Take what was put into the set's next data buffer as a variable. */
static int add_var(struct set *set, const char *name, const struct ks_guid *vendor, u32 attributes,
		   u64 now, struct ks_diag *diag)
{
	struct ks_var *var = &set->var[set->nr_vars];

	ks_put_utf16(&set->name[set->nr_vars], name);
	var->attributes = attributes;
	var->vendor = *vendor;
	var->name = ks_buf_span(&set->name[set->nr_vars]);
	var->data = ks_buf_span(&set->data[set->nr_vars]);
	if (attributes & KS_VAR_TIME_AUTH)
		ks_efi_time_set(now, var->time);
	return ks_buf_ok(&set->name[set->nr_vars], diag)
		       ?: ks_buf_ok(&set->data[set->nr_vars++], diag);
}

/*
 * What is there, and the recipe's behind it. @old: of the template; a variable to which nothing comes
 * is left as it is.
 */
static int add_key(struct set *set, const struct part *part, const struct ks_efi_key *key,
		   const struct ks_var *old, u64 now, struct ks_diag *diag)
{
	struct ks_buf *data = &set->data[set->nr_vars];
	struct ks_var *var = &set->var[set->nr_vars];
	int rc = 0;

	if (old)
		ks_put(data, old->data);
	if (part->lists)
		rc = ks_esl_join(data, ks_buf_span(part->lists), NULL, diag);
	if (!rc)
		rc = put_lists(data, part, diag);
	if (rc || data->bytes == (old ? old->data.bytes : 0)) {
		ks_buf_done(data);
		return rc;
	}
	rc = add_var(set, key->name, key->vendor, KS_EFI_KEY_ATTRIBUTES, now, diag);
	/* Firmware's append keeps the later one as well: no older update shall come back. */
	if (!rc && old && ks_efi_time_cmp(old->time, var->time) > 0)
		memcpy(var->time, old->time, KS_EFI_TIME_BYTES);
	return rc;
}

static int add_keys(struct set *set, const struct ks_efi_recipe *recipe,
		    const struct ks_varstore_view *view, struct ks_diag *diag)
{
	const struct part parts[] = {
		{ "PK", &recipe->pk, NULL, NULL },
		{ "KEK", &recipe->kek, NULL, NULL },
		{ "db", &recipe->db, NULL, NULL },
		{ "dbx", &recipe->dbx, &recipe->dbx_hashes, &recipe->dbx_lists },
	};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < KS_ARRAY_SIZE(parts); i++) {
		const struct ks_efi_key *key = NULL;
		struct ks_var old;
		bool found = false;

		rc = ks_efi_key_named(parts[i].name, &key, diag);
		if (!rc && recipe->add)
			rc = ks_efi_key_find(view, key, &found, &old, diag);
		if (!rc)
			rc = add_key(set, &parts[i], key, found ? &old : NULL, recipe->now, diag);
	}
	return rc;
}

/* What shim compares generations with; it refuses other attributes. */
static int add_sbat_level(struct set *set, const struct ks_efi_recipe *recipe, struct ks_diag *diag)
{
	if (!recipe->sbat_level.bytes)
		return 0;
	ks_put(&set->data[set->nr_vars], ks_buf_span(&recipe->sbat_level));
	return add_var(set, SBAT_LEVEL, &shim_lock, SWITCH_ATTRIBUTES, 0, diag);
}

static int add_switches(struct set *set, const struct ks_efi_recipe *recipe, struct ks_diag *diag)
{
	int rc;

	/* Without a platform key EDK2 is in setup mode and deletes SecureBootEnable itself. */
	if (!recipe->pk.nr_certs)
		return 0;
	ks_put_u8(&set->data[set->nr_vars], recipe->secure_boot ? 1 : 0);
	rc = add_var(set, "SecureBootEnable", &secure_boot_enable, SWITCH_ATTRIBUTES, 0, diag);
	if (rc)
		return rc;
	ks_put_u8(&set->data[set->nr_vars], 0);
	return add_var(set, "CustomMode", &custom_mode, SWITCH_ATTRIBUTES, 0, diag);
}

/* Where the keys go. */
static int check_template(const struct ks_varstore_view *view, const struct ks_efi_recipe *recipe,
			  struct ks_diag *diag)
{
	struct ks_var pk;
	bool found = false;
	int rc = ks_efi_key_find(view, &ks_efi_keys[0], &found, &pk, diag);

	if (rc || !found)
		return rc;
	if (!recipe->add)
		return ks_fail(diag, -EEXIST, KS_NO_OFF,
			       "template has a platform key already, use an empty OVMF_VARS, or --erase "
			       "or --add");
	if (recipe->pk.nr_certs)
		return ks_fail(diag, -EEXIST, KS_NO_OFF,
			       "template has a platform key already, which --add leaves, leave --pk out");
	return 0;
}

static int check_dbx(const struct ks_efi_recipe *recipe, struct ks_diag *diag)
{
	struct ks_esl_view view;
	int rc = ks_esl_parse(ks_buf_span(&recipe->dbx_lists), 0, &view, diag);

	return rc ? rc : ks_efi_check_lists(&ks_efi_keys[1], &view, true, diag);
}

static bool is_named(const struct ks_var *var, const struct ks_guid *vendor, const char *name)
{
	char text[32];

	ks_utf16_format(var->name, text, sizeof(text));
	return ks_guid_eq(&var->vendor, vendor) && !strcmp(text, name);
}

/* What a store has, counted. */
bool ks_efi_is_switch(const struct ks_var *var)
{
	return is_named(var, &secure_boot_enable, "SecureBootEnable");
}

static int summarize(struct ks_span image, struct ks_efi_summary *ret, struct ks_diag *diag)
{
	struct ks_varstore_iter iter = { 0 };
	struct ks_efi_summary sum = { 0 };
	struct ks_varstore_view view;
	struct ks_esl_view lists;
	bool enforced = true;
	struct ks_var var;
	u64 off;
	size_t i;
	int rc = ks_varstore_parse(image, &view, diag);

	while (!rc && ks_varstore_next(&view, &iter, &var, &off)) {
		const struct ks_efi_key *key = ks_efi_key_of(&var);

		if (ks_efi_is_switch(&var))
			enforced = var.data.bytes && var.data.p[0] == 1;
		if (!key)
			continue;
		rc = ks_esl_parse(var.data, off, &lists, diag);
		for (i = 0; !rc && i < lists.nr_lists; i++)
			sum.nr_sigs[key - ks_efi_keys] += lists.list[i].nr_sigs;
		sum.user_mode |= key->is_pk;
	}
	sum.secure_boot = sum.user_mode && enforced;
	if (!rc)
		*ret = sum;
	return rc;
}

int ks_efi_enrol(const struct ks_efi_recipe *recipe, const char *template_path,
		 const char *output_path, struct ks_efi_summary *ret_summary, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf image = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	__cleanup(set_done) struct set set = { 0 };
	struct ks_varstore_view view;
	struct ks_span content;
	int rc;

	if (recipe->pk.nr_certs > 1)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "a machine has one platform key only");
	rc = ks_file_load(template_path, KS_MAX_VARSTORE_BYTES, &image, diag);
	if (!rc)
		rc = ks_varstore_parse(ks_buf_span(&image), &view, diag);
	if (!rc && recipe->erase)
		ks_varstore_erase(&view);
	if (!rc)
		rc = check_template(&view, recipe, diag) ?: check_dbx(recipe, diag);
	if (!rc)
		rc = add_keys(&set, recipe, &view, diag) ?: add_switches(&set, recipe, diag)
							 ?: add_sbat_level(&set, recipe, diag);
	if (!rc)
		rc = ks_varstore_build(&view, set.var, set.nr_vars, &out, diag)
			     ?: summarize(ks_buf_span(&out), ret_summary, diag);
	if (rc) {
		ks_diag_in(diag, template_path);
		return rc;
	}
	content = ks_buf_span(&out);
	return ks_file_publish(output_path, &content, 1, 0644, diag);
}

bool ks_efi_is_sbat_level(const struct ks_var *var)
{
	return is_named(var, &shim_lock, SBAT_LEVEL);
}

void ks_efi_attributes(u32 attributes, char *text, size_t text_bytes)
{
	static const char *const names[] = { "NV", "BS", "RT", "HR", "AW", "AT", "AP", "EA" };
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < KS_ARRAY_SIZE(names) && used < text_bytes; i++)
		if (attributes & 1u << i)
			used += (size_t)snprintf(text + used, text_bytes - used, "%s%s",
						 used ? "+" : "", names[i]);
}
