/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is wrong with a UKI, on top of what is wrong with it as a PE image (ops/pe_lint.h).
 */
#ifndef KS_OPS_UKI_LINT_H
#define KS_OPS_UKI_LINT_H

#include "ops/findings.h"
#include "base/span.h"

/**
 * ks_uki_lint() - run the rules of PE images, then those of UKIs
 * @in: whole file
 * @findings: appended to; the caller frees it
 *
 * An image that cannot be read as PE, or has no .linux, gets no UKI findings but that.
 *
 * Return: 0, whatever was found; -E2BIG as ks_uki_hash(); -ENOMEM.
 */
int __must_check ks_uki_lint(struct ks_span in, struct ks_findings *findings, struct ks_diag *diag);

#endif
