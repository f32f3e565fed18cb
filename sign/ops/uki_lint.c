// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One function per rule, one row per rule, as in ops/pe_lint.c. A rule of a profile runs for each.
 */
#include "ops/uki_lint.h"

#include <stdio.h>
#include <string.h>

#include "fmt/bzimage.h"
#include "kernel/initrd.h"
#include "ops/pe_lint.h"
#include "ops/uki_lint_internal.h"

/* Is it a section of the base, about which one profile's finding is every profile's? */
static bool is_shared(const struct ks_uki_linting *l, const struct ks_uki_section *s)
{
	u32 i;

	if (!s || !strcmp(s->name, ".pcrsig"))
		return false;
	for (i = 0; i < l->image.nr_sections && strcmp(l->image.section[i].name, ".profile"); i++)
		if (&l->image.section[i] == s)
			return true;
	return false;
}

static u64 file_off(const struct ks_uki_linting *l, const struct ks_uki_section *s)
{
	u32 i;

	for (i = 0; s && s->data.bytes && i < l->view.nr_sections; i++)
		if (l->view.section[i].raw.p == s->data.p)
			return l->view.section[i].raw_off;
	return KS_NO_OFF;
}

void ks_uki_found(struct ks_uki_linting *l, const struct ks_uki_section *s, const char *what,
		  const char *detail)
{
	struct ks_finding f = { l->rule->name, l->rule->fatal, file_off(l, s), what, "" };
	char where[64];

	if (l->profile && is_shared(l, s))
		return;
	if (l->image.nr_profiles && l->rule->check_profile && !is_shared(l, s)) {
		snprintf(where, sizeof(where), "profile @%u%s%s", l->profile, detail ? ", " : "",
			 detail ? detail : "");
		detail = where;
	}
	ks_findings_add(l->out, &f, detail);
}

static const struct ks_uki_section *find(const struct ks_uki_linting *l, const char *name)
{
	return ks_uki_find(&l->image, l->profile, name);
}

static void check_linux(struct ks_uki_linting *l)
{
	if (!find(l, ".linux"))
		ks_uki_found(l, NULL, "no .linux, only the profile that it follows has a kernel", NULL);
}

static void check_stub(struct ks_uki_linting *l)
{
	u32 version = l->image.stub_version;

	if (!version)
		ks_uki_found(l, NULL, "stub is not systemd-stub, PCR 11 cannot be predicted", NULL);
	else if (!ks_uki_is_version_known(version))
		ks_uki_found(l, NULL, "what this version of systemd-stub measures is not known here",
			     NULL);
}

static void check_profiles_known(struct ks_uki_linting *l)
{
	if (l->image.nr_profiles && l->image.stub_version &&
	    l->image.stub_version < KS_UKI_PROFILES_SINCE)
		ks_uki_found(l, ks_uki_find(&l->image, 0, ".profile"),
			     "stub is older than 257 and knows no profiles, it boots any of them", NULL);
}

/* Older stubs compare as many characters as the name that they look for has. */
static void check_misread(struct ks_uki_linting *l)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++)
		if (ks_uki_is_misread(l->image.stub_version, l->view.section[i].name))
			ks_uki_found(l, NULL,
				     "stub is older than 257 and takes the section for the one that its "
				     "name begins with, rename it",
				     l->view.section[i].name);
}

/* What is in the file and not in memory: other readers see it, the stub does not. */
static void check_unseen(struct ks_uki_linting *l)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++) {
		const struct ks_pe_section *s = &l->view.section[i];

		if (ks_uki_is_section(s->name) && s->raw_bytes && !s->virtual_bytes)
			ks_uki_found(l, NULL, "section has VirtualSize 0, the stub does not see it",
				     s->name);
	}
}

