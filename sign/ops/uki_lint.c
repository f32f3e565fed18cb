// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One function per rule, one row per rule, as in ops/pe_lint.c. A rule of a profile runs for each.
 */
#include "ops/uki_lint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/image.h"
#include "kernel/initrd.h"
#include "ops/cmdline.h"
#include "ops/findings.h"
#include "ops/pe_lint.h"
#include "ops/uki_lint_rules.h"
#include "ops/uki_profile.h"
#include "ops/uki_sections.h"

static void check_linux(struct ks_lint *l)
{
	if (!ks_uki_lint_section(l, ".linux"))
		ks_uki_lint_found(l, NULL, "no .linux, only the profile that it follows has a kernel", NULL);
}

static void check_stub(struct ks_lint *l)
{
	u32 version = l->uki->stub_version;

	if (!version)
		ks_uki_lint_found(l, NULL, "stub is not systemd-stub, PCR 11 cannot be predicted", NULL);
	else if (!ks_uki_is_version_known(version))
		ks_uki_lint_found(l, NULL, "what this version of systemd-stub measures is not known here",
			     NULL);
}

static void check_profiles_known(struct ks_lint *l)
{
	if (l->uki->nr_profiles && l->uki->stub_version &&
	    l->uki->stub_version < KS_UKI_PROFILES_SINCE)
		ks_uki_lint_found(l, ks_uki_find(l->uki, 0, ".profile"),
			     "stub is older than 257 and knows no profiles, it boots any of them", NULL);
}

/* Older stubs compare as many characters as the name that they look for has. */
static void check_misread(struct ks_lint *l)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++)
		if (ks_uki_is_misread(l->uki->stub_version, l->view.section[i].name))
			ks_uki_lint_found(l, NULL,
				     "stub is older than 257 and takes the section for the one that its "
				     "name begins with, rename it",
				     l->view.section[i].name);
}

/* What is in the file and not in memory: other readers see it, the stub does not. */
static void check_unseen(struct ks_lint *l)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++) {
		const struct ks_pe_section *s = &l->view.section[i];

		if (ks_uki_is_section(s->name) && s->raw_bytes && !s->virtual_bytes)
			ks_uki_lint_found(l, NULL, "section has VirtualSize 0, the stub does not see it",
				     s->name);
	}
}

/* .profile has a rule of its own, .sbat is shim's and .pcrsig not measured. */
static void check_ignored(struct ks_lint *l)
{
	char detail[64];
	size_t i;

	if (!ks_uki_is_version_known(l->uki->stub_version))
		return;
	for (i = 0; i < KS_UKI_NR; i++) {
		const struct ks_uki_row *row = &ks_uki_table[i];
		const struct ks_uki_section *s = ks_uki_lint_section(l, row->name);

		if (!s || i == KS_UKI_PROFILE || i == KS_UKI_SBAT || l->uki->stub_version >= row->measured_since)
			continue;
		snprintf(detail, sizeof(detail), "%s, which %" PRIu32 " is the first to know", row->name,
			 row->measured_since);
		ks_uki_lint_found(l, s, "stub is older than the section and ignores it", detail);
	}
}

/* Sections of the base that stand behind its .linux: no room for a kernel that unpacks in place. */
static void check_linux_last(struct ks_lint *l)
{
	const struct ks_uki_section *linux_image = NULL;
	u32 i;

	for (i = 0; i < l->uki->nr_sections; i++) {
		const struct ks_uki_section *s = &l->uki->section[i];

		if (!strcmp(s->name, ".profile"))
			return;
		if (linux_image) {
			ks_uki_lint_found(l, linux_image,
				     "section follows .linux, an older stub's kernel unpacks over it",
				     s->name);
			return;
		}
		if (!strcmp(s->name, ".linux"))
			linux_image = s;
	}
}

static void check_osrel(struct ks_lint *l)
{
	if (!ks_uki_lint_section(l, ".osrel"))
		ks_uki_lint_found(l, NULL, "no .osrel, boot menus do not list the image", NULL);
}

/* systemd-stub: "if no cmdline was baked into the stub image", also under Secure Boot. */
static void check_no_cmdline(struct ks_lint *l)
{
	if (!ks_uki_lint_section(l, ".cmdline"))
		ks_uki_lint_found(l, NULL,
			     "no .cmdline, the kernel gets the boot loader's even under Secure Boot",
			     NULL);
}

/* The signer of an image decides what is in its command line: none of it is fatal. */
static void check_cmdline(struct ks_lint *l)
{
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".cmdline");
	struct ks_span text = s ? ks_uki_text(s->data) : (struct ks_span){ 0 };
	u64 file_at = ks_uki_lint_off(l, s);
	struct ks_cmdline_finding f;
	size_t off = 0, i;

	while (ks_cmdline_next(text, &off, &f)) {
		char detail[KS_FINDING_DETAIL_BYTES] = "";

		for (i = 0; i < f.arg.bytes && i < sizeof(detail) / 2; i++)
			detail[i] = f.arg.p[i] < 0x20 || f.arg.p[i] > 0x7e ? '?' : (char)f.arg.p[i];
		if (f.reason)
			snprintf(&detail[i], sizeof(detail) - i, " (%s)", f.reason);
		ks_uki_lint_found_at(l, s, file_at == KS_NO_OFF ? KS_NO_OFF : file_at + f.off, f.what, detail);
	}
}

