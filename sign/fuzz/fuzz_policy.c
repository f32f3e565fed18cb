// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who feeds these bytes: whoever sends a change of configs/policy or configs/exceptions; and, for .configs, anybody
 * whose kernel `kseal audit` is given: the configuration comes out of the image.
 *
 * Valid input: a policy; behind a line "%exceptions" a file of exceptions, behind one "%config" a .config. Includes are
 * not followed, as that would open files of this machine.
 *
 * Laws: what a record is made of lies in its line; a rule has a symbol, a source, a level and a reason, and no control
 * byte anywhere; a rule that is told its own value is met, and one that wants it off by what is not there; what is
 * checked has no two rules of one name for one kernel. Each symbol of a configuration is found, once. Of exceptions no
 * two are for one symbol and SKU.
 */
#include <string.h>

#include "base/text.h"
#include "fmt/exceptions.h"
#include "fmt/kconfig.h"
#include "fmt/policy.h"
#include "fuzz/fuzz.h"

static void check_want(const struct ks_policy_want *want, struct ks_span line)
{
	const struct ks_span off = ks_span_str("n");

	KS_LAW(ks_fuzz_inside(line, want->text) && ks_text_is_clean(want->text));
	KS_LAW(!want->is_number || want->op == KS_POLICY_IS || want->op == KS_POLICY_AT_LEAST || want->op == KS_POLICY_AT_MOST);
	KS_LAW(!want->is_quoted || want->op == KS_POLICY_IS);
	switch (want->op) {
	case KS_POLICY_OFF:
		KS_LAW(ks_policy_is_met(want, true, off) && ks_policy_is_met(want, false, off));
		break;
	case KS_POLICY_ABSENT:
		KS_LAW(!ks_policy_is_met(want, true, off) && ks_policy_is_met(want, false, off));
		break;
	case KS_POLICY_ON:
		KS_LAW(!ks_policy_is_met(want, false, ks_span_str("y")));
		break;
	default:
		/* A number of its own value, a list that is the one that is wanted; one-of has items. */
		KS_LAW(want->op == KS_POLICY_ONE_OF || ks_policy_is_met(want, true, want->text));
		KS_LAW(want->op == KS_POLICY_ONE_OF || !ks_policy_is_met(want, false, off));
	}
}

static void check_rule(const struct ks_policy_rule *rule, struct ks_span line)
{
	KS_LAW(rule->symbol.bytes && rule->sources.bytes && rule->why.bytes);
	KS_LAW(ks_fuzz_inside(line, rule->symbol) && ks_fuzz_inside(line, rule->sources) && ks_fuzz_inside(line, rule->why));
	KS_LAW(ks_fuzz_inside(line, rule->was) && ks_fuzz_inside(line, rule->arches) && ks_fuzz_inside(line, rule->if_symbol));
	KS_LAW(rule->levels && rule->levels <= (KS_POLICY_CONFIG | KS_POLICY_ARTIFACT | KS_POLICY_RUNTIME));
	KS_LAW(ks_span_eq(rule->why, ks_span_trim(rule->why)) && ks_text_is_clean(rule->why));
	check_want(&rule->want, line);
	if (rule->if_symbol.bytes)
		check_want(&rule->if_want, line);
}

static void check_note(const struct ks_policy_note *note, struct ks_span line)
{
	KS_LAW(note->symbol.bytes && note->name.bytes && ks_fuzz_inside(line, note->symbol));
	KS_LAW(ks_fuzz_inside(line, note->name) && ks_fuzz_inside(line, note->value) && ks_fuzz_inside(line, note->result));
	KS_LAW(note->has_value || !note->value.bytes);
}

