// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kq: the patch queue. This room alone prints and exits.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/verb.h"

static const struct kq_verb *const verbs[] = {
	&kq_verb_apply,
	&kq_verb_init,
	&kq_verb_import,
	&kq_verb_edit,
	&kq_verb_refresh,
	&kq_verb_move,
	&kq_verb_remove,
	&kq_verb_rename,
	&kq_verb_renumber,
	&kq_verb_export,
	&kq_verb_rebase,
	&kq_verb_continue,
	&kq_verb_drop,
	&kq_verb_abort,
	&kq_verb_resolutions,
	&kq_verb_lint,
	&kq_verb_status,
	&kq_verb_cve,
	&kq_verb_lock,
};

/* A full pipe or disk must not look like success. */
static int finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	fprintf(stderr, "kq: standard output: cannot write\n");
	return KQ_EXIT_FAILED;
}

static const struct kq_verb *find(const char *name)
{
	size_t i;

	for (i = 0; name && i < KS_ARRAY_SIZE(verbs); i++)
		if (!strcmp(name, verbs[i]->name))
			return verbs[i];
	return NULL;
}

static void print_verbs(FILE *out)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(verbs); i++) {
		fputs(i ? "       " : "usage: ", out);
		kq_usage_print(verbs[i], out);
		fprintf(out, "\n          %s\n", verbs[i]->what);
	}
	fprintf(out, "kq help VERB tells more\n");
}

/* @name: NULL for all verbs */
static int help(const char *name)
{
	const struct kq_verb *verb = find(name);

	if (name && !verb) {
		fprintf(stderr, "kq: unknown command: %s\n", name);
		return KQ_EXIT_USAGE;
	}
	if (verb)
		kq_help_print(verb);
	else
		print_verbs(stdout);
	return finish(KQ_EXIT_DONE);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct kq_verb *verb = find(name);
	struct kq_options options;
	int rc;

	if (verb) {
		rc = kq_options_read(verb, argc - 1, argv + 1, &options);
		if (rc == KQ_OPTIONS_HELP)
			return help(name);
		return rc ? KQ_EXIT_USAGE : finish(verb->run(&options));
	}
	if (name && (!strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h")))
		return help(argc > 2 ? argv[2] : NULL);
	fprintf(stderr, "kq: unknown command%s%s\n", name ? ": " : "", name ? name : "");
	print_verbs(stderr);
	return KQ_EXIT_USAGE;
}
