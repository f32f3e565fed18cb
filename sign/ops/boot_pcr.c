// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/boot_pcr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "ops/efi.h"
#include "ops/pe.h"

/* The first systemd-stub that does not ask firmware to load the kernel. */
#define LOADS_ITSELF_SINCE 258U

/* The order in which Tcg2Dxe's mVariableType[] has them; dbt follows, if it is there. */
static const char *const measured[] = { "PK", "KEK", "db", "dbx" };

void ks_boot_vars_done(struct ks_boot_vars *vars)
{
	size_t i;

	for (i = 0; i < KS_EFI_NR_KEYS; i++)
		ks_buf_done(&vars->file[i]);
	*vars = (struct ks_boot_vars){ 0 };
}

static size_t idx_of(const char *name)
{
	size_t i;

	for (i = 0; i < KS_EFI_NR_KEYS && strcmp(ks_efi_keys[i].name, name) != 0; i++)
		;
	return i;
}

static void set(struct ks_boot_vars *vars, size_t idx, struct ks_span value)
{
	vars->value[idx] = value;
	vars->is_there[idx] = true;
	vars->is_given = true;
	if (ks_efi_keys[idx].is_pk)
		vars->secure_boot = true;
}

int ks_boot_vars_store(struct ks_boot_vars *vars, const char *path, struct ks_diag *diag)
{
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	bool is_off = false;
	struct ks_var var;
	u64 data_off;
	int rc = ks_file_load(path, KS_MAX_VARSTORE_BYTES, &vars->file[0], diag);

	rc = rc ? rc : ks_varstore_parse(ks_buf_span(&vars->file[0]), &view, diag);
	while (!rc && ks_varstore_next(&view, &iter, &var, &data_off)) {
		const struct ks_efi_key *key = ks_efi_key_of(&var);

		if (ks_efi_is_switch(&var))
			is_off = !var.data.bytes || var.data.p[0] != 1;
		if (key)
			set(vars, (size_t)(key - ks_efi_keys), var.data);
	}
	if (is_off)
		vars->secure_boot = false;
	vars->is_given = true;
	ks_diag_in(diag, path);
	return rc;
}

int ks_boot_vars_set(struct ks_boot_vars *vars, const char *name, const char *path, struct ks_diag *diag)
{
	size_t idx = idx_of(name);
	struct ks_esl_view lists;
	int rc;

	if (idx == KS_EFI_NR_KEYS)
		return ks_fail_detail(diag, -EINVAL, "no variable of Secure Boot, " KS_EFI_KEY_OPTION " are", name);
	if (vars->is_there[idx])
		return ks_fail_detail(diag, -EEXIST, "variable is given twice", name);
	rc = ks_file_load(path, KS_MAX_VARSTORE_BYTES, &vars->file[idx], diag);
	rc = rc ? rc : ks_efi_parse_lists(ks_buf_span(&vars->file[idx]), &lists, diag);
	if (!rc)
		set(vars, idx, lists.all);
	ks_diag_in(diag, path);
	return rc;
}

int ks_boot_vars_db(const struct ks_boot_vars *vars, struct ks_certs *db, struct ks_diag *diag)
{
	struct ks_esl_view lists;
	int rc = ks_esl_parse(vars->value[idx_of("db")], 0, &lists, diag);

	return rc ? rc : ks_efi_certs(&lists, db, diag);
}

/* What is measured is a digest already, of an image, or bytes. */
static int extend(struct ks_boot_pcr *pcr, const char *type, const char *what, const struct ks_digest *digest,
		  struct ks_diag *diag)
{
	struct ks_boot_event *event = &pcr->event[pcr->nr_events];

	if (pcr->nr_events == KS_BOOT_MAX_EVENTS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "more than 160 events");
	event->type = type;
	snprintf(event->what, sizeof(event->what), "%s", what);
	event->digest = *digest;
	pcr->nr_events++;
	return ks_uki_extend_digest(pcr->bank, &pcr->value, digest, diag);
}

static int extend_bytes(struct ks_boot_pcr *pcr, const char *type, const char *what, struct ks_span bytes,
			struct ks_diag *diag)
{
	struct ks_digest digest = { 0 };
	const EVP_MD *md;
	int rc = ks_digest_alg_to_read(pcr->bank->name, &md, diag);

	rc = rc ? rc : ks_digest_spans(md, &bytes, 1, &digest, diag);
	return rc ? rc : extend(pcr, type, what, &digest, diag);
}

/* Four zeros: nothing went wrong before. */
static int extend_separator(struct ks_boot_pcr *pcr, struct ks_diag *diag)
{
	static const u8 zeros[4];

	return extend_bytes(pcr, "EV_SEPARATOR", "00000000", (struct ks_span){ zeros, sizeof(zeros) }, diag);
}

