// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/main.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/screen.h"

#ifndef KS_VERSION
#error "the Makefile gives KS_VERSION"
#endif

static const char *program_name = "";

void ks_complain(const struct ks_diag *diag)
{
	char line[1024], name[32];

	ks_diag_format(diag, line, sizeof(line));
	snprintf(name, sizeof(name), "%s:", program_name);
	fprintf(stderr, "%s %s\n", ks_painted(stderr, KS_PAINT_BAD, name), line);
}

static int exit_code(int rc)
{
	if (rc >= 0)
		return rc;
	return rc == -ENODATA || rc == -EKEYREJECTED ? KS_EXIT_NO : KS_EXIT_FAILED;
}

static int run_verb(const struct ks_program *program, const struct ks_verb *verb, int argc,
		    char **argv)
{
	struct ks_diag diag = { 0 };
	int nr_args, rc;

	rc = ks_opts_parse(program, verb, argc, argv, &nr_args);
	if (rc == KS_OPTS_HELP) {
		ks_help_verb(program, verb);
		return KS_EXIT_YES;
	}
	if (rc)
		return KS_EXIT_USAGE;
	if (ks_screen_is_quiet() && !freopen("/dev/null", "w", stdout))
		return KS_EXIT_FAILED;
	rc = program->check ? program->check(&diag) : 0;
	if (!rc)
		rc = verb->run(nr_args, argv, &diag);
	if ((rc < 0 || rc == KS_EXIT_USAGE) && diag.err)
		ks_complain(&diag);
	return exit_code(rc);
}

static bool is_help_option(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static bool is_help(const char *word)
{
	return !strcmp(word, "help") || is_help_option(word);
}

static int run_words(const struct ks_program *program, int argc, char **argv)
{
	const struct ks_verb *verb;
	int nr_words;

	if (argc == 1 && (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V"))) {
		printf("%s %s\n", program->name, KS_VERSION);
		return KS_EXIT_YES;
	}
	if (argc && is_help(argv[0]))
		return ks_help(program, argc - 1, argv + 1);
	verb = argc ? ks_program_find(program, argv) : NULL;
	if (!verb && program->verb[0]->noun && argc == 2 && is_help_option(argv[1]))
		return ks_help(program, 1, argv);
	/* How many words name it. */
	nr_words = verb && verb->noun ? 2 : 1;
	return verb ? run_verb(program, verb, argc - nr_words, argv + nr_words) :
		      ks_help_unknown(program, argc, argv);
}

/* The options of every verb may stand before it as well. */
static int run_line(const struct ks_program *program, int argc, char **argv)
{
	int used = 0;

	while (argc && (used = ks_screen_option(program, argv)) > 0) {
		argc -= used;
		argv += used;
	}
	return used < 0 ? KS_EXIT_USAGE : run_words(program, argc, argv);
}

int ks_cli_main(const struct ks_program *program, int argc, char **argv)
{
	int code;

	program_name = program->name;
	code = run_line(program, argc ? argc - 1 : 0, argv + 1);
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "%s: stdout: cannot write: %s\n", program->name, strerror(errno));
	return KS_EXIT_FAILED;
}
