/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the verbs of `kseal audit` have in common: the policy, and the ways to show an audit.
 */
#ifndef KS_CMD_AUDIT_OPTS_H
#define KS_CMD_AUDIT_OPTS_H

#include "cmd/audit.h"
#include "cmd/verbs.h"

/** struct ks_audit_opts - options of all verbs of the noun */
struct ks_audit_opts {
	struct ks_values policies, needs, addons;
	const char *exceptions, *sku, *config, *loader, *release, *html;
	bool json, sarif, tap, all;
};

extern struct ks_audit_opts ks_audit_opts;

/* clang-format off */
/* Rows for a verb's table; @needed: without a policy there is nothing to say. */
#define KS_AUDIT_RULES_OPTS(needed) \
	{ .name = "--policy", .arg = "FILE", .help = "rules; may be repeated", .required = (needed), \
	  .form = KS_OPT_NOT_EMPTY, .ret_values = &ks_audit_opts.policies }, \
	{ .name = "--need", .arg = "FILE", .help = "somebody's need, which a rule may contradict; may be repeated", \
	  .form = KS_OPT_NOT_EMPTY, .ret_values = &ks_audit_opts.needs }, \
	{ .name = "--exceptions", .arg = "FILE", .help = "rules that may fail, until a day", \
	  .form = KS_OPT_NOT_EMPTY, .ret_value = &ks_audit_opts.exceptions }, \
	{ .name = "--sku", .arg = "NAME", .help = "whose exceptions count", .form = KS_OPT_WORD, \
	  .ret_value = &ks_audit_opts.sku }

#define KS_AUDIT_OUTPUT_OPTS \
	{ .name = "--all", .help = "show the rules that hold, too", .ret_flag = &ks_audit_opts.all }, \
	{ .name = "--json", .help = "as JSON", .ret_flag = &ks_audit_opts.json }, \
	{ .name = "--sarif", .help = "as SARIF 2.1.0", .ret_flag = &ks_audit_opts.sarif }, \
	{ .name = "--tap", .help = "as TAP", .ret_flag = &ks_audit_opts.tap }, \
	{ .name = "--html", .arg = "FILE", .help = "write a page for people, too", .form = KS_OPT_NOT_EMPTY, \
	  .ret_value = &ks_audit_opts.html }

#define KS_AUDIT_RELEASE_OPT \
	{ .name = "--release", .arg = "RELEASE", .help = "of the kernel, 6.18 (default: what the file says)", \
	  .form = KS_OPT_WORD, .ret_value = &ks_audit_opts.release }

#define KS_AUDIT_CONFIG_OPT \
	{ .name = "--config", .arg = "FILE", .help = "the kernel's .config, if it has none inside", \
	  .form = KS_OPT_NOT_EMPTY, .ret_value = &ks_audit_opts.config }

#define KS_AUDIT_IMAGE_OPTS \
	KS_AUDIT_CONFIG_OPT, \
	{ .name = "--addon", .arg = "FILE", \
	  .help = "addon of the unified kernel image; may be repeated, in the order of their names", \
	  .form = KS_OPT_NOT_EMPTY, .ret_values = &ks_audit_opts.addons }, \
	{ .name = "--loader-cmdline", .arg = "TEXT", .help = "command line of a boot loader, which nobody signed", \
	  .ret_value = &ks_audit_opts.loader }
/* clang-format on */

/** ks_audit_input_new() - all zero. Return: NULL without memory, with the reason in @diag. */
struct ks_audit_input *ks_audit_input_new(struct ks_diag *diag);

/** ks_audit_input_done() - free; for __cleanup(); accepts NULL */
void ks_audit_input_done(struct ks_audit_input **input);

/** ks_audit_load_rules() - the policy, needs and exceptions of the options. Return: 0; as their readers; KS_EXIT_USAGE. */
int __must_check ks_audit_load_rules(struct ks_audit_input *input, struct ks_diag *diag);

/** ks_audit_load_config() - a .config, which --release may be about. Return: 0; as ks_audited_config(); KS_EXIT_USAGE. */
int __must_check ks_audit_load_config(struct ks_audit_input *input, const char *path, struct ks_diag *diag);

/** ks_audit_judge() - after what is audited was loaded. Return: 0, whatever the verdicts; -errno. */
int __must_check ks_audit_judge(struct ks_audit_input *input, struct ks_diag *diag);

/** ks_audit_print() - show a document as the options say. Return: 0; KS_EXIT_USAGE; as ks_file_publish(). */
int __must_check ks_audit_print(struct json_object *json, struct ks_diag *diag);

/** ks_audit_check_output() - may these options stand together? Return: 0; KS_EXIT_USAGE. */
int __must_check ks_audit_check_output(struct ks_diag *diag);

#endif
