/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From argv to the exit code, for programs that are a table of verbs.
 */
#ifndef KS_CLI_MAIN_H
#define KS_CLI_MAIN_H

#include "cli/opts.h"

/**
 * ks_cli_main() - run the verb that the command line names, or print help or the version
 * @program: kept until the process ends; ks_complain() names it
 *
 * Output that did not reach the disk or the pipe makes any exit code KS_EXIT_FAILED.
 *
 * Return: the exit code for main().
 */
int ks_cli_main(const struct ks_program *program, int argc, char **argv);

/** ks_complain() - the one line of a failure on stderr, "kseal: file: what (offset, errno)" */
void ks_complain(const struct ks_diag *diag);

#endif
