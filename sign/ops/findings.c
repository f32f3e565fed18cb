// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/findings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void ks_findings_add(struct ks_findings *findings, const struct ks_finding *finding,
		     const char *detail)
{
	struct ks_finding *grown, *to;

	if (findings->err)
		return;
	grown = reallocarray(findings->finding, findings->nr_findings + 1, sizeof(*grown));
	if (!grown) {
		findings->err = -ENOMEM;
		return;
	}
	findings->finding = grown;
	to = &grown[findings->nr_findings++];
	*to = *finding;
	if (detail)
		snprintf(to->detail, sizeof(to->detail), "%s", detail);
	findings->nr_fatal += to->fatal;
}

int ks_findings_ok(const struct ks_findings *findings, struct ks_diag *diag)
{
	return findings->err ? ks_fail(diag, findings->err, KS_NO_OFF, "out of memory") : 0;
}

int ks_findings_fail(const struct ks_findings *findings, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < findings->nr_findings; i++) {
		const struct ks_finding *f = &findings->finding[i];
		bool first = diag && !diag->err;

		if (!f->fatal)
			continue;
		if (!f->detail[0])
			return ks_fail(diag, -EBADMSG, f->off, f->what);
		(void)ks_fail_detail(diag, -EBADMSG, f->what, f->detail);
		if (first)
			diag->off = f->off;
		return -EBADMSG;
	}
	return 0;
}

void ks_findings_done(struct ks_findings *findings)
{
	free(findings->finding);
	*findings = (struct ks_findings){ 0 };
}

void ks_lint_add(struct ks_lint *l, enum ks_lint_weight weight, u64 off, const char *what,
		 const char *detail)
{
	const struct ks_finding finding = {
		l->rule->name, weight == KS_LINT_FATAL || (weight == KS_LINT_STRICT && l->for_signing), off, what, ""
	};

	ks_findings_add(l->out, &finding, detail);
}

void ks_lint_found(struct ks_lint *l, u64 off, const char *what, const char *detail)
{
	ks_lint_add(l, l->rule->weight, off, what, detail);
}

void ks_lint_run(struct ks_lint *l, const struct ks_lint_rule *rules, size_t nr_rules, u32 nr_profiles)
{
	size_t i;

	for (i = 0; i < nr_rules; i++) {
		u32 nr_runs = rules[i].each_profile ? nr_profiles : 1;

		if (l->for_signing && rules[i].weight == KS_LINT_ADVICE)
			continue;
		l->rule = &rules[i];
		for (l->profile = 0; l->profile < nr_runs; l->profile++)
			rules[i].check(l);
	}
}
