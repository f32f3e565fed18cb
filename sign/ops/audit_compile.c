// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/audit_compile.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"

/* A reason is there to be recognised; the policy has all of it. */
#define MAX_REASON_BYTES 240U

static void put_number(struct ks_buf *out, u64 number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	ks_put_str(out, text);
}

/* Not within a character of UTF-8. */
static struct ks_span shortened(struct ks_span text)
{
	struct ks_span head = text;
	size_t bytes = MAX_REASON_BYTES;

	if (text.bytes <= MAX_REASON_BYTES)
		return text;
	while (bytes && (text.p[bytes] & 0xc0) == 0x80)
		bytes--;
	(void)!ks_span_sub(text, 0, bytes, &head);
	return head;
}

static void put_reason(struct ks_buf *out, struct ks_span text)
{
	struct ks_span head = shortened(text);

	ks_put(out, head);
	ks_put_str(out, head.bytes < text.bytes ? "..." : "");
}

/* Of the rules so far, those that have the same symbol. */
static size_t nr_before(const struct ks_audit *audit, const struct ks_audit_row *row)
{
	const struct ks_audit_row *other;
	size_t nr = 0;

	for (other = audit->row; other < row; other++)
		nr += other->verdict != KS_AUDIT_OTHER && ks_span_eq(other->rule->symbol, row->rule->symbol);
	return nr;
}

static void put_head(struct ks_buf *out, const struct ks_audit *audit, const struct ks_audit_row *row)
{
	size_t nr = nr_before(audit, row);

	ks_put_str(out, "rule ");
	ks_put(out, row->rule->symbol);
	if (nr) {
		/* No symbol has a dot. */
		ks_put_str(out, ".");
		put_number(out, nr + 1);
	}
	ks_put_str(out, row->verdict == KS_AUDIT_NEEDED	  ? " needed\nwhy " :
			row->verdict == KS_AUDIT_EXCEPTED ? " excepted\nwhy " :
							    " ok\nwhy ");
	ks_put(out, row->rule->sources);
	ks_put_str(out, ": ");
	put_reason(out, row->rule->why);
	ks_put_str(out, "\n");
}

static void put_excuse(struct ks_buf *out, const struct ks_audit_row *row)
{
	if (row->verdict == KS_AUDIT_NEEDED) {
		ks_put_str(out, "excuse needed by ");
		ks_put(out, ks_need_name(row->need));
		ks_put_str(out, "\n");
	} else if (row->verdict == KS_AUDIT_EXCEPTED) {
		ks_put_str(out, "excuse until ");
		ks_put(out, row->exception->until_text);
		ks_put_str(out, ", ");
		ks_put(out, row->exception->owner);
		ks_put_str(out, ": ");
		put_reason(out, row->exception->why);
		ks_put_str(out, "\n");
	}
}

static void put_config(struct ks_buf *out, const struct ks_policy_rule *rule)
{
	static const char *const ops[] = {
		[KS_POLICY_IS] = " is ",	     [KS_POLICY_OFF] = " off",	    [KS_POLICY_ABSENT] = " absent",
		[KS_POLICY_ON] = " on",		     [KS_POLICY_AT_LEAST] = " >= ", [KS_POLICY_AT_MOST] = " <= ",
		[KS_POLICY_CONTAINS] = " contains ", [KS_POLICY_ONE_OF] = " one-of ",
	};

	ks_put_str(out, "config ");
	ks_put(out, rule->symbol);
	ks_put_str(out, ops[rule->want.op]);
	if (rule->want.op != KS_POLICY_OFF && rule->want.op != KS_POLICY_ABSENT && rule->want.op != KS_POLICY_ON)
		ks_put(out, rule->want.text);
	ks_put_str(out, "\n");
	if (rule->was.bytes) {
		ks_put_str(out, "was ");
		ks_put(out, rule->was);
		ks_put_str(out, "\n");
	}
}

static void put_effects(struct ks_buf *out, const struct ks_policy *policy, const struct ks_policy_rule *rule)
{
	size_t i;

	for (i = 0; i < policy->nr_effects; i++) {
		const struct ks_policy_note *effect = &policy->effect[i];

		if (!ks_span_eq(effect->symbol, rule->symbol))
			continue;
		ks_put_str(out, "effect ");
		ks_put(out, effect->name);
		if (effect->has_value) {
			ks_put_str(out, "=");
			ks_put(out, effect->value);
		}
		ks_put_str(out, " ");
		ks_put(out, effect->result);
		ks_put_str(out, "\n");
	}
}

/* Return: how many. */
static size_t put_probes(struct ks_buf *out, const struct ks_policy *policy, const struct ks_policy_rule *rule)
{
	size_t i, nr = 0;

	if (!(rule->levels & KS_POLICY_RUNTIME))
		return 0;
	for (i = 0; i < policy->nr_probes; i++) {
		if (!ks_span_eq(policy->probe[i].symbol, rule->symbol))
			continue;
		ks_put_str(out, "probe ");
		ks_put(out, policy->probe[i].name);
		ks_put_str(out, " ");
		ks_put(out, policy->probe[i].value);
		ks_put_str(out, "\n");
		nr++;
	}
	return nr;
}

static void put_kernel(struct ks_buf *out, const struct ks_audit_subject *subject)
{
	ks_put_str(out, "# made by kseal audit compile for kselftest-extra/policy\nkseal-rules 1\nkernel ");
	put_number(out, subject->release.major);
	ks_put_str(out, ".");
	put_number(out, subject->release.minor);
	ks_put_str(out, " ");
	ks_put(out, subject->arch);
	ks_put_str(out, " ");
	ks_put(out, subject->sku.bytes ? subject->sku : ks_span_str("-"));
	ks_put_str(out, "\n");
}

int ks_audit_compile(const struct ks_policy *policy, const struct ks_audit_subject *subject,
		     const struct ks_audit *audit, struct ks_buf *out, struct ks_audit_compiled *ret_compiled,
		     struct ks_diag *diag)
{
	struct ks_audit_compiled compiled = { 0 };
	size_t i;
	int rc;

	if (!subject->release.major)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "does not say of which release it is, give --release");
	if (!subject->arch.bytes)
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "is of no architecture that is known");
	put_kernel(out, subject);
	for (i = 0; i < audit->nr; i++) {
		const struct ks_audit_row *row = &audit->row[i];

		if (row->verdict == KS_AUDIT_OTHER)
			continue;
		put_head(out, audit, row);
		put_excuse(out, row);
		put_config(out, row->rule);
		put_effects(out, policy, row->rule);
		compiled.nr_probes += put_probes(out, policy, row->rule);
		compiled.nr_rules++;
	}
	ks_put_str(out, "end ");
	put_number(out, compiled.nr_rules);
	ks_put_str(out, "\n");
	rc = ks_buf_ok(out, diag);
	if (!rc)
		*ret_compiled = compiled;
	return rc;
}
