/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of a policy for one kernel, as `kseal audit compile` wrote them:
 *
 *	kseal-rules 1
 *	kernel 6.18 x86_64 SKU
 *	rule NAME ok|needed|excepted
 *	why SOURCES: REASON
 *	excuse REASON			of what is needed or excepted
 *	config SYMBOL OP [VALUE]
 *	was SYMBOL			not always
 *	effect PARAMETER[=VALUE] RESULT	any number
 *	probe KIND WORDS		any number
 *	end NUMBER			of rules
 *
 * What is not exactly so is refused: a rule that was passed over would look like one that holds.
 */
#ifndef KSEAL_POLICY_RULES_H
#define KSEAL_POLICY_RULES_H

#include <ctype.h>
#include <stdarg.h>

#include "../kseal_lib/common.h"

/* Some 300 rules make 100 KB. */
#define MAX_RULES_BYTES (4U << 20)
#define MAX_RULES	1024
#define MAX_NOTES	4096

/* struct note - "effect" or "probe" and what follows it */
struct note {
	bool is_probe;
	char *text;
};

struct rule {
	char *name, *verdict, *why, *excuse;
	char *symbol, *op, *want;
	char *was;
	int first_note, nr_notes;
};

struct rules {
	char *text;
	char *release, *arch, *sku;
	struct rule rule[MAX_RULES];
	int nr;
	struct note note[MAX_NOTES];
	int nr_notes;
	/* What is wrong with the file, or empty. */
	char wrong[256];
};

/* Return: false, always. */
__attribute__((format(printf, 3, 4))) static bool is_wrong(struct rules *rules, int line, const char *format, ...)
{
	char what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (!rules->wrong[0])
		snprintf(rules->wrong, sizeof(rules->wrong), "line %d: %s", line, what);
	return false;
}

/* Is @word one of @words, which have blanks between them? */
static bool is_one_of(const char *words, const char *word)
{
	size_t bytes = strlen(word);
	const char *at = words;

	while (bytes && (at = strstr(at, word))) {
		if ((at == words || at[-1] == ' ') && (!at[bytes] || at[bytes] == ' '))
			return true;
		at++;
	}
	return false;
}

/* Decimal, or hexadecimal behind 0x; a sign, as some sysctls have one. */
static bool number_of(const char *text, long long *ret_number)
{
	const char *digits = text + (text[0] == '-');
	bool is_hex = digits[0] == '0' && digits[1] == 'x';
	char *end;

	if (!isxdigit((unsigned char)digits[is_hex ? 2 : 0]))
		return false;
	errno = 0;
	*ret_number = strtoll(text, &end, is_hex ? 16 : 10);
	return !*end && !errno;
}

static bool is_number(const char *text)
{
	long long number;

	return number_of(text, &number);
}

/* "NAME ..." is cut behind NAME. Return: what follows it, NULL if there is nothing. */
static char *cut_word(char *text)
{
	char *blank = strchr(text, ' ');

	if (!blank)
		return NULL;
	*blank = '\0';
	return blank[1] && blank[1] != ' ' ? blank + 1 : NULL;
}

/* Of a name that becomes a part of a path. */
static bool leads_up(const char *path)
{
	return strstr(path, "..") != NULL;
}

/* NAME OP VALUE; @text is left as it was. */
static bool is_comparison(const char *text)
{
	const char *op = strchr(text, ' '), *value = op ? strchr(op + 1, ' ') : NULL;
	char word[16] = "";

	if (!value || op == text || !value[1] || value - op - 1 >= (long)sizeof(word))
		return false;
	memcpy(word, op + 1, (size_t)(value - op - 1));
	if (!is_one_of("= != >= <= contains lacks begins", word))
		return false;
	return (word[0] != '>' && word[0] != '<') || is_number(value + 1);
}

