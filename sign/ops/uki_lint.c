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
#include "ops/uki_pcrsig.h"
#include "ops/uki_profile.h"
#include "ops/uki_sections.h"

/* Is it a section of the base, about which one profile's finding is every profile's? */
static bool is_shared(const struct ks_lint *l, const struct ks_uki_section *s)
{
	u32 i;

	if (!s || !strcmp(s->name, ".pcrsig"))
		return false;
	for (i = 0; i < l->uki->nr_sections && strcmp(l->uki->section[i].name, ".profile"); i++)
		if (&l->uki->section[i] == s)
			return true;
	return false;
}

static u64 file_off(const struct ks_lint *l, const struct ks_uki_section *s)
{
	u32 i;

	for (i = 0; s && s->data.bytes && i < l->view.nr_sections; i++)
		if (l->view.section[i].raw.p == s->data.p)
			return l->view.section[i].raw_off;
	return KS_NO_OFF;
}

static void found_at(struct ks_lint *l, const struct ks_uki_section *s, u64 off, const char *what,
		     const char *detail)
{
	char where[KS_FINDING_DETAIL_BYTES];

	if (l->profile && is_shared(l, s))
		return;
	if (l->uki->nr_profiles && l->rule->each_profile && !is_shared(l, s)) {
		snprintf(where, sizeof(where), "profile @%u%s%s", l->profile, detail ? ", " : "",
			 detail ? detail : "");
		detail = where;
	}
	ks_lint_found(l, off, what, detail);
}

static void found(struct ks_lint *l, const struct ks_uki_section *s, const char *what,
		  const char *detail)
{
	found_at(l, s, file_off(l, s), what, detail);
}

static const struct ks_uki_section *find_section(const struct ks_lint *l, const char *name)
{
	return ks_uki_find(l->uki, l->profile, name);
}

static void check_linux(struct ks_lint *l)
{
	if (!find_section(l, ".linux"))
		found(l, NULL, "no .linux, only the profile that it follows has a kernel", NULL);
}

static void check_stub(struct ks_lint *l)
{
	u32 version = l->uki->stub_version;

	if (!version)
		found(l, NULL, "stub is not systemd-stub, PCR 11 cannot be predicted", NULL);
	else if (!ks_uki_is_version_known(version))
		found(l, NULL, "what this version of systemd-stub measures is not known here",
			     NULL);
}

static void check_profiles_known(struct ks_lint *l)
{
	if (l->uki->nr_profiles && l->uki->stub_version &&
	    l->uki->stub_version < KS_UKI_PROFILES_SINCE)
		found(l, ks_uki_find(l->uki, 0, ".profile"),
			     "stub is older than 257 and knows no profiles, it boots any of them", NULL);
}

