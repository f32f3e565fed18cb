/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `kseal help` says, out of the tables that parse the command line.
 */
#ifndef KS_CMD_HELP_H
#define KS_CMD_HELP_H

#include "cmd/opts.h"

/** struct ks_verbs - all rows of main.c's table */
struct ks_verbs {
	const struct ks_verb *const *verb;
	size_t nr_verbs;
};

/** ks_verbs_find() - one verb by its two words, NULL if there is none */
const struct ks_verb *ks_verbs_find(const struct ks_verbs *verbs, const char *noun,
				    const char *verb);

/**
 * ks_help() - "kseal help": all verbs, "help NOUN": its verbs, "help NOUN VERB": its options
 * @argc: words after "help"
 *
 * "help --words" is for programs (the shell's completion, scripts/dev/lint). One line per verb, of
 * fields that a tab separates: noun, verb, arguments ("" if it takes none), then its options, each
 * "--flag" or "--name=VALUE", VALUE as the table has it.
 *
 * Return: exit code; KS_EXIT_USAGE after one line on stderr if there is no such verb.
 */
int ks_help(const struct ks_verbs *verbs, int argc, char **argv);

/** ks_help_verb() - usage and options of one verb on stdout */
void ks_help_verb(const struct ks_verb *verb);

/**
 * ks_help_unknown() - say on stderr what is wrong with the first two words, and what is near
 * @argc: words after "kseal" or "kseal help", which are not a noun and its verb
 *
 * Return: KS_EXIT_USAGE.
 */
int ks_help_unknown(const struct ks_verbs *verbs, int argc, char **argv);

#endif