static bool is_probe(const char *text)
{
	static const char *const comparing[] = { "sysctl ", "file /", "param ", "cpu " };
	static const char *const others[] = { "lsm ", "path /", "nopath /", "dmesg " };
	size_t i;

	for (i = 0; i < sizeof(comparing) / sizeof(comparing[0]); i++)
		if (!strncmp(text, comparing[i], strlen(comparing[i])))
			return !leads_up(text) && is_comparison(strchr(text, ' ') + 1) &&
			       (i != 2 || memchr(text, '/', strcspn(text + 6, " ") + 6));
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strncmp(text, others[i], strlen(others[i])))
			return text[strlen(others[i])] && (i == 3 || (!leads_up(text) && !strchr(strchr(text, ' ') + 1, ' ')));
	return false;
}

static bool is_symbol(const char *text)
{
	size_t i;

	for (i = 0; text[i]; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '_')
			return false;
	return i > 0;
}

/* It becomes the name of a case. */
static bool is_case(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '_' && name[i] != '.')
			return false;
	return i > 0 && i < 100;
}

static bool take_rule(struct rules *rules, int line, char *text)
{
	struct rule *rule = &rules->rule[rules->nr];
	int i;

	if (rules->nr == MAX_RULES)
		return is_wrong(rules, line, "more than %d rules", MAX_RULES);
	*rule = (struct rule){ .name = text, .first_note = rules->nr_notes };
	rule->verdict = cut_word(text);
	if (!rule->verdict || !is_case(rule->name) || !is_one_of("ok needed excepted", rule->verdict))
		return is_wrong(rules, line, "not \"rule NAME ok|needed|excepted\"");
	for (i = 0; i < rules->nr; i++)
		if (!strcmp(rules->rule[i].name, rule->name))
			return is_wrong(rules, line, "a second rule %s", rule->name);
	rules->nr++;
	return true;
}

static bool take_config(struct rules *rules, int line, char *text)
{
	struct rule *rule = &rules->rule[rules->nr - 1];
	bool needs_value, is_order;

	rule->symbol = text;
	rule->op = cut_word(text);
	rule->want = rule->op ? cut_word(rule->op) : NULL;
	if (!rule->op || !is_symbol(rule->symbol) ||
	    !is_one_of("is off absent on >= <= contains one-of", rule->op))
		return is_wrong(rules, line, "not \"config SYMBOL OP [VALUE]\"");
	needs_value = !is_one_of("off absent on", rule->op);
	is_order = is_one_of(">= <=", rule->op);
	/* A text may be empty. */
	if (!rule->want && !strcmp(rule->op, "is"))
		rule->want = rule->op + strlen(rule->op);
	if (needs_value != (rule->want != NULL) || (is_order && !is_number(rule->want)))
		return is_wrong(rules, line, "config %s %s has a wrong value", rule->symbol, rule->op);
	return true;
}

static bool take_note(struct rules *rules, int line, char *text, bool is_a_probe)
{
	const char *blank = strchr(text, ' ');

	if (rules->nr_notes == MAX_NOTES)
		return is_wrong(rules, line, "more than %d effects and probes", MAX_NOTES);
	if (is_a_probe && !is_probe(text))
		return is_wrong(rules, line, "a probe that is not known: %.80s", text);
	if (!is_a_probe && (!blank || blank == text || !blank[1] || text[0] == '='))
		return is_wrong(rules, line, "not \"effect PARAMETER[=VALUE] RESULT\"");
	rules->note[rules->nr_notes++] = (struct note){ is_a_probe, text };
	rules->rule[rules->nr - 1].nr_notes++;
	return true;
}

/* Records of a rule, in their order; those that may come again are their own successor. */
static const struct {
	const char *word;
	int rank;
	bool again;
} records[] = {
	{ "rule", 0, false },	{ "why", 1, false },   { "excuse", 2, false }, { "config", 3, false },
	{ "was", 4, false },	{ "effect", 5, true }, { "probe", 6, true },
};

/* Has the rule before what it must have? */
static bool is_complete(struct rules *rules, int line)
{
	const struct rule *rule = rules->nr ? &rules->rule[rules->nr - 1] : NULL;

	if (!rule)
		return true;
	if (!rule->why || !rule->symbol || !rule->excuse != !strcmp(rule->verdict, "ok"))
		return is_wrong(rules, line, "the rule above, %s, lacks why, config or excuse, or has one too many", rule->name);
	return true;
}

