// SPDX-License-Identifier: LGPL-2.1-or-later
/* The debts of ops/audit.h: an exception that is over, is of nobody, or excuses nothing is an error. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "ops/audit.h"

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

/* Return: what is wrong with an exception of the subject's SKU, or NULL. */
static const char *fault_of(const struct ks_policy *policy, const struct ks_exception *exception,
			    const struct ks_audit *audit)
{
	unsigned int verdicts = verdicts_of(audit, exception->symbol);

	if (!has_rule(policy, exception->symbol))
		return "exception of a symbol that no rule has, delete it";
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

		if (now >= exception->until + 24 * 60 * 60)
			fault = "exception is over, decide again";
		else if (subject->config && ks_exception_is_for(exception, subject->sku))
			fault = fault_of(policy, exception, audit);
		if (fault)
			return ks_text_fail(diag, -EBADMSG, exceptions->path, exception->line, fault);
	}
	return 0;
}

/* "configs/" of "configs/exceptions", empty for a name alone. */
static struct ks_span dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct ks_span dir = { 0 };

	(void)!ks_span_sub(ks_span_str(path), 0, slash ? (u64)(slash + 1 - path) : 0, &dir);
	return dir;
}

static bool is_there(struct ks_span dir, struct ks_span sku, const char *tail)
{
	char path[4200];
	int bytes = snprintf(path, sizeof(path), "%.*ssku/%.*s%s", KS_FMT(dir), KS_FMT(sku), tail);

	return bytes > 0 && (size_t)bytes < sizeof(path) && !access(path, F_OK);
}

int ks_audit_exception_skus(const struct ks_exceptions *exceptions, struct ks_diag *diag)
{
	struct ks_span dir, rest, sku;
	char name[64];
	size_t i;

	if (!exceptions->path)
		return 0;
	dir = dir_of(exceptions->path);
	if (!is_there(dir, (struct ks_span){ 0 }, ""))
		return 0;
	for (i = 0; i < exceptions->nr; i++) {
		rest = exceptions->exception[i].skus;
		if (ks_span_eq(rest, ks_span_str("*")))
			continue;
		while (ks_text_item(&rest, &sku)) {
			if (is_there(dir, sku, ".sku"))
				continue;
			snprintf(name, sizeof(name), "%.*s", KS_FMT(sku));
			return ks_text_fail_word(diag, -EBADMSG, exceptions->path, exceptions->exception[i].line,
						 "exception for a SKU that has no file in sku/", name);
		}
	}
	return 0;
}
