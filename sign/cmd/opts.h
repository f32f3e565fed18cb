/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Verbs and their options as tables: the parser, `kseal help` and usage errors read the same rows.
 */
#ifndef KS_CMD_OPTS_H
#define KS_CMD_OPTS_H

#include "base/diag.h"

/* More of one option than this is a script gone wrong. */
#define KS_MAX_OPT_VALUES 64U

/** struct ks_values - the values of an option that may be given several times, borrowed from argv */
struct ks_values {
	const char *value[KS_MAX_OPT_VALUES];
	size_t nr_values;
};

/**
 * struct ks_opt - one option; exactly one of @ret_flag, @ret_value, @ret_values is set
 * @name: with its dashes, "--key"
 * @arg: what it takes, "URI", or the words that it takes, "keep|replace"; NULL for a flag
 * @help: one line
 * @required: usage error when it is not given
 * @ret_flag: set to true
 * @ret_value: set to the value; a second time is a usage error
 * @ret_values: collects the values
 */
struct ks_opt {
	const char *name;
	const char *arg;
	const char *help;
	bool required;
	bool *ret_flag;
	const char **ret_value;
	struct ks_values *ret_values;
};

/**
 * struct ks_verb - one command, "kseal <noun> <verb>"
 * @noun: "module"
 * @verb: "sign"
 * @args: what follows the options, "PATH..."; NULL if nothing may follow
 * @max_args: most arguments after the options; 0 means any number when @args is set
 * @help: one line
 * @opts: rows, ended by one with a NULL name
 * @run: gets the arguments after the options; returns 0 or a negative errno set in @diag;
 *       KS_EXIT_USAGE, with the reason in @diag, for options that do not go together
 *
 * Verbs exit 0 for 0, 3 for -ENODATA and -EKEYREJECTED (a clear "no"), 1 for other errnos.
 */
struct ks_verb {
	const char *noun;
	const char *verb;
	const char *args;
	int max_args;
	const char *help;
	const struct ks_opt *opts;
	int (*run)(int nr_args, char **args, struct ks_diag *diag);
};

/* Exit codes, the same for every verb. */
enum { KS_EXIT_YES = 0, KS_EXIT_FAILED = 1, KS_EXIT_USAGE = 2, KS_EXIT_NO = 3 };

/* What ks_opts_parse() returns when "--help" stands among the options. */
#define KS_OPTS_HELP 1

/**
 * ks_opts_parse() - read the options of a verb
 * @argc: words after "kseal noun verb"
 * @argv: permuted so that the arguments come first
 * @ret_nr_args: how many arguments are left in @argv
 *
 * "--" ends the options; "--name VALUE" and "--name=VALUE" are the same.
 *
 * Return: 0; KS_OPTS_HELP; -EINVAL after one line on stderr that says what to change.
 */
int __must_check ks_opts_parse(const struct ks_verb *verb, int argc, char **argv, int *ret_nr_args);

/** ks_complain() - the one line of a failure on stderr, "kseal: file: what (offset, errno)" */
void ks_complain(const struct ks_diag *diag);

/* The rows of main.c's table, one object per verb. */
extern const struct ks_verb ks_verb_module_sign, ks_verb_module_verify, ks_verb_module_strip,
	ks_verb_module_show;
extern const struct ks_verb ks_verb_pe_sign, ks_verb_pe_verify, ks_verb_pe_strip, ks_verb_pe_hash,
	ks_verb_pe_show, ks_verb_pe_lint;
extern const struct ks_verb ks_verb_uki_build, ks_verb_uki_measure, ks_verb_uki_lint,
	ks_verb_uki_show;
extern const struct ks_verb ks_verb_keyring_build, ks_verb_keyring_show, ks_verb_keyring_dev_keys;
extern const struct ks_verb ks_verb_offline_prepare, ks_verb_offline_attach;
extern const struct ks_verb ks_verb_efi_vars, ks_verb_efi_show;

#endif