/* Sections of the base that stand behind its .linux: no room for a kernel that unpacks in place. */
static void check_linux_last(struct ks_uki_linting *l)
{
	const struct ks_uki_section *linux_image = NULL;
	u32 i;

	for (i = 0; i < l->image.nr_sections; i++) {
		const struct ks_uki_section *s = &l->image.section[i];

		if (!strcmp(s->name, ".profile"))
			return;
		if (linux_image) {
			ks_uki_found(l, linux_image,
				     "section follows .linux, an older stub's kernel unpacks over it",
				     s->name);
			return;
		}
		if (!strcmp(s->name, ".linux"))
			linux_image = s;
	}
}

static void check_osrel(struct ks_uki_linting *l)
{
	if (!find(l, ".osrel"))
		ks_uki_found(l, NULL, "no .osrel, boot menus do not list the image", NULL);
}

/* systemd-stub: "if no cmdline was baked into the stub image", also under Secure Boot. */
static void check_no_cmdline(struct ks_uki_linting *l)
{
	if (!find(l, ".cmdline"))
		ks_uki_found(l, NULL,
			     "no .cmdline, the kernel gets the boot loader's even under Secure Boot",
			     NULL);
}

static void check_cmdline(struct ks_uki_linting *l)
{
	const struct ks_uki_section *s = find(l, ".cmdline");

	if (s && ks_uki_text(s->data).bytes > KS_MAX_CMDLINE_BYTES)
		ks_uki_found(l, s, "command line is over 2047 bytes, the kernel cuts it", NULL);
}

static void check_texts(struct ks_uki_linting *l)
{
	static const char *const texts[] = { ".osrel", ".cmdline", ".uname", ".profile",
					     ".pcrpkey" };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(texts); i++) {
		const struct ks_uki_section *s = find(l, texts[i]);

		/* At its end it hides nothing, and dracut writes one there. */
		if (s && ks_uki_check_text(ks_uki_text(s->data), texts[i], NULL))
			ks_uki_found(l, s, "text goes on behind a NUL byte, where some readers stop",
				     texts[i]);
	}
}

static void check_uname(struct ks_uki_linting *l)
{
	const struct ks_uki_section *s = find(l, ".uname"), *linux_image = find(l, ".linux");
	struct ks_span release = { 0 };

	if (linux_image)
		release = ks_bzimage_release(linux_image->data);
	if (s && release.bytes && !ks_span_eq(ks_span_trim(ks_uki_text(s->data)), release))
		ks_uki_found(l, s, ".uname is not the release of the kernel in .linux", NULL);
}

static void check_initrd(struct ks_uki_linting *l)
{
	const struct ks_uki_section *s = find(l, ".initrd");
	struct ks_diag reason = { 0 };

	if (s && ks_kernel_check_initrd(s->data, &reason))
		ks_uki_found(l, s, reason.what, reason.detail[0] ? reason.detail : NULL);
}

static void check_splash(struct ks_uki_linting *l)
{
	const struct ks_uki_section *s = find(l, ".splash");

	if (s && ks_uki_check_splash(s->data, NULL))
		ks_uki_found(l, s, ".splash is no BMP image, the stub ignores it", NULL);
}

static void check_dtb(struct ks_uki_linting *l)
{
	const struct ks_uki_section *s = find(l, ".dtb");

	if (s && ks_uki_check_dtb(s->data, NULL))
		ks_uki_found(l, s, ".dtb is no flattened device tree of its size", NULL);
}

/* ID= is what people and boot entries call a profile. */
static void check_profile_id(struct ks_uki_linting *l)
{
	const struct ks_uki_section *s = find(l, ".profile"), *other;
	struct ks_span id, other_id;
	u32 i;

	if (!s)
		return;
	id = ks_uki_profile_value(s->data, "ID");
	if (!id.bytes)
		ks_uki_found(l, s, ".profile has no ID=", NULL);
	for (i = 0; id.bytes && i < l->profile; i++) {
		other = ks_uki_find(&l->image, i, ".profile");
		other_id = ks_uki_profile_value(other->data, "ID");
		if (ks_span_eq(id, other_id))
			ks_uki_found(l, s, ".profile has the ID= of another one", NULL);
	}
}

