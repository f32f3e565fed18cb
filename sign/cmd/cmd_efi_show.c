// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/shown.h"
#include "cmd/certs.h"
#include "cmd/efi_var.h"
#include "cmd/verbs.h"
#include "ops/efi.h"
#include "ops/efi_sig.h"
#include "ops/efi_update.h"

static bool opt_json;

static int show_sig(const struct ks_esl_list_view *list, u32 idx, struct json_object *to,
		    struct ks_diag *diag)
{
	__cleanup(ks_efi_sig_done) struct ks_efi_sig sig = { 0 };
	char name[128] = "", not_after[16] = "";
	struct json_object *row;
	int rc = ks_efi_sig_read(list, idx, &sig, diag);

	if (rc)
		return rc;
	if (!to) {
		printf("    %-7s %s\n", sig.kind, sig.hex);
		if (!sig.cert.x509)
			return 0;
		ks_cert_name(&sig.cert, name, sizeof(name));
		ks_cert_not_after(&sig.cert, not_after, sizeof(not_after));
		printf("            until %s  %s\n", not_after, ks_shown(name));
		return 0;
	}
	row = ks_json_row(to);
	ks_json_str(row, "type", sig.kind);
	ks_json_str(row, "owner", sig.owner);
	if (sig.cert.x509)
		return ks_cert_json(row, &sig.cert, ks_clock_now(), diag);
	ks_json_str(row, "digest", sig.hex);
	return 0;
}

static int show_lists(const struct ks_esl_view *view, struct json_object *to, struct ks_diag *diag)
{
	size_t i;
	u32 idx;
	int rc = 0;

	for (i = 0; !rc && i < view->nr_lists; i++)
		for (idx = 0; !rc && idx < view->list[i].nr_sigs; idx++)
			rc = show_sig(&view->list[i], idx, to, diag);
	return rc;
}

static void print_var(const struct ks_var *var)
{
	char vendor[KS_GUID_TEXT_BYTES], name[64], attributes[32];
	struct ks_span text = var->data, line;

	ks_guid_format(&var->vendor, vendor);
	ks_utf16_format(var->name, name, sizeof(name));
	ks_efi_attributes(var->attributes, attributes, sizeof(attributes));
	printf("%-18s %s %-12s %zu bytes\n", ks_shown(name), vendor, attributes, var->data.bytes);
	/* shim's text, where it is one. */
	if (ks_efi_is_sbat_level(var) && !ks_sbat_check_level(text, NULL))
		while (ks_span_line(&text, &line))
			printf("    %.*s\n", (int)line.bytes, (const char *)line.p);
}

static int show_var(const struct ks_var *var, u64 data_off, struct json_object *to,
		    struct ks_diag *diag)
{
	struct json_object *row = to ? ks_json_row(to) : NULL;
	struct ks_esl_view view;
	int rc;

	if (row)
		ks_var_json(row, var);
	else
		print_var(var);
	if (!ks_efi_key_of(var))
		return 0;
	rc = ks_esl_parse(var->data, data_off, &view, diag);
	return rc ? rc : show_lists(&view, row ? ks_json_array(row, "signatures") : NULL, diag);
}

static int show_store(struct ks_span file, struct json_object *json, struct ks_diag *diag)
{
	struct json_object *to = json ? ks_json_array(json, "variables") : NULL;
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	struct ks_var var;
	u64 data_off;
	int rc = ks_varstore_parse(file, &view, diag);

	while (!rc && ks_varstore_next(&view, &iter, &var, &data_off))
		rc = show_var(&var, data_off, to, diag);
	if (!rc && !json && !view.nr_vars)
		printf("no variables\n");
	return rc;
}

/* Whether it would be taken is auth-verify's; here is who says to have signed it. */
static int show_update(struct ks_span file, struct json_object *json, struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert signer = { 0 };
	bool is_signed;
	char time[KS_EFI_TIME_TEXT_BYTES], name[128] = "";
	struct ks_auth_view update;
	struct ks_esl_view view;
	int rc = ks_auth_parse(file, &update, diag);

	if (rc)
		return rc;
	ks_efi_time_format(update.time, time);
	is_signed = !ks_cms_update_signer(update.cms, &signer, NULL);
	if (is_signed)
		ks_cert_name(&signer, name, sizeof(name));
	if (json) {
		ks_json_str(json, "time", time);
		if (is_signed)
			rc = ks_cert_json(ks_json_object(json, "signer"), &signer, ks_clock_now(), diag);
		else
			ks_json_str(json, "signer", NULL);
	} else {
		printf("update, %s UTC, %s%s\n", time, name[0] ? "signed by " : "without a signer's certificate",
		       ks_shown(name));
	}
	if (!rc)
		rc = ks_esl_parse(update.payload, update.payload_off, &view, diag);
	return rc ? rc : show_lists(&view, json ? ks_json_array(json, "signatures") : NULL, diag);
}

static void put_kind(struct json_object *json, const char *kind)
{
	if (json)
		ks_json_str(json, "kind", kind);
}

static int show_file(struct ks_span file, struct json_object *json, struct ks_diag *diag)
{
	struct ks_esl_view view;

	if (ks_auth_is(file)) {
		put_kind(json, "update");
		return show_update(file, json, diag);
	}
	/* Firmware has no empty variable: four bytes of attributes alone are not one out of efivarfs. */
	if (!file.bytes || ks_efi_parse_lists(file, &view, NULL) || !view.nr_lists) {
		put_kind(json, "variable_store");
		return show_store(file, json, diag);
	}
	put_kind(json, "signature_lists");
	return show_lists(&view, json ? ks_json_array(json, "signatures") : NULL, diag);
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = opt_json ? ks_json_new("kseal/efi-show/1") : NULL;
	__cleanup(ks_buf_done) struct ks_buf file = { 0 };
	int rc = ks_file_load(args[0], KS_MAX_VARSTORE_BYTES, &file, diag);

	(void)nr_args;
	if (json)
		ks_json_name(json, "file", args[0]);
	if (!rc)
		rc = show_file(ks_buf_span(&file), json, diag);
	if (rc)
		ks_diag_in(diag, args[0]);
	else if (json)
		ks_json_print(json);
	return rc;
}

const struct ks_verb ks_verb_efi_show = {
	.noun = "efi",
	.verb = "show",
	.args = "FILE",
	.max_args = 1,
	.help = "list a variable store, signature lists or an update",
	.opts = (const struct ks_opt[]){ { .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
					 { 0 } },
	.run = run_show,
};
