// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/shown.h"
#include "cli/screen.h"
#include "cmd/audit.h"

static void print_verdict(const char *verdict)
{
	if (!strcmp(verdict, "fail"))
		fputs(ks_painted(stdout, KS_PAINT_BAD, "FAIL    "), stdout);
	else if (!strcmp(verdict, "unknown"))
		fputs(ks_painted(stdout, KS_PAINT_DOUBT, "unknown "), stdout);
	else
		printf("%-8s", verdict);
}

static void print_reasons(struct json_object *json, struct json_object *rule)
{
	__cleanup(ks_buf_done) struct ks_buf reasons = { 0 };
	struct ks_span rest, line;

	ks_audit_reasons(json, rule, &reasons);
	rest = ks_buf_span(&reasons);
	while (ks_span_line(&rest, &line))
		printf("           %.*s\n", (int)line.bytes, (const char *)line.p);
}

static void print_rule(struct json_object *json, struct json_object *rule)
{
	struct json_object *condition = ks_audit_at(rule, "if"), *sources;
	const char *verdict = ks_audit_text_at(rule, "verdict");
	size_t i, nr;

	print_verdict(verdict);
	printf("   %s", ks_audit_text_at(rule, "symbol"));
	if (strcmp(verdict, "other") != 0 && strcmp(verdict, "unknown") != 0)
		printf(" is %s,", ks_audit_effective(rule));
	printf(" wanted %s", ks_audit_text_at(rule, "want"));
	if (condition)
		printf(" with %s=%s", ks_audit_text_at(condition, "symbol"), ks_audit_text_at(condition, "want"));
	printf("\n           ");
	sources = ks_audit_rows(rule, "sources", &nr);
	for (i = 0; i < nr; i++)
		printf("%s%s", i ? ", " : "", json_object_get_string(json_object_array_get_idx(sources, i)));
	printf(": %s (%s)\n", ks_audit_text_at(rule, "why"), ks_audit_text_at(rule, "place"));
	print_reasons(json, rule);
}

static const char *config_text(struct json_object *kernel)
{
	static const char *const texts[][2] = {
		{ "kernel", "out of the kernel" },
		{ "claimed", "CLAIMED, the kernel has none inside" },
		{ "file", "in this file" },
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(texts); i++)
		if (ks_audit_is(kernel, "config", texts[i][0]))
			return texts[i][1];
	return "NOT THERE: the kernel has none inside, --config was not given";
}

static void print_head(struct json_object *json)
{
	struct json_object *kernel = ks_audit_at(json, "kernel"), *lines, *line, *profile;
	const char *release = ks_audit_text_at(kernel, "release"), *arch = ks_audit_text_at(kernel, "arch");
	size_t i, nr;

	printf("%s: Linux %s, %s, configuration %s\n", ks_shown(ks_audit_text_at(json, "file")),
	       *release ? release : "of an unknown release", *arch ? arch : "of an unknown architecture",
	       config_text(kernel));
	lines = ks_audit_rows(json, "command_lines", &nr);
	for (i = 0; i < nr; i++) {
		line = json_object_array_get_idx(lines, i);
		profile = ks_audit_at(line, "profile");
		printf("  %s", ks_shown(ks_audit_text_at(line, "who")));
		if (profile)
			printf(" of profile %s", json_object_get_string(profile));
		printf(": %s\n", ks_audit_text_at(line, "text"));
		if (ks_audit_at(line, "unread_because"))
			printf("    is not read: %s\n", ks_audit_text_at(line, "unread_because"));
	}
}

/* Nobody shall think that a rule for newer kernels held. */
static void print_other_releases(struct json_object *json, struct json_object *rules, size_t nr)
{
	size_t i, nr_others = 0;

	for (i = 0; i < nr; i++)
		nr_others += ks_audit_is(json_object_array_get_idx(rules, i), "other", "release");
	if (nr_others)
		printf("%zu rules are for other releases than %s and do not apply, --all shows them\n", nr_others,
		       ks_audit_text_at(ks_audit_at(json, "kernel"), "release"));
}

void ks_audit_text(struct json_object *json, bool all)
{
	static const char *const order[] = { "fail", "unknown", "excepted", "needed", "ok", "other" };
	/* Of a kernel without a configuration every rule is unknown, and the head says so. */
	static const bool is_brief[] = { true, false, true, false, false, false };
	struct json_object *counts = ks_audit_at(json, "counts"), *rules, *rule;
	size_t i, n, nr;

	print_head(json);
	rules = ks_audit_rows(json, "rules", &nr);
	for (n = 0; n < KS_ARRAY_SIZE(order); n++)
		for (i = 0; i < nr && (all || is_brief[n]); i++) {
			rule = json_object_array_get_idx(rules, i);
			if (ks_audit_is(rule, "verdict", order[n]))
				print_rule(json, rule);
		}
	ks_artifact_text(json);
	print_other_releases(json, rules, all ? 0 : nr);
	printf("%s: ", ks_shown(ks_audit_text_at(json, "file")));
	for (n = 0; n < KS_ARRAY_SIZE(order); n++)
		printf("%s%s %s", n ? ", " : "", ks_audit_text_at(counts, order[n]), n ? order[n] : "FAIL");
	putchar('\n');
}