/* What build refuses; the rule says in its own words what comes of it, or the check does. */
static void check_content(struct ks_lint *l)
{
	const struct ks_uki_row *row = &ks_uki_table[l->rule->section];
	const struct ks_uki_section *s = ks_uki_lint_section(l, row->name);
	struct ks_diag reason = { 0 };

	if (!s || !s->data.bytes || !row->check(s->data, &reason))
		return;
	if (l->rule->what)
		ks_uki_lint_found(l, s, l->rule->what, NULL);
	else
		ks_uki_lint_found(l, s, reason.what, reason.detail[0] ? reason.detail : NULL);
}

/* Each of those of which the stub takes one, whatever profile has it. */
static void check_picked(struct ks_lint *l)
{
	u32 i;

	for (i = 0; i < l->uki->nr_sections; i++) {
		const struct ks_uki_section *s = &l->uki->section[i];
		const struct ks_uki_row *row = ks_uki_row_of(s->name);
		struct ks_diag reason = { 0 };

		if (row->repeat == KS_UKI_PICKED && row->check(s->data, &reason))
			ks_uki_lint_found(l, s, reason.what, s->name);
	}
}

static void check_texts(struct ks_lint *l)
{
	size_t i;

	for (i = 0; i < KS_UKI_NR; i++) {
		const struct ks_uki_section *s = ks_uki_lint_section(l, ks_uki_table[i].name);
		struct ks_span text;

		if (!s || !ks_uki_table[i].text)
			continue;
		/* At its end it hides nothing, and dracut writes one there. */
		text = ks_uki_text(s->data);
		if (text.bytes && memchr(text.p, 0, text.bytes))
			ks_uki_lint_found(l, s, "text goes on behind a NUL byte, where some readers stop",
				     s->name);
	}
}

static void check_uname(struct ks_lint *l)
{
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".uname"), *linux_image = ks_uki_lint_section(l, ".linux");
	__cleanup(ks_buf_done) struct ks_buf release = { 0 };

	/* A kernel is unpacked for that: not once more for each profile that has nothing of its own. */
	if (l->profile && ks_uki_lint_is_shared(l, s) && ks_uki_lint_is_shared(l, linux_image))
		return;
	if (s && linux_image && ks_kernel_release(linux_image->data, &release) &&
	    !ks_span_eq(ks_span_trim(ks_uki_text(s->data)), ks_buf_span(&release)))
		ks_uki_lint_found(l, l->profile && ks_uki_lint_is_shared(l, s) ? linux_image : s,
		      ".uname is not the release of the kernel in .linux", NULL);
}

/* ID= is what people and boot entries call a profile. */
static void check_profile_id(struct ks_lint *l)
{
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".profile"), *other;
	struct ks_span id, other_id;
	u32 i;

	if (!s)
		return;
	id = ks_uki_profile_value(s->data, "ID");
	if (!id.bytes)
		ks_uki_lint_found(l, s, ".profile has no ID=", NULL);
	for (i = 0; id.bytes && i < l->profile; i++) {
		other = ks_uki_find(l->uki, i, ".profile");
		other_id = ks_uki_profile_value(other->data, "ID");
		if (ks_span_eq(id, other_id))
			ks_uki_lint_found(l, s, ".profile has the ID= of another one", NULL);
	}
}

static const struct ks_lint_rule rules[] = {
	{ "stub-version", KS_LINT_ADVICE, .check = check_stub },
	{ "profile-stub", KS_LINT_FATAL, .check = check_profiles_known },
	{ "section-name", KS_LINT_FATAL, .check = check_misread },
	{ "section-size", KS_LINT_FATAL, .check = check_unseen },
	{ "section-ignored", KS_LINT_ADVICE, .check = check_ignored, .each_profile = true },
	{ "linux-last", KS_LINT_ADVICE, .check = check_linux_last },
	{ "no-linux", KS_LINT_FATAL, .check = check_linux, .each_profile = true },
	{ "no-osrel", KS_LINT_ADVICE, .check = check_osrel, .each_profile = true },
	{ "no-cmdline", KS_LINT_ADVICE, .check = check_no_cmdline, .each_profile = true },
	{ "cmdline-length", KS_LINT_FATAL, .check = check_content, .each_profile = true, .section = KS_UKI_CMDLINE,
	  .what = "command line is over 2047 bytes, the kernel cuts it" },
	{ "cmdline", KS_LINT_ADVICE, .check = check_cmdline, .each_profile = true },
	{ "text-nul", KS_LINT_FATAL, .check = check_texts, .each_profile = true },
	{ "uname", KS_LINT_ADVICE, .check = check_uname, .each_profile = true },
	{ "initrd", KS_LINT_FATAL, .check = check_content, .each_profile = true, .section = KS_UKI_INITRD },
	{ "splash", KS_LINT_ADVICE, .check = check_content, .each_profile = true, .section = KS_UKI_SPLASH,
	  .what = ".splash is not a BMP image, the stub ignores it" },
	{ "dtb", KS_LINT_FATAL, .check = check_content, .each_profile = true, .section = KS_UKI_DTB,
	  .what = ".dtb is not a flattened device tree of its size" },
	{ "ucode", KS_LINT_ADVICE, .check = check_content, .each_profile = true, .section = KS_UKI_UCODE },
	{ "hwids", KS_LINT_FATAL, .check = check_content, .each_profile = true, .section = KS_UKI_HWIDS },
	{ "picked", KS_LINT_FATAL, .check = check_picked },
	{ "profile-id", KS_LINT_ADVICE, .check = check_profile_id, .each_profile = true },
};

