// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/inspect.h"
#include "ops/pe_verify.h"
#include "ops/uki_sections.h"

/* UEFI 2.10, 2.1.1: firmware starts these. */
static const char *subsystem_name(u16 subsystem)
{
	switch (subsystem) {
	case 10:
		return "EFI application";
	case 11:
		return "EFI boot service driver";
	case 12:
		return "EFI runtime driver";
	}
	return "nothing that firmware starts, but PE";
}

static void show_headers(struct ks_sheet *sheet, struct json_object *pe, const struct ks_pe_view *view)
{
	const char *machine = view->machine == KS_PE_MACHINE_X64 ? "x86-64" : "arm64";
	bool checksum_ok = view->checksum == ks_pe_checksum(view->file, view->checksum_off);
	bool nx = view->dll_flags & KS_PE_NX_COMPAT;

	ks_json_str(pe, "machine", machine);
	ks_json_int(pe, "subsystem", view->subsystem);
	ks_json_bool(pe, "nx_compat", nx);
	ks_json_bool(pe, "checksum_ok", checksum_ok);
	ks_sheet_row(sheet, "image", "%s of %s, %s, checksum %s", subsystem_name(view->subsystem), machine,
		     nx ? "NX compatible" : "not NX compatible",
		     !view->checksum ? "not set" : checksum_ok ? "right" : "WRONG");
}

static void show_dbx(struct ks_sheet *sheet, struct json_object *pe, const struct ks_inspect_opts *opts,
		     const struct ks_pe_report *report)
{
	ks_json_hex(pe, "authenticode_sha256", ks_digest_span(&report->sha256));
	ks_json_str(pe, "dbx", !opts->db.dbx ? NULL : report->image_revoked ? "image" : "clear");
	ks_sheet_row(sheet, "Authenticode", "%s",
		     ks_json_text_of(pe, "authenticode_sha256"));
	ks_sheet_row(sheet, "dbx", "%s",
		     !opts->db.dbx		   ? "not judged, --dbx was not given" :
		     report->image_revoked ? "REVOKES this image by its digest" :
					     "has no digest of this image");
}

/* null where there was nothing to ask */
static void put_answer(struct json_object *row, const char *key, bool asked, bool answer)
{
	if (asked)
		ks_json_bool(row, key, answer);
	else
		ks_json_str(row, key, NULL);
}

static void show_state(struct ks_sheet *sheet, struct json_object *row, const struct ks_inspect_opts *opts,
		       const struct ks_pe_signature *s)
{
	ks_json_str(row, "hash", s->alg);
	put_answer(row, "matches", s->compared, s->matches);
	put_answer(row, "intact", s->checked, s->intact);
	put_answer(row, "trusted", opts->db.trust, s->trusted);
	ks_json_bool(row, "ecdsa", s->ecdsa);
	ks_json_str(row, "dbx", opts->db.dbx ? ks_pe_revoked_word(s->revoked) : NULL);
	ks_json_errors(row, &s->error);
	ks_sheet_row(sheet, "  state", "%s %s, %s%s%s%s%s", s->alg ? s->alg : "SKIPPED by firmware, digest",
		     !s->compared ? "not compared" : s->matches ? "matches" : "DOES NOT MATCH",
		     !s->checked ? "not checked" : s->intact ? "intact" : "NOT INTACT",
		     !opts->db.trust ? "" : s->trusted ? ", trusted" : ", not trusted", opts->db.dbx ? ", " : "",
		     opts->db.dbx ? ks_pe_revoked_text(s->revoked) : "",
		     s->ecdsa ? ", ECDSA: not every firmware takes it" : "");
	if (s->error.err)
		ks_sheet_row(sheet, "", "%s", s->error.what);
}

static int show_signature(struct ks_sheet *sheet, struct json_object *row, const struct ks_inspect_opts *opts,
			  const struct ks_pe_signature *s, size_t idx, struct ks_diag *diag)
{
	struct json_object *chain = NULL;
	char label[24];
	size_t i;
	int rc = 0;

	snprintf(label, sizeof(label), "signature %zu", idx + 1);
	ks_json_str(row, "signer", NULL);
	if (!s->chain.nr_certs)
		ks_sheet_row(sheet, label, "by nobody known");
	else
		rc = ks_sheet_cert(sheet, label, ks_json_object(row, "signer"), &s->chain.cert[0], opts->now,
				   diag);
	show_state(sheet, row, opts, s);
	chain = ks_json_array(row, "chain");
	if (!rc && s->chain.nr_certs)
		rc = ks_cert_json(ks_json_row(chain), &s->chain.cert[0], opts->now, diag);
	for (i = 1; i < s->chain.nr_certs && !rc; i++)
		rc = ks_sheet_cert_brief(sheet, i == 1 ? "  chain" : "", ks_json_row(chain), &s->chain.cert[i],
					 opts->now, diag);
	return rc;
}

/* null without a .sbat that can be read */
static void put_sbat(struct json_object *pe, const struct ks_pe_report *report, char *words, size_t words_bytes)
{
	struct json_object *array, *row;
	size_t i, used = 0;

	ks_json_str(pe, "sbat", NULL);
	if (!report->has_sbat)
		return;
	array = ks_json_array(pe, "sbat");
	for (i = 0; i < report->nr_sbat; i++) {
		const struct ks_pe_sbat *sbat = &report->sbat[i];

		row = ks_json_row(array);
		ks_json_text(row, "component", sbat->entry.component);
		ks_json_int(row, "generation", sbat->entry.generation);
		ks_json_str(row, "least", NULL);
		if (sbat->has_least)
			ks_json_int(row, "least", sbat->least);
		if (used < words_bytes)
			used += (size_t)snprintf(words + used, words_bytes - used, "%s%s %" PRIu32, used ? ", " : "",
						 ks_json_text_of(row, "component"), sbat->entry.generation);
	}
}

