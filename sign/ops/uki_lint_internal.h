/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of ops/uki_lint*.c share. */
#ifndef KS_OPS_UKI_LINT_INTERNAL_H
#define KS_OPS_UKI_LINT_INTERNAL_H

#include "ops/findings.h"
#include "ops/uki_check.h"
#include "ops/uki_pcrsig.h"
#include "ops/uki_profile.h"
#include "ops/uki_sections.h"

struct ks_uki_linting;

/** struct ks_uki_rule - one of @check (once) and @check_profile (for each profile) is set */
struct ks_uki_rule {
	const char *name;
	bool fatal;
	void (*check)(struct ks_uki_linting *l);
	void (*check_profile)(struct ks_uki_linting *l);
};

/** struct ks_uki_linting - a run of the rules; @image is hashed if it has a .pcrsig */
struct ks_uki_linting {
	struct ks_pe_view view;
	struct ks_uki_image image;
	struct ks_findings *out;
	const struct ks_uki_rule *rule;
	u32 profile;
};

/**
 * ks_uki_found() - one finding of the current rule
 * @s: where; NULL for the image
 * @what: static text
 * @detail: copied; may be NULL
 */
void ks_uki_found(struct ks_uki_linting *l, const struct ks_uki_section *s, const char *what,
		  const char *detail);

/* The rules about .pcrsig and .pcrpkey. */
void ks_uki_lint_pcrpkey(struct ks_uki_linting *l);
void ks_uki_lint_pcrpkey_size(struct ks_uki_linting *l);
void ks_uki_lint_pcrsig(struct ks_uki_linting *l);
void ks_uki_lint_pcrsig_phase(struct ks_uki_linting *l);
void ks_uki_lint_no_pcrsig(struct ks_uki_linting *l);

#endif
