/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the pe_lint*.c files share.
 */
#ifndef KS_OPS_PE_LINT_INTERNAL_H
#define KS_OPS_PE_LINT_INTERNAL_H

#include "ops/pe_lint.h"

struct ks_pe_lint_rule;

/** struct ks_pe_lint - a run of the rules; @view is what ks_pe_read() could read */
struct ks_pe_lint {
	struct ks_pe_view view;
	struct ks_findings *out;
	const struct ks_pe_lint_rule *rule;
	bool for_signing;
};

/** ks_pe_lint_found() - a finding of the rule that runs; @detail: a section, or NULL */
void ks_pe_lint_found(struct ks_pe_lint *l, u64 off, const char *what, const char *detail);

/* pe_lint_loader.c: directories as EDK2's loader reads them */
void ks_pe_lint_dirs(struct ks_pe_lint *l);
void ks_pe_lint_relocs(struct ks_pe_lint *l);
void ks_pe_lint_debug(struct ks_pe_lint *l);
void ks_pe_lint_resources(struct ks_pe_lint *l);

/* pe_lint_signer.c */
void ks_pe_lint_signers(struct ks_pe_lint *l);

#endif
