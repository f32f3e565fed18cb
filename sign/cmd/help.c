// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/help.h"

#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cmd/nearest.h"

#define LINE_COLUMNS   90
#define OPTION_COLUMNS 28

const struct ks_verb *ks_verbs_find(const struct ks_verbs *verbs, const char *noun,
				    const char *verb)
{
	size_t i;

	for (i = 0; i < verbs->nr_verbs; i++)
		if (!strcmp(verbs->verb[i]->noun, noun) && !strcmp(verbs->verb[i]->verb, verb))
			return verbs->verb[i];
	return NULL;
}

/* The verbs of @noun, or all for NULL. Return: how many there are. */
static size_t list_verbs(const struct ks_verbs *verbs, const char *noun, FILE *to)
{
	size_t i, nr = 0;
	char name[48];

	for (i = 0; i < verbs->nr_verbs; i++) {
		const struct ks_verb *verb = verbs->verb[i];

		if (noun && strcmp(verb->noun, noun) != 0)
			continue;
		if (!nr++)
			fprintf(to, "usage: kseal %s VERB [OPTION...] [ARGUMENT...]\n\n",
				noun ? noun : "NOUN");
		snprintf(name, sizeof(name), "%s %s", verb->noun, verb->verb);
		fprintf(to, "  %-18s %s\n", name, verb->help);
	}
	if (nr)
		fprintf(to,
			"\n'kseal help %s VERB' tells more. Exit: 0 yes or done, 1 failed, "
			"2 usage, 3 a clear no.\n",
			noun ? noun : "NOUN");
	return nr;
}

static void list_words(const struct ks_verbs *verbs)
{
	const struct ks_opt *opt;
	size_t i;

	for (i = 0; i < verbs->nr_verbs; i++) {
		const struct ks_verb *verb = verbs->verb[i];

		printf("%s\t%s\t%s", verb->noun, verb->verb, verb->args ? verb->args : "");
		for (opt = verb->opts; opt->name; opt++)
			printf("\t%s%s%s", opt->name, opt->arg ? "=" : "",
			       opt->arg ? opt->arg : "");
		printf("\n");
	}
}

/* One word of the usage line; a line that is full goes on below the first word. */
static void put_usage(const char *word, size_t indent, size_t *column)
{
	size_t bytes = strlen(word);

	if (*column + 1 + bytes > LINE_COLUMNS) {
		printf("\n%*s", (int)indent, "");
		*column = indent;
	}
	printf(" %s", word);
	*column += 1 + bytes;
}

static void put_usage_of(const struct ks_verb *verb)
{
	const struct ks_opt *opt;
	size_t column, indent;
	char word[128];

	column = (size_t)printf("usage: kseal %s %s", verb->noun, verb->verb);
	indent = column;
	for (opt = verb->opts; opt->name; opt++) {
		snprintf(word, sizeof(word), "%s%s%s%s%s%s", opt->required ? "" : "[", opt->name,
			 opt->arg ? " " : "", opt->arg ? opt->arg : "", opt->required ? "" : "]",
			 opt->ret_values ? "..." : "");
		put_usage(word, indent, &column);
	}
	if (verb->args)
		put_usage(verb->args, indent, &column);
	printf("\n");
}

void ks_help_verb(const struct ks_verb *verb)
{
	const struct ks_opt *opt;
	char left[80];

	put_usage_of(verb);
	printf("\n%s\n\n", verb->help);
	for (opt = verb->opts; opt->name; opt++) {
		int n = snprintf(left, sizeof(left), "%s %s", opt->name, opt->arg ? opt->arg : "");

		printf("  %-*s", OPTION_COLUMNS, left);
		if (n > OPTION_COLUMNS)
			printf("\n  %*s", OPTION_COLUMNS, "");
		printf(" %s%s\n", opt->help, opt->ret_values ? " (repeatable)" : "");
	}
	printf("\nThe manual is kseal-%s-%s(1).\n", verb->noun, verb->verb);
}

static int unknown_noun(const struct ks_verbs *verbs, const char *word)
{
	struct ks_nearest nouns = { .word = word };
	const struct ks_verb *same_verb = NULL;
	size_t i;

	for (i = 0; i < verbs->nr_verbs; i++) {
		ks_nearest_offer(&nouns, verbs->verb[i]->noun);
		if (!same_verb && !strcmp(verbs->verb[i]->verb, word))
			same_verb = verbs->verb[i];
	}
	if (same_verb)
		fprintf(stderr, "kseal: '%s' is a verb and needs its noun, as in 'kseal %s %s'\n",
			ks_shown(word), same_verb->noun, word);
	else if (nouns.best)
		fprintf(stderr, "kseal: no noun '%s', did you mean '%s'?\n", ks_shown(word),
			nouns.best);
	else
		fprintf(stderr, "kseal: no noun '%s', see 'kseal help'\n", ks_shown(word));
	return KS_EXIT_USAGE;
}

static int unknown_verb(const struct ks_verbs *verbs, const char *noun, const char *word)
{
	struct ks_nearest near = { .word = word };
	size_t i;

	for (i = 0; i < verbs->nr_verbs; i++)
		if (!strcmp(verbs->verb[i]->noun, noun))
			ks_nearest_offer(&near, verbs->verb[i]->verb);
	if (near.best)
		fprintf(stderr, "kseal: no verb '%s %s', did you mean '%s %s'?\n", noun,
			ks_shown(word), noun, near.best);
	else
		fprintf(stderr, "kseal: no verb '%s %s', see 'kseal help %s'\n", noun, ks_shown(word),
			noun);
	return KS_EXIT_USAGE;
}

static bool is_noun(const struct ks_verbs *verbs, const char *word)
{
	size_t i;

	for (i = 0; i < verbs->nr_verbs; i++)
		if (!strcmp(verbs->verb[i]->noun, word))
			return true;
	return false;
}

int ks_help_unknown(const struct ks_verbs *verbs, int argc, char **argv)
{
	if (!argc)
		list_verbs(verbs, NULL, stderr);
	else if (!is_noun(verbs, argv[0]))
		return unknown_noun(verbs, argv[0]);
	else if (argc == 1)
		list_verbs(verbs, argv[0], stderr);
	else
		return unknown_verb(verbs, argv[0], argv[1]);
	return KS_EXIT_USAGE;
}

int ks_help(const struct ks_verbs *verbs, int argc, char **argv)
{
	const struct ks_verb *verb = argc >= 2 ? ks_verbs_find(verbs, argv[0], argv[1]) : NULL;

	if (argc == 1 && !strcmp(argv[0], "--words")) {
		list_words(verbs);
		return KS_EXIT_YES;
	}
	if (argc > 2) {
		fprintf(stderr, "kseal: '%s' was not expected after 'kseal help %s %s'\n",
			ks_shown(argv[2]), ks_shown(argv[0]), ks_shown(argv[1]));
		return KS_EXIT_USAGE;
	}
	if (verb) {
		ks_help_verb(verb);
		return KS_EXIT_YES;
	}
	if (argc < 2 && list_verbs(verbs, argc ? argv[0] : NULL, stdout))
		return KS_EXIT_YES;
	return ks_help_unknown(verbs, argc, argv);
}
