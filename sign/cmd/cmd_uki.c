// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/shown.h"
#include "cmd/findings.h"
#include "cmd/json.h"
#include "cmd/verbs.h"
#include "ops/kind.h"
#include "ops/uki_addon.h"
#include "ops/uki_lint.h"
#include "ops/uki_pcrsig.h"
#include "ops/uki_profile.h"
#include "ops/uki_sections.h"

static struct ks_values opt_phases, opt_bank;
static const char *opt_stub_version;
static bool opt_json;

/* An image and what it is made of; @view and @image borrow @file. */
struct opened {
	struct ks_buf file;
	struct ks_pe_view view;
	struct ks_uki_image image;
};

static void opened_done(struct opened *o)
{
	ks_buf_done(&o->file);
}

static int open_image(const char *path, struct opened *o, struct ks_diag *diag)
{
	int rc = ks_file_load(path, KS_MAX_IMAGE_BYTES, &o->file, diag);

	if (!rc)
		rc = ks_kind_parse_pe(ks_buf_span(&o->file), &o->view, diag);
	if (!rc)
		rc = ks_uki_parse(&o->view, &o->image, diag);
	ks_diag_in(diag, path);
	return rc;
}

/* Text out of an image: what is not a printable byte becomes '?'. */
static void copy_text(struct ks_span text, char *to, size_t to_bytes)
{
	size_t i;

	for (i = 0; i < text.bytes && i + 1 < to_bytes; i++)
		to[i] = text.p[i] < 0x20 || text.p[i] == 0x7f ? '?' : (char)text.p[i];
	to[i] = '\0';
}

static void section_text(const struct opened *o, u32 profile, const char *name, char *to,
			 size_t to_bytes)
{
	const struct ks_uki_section *s = ks_uki_find(&o->image, profile, name);

	copy_text(s ? s->data : (struct ks_span){ 0 }, to, to_bytes);
}

/* A field of .profile or .osrel. */
static void field_text(const struct opened *o, u32 profile, const char *section, const char *name,
		       char *to, size_t to_bytes)
{
	const struct ks_uki_section *s = ks_uki_find(&o->image, profile, section);

	copy_text(s ? ks_uki_profile_value(s->data, name) : (struct ks_span){ 0 }, to, to_bytes);
}

static void measure_lines(const struct opened *o, const struct ks_uki_policies *policies)
{
	char hex[2 * KS_DIGEST_MAX_BYTES + 1], choice[KS_UKI_CHOICE_BYTES];
	size_t i;

	for (i = 0; i < policies->nr_policies; i++) {
		const struct ks_uki_policy *p = &policies->policy[i];

		ks_hex(ks_digest_span(&p->pcr), hex, sizeof(hex));
		printf("11:%s=%s", p->bank->name, hex);
		if (o->image.nr_profiles)
			printf(" @%" PRIu32, p->profile);
		ks_uki_choice_text(&o->image, &p->choice, choice);
		printf("%s%s %s\n", choice[0] ? " " : "", choice, p->phases[0] ? p->phases : "-");
	}
}

static struct json_object *new_measured(const char *file)
{
	struct json_object *json = ks_json_new("kseal/uki-measure/1");

	ks_json_name(json, "file", file);
	return json;
}

static void measure_json(const char *file, const struct opened *o, const struct ks_uki_policies *policies)
{
	__cleanup(ks_json_free) struct json_object *json = new_measured(file);
	struct json_object *profiles, *row = NULL, *phases = NULL;
	const struct ks_uki_bank *bank = NULL;
	u32 profile = UINT32_MAX;
	char id[256];
	size_t i;

	ks_json_int(json, "pcr", 11);
	ks_json_int(json, "stub", policies->stub_version);
	profiles = ks_json_array(json, "profiles");
	for (i = 0; i < policies->nr_policies; i++) {
		const struct ks_uki_policy *p = &policies->policy[i];

		/* A bank begins anew with the first profile. */
		if (p->profile != profile || p->bank != bank) {
			profile = p->profile;
			bank = p->bank;
			row = ks_json_row(profiles);
			field_text(o, profile, ".profile", "ID", id, sizeof(id));
			ks_json_int(row, "profile", profile);
			ks_json_str(row, "bank", bank->name);
			ks_json_str(row, "id", id[0] ? id : NULL);
			phases = ks_json_array(row, "phases");
		}
		row = ks_json_row(phases);
		ks_json_choice(row, &p->choice);
		ks_json_str(row, "path", p->phases);
		ks_json_hex(row, "value", ks_digest_span(&p->pcr));
		ks_json_hex(row, "policy", ks_digest_span(&p->policy));
	}
	ks_json_print(json);
}

