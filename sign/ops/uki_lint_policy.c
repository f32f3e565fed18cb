// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The rules of ops/uki_lint.c about signed PCR policies: a policy that the machine never reaches, or that another key
 * signed, locks people out of their disk at the next boot.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ops/uki_lint.h"
#include "ops/uki_lint_rules.h"
#include "ops/uki_pcrsig.h"

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
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".pcrpkey");

	if (!s)
		return;
	if (ks_pubkey_parse(s->data, &key, NULL))
		ks_uki_lint_found(l, s, ".pcrpkey is not a public key in PEM", NULL);
	else if (ks_uki_check_pcr_key(&key, NULL))
		ks_uki_lint_found(l, s, ".pcrpkey is not an RSA key that a TPM takes", NULL);
}

static void check_pcrpkey_size(struct ks_lint *l)
{
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".pcrpkey");
	const struct ks_sigalg *alg = NULL;

	if (s && !ks_pubkey_parse(s->data, &key, NULL))
		alg = ks_pubkey_alg(&key);
	if (alg && alg->bits > 2048)
		ks_uki_lint_found(l, s, ".pcrpkey is over 2048 bits, which few TPMs verify", NULL);
}

static void check_no_pcrsig(struct ks_lint *l)
{
	if (ks_uki_lint_section(l, ".pcrpkey") && !ks_uki_lint_section(l, ".pcrsig"))
		ks_uki_lint_found(l, ks_uki_lint_section(l, ".pcrpkey"), ".pcrpkey without .pcrsig, nothing is signed", NULL);
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
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".pcrsig"), *pkey = ks_uki_lint_section(l, ".pcrpkey");
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	__cleanup(ks_pubkey_done) struct ks_pubkey key = { 0 };
	size_t i, nr_reached, nr_all;

	if (!s)
		return;
	if (ks_pcrsigs_parse(s->data, &sigs, NULL)) {
		ks_uki_lint_found(l, s, ".pcrsig is not the JSON that systemd reads", NULL);
		return;
	}
	if (!pkey)
		ks_uki_lint_found(l, s, ".pcrsig without .pcrpkey, nobody knows whose it is", NULL);
	else if (ks_pubkey_parse(pkey->data, &key, NULL))
		return;
	if (!are_all_by(&key, &sigs)) {
		ks_uki_lint_found(l, s, ".pcrsig has a signature that is not by .pcrpkey", NULL);
		return;
	}
	/* A stub that is not known here has a rule of its own. */
	for (i = 0; i < KS_UKI_NR_BANKS; i++) {
		count_reached(l, &sigs, &ks_uki_banks[i], &nr_reached, &nr_all);
		if (nr_all && !nr_reached)
			ks_uki_lint_found(l, s, KS_UKI_NEVER_REACHED, ks_uki_banks[i].name);
	}
	if (!sigs.nr_entries)
		ks_uki_lint_found(l, s, ".pcrsig has no policy of PCR 11", NULL);
}

static void check_pcrsig_phase(struct ks_lint *l)
{
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".pcrsig");
	__cleanup(ks_pcrsigs_done) struct ks_pcrsigs sigs = { 0 };
	size_t i, nr_reached, nr_all;

	if (!s || ks_pcrsigs_parse(s->data, &sigs, NULL))
		return;
	for (i = 0; i < KS_UKI_NR_BANKS; i++) {
		count_reached(l, &sigs, &ks_uki_banks[i], &nr_reached, &nr_all);
		if (nr_reached && nr_reached < nr_all)
			ks_uki_lint_found(l, s, ".pcrsig has a policy for no boot phase of systemd", ks_uki_banks[i].name);
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
		ks_uki_lint_found(l, s, ".pcrsig is not checked, a machine may pick over 256 combinations of profile, .dtbauto and .efifw",
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
	ks_uki_lint_found(l, s, ".pcrsig has no policy for a machine that picks this", detail);
}

static void check_pcrsig_choice(struct ks_lint *l)
{
	const struct ks_uki_section *s = ks_uki_lint_section(l, ".pcrsig");
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
	{ "pcrpkey", KS_LINT_FATAL, .check = check_pcrpkey, .each_profile = true },
	{ "pcrpkey-size", KS_LINT_ADVICE, .check = check_pcrpkey_size, .each_profile = true },
	{ "pcrsig", KS_LINT_FATAL, .check = check_pcrsig, .each_profile = true },
	{ "pcrsig-phase", KS_LINT_ADVICE, .check = check_pcrsig_phase, .each_profile = true },
	{ "pcrsig-choice", KS_LINT_ADVICE, .check = check_pcrsig_choice, .each_profile = true },
	{ "no-pcrsig", KS_LINT_ADVICE, .check = check_no_pcrsig, .each_profile = true },
};

void ks_uki_policy_rules_run(struct ks_lint *l)
{
	ks_lint_run(l, rules, KS_ARRAY_SIZE(rules), ks_uki_nr_profiles(l->uki));
}

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
int ks_uki_policy_rules_hash(struct ks_uki_image *image, struct ks_diag *diag)
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