/* What a line added; a line that is refused adds nothing. */
static bool read_line(struct ks_policy *policy, struct ks_span line, u32 nr)
{
	size_t nr_rules = policy->nr_rules, nr_effects = policy->nr_effects, nr_probes = policy->nr_probes;
	size_t nr_sources = policy->nr_sources;
	struct ks_span include;
	int rc = ks_policy_line(policy, "policy", nr, line, &include, NULL);
	size_t added = policy->nr_rules - nr_rules + policy->nr_effects - nr_effects + policy->nr_probes - nr_probes +
		       policy->nr_sources - nr_sources;

	KS_LAW(added <= 1 && (!rc || !added) && (!added || !include.bytes) && ks_fuzz_inside(line, include));
	if (policy->nr_rules > nr_rules)
		check_rule(&policy->rule[nr_rules], line);
	if (policy->nr_effects > nr_effects)
		check_note(&policy->effect[nr_effects], line);
	if (policy->nr_probes > nr_probes)
		check_note(&policy->probe[nr_probes], line);
	return !rc;
}

static void check_pairs(const struct ks_policy *policy)
{
	size_t i, k;

	for (i = 0; i < policy->nr_rules; i++)
		for (k = 0; k < i; k++) {
			const struct ks_policy_rule *a = &policy->rule[i], *b = &policy->rule[k];

			KS_LAW(!ks_span_eq(a->symbol, b->symbol) || a->if_symbol.bytes || b->if_symbol.bytes ||
			       a->arches.bytes || b->arches.bytes || a->since.major || b->since.major ||
			       a->until.major || b->until.major);
		}
}

static void check_policy(struct ks_span text)
{
	/* No more records than this are read of one input, for speed. */
	static struct ks_policy_rule rules[KS_MAX_POLICY_RULES];
	static struct ks_policy_note effects[KS_MAX_POLICY_NOTES], probes[KS_MAX_POLICY_NOTES];
	struct ks_policy policy = { .rule = rules, .effect = effects, .probe = probes };
	struct ks_span line;
	u32 nr = 0;

	while (nr < 256 && ks_span_line(&text, &line))
		(void)read_line(&policy, line, ++nr);
	if (!ks_policy_check(&policy, NULL))
		check_pairs(&policy);
}

static void check_exceptions(struct ks_span text)
{
	__cleanup(ks_exceptions_done) struct ks_exceptions all = { .path = "exceptions" };
	const struct ks_exception *one;

	ks_put(&all.text, text);
	if (ks_exceptions_parse(&all, NULL))
		return;
	for (one = all.exception; one < all.exception + all.nr; one++) {
		struct ks_span rest = one->skus, sku;

		KS_LAW(one->symbol.bytes && one->owner.bytes && one->why.bytes && one->line && !(one->until % (24 * 60 * 60)));
		while (ks_text_item(&rest, &sku))
			KS_LAW(ks_exceptions_find(&all, one->symbol, sku) == one);
	}
}

static void check_config(struct ks_span text)
{
	__cleanup(ks_kconfig_done) struct ks_kconfig config = { 0 };
	size_t i;

	if (ks_kconfig_parse(text, &config, NULL))
		return;
	KS_LAW(config.nr > 0 && config.nr <= text.bytes);
	for (i = 0; i < config.nr; i++) {
		KS_LAW(ks_fuzz_inside(text, config.entry[i].symbol) && config.entry[i].symbol.bytes);
		KS_LAW(ks_kconfig_find(&config, config.entry[i].symbol) == &config.entry[i]);
		KS_LAW(!i || ks_span_cmp(config.entry[i - 1].symbol, config.entry[i].symbol) < 0);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static void (*const checks[])(struct ks_span) = { check_policy, check_exceptions, check_config };
	static const char *const marks[] = { "%exceptions\n", "%config\n", NULL };
	struct ks_span rest = { data, size };
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(checks); i++) {
		const u8 *mark = marks[i] && rest.bytes ? memmem(rest.p, rest.bytes, marks[i], strlen(marks[i])) : NULL;
		u64 bytes = mark ? (u64)(mark - rest.p) : rest.bytes;
		struct ks_span part = { 0 };

		if (!ks_span_sub(rest, 0, bytes, &part))
			return 0;
		checks[i](part);
		bytes += mark ? strlen(marks[i]) : 0;
		if (!ks_span_sub(rest, bytes, rest.bytes - bytes, &rest))
			return 0;
	}
	return 0;
}
