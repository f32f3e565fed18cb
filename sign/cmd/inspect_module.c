// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "cmd/inspect.h"

static void show_names(struct ks_sheet *sheet, struct json_object *to, const struct ks_module_facts *f)
{
	const struct {
		const char *key;
		const char *text;
	} rows[] = { { "name", f->name }, { "version", f->version }, { "vermagic", f->vermagic },
		     { "license", f->license }, { "depends", f->depends } };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(rows); i++) {
		ks_json_str(to, rows[i].key, rows[i].text);
		if (rows[i].text)
			ks_sheet_row(sheet, rows[i].key, "%s", rows[i].text);
	}
	ks_json_str(to, "refused", f->no.err ? f->no.why : NULL);
	if (f->no.err)
		ks_sheet_row(sheet, "form", "no kernel 6.18 loads it: %s", f->no.why);
}

/* The certificate of --trust that the signature names. */
static int show_signer(struct ks_sheet *sheet, struct json_object *to, const struct ks_inspect_opts *opts,
		       const struct ks_cms_info *info, struct ks_diag *diag)
{
	size_t i;

	ks_json_str(to, "certificate", NULL);
	for (i = 0; i < opts->db.trust->nr_certs; i++) {
		if (ks_cms_info_is_of(info, &opts->db.trust->cert[i]))
			return ks_sheet_cert(sheet, "  by", ks_json_object(to, "certificate"),
					     &opts->db.trust->cert[i], opts->now, diag);
	}
	ks_sheet_row(sheet, "  by", "none of the certificates that --trust has");
	return 0;
}

static int show_signature(struct ks_sheet *sheet, struct json_object *to, const struct ks_inspect_opts *opts,
			  const struct ks_module_facts *f, struct ks_diag *diag)
{
	const struct ks_cms_info *info = &f->info;

	ks_sheet_signer_json(to, info);
	ks_json_str(to, "hash", info->hash);
	ks_json_str(to, "algorithm", info->sig_alg);
	ks_json_int(to, "raw_bytes", info->sig_bytes);
	ks_json_int(to, "nr_signers", info->nr_signers);
	ks_json_int(to, "signed_bytes", f->view.content.bytes);
	ks_json_int(to, "signature_bytes", f->view.cms.bytes);
	if (info->key_id[0])
		ks_sheet_row(sheet, "signature", "by the key with identifier %s", info->key_id);
	else
		ks_sheet_row(sheet, "signature", "by a certificate of %s, serial %s", info->issuer, info->serial);
	ks_sheet_row(sheet, "", "%s with %s, %u bytes; CMS of %zu bytes over %zu%s", info->sig_alg, info->hash,
		     info->sig_bytes, f->view.cms.bytes, f->view.content.bytes,
		     info->nr_signers > 1 ? ", SEVERAL SIGNERS" : "");
	return opts->db.trust ? show_signer(sheet, to, opts, info, diag) : 0;
}

int ks_inspect_module(struct ks_sheet *sheet, const struct ks_inspect_opts *opts,
		      const struct ks_module_facts *facts, struct ks_diag *diag)
{
	struct json_object *to = ks_json_object(sheet->json, "module");

	show_names(sheet, to, facts);
	ks_json_errors(to, &facts->fault);
	if (facts->info.nr_signers)
		return show_signature(sheet, ks_json_object(to, "signature"), opts, facts, diag);
	ks_json_str(to, "signature", NULL);
	ks_sheet_row(sheet, "signature", "%s%s", facts->fault.err ? "BROKEN: " : "none",
		     facts->fault.err ? facts->fault.what : "");
	return 0;
}
