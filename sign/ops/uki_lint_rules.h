/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the rules of ops/uki_lint.c and ops/uki_lint_policy.c look for, and how they tell it.
 */
#ifndef KS_OPS_UKI_LINT_RULES_H
#define KS_OPS_UKI_LINT_RULES_H

#include "ops/findings.h"
#include "ops/uki_sections.h"

/**
 * ks_uki_lint_found() - a finding about a section, in the profile that the rule runs for
 * @s: NULL for none; one of the base is told of once
 */
void ks_uki_lint_found(struct ks_lint *l, const struct ks_uki_section *s, const char *what, const char *detail);

/** ks_uki_lint_found_at() - as ks_uki_lint_found(), at another offset in the file */
void ks_uki_lint_found_at(struct ks_lint *l, const struct ks_uki_section *s, u64 off, const char *what,
			  const char *detail);

/** ks_uki_lint_off() - where a section is in the file; KS_NO_OFF for one without content */
u64 ks_uki_lint_off(const struct ks_lint *l, const struct ks_uki_section *s);

/** ks_uki_lint_is_shared() - is it a section of the base, about which one profile's finding is every profile's? */
bool ks_uki_lint_is_shared(const struct ks_lint *l, const struct ks_uki_section *s);

/** ks_uki_lint_section() - the section that the profile uses, or NULL */
const struct ks_uki_section *ks_uki_lint_section(const struct ks_lint *l, const char *name);

/** ks_uki_policy_rules_hash() - what the rules about policies need. Return: as ks_uki_hash(). */
int __must_check ks_uki_policy_rules_hash(struct ks_uki_image *image, struct ks_diag *diag);

/** ks_uki_policy_rules_run() - run them, for each profile; @l: its image is hashed */
void ks_uki_policy_rules_run(struct ks_lint *l);

#endif
