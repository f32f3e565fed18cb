// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "cli/screen.h"
#include "cmd/audit.h"
#include "cmd/sheet.h"

static struct json_object *at(struct json_object *json, const char *key)
{
	return json_object_object_get(json, key);
}

static const char *text_at(struct json_object *json, const char *key)
{
	const char *text = json ? json_object_get_string(at(json, key)) : NULL;

	return text ? text : "";
}

static const char *painted(const char *verdict)
{
	if (!strcmp(verdict, "fail"))
		return ks_painted(stdout, KS_PAINT_BAD, "FAIL    ");
	if (!strcmp(verdict, "unknown"))
		return ks_painted(stdout, KS_PAINT_DOUBT, "unknown ");
	return NULL;
}

/* Why a rule that does not hold may do so, or what made it fail. */
static void print_reason(struct json_object *rule)
{
	struct json_object *need = at(rule, "need"), *exception = at(rule, "exception");

	if (need)
		printf("           needed by %s (%s)\n", text_at(need, "name"), text_at(need, "place"));
	if (exception)
		printf("           until %s, %s: %s (%s)\n", text_at(exception, "until"), text_at(exception, "owner"),
		       text_at(exception, "why"), text_at(exception, "place"));
	if (at(rule, "word"))
		printf("           %s says %s, the configuration %s\n", text_at(rule, "line"), text_at(rule, "word"),
		       text_at(rule, "config"));
	if (at(rule, "refused"))
		printf("           %s of the boot loader is refused by the kernel under Secure Boot\n",
		       text_at(rule, "refused"));
}

static void print_rule(struct json_object *rule)
{
	const char *verdict = text_at(rule, "verdict"), *paint = painted(verdict);
	struct json_object *condition = at(rule, "if"), *sources = at(rule, "sources");
	size_t i;

	if (paint)
		fputs(paint, stdout);
	else
		printf("%-8s", verdict);
	printf("   %s is %s, wanted %s", text_at(rule, "symbol"),
	       json_object_get_boolean(at(rule, "named")) || at(rule, "line") ? text_at(rule, "effective") :
										 "not there",
	       text_at(rule, "want"));
	if (condition)
		printf(" with %s=%s", text_at(condition, "symbol"), text_at(condition, "want"));
	printf("\n           ");
	for (i = 0; i < json_object_array_length(sources); i++)
		printf("%s%s", i ? ", " : "", json_object_get_string(json_object_array_get_idx(sources, i)));
	printf(": %s (%s)\n", text_at(rule, "why"), text_at(rule, "place"));
	print_reason(rule);
}

static void print_head(struct json_object *json)
{
	struct json_object *kernel = at(json, "kernel"), *lines = at(json, "command_lines");
	const char *config = text_at(kernel, "config");
	size_t i;

	printf("%s: Linux %s, %s, configuration %s\n", ks_shown(text_at(json, "file")),
	       *text_at(kernel, "release") ? text_at(kernel, "release") : "of an unknown release",
	       *text_at(kernel, "arch") ? text_at(kernel, "arch") : "of an unknown architecture",
	       !strcmp(config, "kernel")  ? "out of the kernel" :
	       !strcmp(config, "claimed") ? "CLAIMED, the kernel has none inside" :
	       !strcmp(config, "file")	  ? "in this file" :
					    "NOT THERE: the kernel has none inside, --config was not given");
	for (i = 0; i < json_object_array_length(lines); i++) {
		struct json_object *line = json_object_array_get_idx(lines, i);

		printf("  %s: %s\n", ks_shown(text_at(line, "who")), text_at(line, "text"));
	}
}

void ks_audit_text(struct json_object *json, bool all)
{
	struct json_object *rules = at(json, "rules"), *counts = at(json, "counts");
	static const char *const order[] = { "fail", "unknown", "excepted", "needed", "ok", "other" };
	size_t i, n;

	print_head(json);
	for (n = 0; n < (all ? KS_ARRAY_SIZE(order) : 3U); n++)
		for (i = 0; i < json_object_array_length(rules); i++) {
			struct json_object *rule = json_object_array_get_idx(rules, i);

			if (!strcmp(text_at(rule, "verdict"), order[n]))
				print_rule(rule);
		}
	ks_artifact_text(json);
	printf("%s: ", ks_shown(text_at(json, "file")));
	for (n = 0; n < KS_ARRAY_SIZE(order); n++)
		printf("%s%s %s", n ? ", " : "", text_at(counts, order[n]), order[n]);
	putchar('\n');
}
