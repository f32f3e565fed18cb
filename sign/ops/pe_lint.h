/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is wrong with an image, told before it is signed and long before it does not boot.
 *
 * Fatal is what some loader or verifier of the chain (EDK2, shim, the stub, the kernel) refuses or
 * reads differently from the others. Advice is what images in the field have and boot with.
 */
#ifndef KS_OPS_PE_LINT_H
#define KS_OPS_PE_LINT_H

#include "crypto/cert.h"
#include "fmt/pe.h"
#include "ops/findings.h"

/**
 * ks_pe_lint() - run every rule
 * @in: whole file; headers that cannot be read are one fatal finding
 * @findings: appended to; the caller frees it
 * Return: 0, whatever was found; -ENOMEM.
 */
int __must_check ks_pe_lint(struct ks_span in, struct ks_findings *findings, struct ks_diag *diag);

/**
 * ks_pe_lint_fatal() - run the rules that forbid a signature, and fail with the first one broken
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int __must_check ks_pe_lint_fatal(const struct ks_pe_view *view, struct ks_diag *diag);

/**
 * ks_pe_lint_signer() - what shim refuses of a signature by this certificate, as advice
 * @embedded: certificates beside it in the signature, NULL for none
 * @off: offset of the signature, or KS_NO_OFF
 *
 * Return: 0, whatever was found; -ENOMEM.
 */
int __must_check ks_pe_lint_signer(const struct ks_cert *signer, const struct ks_certs *embedded,
				   u64 off, struct ks_findings *findings, struct ks_diag *diag);

#endif