static const struct ks_uki_rule rules[] = {
	{ "stub-version", false, check_stub, NULL },
	{ "profile-stub", true, check_profiles_known, NULL },
	{ "section-name", true, check_misread, NULL },
	{ "section-size", true, check_unseen, NULL },
	{ "linux-last", false, check_linux_last, NULL },
	{ "no-linux", true, NULL, check_linux },
	{ "no-osrel", false, NULL, check_osrel },
	{ "no-cmdline", false, NULL, check_no_cmdline },
	{ "cmdline-length", true, NULL, check_cmdline },
	{ "text-nul", true, NULL, check_texts },
	{ "uname", false, NULL, check_uname },
	{ "initrd", true, NULL, check_initrd },
	{ "splash", false, NULL, check_splash },
	{ "dtb", true, NULL, check_dtb },
	{ "profile-id", false, NULL, check_profile_id },
	{ "pcrpkey", true, NULL, ks_uki_lint_pcrpkey },
	{ "pcrpkey-size", false, NULL, ks_uki_lint_pcrpkey_size },
	{ "pcrsig", true, NULL, ks_uki_lint_pcrsig },
	{ "pcrsig-phase", false, NULL, ks_uki_lint_pcrsig_phase },
	{ "no-pcrsig", false, NULL, ks_uki_lint_no_pcrsig },
};

/* What ks_uki_parse() refuses has no sections to run rules on. */
static const struct ks_uki_rule no_uki = { "uki", true, NULL, NULL };

static void run_rules(struct ks_uki_linting *l, bool only_fatal)
{
	u32 nr_profiles = ks_uki_nr_profiles(&l->image);
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(rules); i++) {
		if (only_fatal && !rules[i].fatal)
			continue;
		l->rule = &rules[i];
		l->profile = 0;
		if (rules[i].check)
			rules[i].check(l);
		for (; rules[i].check_profile && l->profile < nr_profiles; l->profile++)
			rules[i].check_profile(l);
	}
}

static bool has_section(const struct ks_uki_image *image, const char *name)
{
	u32 i;

	for (i = 0; i < image->nr_sections; i++)
		if (!strcmp(image->section[i].name, name))
			return true;
	return false;
}

static int run(const struct ks_pe_view *view, bool only_fatal, struct ks_findings *findings,
	       struct ks_diag *diag)
{
	struct ks_uki_linting l = { .view = *view, .out = findings, .rule = &no_uki };
	struct ks_diag reason = { 0 };
	int rc = 0;

	if (ks_uki_parse(&l.view, &l.image, &reason)) {
		ks_uki_found(&l, NULL, reason.what, reason.detail);
		return ks_findings_ok(findings, diag);
	}
	/* All of the image is read for that: only where a rule asks for it. */
	if (has_section(&l.image, ".pcrsig"))
		rc = ks_uki_hash(&l.image, diag);
	if (rc)
		return rc;
	run_rules(&l, only_fatal);
	return ks_findings_ok(findings, diag);
}

int ks_uki_lint(struct ks_span in, struct ks_findings *findings, struct ks_diag *diag)
{
	struct ks_pe_view view;
	int rc = ks_pe_lint(in, findings, diag);

	return rc || ks_pe_parse(in, &view, NULL) ? rc : run(&view, false, findings, diag);
}

int ks_uki_lint_fatal(const struct ks_pe_view *view, struct ks_diag *diag)
{
	__cleanup(ks_findings_done) struct ks_findings findings = { 0 };
	int rc = ks_pe_lint_fatal(view, diag);

	if (!rc && ks_pe_find(view, ".linux"))
		rc = run(view, true, &findings, diag);
	return rc ? rc : ks_findings_fail(&findings, diag);
}
