/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `help` says, out of the tables that parse the command line.
 */
#ifndef KS_CLI_HELP_H
#define KS_CLI_HELP_H

#include "cli/opts.h"

/**
 * ks_program_find() - one verb by its words
 * @words: two if the program's verbs have nouns, else one
 *
 * Return: NULL if there is none.
 */
const struct ks_verb *ks_program_find(const struct ks_program *program, char *const *words);

/**
 * ks_help() - "kseal help": all verbs, "help NOUN": its verbs, "help NOUN VERB": its options
 * @argc: words after "help"
 *
 * "help --words" is for programs (the shell's completion, scripts/dev/lint). One line per verb, of
 * fields that a tab separates: noun ("" if there are none), verb, arguments ("" if it takes none),
 * then its options, each "--flag" or "--name=VALUE", VALUE as the table has it.
 *
 * Return: exit code; KS_EXIT_USAGE after one line on stderr if there is no such verb.
 */
int ks_help(const struct ks_program *program, int argc, char **argv);

/** ks_help_verb() - usage and options of one verb on stdout */
void ks_help_verb(const struct ks_program *program, const struct ks_verb *verb);

/**
 * ks_help_unknown() - say on stderr what is wrong with the first words, and what is near
 * @argc: words after the program's name or "help", which are not those of a verb
 *
 * Return: KS_EXIT_USAGE.
 */
int ks_help_unknown(const struct ks_program *program, int argc, char **argv);

/**
 * ks_verb_name() - "module sign", or "apply" where verbs have no noun
 *
 * Return: a buffer of the function, until its next call.
 */
const char *ks_verb_name(const struct ks_verb *verb);

#endif
