// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/policy.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

/* A line while it is read. */
struct reader {
	struct ks_policy *policy;
	const char *path;
	u32 line;
	struct ks_diag *diag;
};

static int fail(const struct reader *r, const char *what)
{
	return ks_text_fail(r->diag, -EBADMSG, r->path, r->line, what);
}

static int fail_cap(const struct reader *r, const char *what)
{
	return ks_text_fail(r->diag, -E2BIG, r->path, r->line, what);
}

static bool is_name(struct ks_span s)
{
	size_t i;

	for (i = 0; i < s.bytes; i++)
		if (!ks_text_is_symbol_byte(s.p[i]) && !(i && (s.p[i] == '-' || s.p[i] == '.')))
			return false;
	return s.bytes > 0;
}

static bool is_symbol(struct ks_span s)
{
	struct ks_span symbol;

	return ks_text_symbol(&s, &symbol) && !s.bytes;
}

static int take_include(const struct reader *r, struct ks_span line, struct ks_span *ret_include)
{
	struct ks_span more;

	if (!ks_span_word(&line, ret_include) || !is_name(*ret_include) || ks_span_word(&line, &more))
		return fail(r, "include wants the name of one policy beside this file, without \".policy\"");
	return 0;
}

static int take_source(struct reader *r, struct ks_span line)
{
	struct ks_policy *policy = r->policy;
	struct ks_policy_source source;
	size_t i;

	if (!ks_span_word(&line, &source.word) || !is_name(source.word))
		return fail(r, "source wants a word and the document that it stands for");
	source.document = ks_span_trim(line);
	if (!source.document.bytes)
		return fail(r, "source without a document: who asks for it, of when, and where to read it?");
	for (i = 0; i < policy->nr_sources; i++) {
		if (!ks_span_eq(policy->source[i].word, source.word))
			continue;
		return ks_span_eq(policy->source[i].document, source.document) ?
			       0 :
			       fail(r, "source is declared already, as another document");
	}
	if (policy->nr_sources == KS_MAX_POLICY_SOURCES)
		return fail_cap(r, "more than 64 sources");
	policy->source[policy->nr_sources++] = source;
	return 0;
}

static int take_symbol(const struct reader *r, struct ks_span *line, struct ks_span *ret_symbol)
{
	if (!ks_span_word(line, ret_symbol) || !is_symbol(*ret_symbol))
		return fail(r, "no record, write SYMBOL VALUE SOURCES LEVELS REASON, include, source, effect or probe");
	if (ks_text_cut(ret_symbol, "CONFIG_"))
		return fail(r, "symbols are written without CONFIG_");
	return 0;
}

static int take_effect(struct reader *r, struct ks_span line)
{
	struct ks_policy_note note = { .path = r->path, .line = r->line };
	struct ks_policy_want want;
	struct ks_span word;
	const u8 *equals;
	size_t bytes;

	if (!ks_span_word(&line, &word))
		return fail(r, "effect wants PARAMETER[=VALUE] SYMBOL VALUE");
	equals = memchr(word.p, '=', word.bytes);
	bytes = equals ? (size_t)(equals - word.p) : word.bytes;
	note.has_value = equals;
	if (!ks_span_sub(word, 0, bytes, &note.name) || !note.name.bytes)
		return fail(r, "effect without the name of a parameter");
	if (equals && !ks_span_sub(word, bytes + 1, word.bytes - bytes - 1, &note.value))
		return fail(r, "effect wants PARAMETER[=VALUE] SYMBOL VALUE");
	if (take_symbol(r, &line, &note.symbol))
		return -EBADMSG;
	note.result = ks_span_trim(line);
	if (!ks_span_eq(note.result, ks_span_str("*"))) {
		const char *wrong = ks_policy_take_want(&line, &want);

		if (wrong || (want.op != KS_POLICY_IS && want.op != KS_POLICY_OFF) || ks_span_trim(line).bytes)
			return fail(r, "effect wants one value at its end: y, n, a number, \"text\", or * for the parameter's");
		note.result = want.text;
	}
	if (r->policy->nr_effects == KS_MAX_POLICY_NOTES)
		return fail_cap(r, "more than 4096 effects");
	r->policy->effect[r->policy->nr_effects++] = note;
	return 0;
}

