// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/inspect.h"
#include "ops/cmdline.h"
#include "ops/initrd_list.h"
#include "ops/uki_addon.h"
#include "ops/uki_pcrsig.h"
#include "ops/uki_profile.h"
#include "ops/uki_sections.h"

/* Names of an initrd's entries that a person sees. */
#define SHOWN_NAMES 8U

static struct ks_span text_of(const struct ks_uki_image *image, u32 profile, const char *section,
			      const struct ks_uki_text_line *line)
{
	const struct ks_uki_section *s = ks_uki_find(image, profile, section);
	struct ks_span text = { 0 };

	if (!s)
		return text;
	if (!line->field)
		return ks_span_trim(ks_uki_text(s->data));
	text = ks_uki_profile_value(s->data, line->field);
	return text.bytes || !line->other ? text : ks_uki_profile_value(s->data, line->other);
}

/* What of a command line weakens the system, as uki lint says it; @row: gets it as "weakens" */
static void show_weak(struct ks_sheet *sheet, struct json_object *row, struct ks_span cmdline)
{
	struct json_object *array = ks_json_array(row, "weakens"), *to;
	struct ks_cmdline_finding f;
	size_t off = 0;

	while (ks_cmdline_next(cmdline, &off, &f)) {
		to = ks_json_row(array);
		ks_json_text(to, "arg", f.arg);
		ks_json_str(to, "what", f.what);
		ks_json_str(to, "reason", f.reason);
		ks_json_bool(to, "guarded", f.is_guarded);
		ks_sheet_row(sheet, "  weakens", "%s: %s%s%s", ks_json_text_of(to, "arg"), f.what,
			     f.reason ? ", " : "", f.reason ? f.reason : "");
	}
}

/* The texts of `uki show`. */
static void show_texts(struct ks_sheet *sheet, struct json_object *row, const struct ks_uki_image *image,
		       u32 profile)
{
	const struct ks_uki_text_line *line;
	unsigned int order;
	const char *section;

	for (order = 1; (line = ks_uki_text_line_at(order, &section)); order++) {
		struct ks_span text = text_of(image, profile, section, line);

		if (!text.bytes) {
			ks_json_str(row, line->key, NULL);
			continue;
		}
		ks_json_text(row, line->key, text);
		ks_sheet_row(sheet, line->key, "%s", ks_json_text_of(row, line->key));
		if (!strcmp(section, ".cmdline"))
			show_weak(sheet, row, text);
	}
}

static void show_names(struct ks_sheet *sheet, struct json_object *row, const struct ks_initrd_list *list)
{
	struct json_object *array = ks_json_array(row, "names");
	struct ks_span rest = ks_buf_span(&list->names);
	size_t i, bytes;

	for (i = 0; i < list->nr_names; i++) {
		const char *name = (const char *)rest.p;

		bytes = strnlen(name, rest.bytes);
		json_object_array_add(array, json_object_new_string_len(name, (int)bytes));
		if (i < SHOWN_NAMES)
			ks_sheet_row(sheet, "", "%s", name);
		if (!ks_span_sub(rest, bytes + 1, rest.bytes - bytes - 1, &rest))
			break;
	}
	ks_json_int(row, "nr_names_left_out", list->nr_entries - list->nr_names);
	if (list->nr_entries > SHOWN_NAMES)
		ks_sheet_row(sheet, "", "and %zu more", list->nr_entries - SHOWN_NAMES);
}

static int show_initrd(struct ks_sheet *sheet, struct json_object *to, const char *key, const char *label,
		       struct ks_span initrd, struct ks_diag *diag)
{
	__cleanup(ks_initrd_list_done) struct ks_initrd_list list = { 0 };
	struct json_object *row = ks_json_object(to, key);
	int rc = ks_initrd_list_of(initrd, &list, diag);
	struct json_object *microcode;

	if (rc)
		return rc;
	ks_json_int(row, "bytes", initrd.bytes);
	ks_json_str(row, "compression", list.compression);
	ks_json_int(row, "unpacked_bytes", list.unpacked_bytes);
	ks_json_int(row, "nr_entries", list.nr_entries);
	ks_json_int(row, "nr_modules", list.nr_modules);
	ks_json_bool(row, "init", list.has_init);
	microcode = ks_json_array(row, "microcode");
	if (list.microcode[0])
		json_object_array_add(microcode, json_object_new_string("intel"));
	if (list.microcode[1])
		json_object_array_add(microcode, json_object_new_string("amd"));
	ks_json_errors(row, &list.stopped);
	ks_sheet_row(sheet, label, "%zu bytes%s%s, %zu entries, %zu modules, %s%s%s%s", initrd.bytes,
		     list.compression ? ", " : "", list.compression ? list.compression : "", list.nr_entries,
		     list.nr_modules, list.has_init ? "with /init" : "no /init",
		     list.microcode[0] || list.microcode[1] ? ", microcode of" : "",
		     list.microcode[0] ? " Intel" : "", list.microcode[1] ? " AMD" : "");
	if (list.stopped.err)
		ks_sheet_row(sheet, "", "NOT ALL OF IT: %s %s", list.stopped.what, list.stopped.detail);
	show_names(sheet, row, &list);
	return 0;
}

