/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules of one kernel, flattened for a reader without a policy: kselftest-extra/policy, which holds them against
 * the kernel that runs it. Policies, releases, architectures and conditions are resolved.
 *
 *   # any comment
 *   kseal-rules 1
 *   kernel 6.18 x86_64 azure-vm              "-" for no SKU
 *   rule NAME ok|needed|excepted             NAME: the symbol; more than one rule of it have a number behind it
 *   why SOURCES: REASON
 *   excuse REASON                            only of what is needed or excepted: shown, and not judged
 *   config SYMBOL OP [VALUE]                 OP is is, off, absent, on, >=, <=, contains or one-of
 *   was SYMBOL                               name of the symbol in older kernels
 *   effect PARAMETER[=VALUE] RESULT          of a word of the command line on the symbol
 *   probe KIND WORDS                         all have to hold
 *   end NUMBER                               of rules; behind it stands nothing
 *
 * Written by this project: configs/README.md.
 */
#ifndef KS_OPS_AUDIT_COMPILE_H
#define KS_OPS_AUDIT_COMPILE_H

#include "ops/audit.h"

/** struct ks_audit_compiled - what stands in the text */
struct ks_audit_compiled {
	size_t nr_rules;
	size_t nr_probes;
};

/**
 * ks_audit_compile() - write the rules that a running kernel is held against
 * @audit: of the levels config and runtime; a rule that its configuration breaks is one that has to hold
 * @out: emptied by the caller
 *
 * Return: 0; -EINVAL if the subject's release or architecture is not known; -ENOMEM.
 */
int __must_check ks_audit_compile(const struct ks_policy *policy, const struct ks_audit_subject *subject,
				  const struct ks_audit *audit, struct ks_buf *out,
				  struct ks_audit_compiled *ret_compiled, struct ks_diag *diag);

#endif