/* The kinds, and how many words each has at least; kselftest-extra/policy runs them. */
static const struct {
	const char *kind;
	size_t nr_words;
} kinds[] = {
	{ "sysctl", 3 }, { "file", 3 }, { "param", 3 },	 { "cpu", 3 },
	{ "lsm", 1 },	 { "path", 1 }, { "nopath", 1 }, { "dmesg", 1 },
};

static bool is_probe(const struct ks_policy_note *note)
{
	struct ks_span rest = note->value, word, op = { 0 };
	size_t i, nr = 0;

	while (ks_span_word(&rest, &word))
		if (++nr == 2)
			op = word;
	for (i = 0; i < KS_ARRAY_SIZE(kinds); i++)
		if (ks_span_eq(note->name, ks_span_str(kinds[i].kind)))
			return nr >= kinds[i].nr_words &&
			       (kinds[i].nr_words < 3 || ks_text_has_word("= != >= <= contains lacks begins", op));
	return false;
}

static int take_probe(struct reader *r, struct ks_span line)
{
	struct ks_policy_note note = { .path = r->path, .line = r->line, .has_value = true };

	if (take_symbol(r, &line, &note.symbol))
		return -EBADMSG;
	(void)ks_span_word(&line, &note.name);
	note.value = ks_span_trim(line);
	if (!is_probe(&note))
		return fail(r, "no probe, write sysctl|file|param|cpu NAME OP VALUE, lsm NAME, path|nopath PATH "
			       "or dmesg TEXT");
	if (r->policy->nr_probes == KS_MAX_POLICY_NOTES)
		return fail_cap(r, "more than 4096 probes");
	r->policy->probe[r->policy->nr_probes++] = note;
	return 0;
}

static const char *levels_of(struct ks_span words, unsigned int *ret_levels)
{
	static const char *const names[] = { "config", "artifact", "runtime" };
	struct ks_span rest = words;
	unsigned int i;

	*ret_levels = 0;
	for (i = 0; i < KS_ARRAY_SIZE(names); i++) {
		if (!ks_text_list_has(words, ks_span_str(names[i])))
			continue;
		*ret_levels |= 1U << i;
		rest.bytes -= ks_span_str(names[i]).bytes;
	}
	/* What is left are the commas between them, or there is another word. */
	return *ret_levels && rest.bytes + 1 == (size_t)__builtin_popcount(*ret_levels) ?
		       NULL :
		       "levels are config, artifact and runtime, with commas between them";
}

/* All of @word, "6.17": a stable release is not one that rules are for. */
static int take_release(const struct reader *r, struct ks_span word, struct ks_policy_release *release,
			const char *wrong)
{
	size_t i;

	for (i = 0; i < word.bytes; i++)
		if (word.p[i] != '.' && (word.p[i] < '0' || word.p[i] > '9'))
			return fail(r, wrong);
	if (release->major)
		return fail(r, "attribute is there twice");
	return ks_policy_take_release(word, release) && memchr(word.p, '.', word.bytes) == memrchr(word.p, '.', word.bytes) ?
		       1 :
		       fail(r, wrong);
}

/* A rule for an architecture that nobody has would never be asked. */
static bool are_arches(struct ks_span words)
{
	struct ks_span arch;
	size_t nr = 0;

	while (ks_text_item(&words, &arch))
		if (nr++ == 2 || !ks_text_has_word(KS_ARCHES, arch))
			return false;
	return nr > 0;
}

/* Return: 1 if @word is an attribute, 0 if the reason begins. */
static int take_attribute(const struct reader *r, struct ks_policy_rule *rule, struct ks_span word)
{
	if (ks_text_cut(&word, "since="))
		return take_release(r, word, &rule->since, "since= wants a release, since=6.17");
	if (ks_text_cut(&word, "until="))
		return take_release(r, word, &rule->until, "until= wants a release, until=6.16");
	if (ks_text_cut(&word, "was=")) {
		if (rule->was.bytes)
			return fail(r, "attribute is there twice");
		rule->was = word;
		return is_symbol(word) ? 1 : fail(r, "was= wants the name of a symbol, without CONFIG_");
	}
	if (ks_text_cut(&word, "arch=")) {
		if (rule->arches.bytes)
			return fail(r, "attribute is there twice");
		rule->arches = word;
		return are_arches(word) ? 1 : fail(r, "arch= wants x86_64, arm64, or both with a comma between them");
	}
	return 0;
}