/* "shim 4, shim.debian 1": components and their generations */
static void show_sbat(struct ks_sheet *sheet, struct json_object *pe, const struct ks_inspect_opts *opts,
		      const struct ks_pe_report *report)
{
	const struct ks_pe_section *s = ks_pe_find(&report->view, ".sbat");
	struct ks_diag reason = { 0 };
	char words[KS_MAX_SBAT_BYTES] = "";

	put_sbat(pe, report, words, sizeof(words));
	if (!s) {
		ks_sheet_row(sheet, "SBAT", "none, shim itself does not start it");
		return;
	}
	if (!report->has_sbat) {
		(void)!ks_sbat_check(ks_pe_loaded(s), s->raw_off, &reason);
		ks_sheet_row(sheet, "SBAT", "BROKEN: %s", reason.err ? reason.what : "shim cannot read a generation");
		return;
	}
	ks_sheet_row(sheet, "SBAT", "%s", words);
	if (!opts->db.sbat_level)
		ks_sheet_row(sheet, "", "not judged, --sbat-level was not given");
	else if (report->sbat_error.err)
		ks_sheet_row(sheet, "", "REVOKED: %s %s", report->sbat_error.what, report->sbat_error.detail);
	else
		ks_sheet_row(sheet, "", "not revoked by the level");
}

/* How many sections of that name come before row @idx of the table, and how many there are. */
static u32 count_same(const struct ks_pe_view *view, u32 idx, u32 *ret_before)
{
	u32 i, nr = 0;

	for (i = 0; i < view->nr_sections; i++) {
		if (i == idx)
			*ret_before = nr;
		nr += !strcmp(view->section[i].name, view->section[idx].name);
	}
	return nr;
}

static int show_section(struct ks_sheet *sheet, struct json_object *array, const struct ks_pe_view *view,
			u32 idx, bool in_text, struct ks_diag *diag)
{
	const struct ks_pe_section *s = &view->section[idx];
	const struct ks_uki_row *known = ks_uki_row_of(s->name);
	struct ks_span content = ks_pe_loaded(s);
	struct json_object *row = ks_json_row(array);
	struct ks_digest digest;
	char label[24];
	u32 before = 0;
	int rc = ks_sha256(content, &digest, diag);

	if (rc)
		return rc;
	if (count_same(view, idx, &before) > 1)
		snprintf(label, sizeof(label), "%s:%" PRIu32, s->name, before);
	else
		snprintf(label, sizeof(label), "%s", s->name);
	/* By this name extract gives it. */
	ks_json_str(row, "name", label);
	ks_json_int(row, "rva", s->rva);
	ks_json_int(row, "virtual_bytes", s->virtual_bytes);
	ks_json_int(row, "offset", s->raw_off);
	ks_json_int(row, "bytes", content.bytes);
	ks_json_hex(row, "sha256", ks_digest_span(&digest));
	if (known && (known->text || known->is_stubs || !strcmp(s->name, ".sbat")))
		ks_json_text(row, "text", content);
	if (!in_text)
		return 0;
	ks_sheet_row(sheet, label, "%s",
		     ks_json_text_of(row, "sha256"));
	ks_sheet_row(sheet, "", "%zu bytes at 0x%" PRIx32 ", in memory %" PRIu32 " at 0x%" PRIx32, content.bytes,
		     s->raw_off, s->virtual_bytes, s->rva);
	return 0;
}

int ks_inspect_sections(struct ks_sheet *sheet, enum ks_kind kind, struct ks_span file, struct ks_diag *diag)
{
	struct json_object *pe = json_object_object_get(sheet->json, "pe");
	struct json_object *array = ks_json_array(pe, "sections");
	bool is_uki = kind == KS_KIND_UKI || kind == KS_KIND_ADDON;
	u32 idx, nr_own = 0;
	struct ks_pe_view view;
	int rc = ks_pe_parse(file, &view, diag);

	for (idx = 0; !rc && idx < view.nr_sections; idx++) {
		bool is_own = is_uki && !ks_uki_is_section(view.section[idx].name);

		rc = show_section(sheet, array, &view, idx, !is_own, diag);
		nr_own += is_own;
	}
	if (!rc && nr_own)
		ks_sheet_row(sheet, "", "and %" PRIu32 " sections of the stub, --json has them", nr_own);
	return rc;
}

int ks_inspect_pe(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct ks_span file,
		  struct ks_diag *diag)
{
	__cleanup(ks_pe_report_done) struct ks_pe_report report = { 0 };
	struct json_object *pe = ks_json_object(sheet->json, "pe"), *array;
	size_t i;
	int rc = ks_pe_inspect(&opts->db, file, &report, diag);

	if (rc)
		return rc;
	show_headers(sheet, pe, &report.view);
	show_dbx(sheet, pe, opts, &report);
	array = ks_json_array(pe, "signatures");
	if (!report.nr_signatures)
		ks_sheet_row(sheet, "signatures", "none");
	for (i = 0; i < report.nr_signatures && !rc; i++)
		rc = show_signature(sheet, ks_json_row(array), opts, &report.signature[i], i, diag);
	show_sbat(sheet, pe, opts, &report);
	return rc;
}
