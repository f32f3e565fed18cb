// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/audit.h"
#include "cmd/sheet.h"

static void add_place(struct json_object *to, const char *path, u32 line)
{
	char place[4200];

	snprintf(place, sizeof(place), "%s:%u", path, line);
	ks_json_str(to, "place", place);
}

/* A list with commas, as an array. */
static void add_list(struct json_object *to, const char *key, struct ks_span list)
{
	struct json_object *array = ks_json_array(to, key);
	struct ks_span item;

	while (ks_text_item(&list, &item))
		json_object_array_add(array, json_object_new_string_len((const char *)item.p, (int)item.bytes));
}

static void add_levels(struct json_object *to, unsigned int levels)
{
	static const char *const names[] = { "config", "artifact", "runtime" };
	struct json_object *array = ks_json_array(to, "levels");
	unsigned int i;

	for (i = 0; i < KS_ARRAY_SIZE(names); i++)
		if (levels & 1U << i)
			ks_json_word(array, names[i]);
}

/* A VALUE of the policy, as its line has it. */
static void add_want(struct json_object *to, const char *key, const struct ks_policy_want *want)
{
	static const char *const before[] = {
		[KS_POLICY_AT_LEAST] = ">=",
		[KS_POLICY_AT_MOST] = "<=",
		[KS_POLICY_CONTAINS] = "contains ",
		[KS_POLICY_ONE_OF] = "one-of ",
	};
	char text[KS_MAX_POLICY_LINE_BYTES + 16];

	snprintf(text, sizeof(text), "%s%.*s",
		 want->op < KS_ARRAY_SIZE(before) && before[want->op] ? before[want->op] : "", KS_FMT(want->text));
	ks_json_str(to, key, text);
}

static void add_condition(struct json_object *to, const struct ks_policy_rule *rule)
{
	struct json_object *row;

	if (!rule->if_symbol.bytes) {
		ks_json_str(to, "if", NULL);
		return;
	}
	row = ks_json_object(to, "if");
	ks_json_text(row, "symbol", rule->if_symbol);
	add_want(row, "want", &rule->if_want);
}

static void add_optional(struct json_object *to, const char *key, struct ks_span text)
{
	if (text.bytes)
		ks_json_text(to, key, text);
	else
		ks_json_str(to, key, NULL);
}

/* configs/needs/cilium.need is "cilium" */
static void add_need(struct json_object *to, const struct ks_need *need)
{
	const char *slash;
	struct json_object *row;
	struct ks_span name;

	if (!need) {
		ks_json_str(to, "need", NULL);
		return;
	}
	row = ks_json_object(to, "need");
	slash = strrchr(need->path, '/');
	name = ks_span_str(slash ? slash + 1 : need->path);
	if (ks_span_ends_with(name, ks_span_str(".need")))
		name.bytes -= strlen(".need");
	ks_json_text(row, "name", name);
	add_place(row, need->path, need->line);
}

static void add_exception(struct json_object *to, const char *path, const struct ks_exception *exception)
{
	struct json_object *row;

	if (!exception) {
		ks_json_str(to, "exception", NULL);
		return;
	}
	row = ks_json_object(to, "exception");
	ks_json_text(row, "until", exception->until_text);
	ks_json_text(row, "owner", exception->owner);
	ks_json_text(row, "why", exception->why);
	add_place(row, path, exception->line);
}

static void add_row(struct json_object *rules, const struct ks_audit_input *input, const struct ks_audit_row *row)
{
	struct json_object *to = ks_json_row(rules);
	const struct ks_policy_rule *rule = row->rule;

	ks_json_text(to, "symbol", rule->symbol);
	add_want(to, "want", &rule->want);
	add_condition(to, rule);
	ks_json_str(to, "verdict", ks_audit_verdict_name(row->verdict));
	add_optional(to, "config", row->config);
	ks_json_bool(to, "named", row->is_named);
	add_optional(to, "effective", row->effective);
	ks_json_str(to, "line", row->line ? row->line->who : NULL);
	add_optional(to, "word", row->word);
	add_optional(to, "refused", row->refused);
	add_need(to, row->need);
	add_exception(to, input->exceptions.path, row->exception);
	add_list(to, "sources", rule->sources);
	add_levels(to, rule->levels);
	ks_json_text(to, "why", rule->why);
	add_place(to, rule->path, rule->line);
}

static void add_kernel(struct json_object *json, const struct ks_audited *audited)
{
	static const char *const sources[] = {
		[KS_AUDIT_NO_CONFIG] = "none",
		[KS_AUDIT_OF_KERNEL] = "kernel",
		[KS_AUDIT_CLAIMED] = "claimed",
		[KS_AUDIT_OF_FILE] = "file",
	};
	struct json_object *to = ks_json_object(json, "kernel");

	add_optional(to, "release", audited->release);
	add_optional(to, "arch", audited->subject.arch);
	ks_json_str(to, "config", sources[audited->source]);
	if (audited->source == KS_AUDIT_NO_CONFIG)
		ks_json_str(to, "config_sha256", NULL);
	else
		ks_json_hex(to, "config_sha256", ks_digest_span(&audited->config_sha256));
}

static void add_lines(struct json_object *json, const struct ks_audit_subject *subject)
{
	struct json_object *array = ks_json_array(json, "command_lines"), *to;
	size_t i;

	for (i = 0; i < subject->nr_lines; i++) {
		to = ks_json_row(array);
		ks_json_name(to, "who", subject->line[i].who);
		ks_json_text(to, "text", subject->line[i].text);
		ks_json_bool(to, "signed", subject->line[i].is_signed);
	}
}

static void add_sources(struct json_object *json, const struct ks_policy *policy)
{
	struct json_object *array = ks_json_array(json, "sources"), *to;
	size_t i;

	for (i = 0; i < policy->nr_sources; i++) {
		to = ks_json_row(array);
		ks_json_text(to, "word", policy->source[i].word);
		ks_json_text(to, "document", policy->source[i].document);
	}
}

int ks_audit_json(const struct ks_audit_input *input, const char *what, struct json_object **ret_json,
		  struct ks_diag *diag)
{
	const struct ks_audit *audit = &input->audit;
	struct json_object *json = ks_json_new("kseal/audit/1"), *to;
	size_t i;

	*ret_json = json;
	ks_json_str(json, "what", what);
	ks_json_name(json, "file", input->audited.path);
	add_optional(json, "sku", input->audited.subject.sku);
	to = ks_json_array(json, "policies");
	for (i = 0; i < input->policy.nr_files; i++)
		ks_json_word(to, input->policy.path[i]);
	add_sources(json, &input->policy);
	add_kernel(json, &input->audited);
	add_lines(json, &input->audited.subject);
	to = ks_json_object(json, "counts");
	for (i = 0; i < KS_AUDIT_NR; i++)
		ks_json_int(to, ks_audit_verdict_name((enum ks_audit_verdict)i), audit->nr_of[i]);
	to = ks_json_array(json, "rules");
	for (i = 0; i < audit->nr; i++)
		add_row(to, input, &audit->row[i]);
	return input->has_artifact ? ks_artifact_json(json, &input->artifact.artifact, input->now, diag) : 0;
}