/* What --phases asks for; without it the end of the stub and what systemd-measure signs. */
static struct ks_uki_phases wanted_phases(const char **paths)
{
	struct ks_uki_phases phases = { opt_phases.value, opt_phases.nr_values };
	size_t i;

	if (phases.nr_paths)
		return phases;
	paths[0] = "";
	for (i = 0; i < ks_uki_default_phases.nr_paths; i++)
		paths[i + 1] = ks_uki_default_phases.path[i];
	return (struct ks_uki_phases){ paths, i + 1 };
}

/* One value of PCR 12 for each bank, and of PCR 13, which no addon changes. */
static int measure_addon(const char *file, struct opened *o, const struct ks_uki_bank *const *banks,
			 size_t nr_banks, struct ks_diag *diag)
{
	__cleanup(ks_json_free) struct json_object *json = new_measured(file);
	struct json_object *array = ks_json_array(json, "pcrs"), *row;
	size_t i, k;

	for (i = 0; i < nr_banks; i++) {
		struct ks_digest pcr[2];
		int rc;

		o->image.bank = banks[i];
		rc = ks_uki_addon_pcr(&o->image, &pcr[0], diag);
		if (rc)
			return rc;
		pcr[1] = ks_uki_pcr_zero(banks[i]);
		for (k = 0; k < KS_ARRAY_SIZE(pcr); k++) {
			char hex[2 * KS_DIGEST_MAX_BYTES + 1];

			ks_hex(ks_digest_span(&pcr[k]), hex, sizeof(hex));
			if (!opt_json)
				printf("%zu:%s=%s\n", 12 + k, banks[i]->name, hex);
			row = ks_json_row(array);
			ks_json_int(row, "pcr", 12 + k);
			ks_json_str(row, "bank", banks[i]->name);
			ks_json_str(row, "value", hex);
		}
	}
	if (opt_json)
		ks_json_print(json);
	return 0;
}

static int run_measure(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(opened_done) struct opened o = { 0 };
	const char *paths[KS_UKI_MAX_PATHS];
	struct ks_uki_phases phases = wanted_phases(paths);
	const struct ks_uki_bank *banks[KS_UKI_NR_BANKS];
	struct ks_uki_policies policies;
	size_t nr_banks = 0;
	u32 stub_version = 0;
	int rc = ks_uki_parse_version(opt_stub_version, &stub_version, diag);

	(void)nr_args;
	if (!rc)
		rc = ks_uki_read_banks(&opt_bank.value[0], opt_bank.nr_values, banks, &nr_banks, diag);
	if (rc)
		return KS_EXIT_USAGE;
	rc = open_image(args[0], &o, diag);
	if (!rc && o.image.is_addon) {
		rc = measure_addon(args[0], &o, banks, nr_banks, diag);
		ks_diag_in(diag, args[0]);
		return rc;
	}
	if (!rc && stub_version)
		ks_uki_assume_stub(&o.image, stub_version);
	if (!rc)
		rc = ks_uki_policies_of_banks(&o.image, &phases, banks, nr_banks, &policies, diag);
	ks_diag_in(diag, args[0]);
	if (rc)
		return rc;
	if (opt_json)
		measure_json(args[0], &o, &policies);
	else
		measure_lines(&o, &policies);
	return 0;
}

/* Line @order of what a person wants to see of a profile. Return: its key; NULL behind the last. */
static const char *get_text(const struct opened *o, u32 profile, unsigned int order, char *to,
			    size_t to_bytes)
{
	const char *section;
	const struct ks_uki_text_line *line = ks_uki_text_line_at(order, &section);

	if (!line)
		return NULL;
	if (line->field)
		field_text(o, profile, section, line->field, to, to_bytes);
	else
		section_text(o, profile, section, to, to_bytes);
	if (!to[0] && line->other)
		field_text(o, profile, section, line->other, to, to_bytes);
	return line->key;
}

