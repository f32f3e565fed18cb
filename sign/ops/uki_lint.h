/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is wrong with a UKI, on top of what is wrong with it as a PE image (ops/pe_lint.h).
 */
#ifndef KS_OPS_UKI_LINT_H
#define KS_OPS_UKI_LINT_H

#include "fmt/pe.h"
#include "ops/findings.h"
#include "ops/uki_policy.h"

/**
 * ks_uki_lint() - run the rules of PE images, then those of UKIs
 * @in: whole file
 * @findings: appended to; the caller frees it
 *
 * An image that cannot be read as PE, or has no .linux, gets no UKI findings but that.
 *
 * Return: 0, whatever was found; -E2BIG as ks_uki_hash(), for one with .pcrsig; -ENOMEM.
 */
int __must_check ks_uki_lint(struct ks_span in, struct ks_findings *findings, struct ks_diag *diag);

/**
 * ks_uki_lint_fatal() - run the rules that forbid a signature, and fail with the first one broken
 * @view: of an image that is neither a UKI nor an addon, only the rules of PE images count
 *
 * Return: 0; -EBADMSG; -E2BIG as ks_uki_hash(); -ENOMEM.
 */
int __must_check ks_uki_lint_fatal(const struct ks_pe_view *view, struct ks_diag *diag);

/**
 * ks_uki_check_phases() - what lint will say of .pcrsig, before its policies are signed
 * Return: 0 if systemd reaches one of them; -EBADMSG.
 */
int __must_check ks_uki_check_phases(const struct ks_uki_policies *policies, struct ks_diag *diag);

#define KS_UKI_NEVER_REACHED ".pcrsig has no policy that this image ever reaches, sign it again"

#endif
