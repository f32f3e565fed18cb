// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ops/cmdline.h"

void ks_audit_done(struct ks_audit *audit)
{
	free(audit->row);
	memset(audit, 0, sizeof(*audit));
}

const char *ks_audit_verdict_name(enum ks_audit_verdict verdict)
{
	static const char *const names[KS_AUDIT_NR] = {
		[KS_AUDIT_OK] = "ok",	      [KS_AUDIT_NEEDED] = "needed",   [KS_AUDIT_EXCEPTED] = "excepted",
		[KS_AUDIT_FAIL] = "fail",     [KS_AUDIT_UNKNOWN] = "unknown", [KS_AUDIT_OTHER] = "other",
	};

	return names[verdict];
}

/* A word of a command line that the policy knows an effect of. */
struct hit {
	const struct ks_audit_line *line;
	const struct ks_policy_note *effect;
	struct ks_span word;
	struct ks_span result;
	bool is_refused;
	bool is_behind;
};

/* All that a verdict hangs on. */
struct auditor {
	const struct ks_policy *policy;
	const struct ks_needs *needs;
	const struct ks_exceptions *exceptions;
	const struct ks_audit_subject *subject;
	struct hit *hit;
	size_t nr_hits;
};

static struct ks_span value_of(const struct auditor *a, struct ks_span symbol, bool *ret_named)
{
	const struct ks_kconfig_entry *entry = ks_kconfig_find(a->subject->config, symbol);

	*ret_named = entry;
	return entry ? entry->value : ks_span_str("n");
}

/* The symbol's value, by its old name where only that is known. */
static void read_config(const struct auditor *a, struct ks_audit_row *row)
{
	row->config = value_of(a, row->rule->symbol, &row->is_named);
	if (!row->is_named && row->rule->was.bytes)
		row->config = value_of(a, row->rule->was, &row->is_named);
	row->effective = row->config;
}

static struct ks_span unquoted(struct ks_span value)
{
	struct ks_span inside;

	if (value.bytes >= 2 && value.p[0] == '"' && value.p[value.bytes - 1] == '"' &&
	    ks_span_sub(value, 1, value.bytes - 2, &inside))
		return inside;
	return value;
}

/* "off", "off*" for what begins so, "*" for all. */
static bool is_one_value(struct ks_span want, struct ks_span value)
{
	struct ks_span head;

	if (!want.bytes || want.p[want.bytes - 1] != '*')
		return ks_span_eq(want, value);
	return ks_span_sub(value, 0, want.bytes - 1, &head) && !memcmp(head.p, want.p, head.bytes);
}

/* "off|no*": any of them */
static bool is_value(struct ks_span want, struct ks_span value)
{
	struct ks_span one = want;
	const u8 *bar;

	while ((bar = want.bytes ? memchr(want.p, '|', want.bytes) : NULL)) {
		if (ks_span_sub(want, 0, (u64)(bar - want.p), &one) && is_one_value(one, value))
			return true;
		if (!ks_span_sub(want, one.bytes + 1, want.bytes - one.bytes - 1, &want))
			return false;
	}
	return is_one_value(want, value);
}

static bool is_effect(const struct ks_policy_note *effect, struct ks_span name, const u8 *equals, struct ks_span value)
{
	return ks_cmdline_is_name(effect->name, name) && effect->has_value == (equals != NULL) &&
	       (!equals || is_value(effect->value, value));
}

static int add_hit(struct auditor *a, const struct hit *hit, struct ks_diag *diag)
{
	struct hit *hits;
	size_t room;

	if (a->nr_hits == KS_MAX_AUDIT_WORDS)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "command lines have more than 65536 words that the policy knows");
	/* Room doubles, from 16. */
	if (!(a->nr_hits & (a->nr_hits - 1)) && (!a->nr_hits || a->nr_hits >= 16)) {
		room = a->nr_hits ? 2 * a->nr_hits : 16;
		hits = reallocarray(a->hit, room, sizeof(*hits));
		if (!hits)
			return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
		a->hit = hits;
	}
	a->hit[a->nr_hits++] = *hit;
	return 0;
}

