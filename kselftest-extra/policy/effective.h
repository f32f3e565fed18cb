/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The value of a symbol that is in effect: /proc/config.gz, and what the words of /proc/cmdline make of it. What a
 * locked-down kernel took off its command line (patch 0007) is not there any more.
 */
#ifndef KSEAL_POLICY_EFFECTIVE_H
#define KSEAL_POLICY_EFFECTIVE_H

#include <zlib.h>

#include "rules.h"

/* A distribution's has 300 KB. */
#define MAX_CONFIG_BYTES (4U << 20)
#define MAX_VALUE_BYTES	 2048

/* Where /proc and /sys begin: nothing but in a test of this test. */
static const char *root_dir(void)
{
	const char *dir = getenv("KSEAL_ROOT");

	return dir ? dir : "";
}

static void path_below(char *path, size_t path_bytes, const char *format, const char *name)
{
	int n = snprintf(path, path_bytes, "%s", root_dir());

	if (n >= 0 && (size_t)n < path_bytes)
		snprintf(path + n, path_bytes - (size_t)n, format, name);
}

/* Return: the whole configuration, NULL with errno. It lives as long as the program. */
static char *load_config(void)
{
	char path[512], *text = calloc(1, MAX_CONFIG_BYTES);
	gzFile file;
	int bytes;

	path_below(path, sizeof(path), "%s", "/proc/config.gz");
	errno = 0;
	file = text ? gzopen(path, "re") : NULL;
	if (!file) {
		free(text);
		errno = errno ? errno : ENOMEM;
		return NULL;
	}
	/* The first byte is room for the newline before a line. */
	text[0] = '\n';
	bytes = gzread(file, text + 1, MAX_CONFIG_BYTES - 2);
	/* Not Z_OK: the stream does not end where gzip says it does. */
	if (gzclose(file) == Z_OK && bytes > 0 && bytes < (int)MAX_CONFIG_BYTES - 2 &&
	    strstr(text, "\nCONFIG_IKCONFIG_PROC=y\n"))
		return text;
	free(text);
	errno = EBADMSG;
	return NULL;
}

struct value {
	bool is_named;
	char text[MAX_VALUE_BYTES]; /* without quotes, "n" for what is not set */
	char word[256];		    /* of the command line that made it so, or empty */
};

static bool copy_value(struct value *value, const char *text, size_t bytes)
{
	if (bytes >= 2 && text[0] == '"' && text[bytes - 1] == '"') {
		text++;
		bytes -= 2;
	}
	if (bytes >= sizeof(value->text))
		return false;
	memcpy(value->text, text, bytes);
	value->text[bytes] = '\0';
	return true;
}

static void read_symbol(const char *config, const char *symbol, struct value *value)
{
	char line[160];
	const char *at;

	*value = (struct value){ .text = "n" };
	snprintf(line, sizeof(line), "\nCONFIG_%s=", symbol);
	at = strstr(config, line);
	if (at) {
		at += strlen(line);
		value->is_named = copy_value(value, at, strcspn(at, "\n"));
		return;
	}
	snprintf(line, sizeof(line), "\n# CONFIG_%s is not set\n", symbol);
	value->is_named = strstr(config, line) != NULL;
}

/* For the kernel '-' in the name of a parameter is '_'. */
static bool is_parameter(const char *name, const char *word, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i++)
		if (!name[i] || (name[i] == '-' ? '_' : name[i]) != (word[i] == '-' ? '_' : word[i]))
			return false;
	return name[bytes] == '\0' || name[bytes] == '=' || name[bytes] == ' ';
}

/* "off|no*": any of them, "no*" for what begins so, "*" for all. */
static bool is_parameter_value(const char *want, size_t want_bytes, const char *value)
{
	const char *end = want + want_bytes;

	for (;;) {
		const char *bar = memchr(want, '|', (size_t)(end - want));
		size_t bytes = (size_t)((bar ? bar : end) - want);

		if (bytes && want[bytes - 1] == '*' ? !strncmp(want, value, bytes - 1) :
						      strlen(value) == bytes && !strncmp(want, value, bytes))
			return true;
		if (!bar)
			return false;
		want = bar + 1;
	}
}

