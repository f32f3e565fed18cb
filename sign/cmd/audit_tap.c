// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * TAP as tools/testing/selftests/kselftest.h of Linux 6.18 prints it: a rule is a test. What a need or an exception
 * allows is expected to fail; what cannot be told is an error, which is "not ok" for every reader.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/audit.h"

enum outcome { PASS, FAIL, XFAIL, SKIP, ERROR, NR_OUTCOMES };

static enum outcome outcome_of(struct json_object *rule)
{
	static const struct {
		const char *verdict;
		enum outcome outcome;
	} rows[] = {
		{ "ok", PASS },	      { "fail", FAIL },	  { "needed", XFAIL },
		{ "excepted", XFAIL }, { "other", SKIP }, { "unknown", ERROR },
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(rows); i++)
		if (ks_audit_is(rule, "verdict", rows[i].verdict))
			return rows[i].outcome;
	return ERROR;
}

/* '#' begins a directive; a reader must not find one in a name. */
static void print_plain(struct ks_span text)
{
	size_t i;

	for (i = 0; i < text.bytes; i++)
		putchar(text.p[i] == '#' ? '+' : text.p[i]);
}

static void print_rule(struct json_object *json, struct json_object *rule, size_t nr)
{
	static const char *const directives[NR_OUTCOMES] = { "", "", " # XFAIL ", " # SKIP ", " # error " };
	__cleanup(ks_buf_done) struct ks_buf reasons = { 0 };
	enum outcome outcome = outcome_of(rule);
	struct ks_span rest, line;
	bool is_first = true;

	ks_audit_reasons(json, rule, &reasons);
	printf("%s %zu ", outcome == FAIL || outcome == ERROR ? "not ok" : "ok", nr);
	print_plain(ks_span_str(ks_audit_text_at(rule, "rule")));
	fputs(directives[outcome], stdout);
	rest = ks_buf_span(&reasons);
	while (*directives[outcome] && ks_span_line(&rest, &line)) {
		fputs(is_first ? "" : "; ", stdout);
		print_plain(line);
		is_first = false;
	}
	putchar('\n');
	if (outcome != FAIL)
		return;
	printf("# is %s, wanted %s: %s (%s)\n", ks_audit_effective(rule), ks_audit_text_at(rule, "want"),
	       ks_audit_text_at(rule, "why"), ks_audit_text_at(rule, "place"));
	while (ks_span_line(&rest, &line))
		printf("# %.*s\n", (int)line.bytes, (const char *)line.p);
}

void ks_audit_tap(struct json_object *json)
{
	size_t nr_of[NR_OUTCOMES] = { 0 }, i, nr;
	struct json_object *rules = ks_audit_rows(json, "rules", &nr), *rule;

	printf("TAP version 13\n1..%zu\n", nr);
	for (i = 0; i < nr; i++) {
		rule = json_object_array_get_idx(rules, i);
		print_rule(json, rule, i + 1);
		nr_of[outcome_of(rule)]++;
	}
	printf("# Totals: pass:%zu fail:%zu xfail:%zu xpass:0 skip:%zu error:%zu\n", nr_of[PASS], nr_of[FAIL],
	       nr_of[XFAIL], nr_of[SKIP], nr_of[ERROR]);
}