static bool take_record(struct rules *rules, int line, char *word, char *text, int *rank)
{
	struct rule *rule = rules->nr ? &rules->rule[rules->nr - 1] : NULL;
	size_t i;

	for (i = 0; i < sizeof(records) / sizeof(records[0]) && strcmp(records[i].word, word); i++)
		;
	if (i == sizeof(records) / sizeof(records[0]) || !text)
		return is_wrong(rules, line, "no record of a rule: %.40s", word);
	if (i && (!rule || records[i].rank < *rank || (records[i].rank == *rank && !records[i].again)))
		return is_wrong(rules, line, "%s is not in its place", word);
	*rank = records[i].rank;
	switch (records[i].rank) {
	case 0:
		return is_complete(rules, line) && take_rule(rules, line, text);
	case 1:
		rule->why = text;
		return true;
	case 2:
		rule->excuse = text;
		return true;
	case 3:
		return take_config(rules, line, text);
	case 4:
		rule->was = text;
		return is_symbol(text) ? true : is_wrong(rules, line, "was what?");
	default:
		return take_note(rules, line, text, records[i].rank == 6);
	}
}

static bool take_kernel(struct rules *rules, int line, char *word, char *text)
{
	if (strcmp(word, "kernel") || !text)
		return is_wrong(rules, line, "not \"kernel RELEASE ARCH SKU\"");
	rules->release = text;
	rules->arch = cut_word(text);
	rules->sku = rules->arch ? cut_word(rules->arch) : NULL;
	return rules->sku && !strchr(rules->sku, ' ') ? true : is_wrong(rules, line, "not \"kernel RELEASE ARCH SKU\"");
}

static bool take_end(struct rules *rules, int line, const char *text, const char *rest)
{
	long long number;

	if (!text || !number_of(text, &number) || number != rules->nr)
		return is_wrong(rules, line, "end says another number than the %d rules above", rules->nr);
	if (*rest)
		return is_wrong(rules, line, "something stands behind the end");
	return !rules->nr ? is_wrong(rules, line, "not one rule") : is_complete(rules, line);
}

static bool take_lines(struct rules *rules)
{
	char *rest = rules->text, *word, *text, *end;
	int line = 0, nr_records = 0, rank = 0;

	while ((end = strchr(rest, '\n'))) {
		line++;
		word = rest;
		*end = '\0';
		rest = end + 1;
		if (word[0] == '#')
			continue;
		text = cut_word(word);
		if (!nr_records++) {
			if (strcmp(word, "kseal-rules") || !text || strcmp(text, "1"))
				return is_wrong(rules, line, "not \"kseal-rules 1\": a file of another kind or version");
		} else if (nr_records == 2) {
			if (!take_kernel(rules, line, word, text))
				return false;
		} else if (!strcmp(word, "end")) {
			return take_end(rules, line, text, rest);
		} else if (!take_record(rules, line, word, text, &rank)) {
			return false;
		}
	}
	return is_wrong(rules, line + 1, "the file has no end");
}

/* Return: false with @rules->wrong. The rules live as long as the program. */
static bool load_rules(const char *path, struct rules *rules)
{
	size_t bytes = 0, i;
	unsigned char *content = read_whole(path, &bytes);

	if (!content) {
		snprintf(rules->wrong, sizeof(rules->wrong), "cannot read it: %s", strerror(errno));
		return false;
	}
	if (!bytes || bytes > MAX_RULES_BYTES)
		return is_wrong(rules, 0, "%zu bytes, wanted some, and no more than %u", bytes, MAX_RULES_BYTES);
	rules->text = calloc(1, bytes + 1);
	if (!rules->text)
		return is_wrong(rules, 0, "no memory");
	for (i = 0; i < bytes; i++)
		if (content[i] < ' ' && content[i] != '\n' && content[i] != '\t')
			return is_wrong(rules, 0, "control byte at offset %zu", i);
	memcpy(rules->text, content, bytes);
	free(content);
	return take_lines(rules);
}

#endif