/* What `uki measure` predicts when nobody says more, of each bank in the order of ks_uki_banks. */
struct predictions {
	struct ks_uki_policies of[KS_UKI_NR_BANKS];
};

/* Is it one of the values that this profile gives PCR 11? */
static bool is_predicted(const struct predictions *predictions, u32 profile, const struct ks_pcrsig *sig)
{
	const struct ks_uki_policies *policies = &predictions->of[sig->bank - ks_uki_banks];
	size_t i;

	for (i = 0; i < policies->nr_policies; i++)
		if (policies->policy[i].profile == profile &&
		    ks_span_eq(ks_digest_span(&policies->policy[i].policy), ks_digest_span(&sig->policy)))
			return true;
	return false;
}

/* How many policies of .pcrsig there are, and how many of them this image goes through. */
static void show_signed(struct ks_sheet *sheet, struct json_object *row, const struct ks_uki_image *image,
			u32 profile, const struct predictions *predictions)
{
	const struct ks_uki_section *s = ks_uki_find(image, profile, ".pcrsig");
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	size_t i, nr_met = 0, nr_of[KS_UKI_NR_BANKS] = { 0 };
	struct ks_diag reason = { 0 };
	char words[64] = "";

	if (!s) {
		ks_json_str(row, "pcrsig", NULL);
		ks_sheet_row(sheet, "policies", "none signed (no .pcrsig)");
		return;
	}
	row = ks_json_object(row, "pcrsig");
	if (ks_pcrsigs_parse(s->data, &sigs, &reason)) {
		ks_json_errors(row, &reason);
		ks_sheet_row(sheet, "policies", "BROKEN: %s", reason.what);
		return;
	}
	for (i = 0; i < sigs.nr_entries; i++) {
		nr_of[sigs.entry[i].bank - ks_uki_banks]++;
		nr_met += is_predicted(predictions, profile, &sigs.entry[i]);
	}
	for (i = 0; i < KS_UKI_NR_BANKS; i++)
		if (nr_of[i])
			snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s", words[0] ? ", " : " for ",
				 ks_uki_banks[i].name);
	ks_json_errors(row, &reason);
	ks_json_int(row, "nr_policies", sigs.nr_entries);
	ks_json_int(row, "nr_predicted", nr_met);
	ks_sheet_row(sheet, "policies", "%zu signed%s, %zu of them are of PCR values of this image",
		     sigs.nr_entries, words, nr_met);
}

static bool has_picked(const struct ks_uki_choice *choice)
{
	size_t k;

	for (k = 0; k < KS_UKI_NR_PICKED; k++)
		if (choice->nr[k])
			return true;
	return false;
}

static bool is_shown(const struct ks_inspect_opts *opts, const struct ks_uki_bank *bank)
{
	size_t i;

	for (i = 0; i < opts->nr_banks; i++)
		if (opts->bank[i] == bank)
			return true;
	return false;
}

/* A value, and below it what it is of; @label: "PCR 11" */
static void show_pcr(struct ks_sheet *sheet, const struct ks_uki_bank *bank, const char *label, const char *value,
		     const char *when)
{
	ks_sheet_row(sheet, label, "%s", value);
	ks_sheet_row(sheet, "", "%s%s%s", bank->name, when[0] ? ", " : "", when);
}

/* The values of a bank. On the screen are those that a person asked for, without what only some machines pick. */
static void show_bank(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct json_object *row,
		      const struct ks_uki_bank *bank, u32 profile, const struct ks_uki_policies *policies)
{
	struct json_object *phases = ks_json_array(row, "phases"), *to;
	size_t i, nr_more = 0;

	for (i = 0; i < policies->nr_policies; i++) {
		const struct ks_uki_policy *p = &policies->policy[i];

		if (p->profile != profile)
			continue;
		to = ks_json_row(phases);
		ks_json_choice(to, &p->choice);
		ks_json_str(to, "path", p->phases);
		ks_json_hex(to, "value", ks_digest_span(&p->pcr));
		ks_json_hex(to, "policy", ks_digest_span(&p->policy));
		if (has_picked(&p->choice))
			nr_more++;
		else if (is_shown(opts, bank))
			show_pcr(sheet, bank, "PCR 11", ks_json_text_of(to, "value"),
				 p->phases[0] ? p->phases : "when the stub is done");
	}
	if (nr_more && is_shown(opts, bank))
		ks_sheet_row(sheet, "", "and %zu others, where the machine picks a .dtbauto or .efifw", nr_more);
}

static void show_pcrs(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct json_object *row, u32 profile,
		      const struct predictions *predictions)
{
	struct json_object *banks = ks_json_array(row, "pcr11"), *to;
	size_t i;

	for (i = 0; i < KS_UKI_NR_BANKS; i++) {
		to = ks_json_row(banks);
		ks_json_str(to, "bank", ks_uki_banks[i].name);
		show_bank(sheet, opts, to, &ks_uki_banks[i], profile, &predictions->of[i]);
	}
}