/* Older stubs compare as many characters as the name that they look for has. */
static void check_misread(struct ks_lint *l)
{
	u32 i;

	for (i = 0; i < l->view.nr_sections; i++)
		if (ks_uki_is_misread(l->uki->stub_version, l->view.section[i].name))
			found(l, NULL,
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
			found(l, NULL, "section has VirtualSize 0, the stub does not see it",
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
		const struct ks_uki_section *s = find_section(l, row->name);

		if (!s || i == KS_UKI_PROFILE || i == KS_UKI_SBAT || l->uki->stub_version >= row->measured_since)
			continue;
		snprintf(detail, sizeof(detail), "%s, which %" PRIu32 " is the first to know", row->name,
			 row->measured_since);
		found(l, s, "stub is older than the section and ignores it", detail);
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
			found(l, linux_image,
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
	if (!find_section(l, ".osrel"))
		found(l, NULL, "no .osrel, boot menus do not list the image", NULL);
}

/* systemd-stub: "if no cmdline was baked into the stub image", also under Secure Boot. */
static void check_no_cmdline(struct ks_lint *l)
{
	if (!find_section(l, ".cmdline"))
		found(l, NULL,
			     "no .cmdline, the kernel gets the boot loader's even under Secure Boot",
			     NULL);
}

/* The signer of an image decides what is in its command line: none of it is fatal. */
static void check_cmdline(struct ks_lint *l)
{
	const struct ks_uki_section *s = find_section(l, ".cmdline");
	struct ks_span text = s ? ks_uki_text(s->data) : (struct ks_span){ 0 };
	u64 file_at = file_off(l, s);
	struct ks_cmdline_finding f;
	size_t off = 0, i;

	while (ks_cmdline_next(text, &off, &f)) {
		char detail[KS_FINDING_DETAIL_BYTES] = "";

		for (i = 0; i < f.arg.bytes && i < sizeof(detail) / 2; i++)
			detail[i] = f.arg.p[i] < 0x20 || f.arg.p[i] > 0x7e ? '?' : (char)f.arg.p[i];
		if (f.reason)
			snprintf(&detail[i], sizeof(detail) - i, " (%s)", f.reason);
		found_at(l, s, file_at == KS_NO_OFF ? KS_NO_OFF : file_at + f.off, f.what, detail);
	}
}

/* What build refuses; the rule says in its own words what comes of it, or the check does. */
static void check_content(struct ks_lint *l)
{
	const struct ks_uki_row *row = &ks_uki_table[l->rule->section];
	const struct ks_uki_section *s = find_section(l, row->name);
	struct ks_diag reason = { 0 };

	if (!s || !s->data.bytes || !row->check(s->data, &reason))
		return;
	if (l->rule->what)
		found(l, s, l->rule->what, NULL);
	else
		found(l, s, reason.what, reason.detail[0] ? reason.detail : NULL);
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
			found(l, s, reason.what, s->name);
	}
}

static void check_texts(struct ks_lint *l)
{
	size_t i;

	for (i = 0; i < KS_UKI_NR; i++) {
		const struct ks_uki_section *s = find_section(l, ks_uki_table[i].name);
		struct ks_span text;

		if (!s || !ks_uki_table[i].text)
			continue;
		/* At its end it hides nothing, and dracut writes one there. */
		text = ks_uki_text(s->data);
		if (text.bytes && memchr(text.p, 0, text.bytes))
			found(l, s, "text goes on behind a NUL byte, where some readers stop",
				     s->name);
	}
}

static void check_uname(struct ks_lint *l)
{
	const struct ks_uki_section *s = find_section(l, ".uname"), *linux_image = find_section(l, ".linux");
	__cleanup(ks_buf_done) struct ks_buf release = { 0 };

	/* A kernel is unpacked for that: not once more for each profile that has nothing of its own. */
	if (l->profile && is_shared(l, s) && is_shared(l, linux_image))
		return;
	if (s && linux_image && ks_kernel_release(linux_image->data, &release) &&
	    !ks_span_eq(ks_span_trim(ks_uki_text(s->data)), ks_buf_span(&release)))
		found(l, l->profile && is_shared(l, s) ? linux_image : s,
		      ".uname is not the release of the kernel in .linux", NULL);
}

/* ID= is what people and boot entries call a profile. */
static void check_profile_id(struct ks_lint *l)
{
	const struct ks_uki_section *s = find_section(l, ".profile"), *other;
	struct ks_span id, other_id;
	u32 i;

	if (!s)
		return;
	id = ks_uki_profile_value(s->data, "ID");
	if (!id.bytes)
		found(l, s, ".profile has no ID=", NULL);
	for (i = 0; id.bytes && i < l->profile; i++) {
		other = ks_uki_find(l->uki, i, ".profile");
		other_id = ks_uki_profile_value(other->data, "ID");
		if (ks_span_eq(id, other_id))
			found(l, s, ".profile has the ID= of another one", NULL);
	}
}

/*
 * Rules about signed PCR policies: a policy that the machine never reaches, or that another key
 * signed, locks people out of their disk at the next boot.
 */

/* Where systemd stops to extend: a policy for any other path is for a phase of the site's own. */
static const char *const known_paths[] = {
	"",
	"enter-initrd",
	"enter-initrd:leave-initrd",
	"enter-initrd:leave-initrd:sysinit",
	"enter-initrd:leave-initrd:sysinit:ready",
	"enter-initrd:leave-initrd:sysinit:ready:shutdown",
	"enter-initrd:leave-initrd:sysinit:ready:shutdown:final",
	/* since 258 */
	"enter-initrd:factory-reset",
	"enter-initrd:leave-initrd:sysinit:factory-reset",
	"enter-initrd:leave-initrd:sysinit:ready:factory-reset",
	"enter-initrd:storage-target-mode-start",
	"enter-initrd:storage-target-mode-start:storage-target-mode-stop",
};

#define NR_PATHS KS_ARRAY_SIZE(known_paths)

/* All profiles, each with all that a machine may pick: what can be signed for the four paths of the default. */
#define MAX_CHOICES (KS_UKI_MAX_POLICIES / 4)

/* The policies that a profile goes through, NR_PATHS for each choice; none if it is not known what its stub measures. */
struct reached {
	struct ks_uki_choice choice[MAX_CHOICES];
	struct ks_digest policy[MAX_CHOICES * NR_PATHS];
	size_t nr;
};

static void check_pcrpkey(struct ks_lint *l)
{
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	const struct ks_uki_section *s = find_section(l, ".pcrpkey");

	if (!s)
		return;
	if (ks_pubkey_parse(s->data, &key, NULL))
		found(l, s, ".pcrpkey is not a public key in PEM", NULL);
	else if (ks_uki_check_pcr_key(&key, NULL))
		found(l, s, ".pcrpkey is not an RSA key that a TPM takes", NULL);
}

static void check_pcrpkey_size(struct ks_lint *l)
{
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	const struct ks_uki_section *s = find_section(l, ".pcrpkey");
	const struct ks_sigalg *alg = NULL;

	if (s && !ks_pubkey_parse(s->data, &key, NULL))
		alg = ks_pubkey_alg(&key);
	if (alg && alg->bits > 2048)
		found(l, s, ".pcrpkey is over 2048 bits, which few TPMs verify", NULL);
}

static void check_no_pcrsig(struct ks_lint *l)
{
	if (find_section(l, ".pcrpkey") && !find_section(l, ".pcrsig"))
		found(l, find_section(l, ".pcrpkey"), ".pcrpkey without .pcrsig, nothing is signed", NULL);
}

/* Return: false if there are too many to look at. */
static bool find_reached(const struct ks_lint *l, const struct ks_uki_bank *bank, struct reached *ret)
{
	struct ks_uki_image image = *l->uki;
	struct ks_uki_policy policy;
	u64 i, nr;

	ret->nr = 0;
	image.bank = bank;
	nr = ks_uki_choices(&image, l->profile, ret->choice, MAX_CHOICES);
	if (nr * ks_uki_nr_profiles(&image) > MAX_CHOICES)
		return false;
	for (i = 0; i < nr * NR_PATHS; i++) {
		if (ks_uki_policy_at(&image, l->profile, &ret->choice[i / NR_PATHS], known_paths[i % NR_PATHS], &policy, NULL))
			return true;
		ret->policy[i] = policy.policy;
	}
	ret->nr = i;
	return true;
}

static bool is_among(const struct ks_digest *policy, const struct ks_digest *policies, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (ks_span_eq(ks_digest_span(policy), ks_digest_span(&policies[i])))
			return true;
	return false;
}

/* How many of a bank's policies are reached, and how many there are; 0 of 0 if it is not known what is measured. */
static void count_reached(const struct ks_lint *l, const struct ks_pcrsigs *sigs, const struct ks_uki_bank *bank,
			  size_t *ret_reached, size_t *ret_all)
{
	struct reached reached;
	size_t i;

	*ret_reached = *ret_all = 0;
	for (i = 0; i < sigs->nr_entries; i++)
		*ret_all += sigs->entry[i].bank == bank;
	if (!*ret_all)
		return;
	find_reached(l, bank, &reached);
	if (!reached.nr)
		*ret_all = 0;
	for (i = 0; i < sigs->nr_entries; i++)
		*ret_reached += sigs->entry[i].bank == bank &&
				is_among(&sigs->entry[i].policy, reached.policy, reached.nr);
}

int ks_uki_check_phases(const struct ks_uki_policies *policies, struct ks_diag *diag)
{
	size_t i, k;

	for (i = 0; i < policies->nr_policies; i++)
		for (k = 0; k < KS_ARRAY_SIZE(known_paths); k++)
			if (!strcmp(policies->policy[i].phases, known_paths[k]))
				return 0;
	return ks_fail_detail(diag, -EBADMSG, KS_UKI_NEVER_REACHED,
			      policies->nr_policies ? policies->policy[0].phases : "");
}

static bool is_signed_by(const struct ks_pubkey *key, const struct ks_pcrsig *sig)
{
	struct ks_digest fingerprint = { 0 }, tbs = { 0 };

	return !ks_pubkey_fingerprint(key, &fingerprint, NULL) &&
	       ks_span_eq(ks_digest_span(&fingerprint), ks_digest_span(&sig->key)) &&
	       !ks_sha256(ks_digest_span(&sig->policy), &tbs, NULL) &&
	       !ks_pubkey_verify(key, &tbs, ks_buf_span(&sig->sig), NULL);
}

/* Return: is each signature by the key, if there is one? */
static bool are_all_by(const struct ks_pubkey *key, const struct ks_pcrsigs *sigs)
{
	size_t i;

	for (i = 0; key->pkey && i < sigs->nr_entries; i++)
		if (!is_signed_by(key, &sigs->entry[i]))
			return false;
	return true;
}

static void check_pcrsig(struct ks_lint *l)
{
	const struct ks_uki_section *s = find_section(l, ".pcrsig"), *pkey = find_section(l, ".pcrpkey");
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	size_t i, nr_reached, nr_all;

	if (!s)
		return;
	if (ks_pcrsigs_parse(s->data, &sigs, NULL)) {
		found(l, s, ".pcrsig is not the JSON that systemd reads", NULL);
		return;
	}
	if (!pkey)
		found(l, s, ".pcrsig without .pcrpkey, nobody knows whose it is", NULL);
	else if (ks_pubkey_parse(pkey->data, &key, NULL))
		return;
	if (!are_all_by(&key, &sigs)) {
		found(l, s, ".pcrsig has a signature that is not by .pcrpkey", NULL);
		return;
	}
	/* A stub that is not known here has a rule of its own. */
	for (i = 0; i < KS_UKI_NR_BANKS; i++) {
		count_reached(l, &sigs, &ks_uki_banks[i], &nr_reached, &nr_all);
		if (nr_all && !nr_reached)
			found(l, s, KS_UKI_NEVER_REACHED, ks_uki_banks[i].name);
	}
	if (!sigs.nr_entries)
		found(l, s, ".pcrsig has no policy of PCR 11", NULL);
}

static void check_pcrsig_phase(struct ks_lint *l)
{
	const struct ks_uki_section *s = find_section(l, ".pcrsig");
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	size_t i, nr_reached, nr_all;

	if (!s || ks_pcrsigs_parse(s->data, &sigs, NULL))
		return;
	for (i = 0; i < KS_UKI_NR_BANKS; i++) {
		count_reached(l, &sigs, &ks_uki_banks[i], &nr_reached, &nr_all);
		if (nr_reached && nr_reached < nr_all)
			found(l, s, ".pcrsig has a policy for no boot phase of systemd", ks_uki_banks[i].name);
	}
}

/* Is one of a choice's policies signed? */
static bool has_signed(const struct ks_pcrsigs *sigs, const struct ks_uki_bank *bank, const struct ks_digest *policies)
{
	size_t i;

	for (i = 0; i < sigs->nr_entries; i++)
		if (sigs->entry[i].bank == bank && is_among(&sigs->entry[i].policy, policies, NR_PATHS))
			return true;
	return false;
}

static void check_choices_of(struct ks_lint *l, const struct ks_uki_section *s, const struct ks_pcrsigs *sigs,
			     const struct ks_uki_bank *bank)
{
	char text[KS_UKI_CHOICE_BYTES], detail[KS_UKI_CHOICE_BYTES + 16];
	struct reached reached;
	size_t i, nr_signed = 0, missing = 0;

	if (!find_reached(l, bank, &reached)) {
		found(l, s, ".pcrsig is not checked, a machine may pick over 256 combinations of profile, .dtbauto and .efifw",
		      bank->name);
		return;
	}
	for (i = 0; i < reached.nr; i += NR_PATHS) {
		if (has_signed(sigs, bank, &reached.policy[i]))
			nr_signed++;
		else if (i == nr_signed * NR_PATHS)
			missing = i / NR_PATHS;
	}
	/* Where there is none at all, it is no matter of choices. */
	if (!nr_signed || nr_signed * NR_PATHS == reached.nr)
		return;
	ks_uki_choice_text(l->uki, &reached.choice[missing], text);
	snprintf(detail, sizeof(detail), "%s, %s", text, bank->name);
	found(l, s, ".pcrsig has no policy for a machine that picks this", detail);
}

static void check_pcrsig_choice(struct ks_lint *l)
{
	const struct ks_uki_section *s = find_section(l, ".pcrsig");
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	size_t i, k;

	if (!s || ks_pcrsigs_parse(s->data, &sigs, NULL))
		return;
	for (i = 0; i < KS_UKI_NR_BANKS; i++)
		for (k = 0; k < sigs.nr_entries; k++)
			if (sigs.entry[k].bank == &ks_uki_banks[i]) {
				check_choices_of(l, s, &sigs, &ks_uki_banks[i]);
				break;
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
	{ "pcrpkey", KS_LINT_FATAL, .check = check_pcrpkey, .each_profile = true },
	{ "pcrpkey-size", KS_LINT_ADVICE, .check = check_pcrpkey_size, .each_profile = true },
	{ "pcrsig", KS_LINT_FATAL, .check = check_pcrsig, .each_profile = true },
	{ "pcrsig-phase", KS_LINT_ADVICE, .check = check_pcrsig_phase, .each_profile = true },
	{ "pcrsig-choice", KS_LINT_ADVICE, .check = check_pcrsig_choice, .each_profile = true },
	{ "no-pcrsig", KS_LINT_ADVICE, .check = check_no_pcrsig, .each_profile = true },
};

/* The stub loads no addon that it takes for a UKI, or that has nothing for it. */
static void check_addon(struct ks_lint *l)
{
	static const char *const parts[] = { ".cmdline", ".dtb", ".dtbauto", ".initrd", ".ucode" };
	size_t i;

	if (find_section(l, ".linux"))
		found(l, find_section(l, ".linux"), "addon has a .linux, the stub ignores it", NULL);
	for (i = 0; i < KS_ARRAY_SIZE(parts); i++)
		if (find_section(l, parts[i]))
			return;
	found(l, NULL, "addon has nothing that the stub takes out of it", NULL);
}

static void check_addon_cmdline(struct ks_lint *l)
{
	const struct ks_uki_section *s = find_section(l, ".cmdline");

	if (s && ks_uki_addon_check_cmdline(ks_uki_text(s->data), NULL))
		found(l, s, "stub changes the command line, PCR 12 cannot be predicted", NULL);
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

/* Does one of the .pcrsig name the bank? */
static bool has_policies(const struct ks_uki_image *image, const struct ks_uki_bank *bank)
{
	u32 i;

	for (i = 0; i < image->nr_sections; i++) {
		struct ks_span data = image->section[i].data;

		if (!strcmp(image->section[i].name, ".pcrsig") && data.bytes &&
		    memmem(data.p, data.bytes, bank->name, strlen(bank->name)))
			return true;
	}
	return false;
}

/* All of the image is read for each: only for banks that a rule will ask for. */
static int hash_for_policies(struct ks_uki_image *image, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < KS_UKI_NR_BANKS && !rc; i++) {
		if (!has_policies(image, &ks_uki_banks[i]))
			continue;
		image->bank = &ks_uki_banks[i];
		rc = ks_uki_hash(image, diag);
	}
	image->bank = NULL;
	return rc;
}

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
	rc = hash_for_policies(&image, diag);
	if (rc)
		return rc;
	ks_lint_run(&l, rules, KS_ARRAY_SIZE(rules), ks_uki_nr_profiles(&image));
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