static void show_lines(const struct opened *o, size_t nr_signatures)
{
	u32 i, nr_profiles = ks_uki_nr_profiles(&o->image);
	char text[KS_MAX_CMDLINE_BYTES + 1];
	unsigned int order;
	const char *key;

	for (i = 0; i < o->view.nr_sections; i++)
		printf("%-8s rva 0x%08" PRIx32 " %10" PRIu32 " bytes, file 0x%08" PRIx32 " %10" PRIu32
		       " bytes\n",
		       ks_shown(o->view.section[i].name), o->view.section[i].rva,
		       o->view.section[i].virtual_bytes, o->view.section[i].raw_off,
		       o->view.section[i].raw_bytes);
	printf("stub %" PRIu32 ", %" PRIu32 " profiles, %zu signatures\n", o->image.stub_version,
	       o->image.nr_profiles, nr_signatures);
	for (i = 0; i < nr_profiles; i++) {
		for (order = 1; (key = get_text(o, i, order, text, sizeof(text))); order++)
			if (text[0])
				printf("@%" PRIu32 " %s: %s\n", i, key, ks_shown(text));
	}
}

static void show_json(const char *file, const struct opened *o, size_t nr_signatures)
{
	__cleanup(ks_json_free) struct json_object *json = ks_json_new("kseal/uki-show/1");
	u32 i, nr_profiles = ks_uki_nr_profiles(&o->image);
	char text[KS_MAX_CMDLINE_BYTES + 1];
	struct json_object *array, *row;
	unsigned int order;
	const char *key;

	ks_json_name(json, "file", file);
	array = ks_json_array(json, "sections");
	for (i = 0; i < o->view.nr_sections; i++) {
		const struct ks_pe_section *s = &o->view.section[i];

		row = ks_json_row(array);
		copy_text(ks_span_str(s->name), text, sizeof(text));
		ks_json_str(row, "name", text);
		ks_json_int(row, "rva", s->rva);
		ks_json_int(row, "virtual_bytes", s->virtual_bytes);
		ks_json_int(row, "offset", s->raw_off);
		ks_json_int(row, "bytes", s->raw_bytes);
	}
	ks_json_int(json, "stub", o->image.stub_version);
	ks_json_int(json, "nr_signatures", nr_signatures);
	array = ks_json_array(json, "profiles");
	for (i = 0; i < nr_profiles; i++) {
		row = ks_json_row(array);
		ks_json_int(row, "profile", i);
		for (order = 1; (key = get_text(o, i, order, text, sizeof(text))); order++)
			ks_json_str(row, key, text[0] ? text : NULL);
	}
	ks_json_print(json);
}

static int run_show(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(opened_done) struct opened o = { 0 };
	struct ks_span cms[KS_MAX_PE_CERTS];
	size_t nr_signatures = 0;
	int rc = open_image(args[0], &o, diag);

	(void)nr_args;
	if (!rc)
		rc = ks_pe_certs(&o.view, cms, &nr_signatures, diag);
	ks_diag_in(diag, args[0]);
	if (rc)
		return rc;
	if (opt_json)
		show_json(args[0], &o, nr_signatures);
	else
		show_lines(&o, nr_signatures);
	return 0;
}

static int run_lint(int nr_args, char **args, struct ks_diag *diag)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	__cleanup(ks_buf_done) struct ks_buf in = { 0 };
	int rc = ks_file_load(args[0], KS_MAX_IMAGE_BYTES, &in, diag);

	(void)nr_args;
	if (!rc)
		rc = ks_uki_lint(ks_buf_span(&in), &findings, diag);
	return rc ? rc : ks_findings_print(&findings, args[0], opt_json ? "kseal/uki-lint/1" : NULL, diag);
}

const struct ks_verb ks_verb_uki_lint = {
	"uki", "lint", "IN", 1,
	"tell what would not boot, or not unlock a disk",
	(const struct ks_opt[]){
		{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
		{ 0 } },
	run_lint,
};

const struct ks_verb ks_verb_uki_measure = {
	"uki", "measure", "IN", 1,
	"predict PCR 11 of each profile at each boot phase, PCR 12 of an addon",
	(const struct ks_opt[]){
		{ "--phases", "WORDS", "boot phases to extend, enter-initrd:leave-initrd:...",
		  .ret_values = &opt_phases },
		{ "--bank", "BANK", "sha1, sha256 (default), sha384 or sha512", .ret_values = &opt_bank },
		{ "--stub-version", "N", "take the rules of this systemd-stub, not of the image's",
		  .ret_value = &opt_stub_version },
		{ .name = "--json", .help = "as JSON, with the TPM policies", .ret_flag = &opt_json },
		{ 0 } },
	run_measure,
};

const struct ks_verb ks_verb_uki_show = {
	"uki", "show", "IN", 1,
	"list sections, texts, profiles and signatures of an image",
	(const struct ks_opt[]){
		{ .name = "--json", .help = "as JSON", .ret_flag = &opt_json },
		{ 0 } },
	run_show,
};
