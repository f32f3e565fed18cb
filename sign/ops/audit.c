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

/* All that a verdict hangs on. */
struct auditor {
	const struct ks_policy *policy;
	const struct ks_needs *needs;
	const struct ks_exceptions *exceptions;
	const struct ks_audit_subject *subject;
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
static bool is_value(struct ks_span want, struct ks_span value)
{
	struct ks_span head;

	if (!want.bytes || want.p[want.bytes - 1] != '*')
		return ks_span_eq(want, value);
	return ks_span_sub(value, 0, want.bytes - 1, &head) && !memcmp(head.p, want.p, head.bytes);
}

/* What an argument makes of the rule's symbol. Return: false if nothing. */
static bool effect_of(const struct auditor *a, const struct ks_policy_rule *rule, struct ks_span arg,
		      struct ks_span *ret_result)
{
	const struct ks_policy *policy = a->policy;
	struct ks_span name = arg, value = { 0 };
	const u8 *equals;
	size_t i;

	arg = unquoted(arg);
	equals = memchr(arg.p, '=', arg.bytes);
	if (!ks_span_sub(arg, 0, equals ? (u64)(equals - arg.p) : arg.bytes, &name) ||
	    (equals && !ks_span_sub(arg, name.bytes + 1, arg.bytes - name.bytes - 1, &value)))
		return false;
	value = unquoted(value);
	for (i = 0; i < policy->nr_effects; i++) {
		const struct ks_policy_note *effect = &policy->effect[i];

		if (!ks_span_eq(effect->symbol, rule->symbol) || !ks_cmdline_is_name(effect->name, name) ||
		    effect->has_value != (equals != NULL) || (equals && !is_value(effect->value, value)))
			continue;
		*ret_result = ks_span_eq(effect->result, ks_span_str("*")) ? value : effect->result;
		return true;
	}
	return false;
}

/* The last word of a parameter counts; a boot loader's that the kernel takes off does not. */
static void read_line(const struct auditor *a, struct ks_audit_row *row, const struct ks_audit_line *line)
{
	struct ks_cmdline_finding finding;
	struct ks_cmdline_word word;
	struct ks_span result;
	size_t off = 0;

	while (ks_cmdline_word(line->text, &off, &word)) {
		if (!effect_of(a, row->rule, word.arg, &result))
			continue;
		if (!line->is_signed && a->subject->has_guard && ks_cmdline_judge(&word, &finding) &&
		    finding.is_guarded) {
			row->refused = word.arg;
			continue;
		}
		row->effective = result;
		row->line = line;
		row->word = word.arg;
	}
}

/* The need that is met by this symbol's value, and would not be without it. */
static bool is_need_of(const struct auditor *a, const struct ks_need *need, const struct ks_audit_row *row)
{
	bool is_named, is_met = false;
	size_t i;

	if (need->arch.bytes && a->subject->arch.bytes && !ks_span_eq(need->arch, a->subject->arch))
		return false;
	for (i = 0; i < need->nr_terms; i++) {
		const struct ks_need_term *term = &need->term[i];

		if (ks_span_eq(term->symbol, row->rule->symbol))
			is_met |= ks_need_is_met(term, row->config);
		else if (ks_need_is_met(term, value_of(a, term->symbol, &is_named)))
			return false;
	}
	return is_met;
}

static void explain(const struct auditor *a, struct ks_audit_row *row)
{
	bool by_line = row->line && !ks_policy_is_met(&row->rule->want, row->is_named, row->effective) &&
		       ks_policy_is_met(&row->rule->want, row->is_named, row->config);
	size_t i;

	row->verdict = KS_AUDIT_FAIL;
	/* Nobody's need says what a command line may undo. */
	if (by_line)
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

static bool is_for(const struct auditor *a, const struct ks_policy_rule *rule)
{
	struct ks_span value;
	bool is_named;

	if (!ks_policy_is_for(rule, a->subject->release, a->subject->arch))
		return false;
	if (!rule->if_symbol.bytes || !a->subject->config)
		return true;
	value = value_of(a, rule->if_symbol, &is_named);
	return ks_policy_is_met(&rule->if_want, is_named, value);
}

static void judge(const struct auditor *a, struct ks_audit_row *row)
{
	size_t i;

	row->verdict = KS_AUDIT_OTHER;
	if (!is_for(a, row->rule))
		return;
	row->verdict = KS_AUDIT_UNKNOWN;
	if (!a->subject->config)
		return;
	read_config(a, row);
	for (i = 0; i < a->subject->nr_lines; i++)
		read_line(a, row, &a->subject->line[i]);
	row->verdict = KS_AUDIT_OK;
	if (!ks_policy_is_met(&row->rule->want, row->is_named || row->line, row->effective))
		explain(a, row);
}

int ks_audit_rules(const struct ks_policy *policy, const struct ks_needs *needs,
		   const struct ks_exceptions *exceptions, const struct ks_audit_subject *subject,
		   struct ks_audit *ret_audit, struct ks_diag *diag)
{
	const struct auditor auditor = { policy, needs, exceptions, subject };
	size_t i;

	ret_audit->row = calloc(policy->nr_rules + 1, sizeof(*ret_audit->row));
	if (!ret_audit->row)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; i < policy->nr_rules; i++) {
		struct ks_audit_row *row = &ret_audit->row[ret_audit->nr];

		if (!(policy->rule[i].levels & subject->level))
			continue;
		row->rule = &policy->rule[i];
		judge(&auditor, row);
		ret_audit->nr_of[row->verdict]++;
		ret_audit->nr++;
	}
	return 0;
}

static bool has_rule(const struct ks_policy *policy, struct ks_span symbol)
{
	size_t i;

	for (i = 0; i < policy->nr_rules; i++)
		if (ks_span_eq(policy->rule[i].symbol, symbol))
			return true;
	return false;
}

/* Bits of the verdicts that rules of the symbol have. */
static unsigned int verdicts_of(const struct ks_audit *audit, struct ks_span symbol)
{
	unsigned int verdicts = 0;
	size_t i;

	for (i = 0; i < audit->nr; i++)
		if (ks_span_eq(audit->row[i].rule->symbol, symbol))
			verdicts |= 1U << audit->row[i].verdict;
	return verdicts;
}

/* Return: what is wrong with the exception, or NULL. */
static const char *fault_of(const struct ks_policy *policy, const struct ks_exception *exception,
			    const struct ks_audit *audit, u64 now)
{
	unsigned int verdicts = verdicts_of(audit, exception->symbol);

	if (!has_rule(policy, exception->symbol))
		return "exception of a symbol that no rule has, delete it";
	if (now >= exception->until + 24 * 60 * 60)
		return "exception is over, decide again";
	/* Of the other level, or for all kernels, of which some do without. */
	if (exception->is_used || !verdicts || ks_span_eq(exception->skus, ks_span_str("*")))
		return NULL;
	if (verdicts & 1U << KS_AUDIT_NEEDED)
		return "exception of a rule that a need of the SKU contradicts already, delete it";
	return "exception excuses nothing, delete it";
}

int ks_audit_exceptions(const struct ks_policy *policy, const struct ks_exceptions *exceptions,
			const struct ks_audit_subject *subject, const struct ks_audit *audit, u64 now,
			struct ks_diag *diag)
{
	size_t i;

	for (i = 0; i < exceptions->nr; i++) {
		const struct ks_exception *exception = &exceptions->exception[i];
		const char *fault = NULL;

		if (subject->sku.bytes && ks_exception_is_for(exception, subject->sku))
			fault = fault_of(policy, exception, audit, now);
		if (fault)
			return ks_text_fail(diag, -EBADMSG, exceptions->path, exception->line, fault);
	}
	return 0;
}