static int show_profile(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct json_object *row,
			const struct ks_uki_image *image, u32 profile, const struct predictions *predictions,
			struct ks_diag *diag)
{
	static const char *const archives[] = { ".initrd", ".ucode" };
	const struct ks_uki_section *s;
	size_t i;
	int rc = 0;

	ks_json_int(row, "profile", profile);
	if (image->nr_profiles)
		ks_sheet_row(sheet, "profile", "@%" PRIu32, profile);
	show_texts(sheet, row, image, profile);
	for (i = 0; i < KS_ARRAY_SIZE(archives) && !rc; i++) {
		s = ks_uki_find(image, profile, archives[i]);
		/* What the base has is shown once. */
		if (s && (!profile || s != ks_uki_find(image, 0, archives[i])))
			rc = show_initrd(sheet, row, archives[i] + 1, archives[i] + 1, s->data, diag);
	}
	if (rc)
		return rc;
	if (predictions->of[0].nr_policies)
		show_pcrs(sheet, opts, row, profile, predictions);
	show_signed(sheet, row, image, profile, predictions);
	return 0;
}

/* Return: as ks_uki_policies_of_banks(); there are all banks or none. */
static int predict(struct ks_uki_image *image, struct predictions *predictions, struct ks_diag *diag)
{
	const char *paths[KS_UKI_MAX_PATHS] = { "" };
	struct ks_uki_phases phases = { paths, 1 };
	size_t i;
	int rc = 0;

	for (i = 0; i < ks_uki_default_phases.nr_paths; i++)
		paths[phases.nr_paths++] = ks_uki_default_phases.path[i];
	for (i = 0; i < KS_UKI_NR_BANKS && !rc; i++) {
		const struct ks_uki_bank *bank = &ks_uki_banks[i];

		rc = ks_uki_policies_of_banks(image, &phases, &bank, 1, &predictions->of[i], diag);
	}
	for (i = 0; i < KS_UKI_NR_BANKS && rc; i++)
		predictions->of[i].nr_policies = 0;
	return rc;
}

static void show_addon(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct json_object *to,
		       struct ks_uki_image *image)
{
	struct json_object *banks, *row;
	struct ks_diag reason = { 0 };
	struct ks_digest pcr;
	size_t i;
	int rc = 0;

	show_texts(sheet, to, image, 0);
	banks = ks_json_array(to, "pcr12");
	for (i = 0; i < KS_UKI_NR_BANKS && !rc; i++) {
		image->bank = &ks_uki_banks[i];
		rc = ks_uki_addon_pcr(image, &pcr, &reason);
		if (rc)
			break;
		row = ks_json_row(banks);
		ks_json_str(row, "bank", image->bank->name);
		ks_json_hex(row, "value", ks_digest_span(&pcr));
		if (is_shown(opts, image->bank))
			show_pcr(sheet, image->bank, "PCR 12", ks_json_text_of(row, "value"), "");
	}
	ks_json_errors(to, &reason);
	if (rc)
		ks_sheet_row(sheet, "PCR 12", "not predicted: %s", reason.what);
}

static int show_uki(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct json_object *to,
		    struct ks_uki_image *image, struct predictions *predictions, struct ks_diag *diag)
{
	struct json_object *array;
	struct ks_diag reason = { 0 };
	u32 i;
	int rc = predict(image, predictions, &reason);

	if (rc == -ENOMEM)
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	ks_json_int(to, "stub", image->stub_version);
	ks_json_errors(to, &reason);
	if (image->stub_version)
		ks_sheet_row(sheet, "stub", "systemd-stub %" PRIu32, image->stub_version);
	else
		ks_sheet_row(sheet, "stub", "not systemd-stub");
	if (rc)
		ks_sheet_row(sheet, "PCR 11", "not predicted: %s", reason.what);
	array = ks_json_array(to, "profiles");
	for (i = 0, rc = 0; i < ks_uki_nr_profiles(image) && !rc; i++)
		rc = show_profile(sheet, opts, ks_json_row(array), image, i, predictions, diag);
	return rc;
}

static void free_predictions(struct predictions **predictions)
{
	free(*predictions);
}

int ks_inspect_uki(struct ks_sheet *sheet, const struct ks_inspect_opts *opts, struct ks_span file,
		   struct ks_diag *diag)
{
	__cleanup(free_predictions) struct predictions *predictions = calloc(1, sizeof(*predictions));
	struct ks_uki_image image;
	struct ks_pe_view view;
	int rc = predictions ? ks_pe_parse(file, &view, diag) : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");

	if (!rc)
		rc = ks_uki_parse(&view, &image, diag);
	if (rc)
		return rc;
	if (!image.is_addon)
		return show_uki(sheet, opts, ks_json_object(sheet->json, "uki"), &image, predictions, diag);
	show_addon(sheet, opts, ks_json_object(sheet->json, "addon"), &image);
	return 0;
}