/* Each effect of the policy that a word has. */
static int find_effects(struct auditor *a, struct hit *hit, struct ks_diag *diag)
{
	struct ks_span arg = unquoted(hit->word), name, value = { 0 };
	const u8 *equals = memchr(arg.p, '=', arg.bytes);
	size_t i;
	int rc = 0;

	if (!ks_span_sub(arg, 0, equals ? (u64)(equals - arg.p) : arg.bytes, &name) ||
	    (equals && !ks_span_sub(arg, name.bytes + 1, arg.bytes - name.bytes - 1, &value)))
		return 0;
	value = unquoted(value);
	for (i = 0; !rc && i < a->policy->nr_effects; i++) {
		hit->effect = &a->policy->effect[i];
		if (!is_effect(hit->effect, name, equals, value))
			continue;
		hit->result = ks_span_eq(hit->effect->result, ks_span_str("*")) ? value : hit->effect->result;
		rc = add_hit(a, hit, diag);
	}
	return rc;
}

/* Lines are read once, whatever the number of rules. */
static int read_lines(struct auditor *a, struct ks_diag *diag)
{
	struct ks_cmdline_finding finding;
	struct ks_cmdline_word word;
	size_t i, off;
	int rc = 0;

	for (i = 0; i < a->subject->nr_lines; i++) {
		struct hit hit = { .line = &a->subject->line[i] };

		for (off = 0; !rc && ks_cmdline_word(hit.line->text, &off, &word);) {
			hit.word = word.arg;
			hit.is_refused = !hit.line->is_signed && a->subject->has_guard &&
					 ks_cmdline_judge(&word, &finding) && finding.is_guarded;
			rc = find_effects(a, &hit, diag);
			hit.is_behind |= ks_span_eq(word.arg, ks_span_str("--"));
		}
	}
	return rc;
}

static bool is_met(const struct ks_audit_row *row, struct ks_span value, bool is_set)
{
	return ks_policy_is_met(&row->rule->want, row->is_named || is_set, value);
}

/* What the lines of one profile make of the configuration: the last word of a parameter counts. */
static void apply_lines(const struct auditor *a, struct ks_audit_row *row, u32 profile)
{
	const u8 *done = NULL;
	size_t i;

	row->effective = row->config;
	row->line = row->unread_line = NULL;
	row->word = row->refused = row->unread = (struct ks_span){ 0 };
	for (i = 0; i < a->nr_hits; i++) {
		const struct hit *hit = &a->hit[i];

		if (!ks_span_eq(hit->effect->symbol, row->rule->symbol) || hit->word.p == done ||
		    (hit->line->profile != KS_AUDIT_ALL_PROFILES && hit->line->profile != profile))
			continue;
		/* Of the effects of a word on a symbol the first counts. */
		done = hit->word.p;
		if (hit->line->unread) {
			row->unread = hit->word;
			row->unread_line = hit->line;
		} else if (hit->is_refused) {
			row->refused = hit->word;
		} else if (!hit->is_behind || !is_met(row, hit->result, true)) {
			/* Words behind "--" are init's, but early readers do not stop there: they can only harm. */
			row->effective = hit->result;
			row->line = hit->line;
			row->word = hit->word;
		}
	}
}

static bool meets(const struct ks_need_term *term, struct ks_span value)
{
	return term->op == KS_NEED_EQUAL ? ks_span_eq(unquoted(term->value), value) : ks_need_is_met(term, value);
}

static bool some_item_meets(const struct ks_need_term *term, struct ks_span items)
{
	struct ks_span item;

	while (ks_text_item(&items, &item))
		if (meets(term, item))
			return true;
	return false;
}

bool ks_audit_agree(const struct ks_policy_want *want, const struct ks_need_term *term)
{
	switch (want->op) {
	case KS_POLICY_OFF:
	case KS_POLICY_ABSENT:
		return meets(term, ks_span_str("n"));
	case KS_POLICY_ON:
		return meets(term, ks_span_str("y")) || meets(term, ks_span_str("m"));
	case KS_POLICY_ONE_OF:
		return some_item_meets(term, want->text);
	case KS_POLICY_IS:
		return meets(term, want->text);
	case KS_POLICY_AT_LEAST:
	case KS_POLICY_CONTAINS:
		return term->op != KS_NEED_EQUAL || ks_policy_is_met(want, true, unquoted(term->value));
	case KS_POLICY_AT_MOST:
		break;
	}
	return term->op == KS_NEED_ON || ks_policy_is_met(want, true, unquoted(term->value));
}

