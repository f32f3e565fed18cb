// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_policy.h"

#include <errno.h>
#include <string.h>

#include "ops/kind.h"
#include "ops/uki_pcrsig.h"

static const char *const default_paths[] = {
	"enter-initrd",
	"enter-initrd:leave-initrd",
	"enter-initrd:leave-initrd:sysinit",
	"enter-initrd:leave-initrd:sysinit:ready",
};

const struct ks_uki_phases ks_uki_default_phases = { default_paths,
						     KS_ARRAY_SIZE(default_paths) };

/*
 * What TPM2_PolicyPCR makes of a fresh session, whose own digest is SHA-256 for every bank:
 * SHA-256(zeros | TPM_CC_PolicyPCR | TPML_PCR_SELECTION of PCR 11 in the bank | SHA-256(pcr))
 */
static int policy_of(const struct ks_uki_bank *bank, const struct ks_digest *pcr,
		     struct ks_digest *ret_policy, struct ks_diag *diag)
{
	const u8 fixed[] = {
		0, 0, 0x01, 0x7f,   /* TPM_CC_PolicyPCR */
		0, 0, 0,    1,	    /* one selection */
		(u8)(bank->tpm_alg >> 8), (u8)bank->tpm_alg, 3, /* three bytes of PCRs */
		0, 0x08, 0,	    /* PCR 11: bit 3 of the second byte */
	};
	static const u8 zeros[32];
	struct ks_digest pcrs = { 0 };
	struct ks_span parts[3] = { { zeros, sizeof(zeros) }, { fixed, sizeof(fixed) } };
	const EVP_MD *md = NULL;
	int rc = ks_sha256(ks_digest_span(pcr), &pcrs, diag);

	if (!rc)
		rc = ks_digest_alg("sha256", &md, diag);
	parts[2] = ks_digest_span(&pcrs);
	return rc ? rc : ks_digest_spans(md, parts, 3, ret_policy, diag);
}

int ks_uki_policy_at(const struct ks_uki_image *image, u32 profile, const struct ks_uki_choice *choice,
		     const char *path, struct ks_uki_policy *p, struct ks_diag *diag)
{
	size_t path_bytes = strlen(path);
	int rc;

	if (path_bytes >= sizeof(p->phases))
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "boot phases are over 127 characters");
	*p = (struct ks_uki_policy){ .profile = profile, .choice = *choice, .bank = image->bank };
	if (!p->bank && ks_uki_bank_of("sha256", &p->bank, diag))
		return -EINVAL;
	memcpy(p->phases, path, path_bytes + 1);
	rc = ks_uki_pcr(image, profile, choice, path, &p->pcr, diag);
	if (!rc)
		rc = policy_of(p->bank, &p->pcr, &p->policy, diag);
	return rc ? rc : ks_sha256(ks_digest_span(&p->policy), &p->tbs, diag);
}

static bool is_twice(const struct ks_uki_phases *phases, size_t idx)
{
	size_t i;

	for (i = 0; i < idx; i++)
		if (!strcmp(phases->path[i], phases->path[idx]))
			return true;
	return false;
}

/* Of one profile. */
static int add_profile(const struct ks_uki_image *image, u32 profile, const struct ks_uki_phases *phases,
		       struct ks_uki_policies *policies, struct ks_diag *diag)
{
	struct ks_uki_choice choice[KS_UKI_MAX_POLICIES];
	u64 nr_choices = ks_uki_choices(image, profile, choice, KS_UKI_MAX_POLICIES);
	size_t i, k;
	int rc;

	if (nr_choices * phases->nr_paths > KS_UKI_MAX_POLICIES - policies->nr_policies)
		return ks_fail(diag, -E2BIG, KS_NO_OFF,
			       "over 1024 policies for each phase, profile and bank, and each .dtbauto and .efifw that "
			       "a machine may pick: give fewer of them");
	for (k = 0; k < nr_choices; k++)
		for (i = 0; i < phases->nr_paths; i++) {
			rc = ks_uki_policy_at(image, profile, &choice[k], phases->path[i],
					      &policies->policy[policies->nr_policies], diag);
			if (rc)
				return rc;
			policies->nr_policies++;
		}
	return 0;
}

static int add_policies(const struct ks_uki_image *image, const struct ks_uki_phases *phases,
			struct ks_uki_policies *policies, struct ks_diag *diag)
{
	u32 profile, nr_profiles = ks_uki_nr_profiles(image);
	size_t i;
	int rc = 0;

	if (phases->nr_paths > KS_UKI_MAX_PATHS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 16 phase paths");
	for (i = 0; i < phases->nr_paths; i++)
		if (is_twice(phases, i))
			return ks_fail_detail(diag, -EINVAL, "phase path is given twice", phases->path[i]);
	policies->stub_version = image->stub_version;
	for (profile = 0; profile < nr_profiles && !rc; profile++)
		rc = add_profile(image, profile, phases, policies, diag);
	return rc;
}

int ks_uki_policies_of_banks(struct ks_uki_image *image, const struct ks_uki_phases *phases,
			     const struct ks_uki_bank *const *banks, size_t nr_banks,
			     struct ks_uki_policies *ret_policies, struct ks_diag *diag)
{
	size_t i;
	int rc = 0;

	if (!phases)
		phases = &ks_uki_default_phases;
	ret_policies->nr_policies = 0;
	for (i = 0; !rc && i < (nr_banks ? nr_banks : 1); i++) {
		image->bank = nr_banks ? banks[i] : NULL;
		rc = ks_uki_hash(image, diag);
		if (!rc)
			rc = add_policies(image, phases, ret_policies, diag);
	}
	return rc;
}

int ks_uki_predict(struct ks_span in, const struct ks_uki_phases *phases,
		   struct ks_uki_policies *ret_policies, struct ks_diag *diag)
{
	struct ks_uki_image image;
	struct ks_pe_view view;
	int rc = ks_kind_parse_pe(in, &view, diag);

	if (!rc)
		rc = ks_uki_parse(&view, &image, diag);
	return rc ? rc : ks_uki_policies_of_banks(&image, phases, NULL, 0, ret_policies, diag);
}
