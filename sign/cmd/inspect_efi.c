// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "cmd/efi_var.h"
#include "cmd/inspect.h"
#include "ops/efi.h"
#include "ops/efi_sig.h"
#include "ops/efi_update.h"

/* Digests that a person sees of one variable: a dbx has hundreds. JSON has them all. */
#define SHOWN_DIGESTS 4U

static int show_sig(struct ks_sheet *sheet, struct json_object *array, const struct ks_inspect_opts *opts,
		    const struct ks_esl_list_view *list, u32 idx, u64 *nr_digests, struct ks_diag *diag)
{
	__cleanup(ks_efi_sig_done) struct ks_efi_sig sig = { 0 };
	struct json_object *row;
	int rc = ks_efi_sig_read(list, idx, &sig, diag);

	if (rc)
		return rc;
	row = ks_json_row(array);
	ks_json_str(row, "type", sig.kind);
	ks_json_str(row, "owner", sig.owner);
	if (sig.cert.x509)
		return ks_sheet_cert_brief(sheet, sig.kind, row, &sig.cert, opts->now, diag);
	ks_json_str(row, "digest", sig.hex[0] ? sig.hex : NULL);
	if (++*nr_digests <= SHOWN_DIGESTS)
		ks_sheet_row(sheet, sig.kind, "%s", sig.hex);
	return 0;
}

static int show_lists(struct ks_sheet *sheet, struct json_object *to, const struct ks_inspect_opts *opts,
		      const struct ks_esl_view *view, struct ks_diag *diag)
{
	struct json_object *array = ks_json_array(to, "signatures");
	u64 nr_digests = 0;
	size_t i;
	u32 idx;
	int rc = 0;

	for (i = 0; i < view->nr_lists && !rc; i++)
		for (idx = 0; idx < view->list[i].nr_sigs && !rc; idx++)
			rc = show_sig(sheet, array, opts, &view->list[i], idx, &nr_digests, diag);
	if (nr_digests > SHOWN_DIGESTS)
		ks_sheet_row(sheet, "", "and %" PRIu64 " digests more, --json has them", nr_digests - SHOWN_DIGESTS);
	return rc;
}

static int show_var(struct ks_sheet *sheet, struct json_object *row, const struct ks_inspect_opts *opts,
		    const struct ks_var *var, u64 data_off, struct ks_diag *diag)
{
	struct json_object *level;
	struct ks_esl_view view;
	size_t i;
	int rc;

	ks_var_json(row, var);
	ks_sheet_row(sheet, "variable", "%s, %zu bytes, %s", ks_json_text_of(row, "name"), var->data.bytes,
		     ks_json_text_of(row, "attributes"));
	level = json_object_object_get(row, "sbat_level");
	for (i = 0; level && i < json_object_array_length(level); i++)
		ks_sheet_row(sheet, "  level", "%s", json_object_get_string(json_object_array_get_idx(level, i)));
	if (!ks_efi_key_of(var))
		return 0;
	rc = ks_esl_parse(var->data, data_off, &view, diag);
	return rc ? rc : show_lists(sheet, row, opts, &view, diag);
}

static int show_store(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct ks_span file,
		      struct ks_diag *diag)
{
	struct json_object *array = ks_json_array(sheet->json, "variables");
	struct ks_varstore_iter iter = { 0 };
	struct ks_varstore_view view;
	struct ks_var var;
	u64 data_off;
	int rc = ks_varstore_parse(file, &view, diag);

	while (!rc && ks_varstore_next(&view, &iter, &var, &data_off))
		rc = show_var(sheet, ks_json_row(array), opts, &var, data_off, diag);
	if (!rc && !view.nr_vars)
		ks_sheet_row(sheet, "variables", "none");
	return rc;
}

/* Whether firmware would take it is asked of efi auth-verify; here is who says to have signed it. */
static int show_update(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct ks_span file,
		       struct ks_diag *diag)
{
	__cleanup(ks_cert_done) struct ks_cert signer = { 0 };
	struct json_object *to = ks_json_object(sheet->json, "update");
	char time[KS_EFI_TIME_TEXT_BYTES];
	struct ks_auth_view update;
	struct ks_esl_view view;
	int rc = ks_auth_parse(file, &update, diag);

	if (rc)
		return rc;
	ks_efi_time_format(update.time, time);
	ks_json_str(to, "time", time);
	ks_sheet_row(sheet, "time", "%s UTC", time);
	if (ks_cms_update_signer(update.cms, &signer, NULL)) {
		ks_json_str(to, "signer", NULL);
		ks_sheet_row(sheet, "signer", "nobody known, its certificate is not embedded");
	} else {
		rc = ks_sheet_cert(sheet, "signer", ks_json_object(to, "signer"), &signer, opts->now, diag);
	}
	if (!rc)
		rc = ks_esl_parse(update.payload, update.payload_off, &view, diag);
	return rc ? rc : show_lists(sheet, to, opts, &view, diag);
}

int ks_inspect_efi(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, enum ks_kind kind,
		   struct ks_span file, struct ks_diag *diag)
{
	struct ks_esl_view view;
	int rc;

	if (kind == KS_KIND_STORE)
		return show_store(sheet, opts, file, diag);
	if (kind == KS_KIND_UPDATE)
		return show_update(sheet, opts, file, diag);
	rc = ks_efi_parse_lists(file, &view, diag);
	return rc ? rc : show_lists(sheet, sheet->json, opts, &view, diag);
}
