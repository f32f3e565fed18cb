// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <string.h>

#include "base/shown.h"
#include "base/text.h"
#include "cmd/audit.h"
#include "cmd/sheet.h"

#define WANT_BYTES (KS_MAX_POLICY_LINE_BYTES + 16)

void ks_audit_place_json(struct json_object *to, const char *path, u32 line)
{
	char place[4200];

	snprintf(place, sizeof(place), "%s:%u", path, line);
	ks_json_text(to, "place", ks_span_str(place));
}

/* A list with commas, as an array; a word of a policy is plain text. */
static void add_list(struct json_object *to, const char *key, struct ks_span list)
{
	struct json_object *array = ks_json_array(to, key);
	char word[KS_MAX_POLICY_LINE_BYTES + 1];
	struct ks_span item;

	while (ks_text_item(&list, &item)) {
		snprintf(word, sizeof(word), "%.*s", KS_FMT(item));
		ks_json_word(array, word);
	}
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
static void format_want(const struct ks_policy_want *want, char *text, size_t bytes)
{
	static const char *const before[] = {
		[KS_POLICY_AT_LEAST] = ">=",
		[KS_POLICY_AT_MOST] = "<=",
		[KS_POLICY_CONTAINS] = "contains ",
		[KS_POLICY_ONE_OF] = "one-of ",
	};
	const char *quote = want->is_quoted ? "\"" : "";

	snprintf(text, bytes, "%s%s%.*s%s", want->op < KS_ARRAY_SIZE(before) && before[want->op] ? before[want->op] : "",
		 quote, KS_FMT(want->text), quote);
}

static void add_want(struct json_object *to, const char *key, const struct ks_policy_want *want)
{
	char text[WANT_BYTES];

	format_want(want, text, sizeof(text));
	ks_json_text(to, key, ks_span_str(text));
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

static void add_release(struct json_object *to, const char *key, struct ks_policy_release release)
{
	char text[16];

	snprintf(text, sizeof(text), "%u.%u", release.major, release.minor);
	ks_json_str(to, key, release.major ? text : NULL);
}

/* "SYMBOL", and what tells the rule from others of the symbol: they have to differ in one of these. */
static void add_name(struct json_object *to, const struct ks_policy_rule *rule)
{
	char name[3 * WANT_BYTES], want[WANT_BYTES], since[32] = "", until[32] = "";

	format_want(&rule->if_want, want, sizeof(want));
	if (rule->since.major)
		snprintf(since, sizeof(since), " since %u.%u", rule->since.major, rule->since.minor);
	if (rule->until.major)
		snprintf(until, sizeof(until), " until %u.%u", rule->until.major, rule->until.minor);
	snprintf(name, sizeof(name), "%.*s%s%.*s%s%s%s%s%s%.*s", KS_FMT(rule->symbol), rule->if_symbol.bytes ? " if " : "",
		 KS_FMT(rule->if_symbol), rule->if_symbol.bytes ? "=" : "", rule->if_symbol.bytes ? want : "", since, until,
		 rule->arches.bytes ? " on " : "", KS_FMT(rule->arches));
	ks_json_text(to, "rule", ks_span_str(name));
}

void ks_audit_rule_json(struct json_object *to, const struct ks_policy_rule *rule)
{
	add_name(to, rule);
	ks_json_text(to, "symbol", rule->symbol);
	add_want(to, "want", &rule->want);
	add_condition(to, rule);
	add_optional(to, "was", rule->was);
	add_release(to, "since", rule->since);
	add_release(to, "until", rule->until);
	add_list(to, "arches", rule->arches);
	add_list(to, "sources", rule->sources);
	add_levels(to, rule->levels);
	ks_json_text(to, "why", rule->why);
	ks_audit_place_json(to, rule->path, rule->line);
}

void ks_audit_need_name_json(struct json_object *to, const struct ks_need *need)
{
	ks_json_text(to, "name", ks_need_name(need));
	ks_audit_place_json(to, need->path, need->line);
}

static void add_need(struct json_object *to, const struct ks_need *need)
{
	if (need)
		ks_audit_need_name_json(ks_json_object(to, "need"), need);
	else
		ks_json_str(to, "need", NULL);
}

void ks_audit_exception_json(struct json_object *to, const char *path, const struct ks_exception *exception)
{
	ks_json_text(to, "until", exception->until_text);
	ks_json_text(to, "owner", exception->owner);
	ks_json_text(to, "why", exception->why);
	ks_audit_place_json(to, path, exception->line);
}

static void add_exception(struct json_object *to, const char *path, const struct ks_exception *exception)
{
	if (exception)
		ks_audit_exception_json(ks_json_object(to, "exception"), path, exception);
	else
		ks_json_str(to, "exception", NULL);
}

static void add_row(struct json_object *rules, const struct ks_audit_input *input, const struct ks_audit_row *row)
{
	static const char *const others[] = {
		[KS_AUDIT_OTHER_ARCH] = "architecture",
		[KS_AUDIT_OTHER_RELEASE] = "release",
		[KS_AUDIT_OTHER_CONDITION] = "condition",
	};
	bool is_read = row->verdict != KS_AUDIT_OTHER && row->verdict != KS_AUDIT_UNKNOWN;
	struct json_object *to = ks_json_row(rules);

	ks_audit_rule_json(to, row->rule);
	ks_json_str(to, "verdict", ks_audit_verdict_name(row->verdict));
	ks_json_str(to, "other", row->other ? others[row->other] : NULL);
	ks_json_str(to, "config", NULL);
	ks_json_str(to, "effective", NULL);
	if (is_read && row->is_named)
		ks_json_text(to, "config", row->config);
	if (is_read && (row->is_named || row->line))
		ks_json_text(to, "effective", row->effective);
	add_optional(to, "line", ks_span_str(row->line ? row->line->who : ""));
	add_optional(to, "word", row->word);
	add_optional(to, "refused", row->refused);
	add_optional(to, "unread", row->unread);
	ks_json_str(to, "unread_because", row->unread_line ? row->unread_line->unread : NULL);
	add_need(to, row->need);
	add_exception(to, input->exceptions.path, row->exception);
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
	if (audited->source == KS_AUDIT_NO_CONFIG)
		ks_json_str(to, "guard", NULL);
	else
		ks_json_bool(to, "guard", audited->subject.has_guard);
}

static void add_lines(struct json_object *json, const struct ks_audit_subject *subject)
{
	struct json_object *array = ks_json_array(json, "command_lines"), *to;
	const struct ks_audit_line *line;

	for (line = subject->line; line < subject->line + subject->nr_lines; line++) {
		to = ks_json_row(array);
		ks_json_name(to, "who", line->who);
		ks_json_text(to, "text", line->text);
		ks_json_bool(to, "signed", line->is_signed);
		if (line->profile == KS_AUDIT_ALL_PROFILES)
			ks_json_str(to, "profile", NULL);
		else
			ks_json_int(to, "profile", line->profile);
		ks_json_str(to, "unread_because", line->unread);
	}
}

void ks_audit_source_json(struct json_object *sources, const struct ks_policy_source *source)
{
	struct json_object *to = ks_json_row(sources);

	ks_json_text(to, "word", source->word);
	ks_json_text(to, "document", source->document);
}

struct json_object *ks_audit_json(const struct ks_audit_input *input, const char *what)
{
	const struct ks_audit *audit = &input->audit;
	struct json_object *json = ks_json_new("kseal/audit/1"), *to;
	size_t i;

	ks_json_str(json, "what", what);
	ks_json_name(json, "file", input->audited.path);
	add_optional(json, "sku", input->audited.subject.sku);
	to = ks_json_array(json, "policies");
	for (i = 0; i < input->policy.nr_files; i++)
		ks_json_word(to, ks_shown(input->policy.path[i]));
	to = ks_json_array(json, "sources");
	for (i = 0; i < input->policy.nr_sources; i++)
		ks_audit_source_json(to, &input->policy.source[i]);
	add_kernel(json, &input->audited);
	add_lines(json, &input->audited.subject);
	to = ks_json_object(json, "counts");
	for (i = 0; i < KS_AUDIT_NR; i++)
		ks_json_int(to, ks_audit_verdict_name((enum ks_audit_verdict)i), audit->nr_of[i]);
	to = ks_json_array(json, "rules");
	for (i = 0; i < audit->nr; i++)
		add_row(to, input, &audit->row[i]);
	return json;
}
