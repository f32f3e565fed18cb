/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a lint found: all of it, in order, while a struct ks_diag keeps the first failure only.
 */
#ifndef KS_OPS_FINDINGS_H
#define KS_OPS_FINDINGS_H

#include "base/diag.h"

/**
 * struct ks_finding - one thing that is wrong
 * @rule: static name of the rule, "write-execute"
 * @fatal: nothing loads it, or two verifiers read it differently; else advice
 * @off: offset in the file in bytes, or KS_NO_OFF
 * @what: static text: what is wrong and, after a comma, what to do
 * @detail: which one, copied; "" if that is clear
 */
struct ks_finding {
	const char *rule;
	bool fatal;
	u64 off;
	const char *what;
	char detail[64];
};

/** struct ks_findings - zero-initialised is empty; failure sticks, see ks_findings_ok() */
struct ks_findings {
	struct ks_finding *finding;
	size_t nr_findings;
	size_t nr_fatal;
	int err;
};

/** ks_findings_add() - append; @finding->detail may be replaced by @detail (NULL for none) */
void ks_findings_add(struct ks_findings *findings, const struct ks_finding *finding,
		     const char *detail);

/** ks_findings_ok() - Return: 0; -ENOMEM if one could not be kept. */
int __must_check ks_findings_ok(const struct ks_findings *findings, struct ks_diag *diag);

/** ks_findings_fail() - the first fatal one as a failure. Return: 0 if there is none; -EBADMSG. */
int __must_check ks_findings_fail(const struct ks_findings *findings, struct ks_diag *diag);

/** ks_findings_done() - free and empty */
void ks_findings_done(struct ks_findings *findings);

#endif