static void begin(struct ks_boot_pcr *pcr, unsigned int number, const struct ks_uki_bank *bank)
{
	*pcr = (struct ks_boot_pcr){ .pcr = number, .bank = bank, .value = ks_uki_pcr_zero(bank) };
}

/* A reason is no failure of ours, unless there is no memory. */
static int end(struct ks_boot_pcr *pcr, int rc, struct ks_diag *diag)
{
	return rc == -ENOMEM ? ks_fail(diag, rc, KS_NO_OFF, "out of memory") : pcr->why.err ? 0 : rc;
}

static int extend_kernel(struct ks_boot_pcr *pcr, const EVP_MD *md, struct ks_span kernel)
{
	struct ks_digest digest = { 0 };
	struct ks_pe_view view;
	int rc;

	if (!kernel.bytes)
		return 0;
	rc = ks_pe_parse(kernel, &view, &pcr->why);
	rc = rc ? rc : ks_pe_hash_md(&view, md, &digest, &pcr->why);
	rc = rc ? rc : extend(pcr, "EV_EFI_BOOT_SERVICES_APPLICATION", ".linux", &digest, &pcr->why);
	ks_diag_in(&pcr->why, ".linux");
	return rc;
}

bool ks_boot_measures_kernel(const struct ks_boot_vars *vars, u32 stub_version)
{
	return vars->is_given && !vars->secure_boot && stub_version && stub_version < LOADS_ITSELF_SINCE;
}

int ks_boot_pcr4(const struct ks_uki_bank *bank, const struct ks_boot_image *image, size_t nr_images,
		 struct ks_span kernel, struct ks_boot_pcr *ret_pcr, struct ks_diag *diag)
{
	static const char action[] = "Calling EFI Application from Boot Option";
	struct ks_diag *why = &ret_pcr->why;
	const EVP_MD *md;
	size_t i;
	int rc;

	begin(ret_pcr, 4, bank);
	rc = ks_digest_alg_to_read(bank->name, &md, why);
	rc = rc ? rc : extend_bytes(ret_pcr, "EV_EFI_ACTION", action, ks_span_str(action), why);
	rc = rc ? rc : extend_separator(ret_pcr, why);
	for (i = 0; !rc && i < nr_images; i++) {
		struct ks_digest digest = { 0 };

		/* That of the usual bank is known. */
		if (!strcmp(bank->name, "sha256"))
			digest = image[i].report->sha256;
		else
			rc = ks_pe_hash_md(&image[i].report->view, md, &digest, why);
		rc = rc ? rc : extend(ret_pcr, "EV_EFI_BOOT_SERVICES_APPLICATION", image[i].path, &digest, why);
		ks_diag_in(why, image[i].path);
	}
	rc = rc ? rc : extend_kernel(ret_pcr, md, kernel);
	return end(ret_pcr, rc, diag);
}

/* UEFI_VARIABLE_DATA: vendor, characters of the name, bytes of the data, both. The name is without its NUL. */
static int extend_variable(struct ks_boot_pcr *pcr, const char *type, const struct ks_guid *vendor, const char *name,
			   const char *what, struct ks_span data, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf bytes = { 0 };
	size_t i;
	int rc;

	ks_put_guid(&bytes, vendor);
	ks_put_le64(&bytes, strlen(name));
	ks_put_le64(&bytes, data.bytes);
	for (i = 0; name[i]; i++)
		ks_put_le16(&bytes, (u8)name[i]);
	ks_put(&bytes, data);
	rc = ks_buf_ok(&bytes, diag);
	return rc ? rc : extend_bytes(pcr, type, what, ks_buf_span(&bytes), diag);
}

static int extend_config(struct ks_boot_pcr *pcr, const struct ks_boot_vars *vars, struct ks_diag *diag)
{
	static const char type[] = "EV_EFI_VARIABLE_DRIVER_CONFIG";
	const u8 on = vars->secure_boot;
	size_t i, idx = idx_of("PK");
	int rc = extend_variable(pcr, type, ks_efi_keys[idx].vendor, "SecureBoot", "SecureBoot",
				 (struct ks_span){ &on, 1 }, diag);

	for (i = 0; !rc && i < KS_ARRAY_SIZE(measured); i++) {
		idx = idx_of(measured[i]);
		rc = extend_variable(pcr, type, ks_efi_keys[idx].vendor, measured[i], measured[i], vars->value[idx], diag);
	}
	idx = idx_of("dbt");
	if (!rc && vars->is_there[idx])
		rc = extend_variable(pcr, type, ks_efi_keys[idx].vendor, "dbt", "dbt", vars->value[idx], diag);
	return rc ? rc : extend_separator(pcr, diag);
}

