// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cli/nearest.h"
#include "cli/screen.h"

#define OPTION_COLUMNS 28

const char *ks_verb_name(const struct ks_verb *verb)
{
	static char name[64];

	snprintf(name, sizeof(name), "%s%s%s", verb->noun ? verb->noun : "",
		 verb->noun ? " " : "", verb->verb);
	return name;
}

static bool has_nouns(const struct ks_program *program)
{
	return program->verb[0]->noun;
}

/* A verb without a noun, in a program that has both, belongs to no noun. */
static bool is_of_noun(const struct ks_verb *verb, const char *noun)
{
	return verb->noun && noun && !strcmp(verb->noun, noun);
}

const struct ks_verb *ks_program_find(const struct ks_program *program, char *const *words)
{
	size_t i;

	for (i = 0; i < program->nr_verbs; i++) {
		const struct ks_verb *verb = program->verb[i];

		if (verb->noun ? words[1] && is_of_noun(verb, words[0]) && !strcmp(verb->verb, words[1]) :
				 !strcmp(verb->verb, words[0]))
			return verb;
	}
	return NULL;
}

/*
 * The words of a line, from @column on; what does not fit goes on below, behind @indent blanks.
 * @text: ends at a newline
 */
static void put_wrapped(FILE *to, const char *text, size_t indent, size_t column)
{
	const char *blank = "";
	size_t bytes;

	for (; *text && *text != '\n'; text += bytes + strspn(text + bytes, " ")) {
		bytes = strcspn(text, " \n");
		if (column > indent && column + strlen(blank) + bytes > KS_SCREEN_COLUMNS) {
			fprintf(to, "\n%*s", (int)indent, "");
			column = indent;
			blank = "";
		}
		fprintf(to, "%s%.*s", blank, (int)bytes, text);
		column += strlen(blank) + bytes;
		blank = " ";
	}
	fputc('\n', to);
}

/* The verbs of @noun, or all for NULL. Return: how many there are. */
static size_t list_verbs(const struct ks_program *program, const char *noun, FILE *to)
{
	const char *nouns = has_nouns(program) ? noun ? noun : "NOUN" : "";
	const char *blank = *nouns ? " " : "";
	int width = has_nouns(program) ? 18 : 14;
	size_t i, nr = 0;

	for (i = 0; i < program->nr_verbs; i++) {
		const struct ks_verb *verb = program->verb[i];

		if (noun && !is_of_noun(verb, noun))
			continue;
		if (!nr++)
			fprintf(to, "usage: %s%s%s VERB [OPTION...] [ARGUMENT...]\n\n",
				program->name, blank, nouns);
		fprintf(to, "  %-*s ", width, ks_verb_name(verb));
		put_wrapped(to, verb->help, (size_t)width + 3, (size_t)width + 3);
	}
	if (nr)
		fprintf(to,
			"\n'%s help%s%s VERB' tells more.\n"
			"Exit: 0 yes or done, 1 failed, 2 usage, 3 a clear no.\n",
			program->name, blank, nouns);
	return nr;
}

static void list_words(const struct ks_program *program)
{
	const struct ks_opt *opt;
	size_t i;

	for (i = 0; i < program->nr_verbs; i++) {
		const struct ks_verb *verb = program->verb[i];

		printf("%s\t%s\t%s", verb->noun ? verb->noun : "", verb->verb,
		        verb->args ? verb->args : "");
		for (opt = verb->opts; opt->name; opt++)
			printf("\t%s%s%s", opt->name, opt->arg ? "=" : "",
			       opt->arg ? opt->arg : "");
		printf("\n");
	}
}

/*
 * One word of the usage line; a line that is full goes on below the first word, or more to the left if the
 * word is long.
 */
static void put_usage(const char *word, size_t indent, size_t *column)
{
	size_t bytes = strlen(word), room = KS_SCREEN_COLUMNS - 1 - indent;

	if (*column > indent && *column + 1 + bytes > KS_SCREEN_COLUMNS) {
		*column = bytes > room && bytes - room < indent ? indent - (bytes - room) : indent;
		printf("\n%*s", (int)*column, "");
	}
	printf(" %s", word);
	*column += 1 + bytes;
}

