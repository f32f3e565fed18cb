// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/help.h"

#ifndef KS_VERSION
#error "the Makefile gives KS_VERSION"
#endif

static const struct ks_verb *const verbs[] = {
	&ks_verb_module_sign,	&ks_verb_module_verify, &ks_verb_module_strip,
	&ks_verb_module_show,	&ks_verb_pe_sign,	&ks_verb_pe_verify,
	&ks_verb_pe_strip,	&ks_verb_pe_hash,	&ks_verb_pe_show,	&ks_verb_pe_lint,
	&ks_verb_uki_build,
	&ks_verb_uki_measure,	&ks_verb_uki_lint,	&ks_verb_uki_show,	&ks_verb_keyring_build,
	&ks_verb_keyring_show,	&ks_verb_keyring_dev_keys, &ks_verb_efi_vars,
	&ks_verb_efi_show,
	&ks_verb_offline_prepare,
	&ks_verb_offline_attach,
};

static const struct ks_verbs all = { verbs, KS_ARRAY_SIZE(verbs) };

static int exit_code(int rc)
{
	if (rc >= 0)
		return rc ? KS_EXIT_USAGE : KS_EXIT_YES;
	return rc == -ENODATA || rc == -EKEYREJECTED ? KS_EXIT_NO : KS_EXIT_FAILED;
}

/* Output that did not reach the disk or the pipe is a failure too. */
static int finish_stdout(int code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	fprintf(stderr, "kseal: stdout: cannot write: %s\n", strerror(errno));
	return KS_EXIT_FAILED;
}

static int run_verb(const struct ks_verb *verb, int argc, char **argv)
{
	struct ks_diag diag = { 0 };
	int nr_args, rc;

	rc = ks_opts_parse(verb, argc, argv, &nr_args);
	if (rc == KS_OPTS_HELP) {
		ks_help_verb(verb);
		return finish_stdout(KS_EXIT_YES);
	}
	if (rc)
		return KS_EXIT_USAGE;
	rc = verb->run(nr_args, argv, &diag);
	if (rc && diag.err)
		ks_complain(&diag);
	return finish_stdout(exit_code(rc));
}

int main(int argc, char **argv)
{
	const struct ks_verb *verb;
	bool asks_help;

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("kseal %s\n", KS_VERSION);
		return finish_stdout(KS_EXIT_YES);
	}
	asks_help = argc >= 2 && (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help"));
	if (asks_help)
		return finish_stdout(ks_help(&all, argc - 2, argv + 2));
	if (argc == 3 && !strcmp(argv[2], "--help"))
		return finish_stdout(ks_help(&all, 1, argv + 1));
	verb = argc >= 3 ? ks_verbs_find(&all, argv[1], argv[2]) : NULL;
	return verb ? run_verb(verb, argc - 3, argv + 3) : ks_help_unknown(&all, argc - 1, argv + 1);
}
