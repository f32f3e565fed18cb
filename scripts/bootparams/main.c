// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * boot-guard: what the guard of boot parameters (patch 0007) does, asked of its own source.
 *
 *	judge LINE	print what is left of a command line; exit 3 if something was refused
 *	lines		the same for each line of standard input, as "kept" or "refused" lines
 *	table		the compiled table, as guard lines of configs/boot-params
 *	tables VMLINUX	the names of all parameters that are built into a kernel
 */
#include "guard.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *guard_secure_boot = "EFI Secure Boot";
bool guard_by_configuration;
static unsigned int nr_refused;

void guard_log(int bytes, const char *argument, const char *why, const char *from)
{
	nr_refused++;
	fputs("boot parameter ", stderr);
	for (int i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)argument[i];

		if (c >= ' ' && c <= '~')
			fputc(c, stderr);
		else
			fprintf(stderr, "\\x%02x", c);
	}
	fprintf(stderr, " refused, %s; locked down from %s\n", why, from);
}

static int judge(const char *line)
{
	char *copy = strdup(line);

	if (!copy) {
		fputs("boot-guard: out of memory\n", stderr);
		return 1;
	}
	lockdown_boot_params(copy);
	puts(copy);
	free(copy);
	return nr_refused ? 3 : 0;
}

/* A line may hold any byte but a newline. */
static int judge_lines(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		nr_refused = 0;
		lockdown_boot_params(line);
		printf("%u:%s\n", nr_refused, line);
	}
	free(line);
	return 0;
}

static int print_table(void)
{
	const char *name, *values;

	for (size_t nr = 0; guard_row(nr, &name, &values); nr++)
		printf("guard %s%s%s\n", name, *values ? " " : "", values);
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (argc == 4 && !strcmp(verb, "--locked-by")) {
		/* "" is a kernel that is not locked down, "configuration" one that always is. */
		guard_by_configuration = !strcmp(argv[2], "configuration");
		guard_secure_boot = NULL;
		return judge(argv[3]);
	}
	if (argc == 3 && !strcmp(verb, "judge"))
		return judge(argv[2]);
	if (argc == 2 && !strcmp(verb, "lines"))
		return judge_lines();
	if (argc == 2 && !strcmp(verb, "table"))
		return print_table();
	if (argc == 3 && !strcmp(verb, "tables"))
		return print_tables(argv[2]);
	fputs("usage: boot-guard judge LINE | lines | table | tables VMLINUX | --locked-by WHAT LINE\n", stderr);
	return 2;
}
