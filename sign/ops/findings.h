/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Linting an image: a table of rules, one run, and all that it found, in order, while a struct ks_diag
 * keeps the first failure only. pe_lint.c and uki_lint.c have a table each.
 */
#ifndef KS_OPS_FINDINGS_H
#define KS_OPS_FINDINGS_H

#include "fmt/pe.h"
#include "ops/uki_table.h"

/* Room for an argument of a command line, and why it was found. */
#define KS_FINDING_DETAIL_BYTES 256U

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
	char detail[KS_FINDING_DETAIL_BYTES];
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

/*
 * How a finding weighs: KS_LINT_FATAL where something of the boot chain refuses the image or reads it otherwise;
 * KS_LINT_STRICT where all of it starts the image, and signing refuses it all the same.
 */
enum ks_lint_weight { KS_LINT_ADVICE, KS_LINT_STRICT, KS_LINT_FATAL };

struct ks_lint;

/**
 * struct ks_lint_rule - a row of a table
 * @check: says what it found with ks_lint_found()
 * @each_profile: it runs for each profile of a UKI
 * @section: whose content it is about, for rules that call the check of ks_uki_table
 * @what: such a rule's own words; NULL for those of the check
 */
struct ks_lint_rule {
	const char *name;
	enum ks_lint_weight weight;
	void (*check)(struct ks_lint *l);
	bool each_profile;
	enum ks_uki_id section;
	const char *what;
};

struct ks_uki_image;

/**
 * struct ks_lint - a run of rules
 * @view: what could be read of the image
 * @uki: for the rules of UKIs, hashed if it has a .pcrsig; NULL for those of PE images
 * @out: where findings go
 * @rule: that runs, and @profile: for which of them
 * @for_signing: KS_LINT_STRICT is fatal, and advice is not asked for
 */
struct ks_lint {
	struct ks_pe_view view;
	const struct ks_uki_image *uki;
	struct ks_findings *out;
	const struct ks_lint_rule *rule;
	u32 profile;
	bool for_signing;
};

/** ks_lint_run() - run every rule; @nr_profiles: how often those of @each_profile run */
void ks_lint_run(struct ks_lint *l, const struct ks_lint_rule *rules, size_t nr_rules, u32 nr_profiles);

/** ks_lint_found() - a finding of the rule that runs; @detail: which one, copied; may be NULL */
void ks_lint_found(struct ks_lint *l, u64 off, const char *what, const char *detail);

/** ks_lint_add() - ks_lint_found() with another weight than the rule's */
void ks_lint_add(struct ks_lint *l, enum ks_lint_weight weight, u64 off, const char *what,
		 const char *detail);

#endif