/* A need that this symbol's value meets, which the rule forbids, and that would not be met without it. */
static bool is_need_of(const struct auditor *a, const struct ks_need *need, const struct ks_audit_row *row)
{
	bool is_named, is_of = false;
	size_t i;

	if (need->arch.bytes && a->subject->arch.bytes && !ks_span_eq(need->arch, a->subject->arch))
		return false;
	for (i = 0; i < need->nr_terms; i++) {
		const struct ks_need_term *term = &need->term[i];

		if (ks_span_eq(term->symbol, row->rule->symbol))
			is_of |= meets(term, row->config) && !ks_audit_agree(&row->rule->want, term);
		else if (meets(term, value_of(a, term->symbol, &is_named)))
			return false;
	}
	return is_of;
}

static void explain(const struct auditor *a, struct ks_audit_row *row)
{
	size_t i;

	row->verdict = KS_AUDIT_FAIL;
	/* Nobody's need says what a command line may undo. */
	if (row->line && is_met(row, row->config, false))
		return;
	for (i = 0; a->needs && i < a->needs->nr; i++) {
		if (!is_need_of(a, &a->needs->need[i], row))
			continue;
		row->need = &a->needs->need[i];
		row->verdict = KS_AUDIT_NEEDED;
		return;
	}
	if (a->exceptions && a->subject->sku.bytes)
		row->exception = ks_exceptions_find(a->exceptions, row->rule->symbol, a->subject->sku);
	if (!row->exception)
		return;
	row->exception->is_used = true;
	row->verdict = KS_AUDIT_EXCEPTED;
}

/* Why the rule is none for this kernel. */
static enum ks_audit_other other_of(const struct auditor *a, const struct ks_policy_rule *rule)
{
	const struct ks_policy_release any = { 0 };
	struct ks_span value;
	bool is_named;

	if (!ks_policy_is_for(rule, any, a->subject->arch))
		return KS_AUDIT_OTHER_ARCH;
	if (!ks_policy_is_for(rule, a->subject->release, a->subject->arch))
		return KS_AUDIT_OTHER_RELEASE;
	if (!rule->if_symbol.bytes || !a->subject->config)
		return KS_AUDIT_NOT_OTHER;
	value = value_of(a, rule->if_symbol, &is_named);
	return ks_policy_is_met(&rule->if_want, is_named, value) ? KS_AUDIT_NOT_OTHER : KS_AUDIT_OTHER_CONDITION;
}

static void judge(const struct auditor *a, struct ks_audit_row *row)
{
	u32 profile = 0;

	row->verdict = KS_AUDIT_OTHER;
	row->other = other_of(a, row->rule);
	if (row->other)
		return;
	row->verdict = KS_AUDIT_UNKNOWN;
	if (!a->subject->config)
		return;
	read_config(a, row);
	/* A boot menu chooses the profile: the worst of them counts. */
	do
		apply_lines(a, row, profile);
	while (is_met(row, row->effective, row->line) && ++profile < a->subject->nr_profiles);
	row->verdict = KS_AUDIT_OK;
	if (!is_met(row, row->effective, row->line))
		explain(a, row);
}

int ks_audit_rules(const struct ks_policy *policy, const struct ks_needs *needs,
		   const struct ks_exceptions *exceptions, const struct ks_audit_subject *subject,
		   struct ks_audit *ret_audit, struct ks_diag *diag)
{
	struct auditor auditor = { policy, needs, exceptions, subject, NULL, 0 };
	size_t i;
	int rc = read_lines(&auditor, diag);

	ret_audit->row = rc ? NULL : calloc(policy->nr_rules + 1, sizeof(*ret_audit->row));
	for (i = 0; ret_audit->row && i < policy->nr_rules; i++) {
		struct ks_audit_row *row = &ret_audit->row[ret_audit->nr];

		if (!(policy->rule[i].levels & subject->level))
			continue;
		row->rule = &policy->rule[i];
		judge(&auditor, row);
		ret_audit->nr_of[row->verdict]++;
		ret_audit->nr++;
	}
	free(auditor.hit);
	return rc || ret_audit->row ? rc : ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}
