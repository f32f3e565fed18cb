// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Random command lines, read by the kernel's own readers before and after its guard: none of them may
 * find in what is left what it must not find. tests/build/boot-params.bats compiles this together with the
 * guard and with READERS, cut out of a kernel tree:
 *
 *	next_arg(), parameq()		arguments; __setup() handlers compare a prefix
 *	cmdline_find_option*()		x86, before anything is parsed
 *	isspace()			arm64's ID register overrides cut by it alone
 *
 * libselinux searches /proc/cmdline for "enforcing=" behind a space. Usage: SEED LINES
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 2048

#ifdef READERS
#include READERS
#else
/* So that this file compiles alone. */
#include <ctype.h>
char *next_arg(char *args, char **param, char **val);
bool parameq(const char *a, const char *b);
bool parameqn(const char *a, const char *b, size_t n);
int cmdline_find_option_bool(const char *cmdline, const char *option);
int cmdline_find_option(const char *cmdline, const char *option, char *buffer, int size);
#endif
void lockdown_boot_params(char *cmdline);

static const char *const token[] = {
	"iommu", "=", "=", "force", "off", ",", ",", "\"", "\"", "\"", " ", " ", " ", " ", "nopti", "norandmaps",
	"clearcpuid=smap", "noxsave", "mitigations=", "auto", "nosmt", "\t", "\n", "\x01", "\x7f", "\xa0", "--", "x", "lsm=",
	"nokaslr", "enforcing=0", "slab-merge", "nospectre_v2", "root=/dev/vda", "quiet", "_", "-", "foo=bar", "pti=on",
};

enum { ARGUMENT, SETUP, X86_WORD, X86_VALUE, ARM64, SELINUX, NR_READERS };

static const char *const reader[NR_READERS] = { "parse_args", "obsolete_checksetup", "cmdline_find_option_bool",
						"cmdline_find_option", "idreg-override", "libselinux" };

static bool bad_argument(const char *param, const char *val)
{
	if (parameq(param, "nopti") || parameq(param, "nospectre_v2"))
		return true;
	if (!val)
		return false;
	if (parameq(param, "mitigations") && !strncmp(val, "off", 3))
		return true;
	/* As iommu_setup() */
	for (; parameq(param, "iommu") && *val; val += *val == ',')
		if (!strncmp(val, "off", 3))
			return true;
		else
			val += strcspn(val, ",");
	return false;
}

static void by_next_arg(const char *line, bool found[NR_READERS])
{
	static const char *const setup[] = { "norandmaps", "slab_merge", "lsm=" };
	char copy[LINE_BYTES], whole[LINE_BYTES], *args = copy, *param, *val;

	strcpy(copy, line);
	while (isspace((unsigned char)*args))
		args++;
	while (*args) {
		args = next_arg(args, &param, &val);
		found[ARGUMENT] |= bad_argument(param, val);
		snprintf(whole, sizeof(whole), "%s%s%s", param, val ? "=" : "", val ? val : "");
		for (size_t i = 0; i < sizeof(setup) / sizeof(setup[0]); i++)
			found[SETUP] |= parameqn(whole, setup[i], strlen(setup[i]));
	}
}

static void by_words(const char *line, bool found[NR_READERS])
{
	const char *hit = strstr(line, "enforcing="), *word, *end;
	char buffer[64];

	found[X86_WORD] = cmdline_find_option_bool(line, "noxsave") > 0;
	found[X86_VALUE] = cmdline_find_option(line, "clearcpuid", buffer, sizeof(buffer)) >= 0;
	found[SELINUX] = hit && (hit == line || isspace((unsigned char)hit[-1])) && !atoi(hit + strlen("enforcing="));
	for (word = line; *word; word = end) {
		while (isspace((unsigned char)*word))
			word++;
		for (end = word; *end && !isspace((unsigned char)*end); end++)
			;
		found[ARM64] |= end - word == 7 && !memcmp(word, "nokaslr", 7);
	}
}

static void read_line(const char *line, bool found[NR_READERS])
{
	memset(found, 0, NR_READERS * sizeof(found[0]));
	by_next_arg(line, found);
	by_words(line, found);
}

static int complain(const char *line, const char *left, const char *what)
{
	printf("%s\nline: ", what);
	for (; *line; line++)
		printf(*line >= ' ' && *line <= '~' ? "%c" : "\\x%02x", (unsigned char)*line);
	printf("\nleft: %s\n", left);
	return 1;
}

static int try_line(const char *line, unsigned long nr_found[NR_READERS])
{
	bool before[NR_READERS], after[NR_READERS];
	char left[LINE_BYTES], again[LINE_BYTES];

	read_line(line, before);
	strcpy(left, line);
	lockdown_boot_params(left);
	read_line(left, after);
	for (int i = 0; i < NR_READERS; i++) {
		nr_found[i] += before[i];
		if (after[i])
			return complain(line, left, reader[i]);
	}
	if (strlen(left) != strlen(line))
		return complain(line, left, "another length");
	for (size_t i = 0; left[i]; i++)
		if (left[i] != ' ' && left[i] != line[i])
			return complain(line, left, "another byte");
	strcpy(again, left);
	lockdown_boot_params(again);
	if (strcmp(again, left))
		return complain(line, left, "the guard takes more away from what it left");
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long nr_found[NR_READERS] = { 0 }, nr_lines = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	srandom(argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 0);
	for (unsigned long n = 0; n < nr_lines; n++) {
		char line[LINE_BYTES] = "";

		for (long left = random() % 14; left >= 0; left--)
			strcat(line, token[(size_t)random() % (sizeof(token) / sizeof(token[0]))]);
		if (try_line(line, nr_found))
			return 1;
	}
	/* The control: without the guard each reader finds something. */
	for (int i = 0; i < NR_READERS; i++) {
		printf("%s: %lu\n", reader[i], nr_found[i]);
		if (nr_found[i] < nr_lines / 1000)
			return complain("", "", "too few lines in which this reader would find something");
	}
	return 0;
}
