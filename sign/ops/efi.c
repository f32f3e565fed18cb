// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/efi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"

#define KEY_ATTRIBUTES \
	(KS_VAR_NON_VOLATILE | KS_VAR_BOOT_SERVICE | KS_VAR_RUNTIME | KS_VAR_TIME_AUTH)
#define SWITCH_ATTRIBUTES (KS_VAR_NON_VOLATILE | KS_VAR_BOOT_SERVICE)

static const struct ks_guid global_variable =
	KS_GUID(0x8be4df61, 0x93ca, 0x11d2, 0xaa0d, 0x00e098032b8c);
static const struct ks_guid image_security =
	KS_GUID(0xd719b2cb, 0x3d3a, 0x4596, 0xa3bc, 0xdad00e67656f);
static const struct ks_guid secure_boot_enable =
	KS_GUID(0xf0a30bc7, 0xaf08, 0x4556, 0x99c4, 0x001009c93a44);
static const struct ks_guid custom_mode =
	KS_GUID(0xc076ec0c, 0x7028, 0x4399, 0xa072, 0x71ee5c448b9f);

/* SignatureOwner: who enrolled a certificate. This is kseal's own, made at random. */
static const struct ks_guid owner = KS_GUID(0x6338560e, 0x65d1, 0x439d, 0xad68, 0x274b9fc09278);

/* Variables being made: names and data live here until the store is built. */
#define MAX_VARS 6
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

/* SetVariable() answers INVALID_PARAMETER to any other; a store that has it cannot be changed again. */
static int check_rsa(const struct ks_cert *cert, struct ks_diag *diag)
{
	char name[128];

	if (ks_cert_is_rsa(cert))
		return 0;
	ks_cert_name(cert, name, sizeof(name));
	return ks_fail_detail(diag, -EOPNOTSUPP,
			      "firmware enrols certificates with RSA keys alone, use such a one",
			      name);
}

/* One X.509 list per certificate: a list holds one length only. */
static int put_certs(struct ks_buf *out, const struct ks_certs *certs, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < certs->nr_certs; i++) {
		__cleanup(ks_buf_done) struct ks_buf der = { 0 };
		struct ks_span payload;

		rc = check_rsa(&certs->cert[i], diag);
		if (!rc)
			rc = ks_cert_der(&certs->cert[i], &der, diag);
		if (rc)
			break;
		payload = ks_buf_span(&der);
		rc = ks_esl_append(out, &ks_esl_type_x509, &owner, &payload, 1, diag);
	}
	return rc;
}

static int put_hashes(struct ks_buf *out, const struct ks_buf *hashes, struct ks_diag *diag)
{
	struct ks_span hash[KS_MAX_CERTS];
	size_t nr_hashes = 0;

	while (nr_hashes < KS_MAX_CERTS &&
	       ks_span_sub(ks_buf_span(hashes), nr_hashes * KS_ESL_SHA256_BYTES,
			   KS_ESL_SHA256_BYTES, &hash[nr_hashes]))
		nr_hashes++;
	if (nr_hashes * KS_ESL_SHA256_BYTES != hashes->bytes)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "too many digests for dbx");
	return nr_hashes ? ks_esl_append(out, &ks_esl_type_sha256, &owner, hash, nr_hashes, diag)
			 : 0;
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

static int add_keys(struct set *set, const struct ks_efi_recipe *recipe, struct ks_diag *diag)
{
	const struct {
		const char *name;
		const struct ks_guid *vendor;
		const struct ks_certs *certs;
		const struct ks_buf *hashes;
	} rows[] = {
		{ "PK", &global_variable, &recipe->pk, NULL },
		{ "KEK", &global_variable, &recipe->kek, NULL },
		{ "db", &image_security, &recipe->db, NULL },
		{ "dbx", &image_security, &recipe->dbx, &recipe->dbx_hashes },
	};
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < KS_ARRAY_SIZE(rows); i++) {
		struct ks_buf *data = &set->data[set->nr_vars];

		rc = put_certs(data, rows[i].certs, diag);
		if (!rc && rows[i].hashes)
			rc = put_hashes(data, rows[i].hashes, diag);
		if (!rc && data->bytes)
			rc = add_var(set, rows[i].name, rows[i].vendor, KEY_ATTRIBUTES, recipe->now,
				     diag);
	}
	return rc;
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

static int check_template(const struct ks_varstore_view *view, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 };
	struct ks_var var;
	int rc;

	ks_put_utf16(&name, "PK");
	rc = ks_buf_ok(&name, diag);
	if (!rc && ks_varstore_find(view, &global_variable, ks_buf_span(&name), &var))
		rc = ks_fail(diag, -EEXIST, KS_NO_OFF,
			     "template has a platform key already, use an empty OVMF_VARS, or erase it");
	return rc;
}

int ks_efi_enrol(const struct ks_efi_recipe *recipe, const char *template_path,
		 const char *output_path, struct ks_diag *diag)
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
		rc = check_template(&view, diag);
	if (!rc)
		rc = add_keys(&set, recipe, diag) ?: add_switches(&set, recipe, diag);
	if (!rc)
		rc = ks_varstore_build(&view, set.var, set.nr_vars, &out, diag);
	if (rc) {
		ks_diag_in(diag, template_path);
		return rc;
	}
	content = ks_buf_span(&out);
	return ks_file_publish(output_path, &content, 1, 0644, diag);
}

bool ks_efi_is_key_list(const struct ks_var *var)
{
	char name[8];

	ks_utf16_format(var->name, name, sizeof(name));
	if (ks_guid_eq(&var->vendor, &global_variable))
		return !strcmp(name, "PK") || !strcmp(name, "KEK");
	return ks_guid_eq(&var->vendor, &image_security) &&
	       (!strcmp(name, "db") || !strcmp(name, "dbx"));
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
