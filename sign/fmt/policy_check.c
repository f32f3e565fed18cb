// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

static int by_symbol(const void *a, const void *b)
{
	const struct ks_policy_rule *x = *(const struct ks_policy_rule *const *)a;
	const struct ks_policy_rule *y = *(const struct ks_policy_rule *const *)b;
	int diff = ks_span_cmp(x->symbol, y->symbol);

	/* Rules of one array: what was read first is before. */
	return diff ? diff : (x > y) - (x < y);
}

static u32 rank(struct ks_policy_release release)
{
	return (u32)release.major << 16 | release.minor;
}

static bool share_release(const struct ks_policy_rule *a, const struct ks_policy_rule *b)
{
	return (!a->until.major || rank(b->since) <= rank(a->until)) &&
	       (!b->until.major || rank(a->since) <= rank(b->until));
}

static bool share_arch(struct ks_span a, struct ks_span b)
{
	struct ks_span arch;

	if (!a.bytes || !b.bytes)
		return true;
	while (ks_text_item(&a, &arch))
		if (ks_text_list_has(b, arch))
			return true;
	return false;
}

/* Two rules that say something of one symbol of one kernel; those that "require" it have to differ in when. */
static bool are_of_one_kernel(const struct ks_policy_rule *a, const struct ks_policy_rule *b)
{
	return ks_span_eq(a->symbol, b->symbol) && ks_span_eq(a->if_symbol, b->if_symbol) &&
	       (!a->if_symbol.bytes || ks_span_eq(a->if_want.text, b->if_want.text)) && share_release(a, b) &&
	       share_arch(a->arches, b->arches);
}

static int fail_pair(const struct ks_policy_rule *first, const struct ks_policy_rule *second, struct ks_diag *diag)
{
	char place[160];
	bool is_same = first->want.op == second->want.op && ks_span_eq(first->want.text, second->want.text);

	snprintf(place, sizeof(place), "%.*s, at %s:%u", KS_FMT(first->symbol), first->path, first->line);
	return ks_text_fail_word(diag, -EBADMSG, second->path, second->line,
				 is_same ? "has a rule for the same releases already" :
					   "contradicts the rule for the same releases",
				 place);
}

static int check_rules(const struct ks_policy_rule **sorted, size_t nr, struct ks_diag *diag)
{
	size_t i, j;

	for (i = 0; i < nr; i++)
		for (j = i + 1; j < nr && ks_span_eq(sorted[i]->symbol, sorted[j]->symbol); j++)
			if (are_of_one_kernel(sorted[i], sorted[j]))
				return fail_pair(sorted[i], sorted[j], diag);
	return 0;
}

static int check_sources(const struct ks_policy *policy, const struct ks_policy_rule *rule, struct ks_diag *diag)
{
	struct ks_span rest = rule->sources, word;
	char name[64];
	size_t i;

	while (ks_text_item(&rest, &word)) {
		for (i = 0; i < policy->nr_sources && !ks_span_eq(policy->source[i].word, word); i++)
			;
		if (i < policy->nr_sources)
			continue;
		snprintf(name, sizeof(name), "%.*s", KS_FMT(word));
		return ks_text_fail_word(diag, -EBADMSG, rule->path, rule->line,
					 "names a source that no line \"source WORD DOCUMENT\" declares", name);
	}
	return 0;
}

static bool has_note(const struct ks_policy_note *note, size_t nr, struct ks_span symbol)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (ks_span_eq(note[i].symbol, symbol))
			return true;
	return false;
}

static int check_rule(const struct ks_policy *policy, const struct ks_policy_rule *rule, struct ks_diag *diag)
{
	int rc = check_sources(policy, rule, diag);

	if (!rc && rule->levels & KS_POLICY_RUNTIME && !has_note(policy->probe, policy->nr_probes, rule->symbol))
		rc = ks_text_fail(diag, -EBADMSG, rule->path, rule->line,
				  "level runtime without a line \"probe SYMBOL ...\": nobody could tell");
	if (!rc && rule->until.major && rank(rule->until) < rank(rule->since))
		rc = ks_text_fail(diag, -EBADMSG, rule->path, rule->line, "until= is before since=");
	return rc;
}

/* Notes of a symbol without a rule are of a misspelt one. */
static int check_notes(const struct ks_policy_rule **sorted, size_t nr_rules, const struct ks_policy_note *note,
		       size_t nr, struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		size_t low = 0, high = nr_rules;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (ks_span_cmp(sorted[middle]->symbol, note[i].symbol) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		if (low == nr_rules || !ks_span_eq(sorted[low]->symbol, note[i].symbol))
			return ks_text_fail(diag, -EBADMSG, note[i].path, note[i].line, "is about a symbol that no rule has");
	}
	return 0;
}

int ks_policy_check(const struct ks_policy *policy, struct ks_diag *diag)
{
	const struct ks_policy_rule **sorted = calloc(policy->nr_rules + 1, sizeof(*sorted));
	size_t i;
	int rc = 0;

	if (!sorted)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; i < policy->nr_rules && !rc; i++) {
		sorted[i] = &policy->rule[i];
		rc = check_rule(policy, sorted[i], diag);
	}
	if (!rc) {
		qsort(sorted, policy->nr_rules, sizeof(*sorted), by_symbol);
		rc = check_rules(sorted, policy->nr_rules, diag);
	}
	rc = rc ? rc : check_notes(sorted, policy->nr_rules, policy->effect, policy->nr_effects, diag);
	rc = rc ? rc : check_notes(sorted, policy->nr_rules, policy->probe, policy->nr_probes, diag);
	free(sorted);
	return rc;
}