/* Behind the value: SOURCES LEVELS, attributes, and the reason. */
static int take_rest(struct reader *r, struct ks_span line, struct ks_policy_rule *rule)
{
	struct ks_span levels, before, word;
	const char *wrong;
	int rc;

	if (!ks_span_word(&line, &rule->sources) || !ks_span_word(&line, &levels))
		return fail(r, "rule without sources and levels, write SYMBOL VALUE SOURCES LEVELS REASON");
	wrong = levels_of(levels, &rule->levels);
	if (wrong)
		return fail(r, wrong);
	do {
		before = line;
		rc = ks_span_word(&line, &word) ? take_attribute(r, rule, word) : 0;
	} while (rc > 0);
	if (rc)
		return rc;
	rule->why = ks_span_trim(before);
	if (!rule->why.bytes)
		return fail(r, "rule without a reason");
	if (r->policy->nr_rules == KS_MAX_POLICY_RULES)
		return fail_cap(r, "more than 4096 rules");
	r->policy->rule[r->policy->nr_rules++] = *rule;
	return 0;
}

/* Is the next word of @line "SYMBOL=VALUE"? If so, it is cut off. */
static bool take_equation(struct ks_span *line, struct ks_span *ret_symbol, struct ks_policy_want *ret_want)
{
	struct ks_span rest = *line, word, symbol;

	if (!ks_span_word(&rest, &word) || !ks_text_symbol(&word, &symbol) || !ks_text_cut(&word, "=") ||
	    ks_policy_take_want(&word, ret_want) || ks_span_trim(word).bytes)
		return false;
	*ret_symbol = symbol;
	*line = rest;
	return true;
}

static int take_condition(const struct reader *r, struct ks_span *line, struct ks_policy_rule *rule)
{
	struct ks_span requires;

	if (!take_equation(line, &rule->if_symbol, &rule->if_want))
		return 0;
	if (!ks_span_word(line, &requires) || !ks_span_eq(requires, ks_span_str("requires")))
		return fail(r, "SYMBOL=VALUE without \"requires\"; a plain rule is SYMBOL VALUE SOURCES LEVELS REASON");
	return 0;
}

static int take_rule(struct reader *r, struct ks_span line)
{
	struct ks_policy_rule rule = { .path = r->path, .line = r->line };
	const char *wrong;
	int rc = take_condition(r, &line, &rule);

	if (rc)
		return rc;
	if (rule.if_symbol.bytes && take_equation(&line, &rule.symbol, &rule.want))
		return take_rest(r, line, &rule);
	rc = take_symbol(r, &line, &rule.symbol);
	if (rc)
		return rc;
	wrong = ks_policy_take_want(&line, &rule.want);
	return wrong ? fail(r, wrong) : take_rest(r, line, &rule);
}

int ks_policy_line(struct ks_policy *policy, const char *path, u32 line_nr, struct ks_span line,
		   struct ks_span *ret_include, struct ks_diag *diag)
{
	struct reader r = { policy, path, line_nr, diag };
	struct ks_span rest = line, word;

	*ret_include = (struct ks_span){ 0 };
	if (line.bytes > KS_MAX_POLICY_LINE_BYTES)
		return fail_cap(&r, "line of more than 1000 bytes");
	if (!ks_text_is_clean(line))
		return fail(&r, "control byte in the line (CR?), write plain text");
	if (!ks_span_word(&rest, &word) || word.p[0] == '#')
		return 0;
	if (ks_span_eq(word, ks_span_str("include")))
		return take_include(&r, rest, ret_include);
	if (ks_span_eq(word, ks_span_str("source")))
		return take_source(&r, rest);
	if (ks_span_eq(word, ks_span_str("effect")))
		return take_effect(&r, rest);
	if (ks_span_eq(word, ks_span_str("probe")))
		return take_probe(&r, rest);
	return take_rule(&r, line);
}