/* @effect: "PARAMETER[=VALUE] RESULT", @word: of the command line */
static void apply_effect(const char *effect, const char *word, struct value *value)
{
	size_t name_bytes = strcspn(word, "="), effect_bytes = strcspn(effect, " ");
	bool has_value = word[name_bytes] == '=', wants_value = memchr(effect, '=', effect_bytes) != NULL;
	const char *given = has_value ? word + name_bytes + 1 : "", *result = effect + effect_bytes + 1;
	const char *want = effect + name_bytes + 1;

	if (has_value != wants_value || !is_parameter(effect, word, name_bytes) ||
	    (has_value && !is_parameter_value(want, effect_bytes - name_bytes - 1, given)))
		return;
	if (!strcmp(result, "*"))
		result = given;
	if (!copy_value(value, result, strlen(result)))
		return;
	snprintf(value->word, sizeof(value->word), "%.200s", word);
	value->is_named = true;
}

/* Cut the next word as the kernel's next_arg() does, less its quotes. Return: false at the end. */
static bool next_word(const char **line, char *word, size_t word_bytes)
{
	bool is_quoted = false;
	size_t n = 0;

	*line += strspn(*line, " \t\n");
	if (!**line)
		return false;
	for (; **line && (is_quoted || !strchr(" \t\n", **line)); ++*line) {
		if (**line == '"')
			is_quoted = !is_quoted;
		else if (n < word_bytes - 1)
			word[n++] = **line;
	}
	word[n] = '\0';
	return true;
}

/* The last word of a parameter counts. */
static void apply_cmdline(const struct rules *rules, const struct rule *rule, const char *cmdline, struct value *value)
{
	char word[4096];
	int i;

	while (next_word(&cmdline, word, sizeof(word)))
		for (i = rule->first_note; i < rule->first_note + rule->nr_notes; i++)
			if (!rules->note[i].is_probe)
				apply_effect(rules->note[i].text, word, value);
}

/* Is @item one of @list, which has commas between them? */
static bool list_has(const char *list, const char *item, size_t item_bytes)
{
	for (;;) {
		size_t bytes = strcspn(list, ",");

		if (bytes == item_bytes && !strncmp(list, item, bytes))
			return true;
		if (!list[bytes])
			return false;
		list += bytes + 1;
	}
}

static bool contains_all(const char *list, const char *items)
{
	for (;;) {
		size_t bytes = strcspn(items, ",");

		if (!list_has(list, items, bytes))
			return false;
		if (!items[bytes])
			return true;
		items += bytes + 1;
	}
}

static bool is_in_order(const char *text, const char *want, bool at_least)
{
	long long have_number, want_number;

	return number_of(text, &have_number) && number_of(want, &want_number) &&
	       (at_least ? have_number >= want_number : have_number <= want_number);
}

/* As ks_policy_is_met() of kseal, which tests/kselftest/policy.bats asks about the same configurations. */
static bool is_met(const struct rule *rule, const struct value *value)
{
	bool is_off = !value->is_named || !strcmp(value->text, "n");
	const char *op = rule->op, *want = rule->want, *text = is_off ? "n" : value->text;
	long long a, b;

	if (!strcmp(op, "off"))
		return is_off;
	if (!strcmp(op, "absent"))
		return !value->is_named;
	if (!strcmp(op, "one-of"))
		return list_has(want, text, strlen(text));
	if (!value->is_named)
		return false;
	if (!strcmp(op, "on"))
		return is_one_of("y m", text);
	if (!strcmp(op, "contains"))
		return contains_all(text, want);
	if (strcmp(op, "is"))
		return is_in_order(text, want, !strcmp(op, ">="));
	return !strcmp(text, want) || (isdigit((unsigned char)want[0]) && number_of(text, &a) && number_of(want, &b) && a == b);
}

#endif
