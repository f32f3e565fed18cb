/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of kseal, kq and vm as tables: the parser, `help`, usage errors, the shell's
 * completion and the check of the manual pages read the same rows.
 */
#ifndef KS_CLI_OPTS_H
#define KS_CLI_OPTS_H

#include "base/diag.h"

/* More of one option than this is a script gone wrong. */
#define KS_MAX_OPT_VALUES 64U

/** struct ks_values - the values of an option that may be given several times, borrowed from argv */
struct ks_values {
	const char *value[KS_MAX_OPT_VALUES];
	size_t nr_values;
};

/** enum ks_opt_form - what a value must not be: an empty variable of a script is a usage error */
enum ks_opt_form { KS_OPT_ANY, KS_OPT_NOT_EMPTY, KS_OPT_WORD };

/**
 * struct ks_opt - one option; exactly one of @ret_flag, @ret_value, @ret_values is set
 * @name: with its dashes, "--key"
 * @arg: what it takes, "URI", or the words that it takes, "keep|replace"; NULL for a flag
 * @help: one line
 * @required: usage error when it is not given
 * @ret_flag: set to true; a second time is a usage error
 * @ret_value: set to the value; a second time is a usage error
 * @ret_values: collects the values
 * @form: KS_OPT_NOT_EMPTY refuses an empty value, KS_OPT_WORD one with blanks too
 * @also: an older or shorter spelling, "-3", that help, completion and pages do not have; or NULL
 */
struct ks_opt {
	const char *name;
	const char *arg;
	const char *help;
	bool required;
	bool *ret_flag;
	const char **ret_value;
	struct ks_values *ret_values;
	enum ks_opt_form form;
	const char *also;
};

/**
 * struct ks_verb - one command, "kseal NOUN VERB" or "kq VERB"
 * @noun: "module"; NULL for a verb that is one word
 * @verb: "sign"
 * @args: what follows the options, "PATH..."; one that starts with "[" may be left out; NULL if
 *        nothing may follow
 * @max_args: most arguments after the options; 0 means any number when @args is set
 * @help: one line, and more of them for "help VERB" if there is more to say
 * @opts: rows, ended by one with a NULL name
 * @run: gets the arguments after the options. Return: an exit code, after what there is to say was
 *       said; or a negative errno or KS_EXIT_USAGE, with the reason in @diag
 *
 * Verbs exit 3 for -ENODATA and -EKEYREJECTED (a clear "no"), 1 for other errnos.
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

/**
 * struct ks_program - all verbs of a program
 * @name: "kseal", which begins every message
 * @verb: the table; the first one has a noun in a program where any has one
 * @check: called before a verb runs, for what its options have in common. Return: 0, or as
 *         ks_verb.run; NULL for nothing
 */
struct ks_program {
	const char *name;
	const struct ks_verb *const *verb;
	size_t nr_verbs;
	int (*check)(struct ks_diag *diag);
};

/* Exit codes, the same for every verb. */
enum { KS_EXIT_YES = 0, KS_EXIT_FAILED = 1, KS_EXIT_USAGE = 2, KS_EXIT_NO = 3 };

/* What ks_opts_parse() returns when "--help" stands among the options. */
#define KS_OPTS_HELP 1

/**
 * ks_opts_parse() - read the options of a verb
 * @argc: words after the verb
 * @argv: ends with NULL, as main() has it; permuted so that the arguments come first, with a NULL
 *        behind them
 * @ret_nr_args: how many arguments are left in @argv
 *
 * "--" ends the options; "--name VALUE" and "--name=VALUE" are the same. Those of ks_screen_option() are every
 * verb's.
 *
 * Return: 0; KS_OPTS_HELP; -EINVAL after one line on stderr that says what to change.
 */
int __must_check ks_opts_parse(const struct ks_program *program, const struct ks_verb *verb,
			       int argc, char **argv, int *ret_nr_args);

#endif
