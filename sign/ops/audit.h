/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A policy held against a kernel: its configuration, and what command lines make of it.
 */
#ifndef KS_OPS_AUDIT_H
#define KS_OPS_AUDIT_H

#include "fmt/exceptions.h"
#include "fmt/kconfig.h"
#include "fmt/need.h"
#include "fmt/policy.h"

/* The kernel's own, its addons', and a boot loader's. */
#define KS_MAX_AUDIT_LINES 64U
/* Each line has some 1,000 words; those that a policy knows, times the symbols that they change. */
#define KS_MAX_AUDIT_WORDS 65536U

#define KS_AUDIT_ALL_PROFILES UINT32_MAX

/**
 * struct ks_audit_line - a command line
 * @who: whose it is, ".cmdline" or the name of an addon
 * @is_signed: it comes with the image or an addon; else it is a boot loader's
 * @profile: of the UKI with which it is used, or KS_AUDIT_ALL_PROFILES
 * @unread: why the kernel never sees it under Secure Boot; NULL if it does
 */
struct ks_audit_line {
	const char *who;
	struct ks_span text;
	bool is_signed;
	u32 profile;
	const char *unread;
};

/**
 * struct ks_audit_subject - a kernel, borrowing everything
 * @config: NULL if it has none and nobody said one
 * @release: 0.0 if unknown, and then every rule is for it
 * @arch: "x86_64"; empty if unknown
 * @sku: whose exceptions count; empty for none
 * @level: KS_POLICY_CONFIG or KS_POLICY_ARTIFACT
 * @line: in the order in which the kernel reads them: the last word of a parameter counts
 * @nr_profiles: of a UKI, each of which is judged; 0 and 1 are the same
 * @has_guard: under Secure Boot it takes guarded parameters off its command line
 */
struct ks_audit_subject {
	const struct ks_kconfig *config;
	struct ks_policy_release release;
	struct ks_span arch;
	struct ks_span sku;
	unsigned int level;
	struct ks_audit_line line[KS_MAX_AUDIT_LINES];
	size_t nr_lines;
	u32 nr_profiles;
	bool has_guard;
};

enum ks_audit_verdict {
	KS_AUDIT_OK,
	KS_AUDIT_NEEDED,   /* a need of the kernel contradicts the rule */
	KS_AUDIT_EXCEPTED, /* somebody answers for it, until a day */
	KS_AUDIT_FAIL,
	KS_AUDIT_UNKNOWN, /* there is no configuration to tell by */
	KS_AUDIT_OTHER,	  /* the rule is for other kernels */
	KS_AUDIT_NR,
};

/* Why a rule is for other kernels. */
enum ks_audit_other {
	KS_AUDIT_NOT_OTHER,
	KS_AUDIT_OTHER_ARCH,
	KS_AUDIT_OTHER_RELEASE,
	KS_AUDIT_OTHER_CONDITION, /* the left side of its "requires" does not hold */
};

/**
 * struct ks_audit_row - a rule's verdict
 * @other: for KS_AUDIT_OTHER
 * @is_named: the configuration mentions the symbol
 * @config: its value there, "n" if it is not named
 * @effective: after the command lines; the same if they do not change it
 * @line: whose word made the difference, NULL for none
 * @word: that one
 * @refused: a boot loader's word about it that the kernel takes off; else empty
 * @unread: a word about it in a line that the kernel never sees, @unread_line; else empty
 * @need: for KS_AUDIT_NEEDED
 * @exception: for KS_AUDIT_EXCEPTED
 */
struct ks_audit_row {
	const struct ks_policy_rule *rule;
	enum ks_audit_verdict verdict;
	enum ks_audit_other other;
	bool is_named;
	struct ks_span config;
	struct ks_span effective;
	const struct ks_audit_line *line;
	struct ks_span word;
	struct ks_span refused;
	struct ks_span unread;
	const struct ks_audit_line *unread_line;
	const struct ks_need *need;
	struct ks_exception *exception;
};

/** struct ks_audit - the rows of all rules of the level, in the policy's order; owns @row */
struct ks_audit {
	struct ks_audit_row *row;
	size_t nr;
	size_t nr_of[KS_AUDIT_NR];
};

/** ks_audit_done() - free; accepts a zeroed struct */
void ks_audit_done(struct ks_audit *audit);

/**
 * ks_audit_rules() - judge every rule of the subject's level
 * @policy: checked, ks_policy_check()
 * @needs, @exceptions: NULL for none; @exceptions' is_used is set for those that excuse a rule
 * @ret_audit: zeroed; borrows all of them
 *
 * Return: 0, whatever the verdicts; -E2BIG above KS_MAX_AUDIT_WORDS; -ENOMEM.
 */
int __must_check ks_audit_rules(const struct ks_policy *policy, const struct ks_needs *needs,
				const struct ks_exceptions *exceptions, const struct ks_audit_subject *subject,
				struct ks_audit *ret_audit, struct ks_diag *diag);

/**
 * ks_audit_exceptions() - exceptions that are none
 * @now: seconds since 1970
 *
 * Return: 0; -EBADMSG with "file:line" in @diag: an exception is over, whosever it is; or one of the subject's SKU
 * excuses nothing, is of a symbol without a rule, or a need contradicts its rule already.
 */
int __must_check ks_audit_exceptions(const struct ks_policy *policy, const struct ks_exceptions *exceptions,
				     const struct ks_audit_subject *subject, const struct ks_audit *audit, u64 now,
				     struct ks_diag *diag);

/**
 * ks_audit_exception_skus() - are their SKUs some of those that sku/NAME.sku beside the file describes?
 *
 * Return: 0, also if there is no directory sku; -EBADMSG with "file:line" in @diag.
 */
int __must_check ks_audit_exception_skus(const struct ks_exceptions *exceptions, struct ks_diag *diag);

/** ks_audit_agree() - can a rule's value meet one alternative of a need? */
bool ks_audit_agree(const struct ks_policy_want *want, const struct ks_need_term *term);

/** ks_audit_verdict_name() - "ok", "needed", "excepted", "fail", "unknown", "other" */
const char *ks_audit_verdict_name(enum ks_audit_verdict verdict);

#endif
