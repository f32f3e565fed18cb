// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_lint_rules.h"

#include <stdio.h>
#include <string.h>

bool ks_uki_lint_is_shared(const struct ks_lint *l, const struct ks_uki_section *s)
{
	u32 i;

	if (!s || !strcmp(s->name, ".pcrsig"))
		return false;
	for (i = 0; i < l->uki->nr_sections && strcmp(l->uki->section[i].name, ".profile"); i++)
		if (&l->uki->section[i] == s)
			return true;
	return false;
}

u64 ks_uki_lint_off(const struct ks_lint *l, const struct ks_uki_section *s)
{
	u32 i;

	for (i = 0; s && s->data.bytes && i < l->view.nr_sections; i++)
		if (l->view.section[i].raw.p == s->data.p)
			return l->view.section[i].raw_off;
	return KS_NO_OFF;
}

void ks_uki_lint_found_at(struct ks_lint *l, const struct ks_uki_section *s, u64 off, const char *what,
			  const char *detail)
{
	char where[KS_FINDING_DETAIL_BYTES];

	if (l->profile && ks_uki_lint_is_shared(l, s))
		return;
	if (l->uki->nr_profiles && l->rule->each_profile && !ks_uki_lint_is_shared(l, s)) {
		snprintf(where, sizeof(where), "profile @%u%s%s", l->profile, detail ? ", " : "",
			 detail ? detail : "");
		detail = where;
	}
	ks_lint_found(l, off, what, detail);
}

void ks_uki_lint_found(struct ks_lint *l, const struct ks_uki_section *s, const char *what,
		       const char *detail)
{
	ks_uki_lint_found_at(l, s, ks_uki_lint_off(l, s), what, detail);
}

const struct ks_uki_section *ks_uki_lint_section(const struct ks_lint *l, const char *name)
{
	return ks_uki_find(l->uki, l->profile, name);
}