/* Does this entry of db let the image start? IsAllowedByDb(): certificates, in order, for each signature. */
static bool is_decider(const struct ks_esl_list_view *list, struct ks_span payload, const struct ks_pe_signature *s)
{
	__cleanup(ks_cert_done) struct ks_cert cert = { 0 };

	return ks_guid_eq(&list->type, &ks_esl_type_x509) && !ks_cert_parse_padded(payload, &cert, NULL) &&
	       ks_certs_have(&s->chain, &cert);
}

/* Of the entries of db one that fits: @s NULL: the digest of the image. */
static bool find_entry(const struct ks_esl_view *db, const struct ks_pe_report *report, const struct ks_pe_signature *s,
		       struct ks_span *ret_entry)
{
	struct ks_span payload;
	struct ks_guid owner;
	size_t i;
	u32 k;

	for (i = 0; i < db->nr_lists; i++) {
		const struct ks_esl_list_view *list = &db->list[i];

		for (k = 0; k < list->nr_sigs; k++) {
			if (ks_esl_sig(list, k, &owner, &payload, NULL))
				return false;
			if (s ? is_decider(list, payload, s) :
				ks_guid_eq(&list->type, &ks_esl_type_sha256) &&
					ks_span_eq(payload, ks_digest_span(&report->sha256)))
				return ks_span_sub(list->sigs, (u64)k * list->sig_bytes, list->sig_bytes, ret_entry);
		}
	}
	return false;
}

static bool find_authority(const struct ks_esl_view *db, const struct ks_pe_report *report, struct ks_span *ret_entry,
			   char *what, size_t what_bytes)
{
	size_t i;

	for (i = 0; i < report->nr_signatures; i++) {
		const struct ks_pe_signature *s = &report->signature[i];

		if (!s->trusted || !s->intact || !s->matches || !find_entry(db, report, s, ret_entry))
			continue;
		snprintf(what, what_bytes, "db: certificate");
		return true;
	}
	snprintf(what, what_bytes, "db: digest of the image");
	return find_entry(db, report, NULL, ret_entry);
}

static bool is_forbidden(const struct ks_pe_report *report)
{
	size_t i;

	for (i = 0; i < report->nr_signatures; i++) {
		enum ks_pe_revoked revoked = report->signature[i].revoked;

		if (revoked != KS_PE_NOT_REVOKED && revoked != KS_PE_TRUST_REVOKED)
			return true;
	}
	return report->image_revoked;
}

/* What stands for one entry: firmware measures each once. */
static int extend_authorities(struct ks_boot_pcr *pcr, const struct ks_boot_vars *vars, const struct ks_boot_image *image,
			      size_t nr_images, struct ks_diag *why)
{
	const struct ks_efi_key *key = &ks_efi_keys[idx_of("db")];
	struct ks_span seen[KS_BOOT_MAX_EVENTS], entry;
	size_t i, k, nr_seen = 0;
	struct ks_esl_view db;
	char what[128];
	int rc = ks_esl_parse(vars->value[idx_of("db")], 0, &db, why);

	for (i = 0; !rc && i < nr_images; i++) {
		if (is_forbidden(image[i].report))
			rc = ks_fail(why, -EKEYREJECTED, KS_NO_OFF, "firmware does not start it, dbx forbids that");
		else if (!find_authority(&db, image[i].report, &entry, what, sizeof(what)))
			rc = ks_fail(why, -ENOKEY, KS_NO_OFF, "firmware does not start it, nothing of db allows that");
		if (rc) {
			ks_diag_in(why, image[i].path);
			break;
		}
		for (k = 0; k < nr_seen && !ks_span_eq(seen[k], entry); k++)
			;
		if (k < nr_seen || nr_seen == KS_ARRAY_SIZE(seen))
			continue;
		seen[nr_seen++] = entry;
		rc = extend_variable(pcr, "EV_EFI_VARIABLE_AUTHORITY", key->vendor, key->name, what, entry, why);
	}
	return rc;
}

int ks_boot_pcr7(const struct ks_uki_bank *bank, const struct ks_boot_vars *vars, const struct ks_boot_image *image,
		 size_t nr_images, struct ks_boot_pcr *ret_pcr, struct ks_diag *diag)
{
	struct ks_diag *why = &ret_pcr->why;
	int rc;

	begin(ret_pcr, 7, bank);
	if (!vars->is_given)
		rc = ks_fail(why, -ENODATA, KS_NO_OFF, "variables of Secure Boot were not given, --vars or --var has them");
	else
		rc = extend_config(ret_pcr, vars, why);
	if (!rc && vars->secure_boot)
		rc = extend_authorities(ret_pcr, vars, image, nr_images, why);
	return end(ret_pcr, rc, diag);
}