static void put_usage_of(const struct ks_program *program, const struct ks_verb *verb)
{
	const struct ks_opt *opt;
	size_t column, indent;
	char word[128];

	column = (size_t)printf("usage: %s %s", program->name, ks_verb_name(verb));
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

void ks_help_verb(const struct ks_program *program, const struct ks_verb *verb)
{
	const struct ks_opt *opt;
	char left[80], help[256];
	const char *text;

	put_usage_of(program, verb);
	putchar('\n');
	for (text = verb->help; *text; text += strspn(text, "\n")) {
		put_wrapped(stdout, text, 0, 0);
		text += strcspn(text, "\n");
	}
	putchar('\n');
	for (opt = verb->opts; opt->name; opt++) {
		int n = snprintf(left, sizeof(left), "%s %s", opt->name, opt->arg ? opt->arg : "");

		printf("  %-*s", OPTION_COLUMNS, left);
		if (n > OPTION_COLUMNS)
			printf("\n  %*s", OPTION_COLUMNS, "");
		putchar(' ');
		snprintf(help, sizeof(help), "%s%s", opt->help, opt->ret_values ? " (repeatable)" : "");
		put_wrapped(stdout, help, OPTION_COLUMNS + 3, OPTION_COLUMNS + 3);
	}
	printf("\nOf every verb: " KS_SCREEN_OPTIONS ".\n");
	printf("The manual is %s-%s%s%s(1).\n", program->name, verb->noun ? verb->noun : "",
	       verb->noun ? "-" : "", verb->verb);
}

static void say_nouns(const struct ks_program *program, const char *word)
{
	const char *before = NULL;
	size_t i;

	fprintf(stderr, "%s: no noun '%s', there are", program->name, ks_shown(word));
	for (i = 0; i < program->nr_verbs; i++) {
		const struct ks_verb *verb = program->verb[i];
		const char *noun = verb->noun ? verb->noun : verb->verb;

		if (before && !strcmp(noun, before))
			continue;
		fprintf(stderr, "%s %s", before ? "," : "", noun);
		before = noun;
	}
	fputc('\n', stderr);
}

/* @noun: NULL in a program without nouns */
static void say_verbs(const struct ks_program *program, const char *noun)
{
	const char *comma = "";
	size_t i;

	for (i = 0; i < program->nr_verbs; i++) {
		if (noun && !is_of_noun(program->verb[i], noun))
			continue;
		fprintf(stderr, "%s %s", comma, program->verb[i]->verb);
		comma = ",";
	}
	fputc('\n', stderr);
}

static int unknown_noun(const struct ks_program *program, const char *word)
{
	struct ks_nearest nouns = { .word = word };
	const struct ks_verb *same_verb = NULL;
	const char *name = program->name;
	size_t i;

	for (i = 0; i < program->nr_verbs; i++) {
		const struct ks_verb *verb = program->verb[i];

		ks_nearest_offer(&nouns, verb->noun ? verb->noun : verb->verb);
		if (!same_verb && verb->noun && !strcmp(verb->verb, word))
			same_verb = verb;
	}
	if (same_verb)
		fprintf(stderr, "%s: '%s' is a verb and needs its noun, as in '%s %s %s'\n", name,
			ks_shown(word), name, same_verb->noun, word);
	else if (nouns.best)
		fprintf(stderr, "%s: no noun '%s', did you mean '%s'?\n", name, ks_shown(word),
			nouns.best);
	else
		say_nouns(program, word);
	return KS_EXIT_USAGE;
}

/* @noun: NULL in a program without nouns */
static int unknown_verb(const struct ks_program *program, const char *noun, const char *word)
{
	const char *blank = noun ? " " : "";
	struct ks_nearest near = { .word = word };
	size_t i;

	for (i = 0; i < program->nr_verbs; i++)
		if (!noun || is_of_noun(program->verb[i], noun))
			ks_nearest_offer(&near, program->verb[i]->verb);
	fprintf(stderr, "%s: no verb '%s%s%s', ", program->name, noun ? noun : "", blank, ks_shown(word));
	if (near.best) {
		fprintf(stderr, "did you mean '%s%s%s'?\n", noun ? noun : "", blank, near.best);
	} else {
		fputs("there are", stderr);
		say_verbs(program, noun);
	}
	return KS_EXIT_USAGE;
}

static bool is_noun(const struct ks_program *program, const char *word)
{
	size_t i;

	for (i = 0; i < program->nr_verbs; i++)
		if (is_of_noun(program->verb[i], word))
			return true;
	return false;
}

int ks_help_unknown(const struct ks_program *program, int argc, char **argv)
{
	if (!argc)
		list_verbs(program, NULL, stderr);
	else if (!has_nouns(program))
		return unknown_verb(program, NULL, argv[0]);
	else if (!is_noun(program, argv[0]))
		return unknown_noun(program, argv[0]);
	else if (argc == 1)
		list_verbs(program, argv[0], stderr);
	else
		return unknown_verb(program, argv[0], argv[1]);
	return KS_EXIT_USAGE;
}

int ks_help(const struct ks_program *program, int argc, char **argv)
{
	const struct ks_verb *verb = argc ? ks_program_find(program, argv) : NULL;
	int nr_words = has_nouns(program) && !(verb && !verb->noun) ? 2 : 1;
	bool lists = !argc || (argc == 1 && nr_words == 2);

	if (argc == 1 && !strcmp(argv[0], "--words")) {
		list_words(program);
		return KS_EXIT_YES;
	}
	if (argc > nr_words) {
		fprintf(stderr, "%s: '%s' was not expected after '%s help %s%s%s'\n",
			program->name, ks_shown(argv[nr_words]), program->name, ks_shown(argv[0]),
			nr_words == 2 ? " " : "", nr_words == 2 ? ks_shown(argv[1]) : "");
		return KS_EXIT_USAGE;
	}
	if (verb) {
		ks_help_verb(program, verb);
		return KS_EXIT_YES;
	}
	if (lists && list_verbs(program, argc ? argv[0] : NULL, stdout))
		return KS_EXIT_YES;
	return ks_help_unknown(program, argc, argv);
}
