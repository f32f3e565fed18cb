// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/opts.h"

#ifndef KS_VERSION
#error "the Makefile gives KS_VERSION"
#endif

static const struct ks_verb *const verbs[] = {
	&ks_verb_module_sign,	&ks_verb_module_verify, &ks_verb_module_strip,
	&ks_verb_module_show,	&ks_verb_pe_sign,	&ks_verb_pe_verify,
	&ks_verb_pe_strip,	&ks_verb_pe_hash,	&ks_verb_uki_build,
	&ks_verb_uki_measure,	&ks_verb_uki_show,	&ks_verb_keyring_build,
	&ks_verb_keyring_show,	&ks_verb_keyring_dev_keys, &ks_verb_efi_vars,
	&ks_verb_efi_show,
};

static const struct ks_verb *find_verb(const char *noun, const char *verb)
{
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i]->noun, noun) && !strcmp(verbs[i]->verb, verb))
			return verbs[i];
	return NULL;
}

static void list_verbs(FILE *to)
{
	char name[48];
	size_t i;

	fprintf(to, "usage: kseal NOUN VERB [OPTION...] [ARGUMENT...]\n\n");
	for (i = 0; i < KS_ARRAY_SIZE(verbs); i++) {
		snprintf(name, sizeof(name), "%s %s", verbs[i]->noun, verbs[i]->verb);
		fprintf(to, "  %-18s %s\n", name, verbs[i]->help);
	}
	fprintf(to, "\n'kseal help NOUN VERB' tells more. Exit: 0 yes or done, 1 failed, 2 usage, "
		    "3 a clear no.\n");
}

static int help(int argc, char **argv)
{
	const struct ks_verb *verb = argc == 2 ? find_verb(argv[0], argv[1]) : NULL;

	if (verb)
		ks_opts_help(verb);
	else
		list_verbs(stdout);
	return argc == 0 || verb ? KS_EXIT_YES : KS_EXIT_USAGE;
}

static int exit_code(int rc)
{
	if (!rc)
		return KS_EXIT_YES;
	return rc == -ENODATA || rc == -EKEYREJECTED ? KS_EXIT_NO : KS_EXIT_FAILED;
}

static int run(const struct ks_verb *verb, int argc, char **argv)
{
	struct ks_diag diag = { 0 };
	int nr_args, rc;

	if (ks_opts_parse(verb, argc, argv, &nr_args))
		return KS_EXIT_USAGE;
	rc = verb->run(nr_args, argv, &diag);
	if (rc && diag.err)
		ks_complain(&diag);
	/* Output that did not reach the disk or the pipe is a failure too. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "kseal: stdout: cannot write: %s\n", strerror(errno));
		return KS_EXIT_FAILED;
	}
	return exit_code(rc);
}

int main(int argc, char **argv)
{
	const struct ks_verb *verb;

	if (argc >= 2 && !strcmp(argv[1], "--version")) {
		printf("kseal %s\n", KS_VERSION);
		return KS_EXIT_YES;
	}
	if (argc >= 2 && (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help")))
		return help(argc - 2, argv + 2);
	verb = argc >= 3 ? find_verb(argv[1], argv[2]) : NULL;
	if (!verb) {
		list_verbs(stderr);
		return KS_EXIT_USAGE;
	}
	return run(verb, argc - 3, argv + 3);
}