/* The stub loads no addon that it takes for a UKI, or that has nothing for it. */
static void check_addon(struct ks_lint *l)
{
	static const char *const parts[] = { ".cmdline", ".dtb", ".dtbauto", ".initrd", ".ucode" };
	size_t i;

	if (ks_uki_lint_section(l, ".linux"))
		ks_uki_lint_found(l, ks_uki_lint_section(l, ".linux"), "addon has a .linux, the stub ignores it", NULL);
	for (i = 0; i < KS_ARRAY_SIZE(parts); i++)
		if (ks_uki_lint_section(l, parts[i]))
			return;
	ks_uki_lint_found(l, NULL, "addon has nothing that the stub takes out of it", NULL);
}

static void check_addon_cmdline(struct ks_lint *l)
{
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".cmdline");

	if (s && ks_uki_addon_check_cmdline(ks_uki_text(s->data), NULL))
		ks_uki_lint_found(l, s, "stub changes the command line, PCR 12 cannot be predicted", NULL);
}

static const struct ks_lint_rule addon_rules[] = {
	{ "addon", KS_LINT_FATAL, .check = check_addon },
	{ "cmdline", KS_LINT_ADVICE, .check = check_cmdline },
	{ "cmdline-length", KS_LINT_FATAL, .check = check_content, .section = KS_UKI_CMDLINE,
	  .what = "command line is over 2047 bytes, the kernel cuts it" },
	{ "text-nul", KS_LINT_FATAL, .check = check_texts },
	{ "initrd", KS_LINT_FATAL, .check = check_content, .section = KS_UKI_INITRD },
	{ "dtb", KS_LINT_FATAL, .check = check_content, .section = KS_UKI_DTB,
	  .what = ".dtb is not a flattened device tree of its size" },
	{ "ucode", KS_LINT_ADVICE, .check = check_content, .section = KS_UKI_UCODE },
	{ "picked", KS_LINT_FATAL, .check = check_picked },
	{ "addon-cmdline", KS_LINT_ADVICE, .check = check_addon_cmdline },
};

/* What ks_uki_parse() refuses has no sections to run rules on. */
static const struct ks_lint_rule no_uki = { "uki", KS_LINT_FATAL, .check = NULL };

static int run_rules(const struct ks_pe_view *view, bool for_signing, struct ks_findings *findings,
	       struct ks_diag *diag)
{
	struct ks_uki_image image = { 0 };
	struct ks_lint l = { .view = *view, .uki = &image, .out = findings, .rule = &no_uki,
			     .for_signing = for_signing };
	struct ks_diag reason = { 0 };
	int rc;

	if (ks_uki_parse(&l.view, &image, &reason)) {
		ks_lint_found(&l, KS_NO_OFF, reason.what, reason.detail);
		return ks_findings_ok(findings, diag);
	}
	if (image.is_addon) {
		ks_lint_run(&l, addon_rules, KS_ARRAY_SIZE(addon_rules), 1);
		return ks_findings_ok(findings, diag);
	}
	rc = ks_uki_policy_rules_hash(&image, diag);
	if (rc)
		return rc;
	ks_lint_run(&l, rules, KS_ARRAY_SIZE(rules), ks_uki_nr_profiles(&image));
	ks_uki_policy_rules_run(&l);
	return ks_findings_ok(findings, diag);
}

int ks_uki_lint(struct ks_span in, struct ks_findings *findings, struct ks_diag *diag)
{
	struct ks_pe_view view;
	int rc = ks_pe_lint(in, findings, diag);

	return rc || ks_pe_parse(in, &view, NULL) ? rc : run_rules(&view, false, findings, diag);
}

int ks_uki_lint_fatal(const struct ks_pe_view *view, struct ks_diag *diag)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	int rc = ks_pe_lint_fatal(view, diag);

	if (!rc && (ks_pe_find(view, ".linux") || ks_uki_is_addon(view)))
		rc = run_rules(view, true, &findings, diag);
	return rc ? rc : ks_findings_fail(&findings, diag);
}
