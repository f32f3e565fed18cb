// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/audit_delta.h"

#include <string.h>

#include "base/cleanup.h"

struct json_object *ks_audit_by_rule(struct json_object *json)
{
	struct json_object *index = ks_json_new(NULL), *rules, *rule;
	size_t i, nr;

	rules = ks_audit_rows(json, "rules", &nr);
	for (i = 0; i < nr; i++) {
		rule = json_object_array_get_idx(rules, i);
		json_object_object_add(index, ks_audit_text_at(rule, "rule"), json_object_get(rule));
	}
	return index;
}

static void add_side(struct json_object *to, const char *key, struct json_object *rule)
{
	struct json_object *side;

	if (!rule) {
		ks_json_str(to, key, NULL);
		return;
	}
	side = ks_json_object(to, key);
	ks_json_str(side, "verdict", ks_audit_text_at(rule, "verdict"));
	ks_json_str(side, "effective", ks_audit_at(rule, "effective") ? ks_audit_text_at(rule, "effective") : NULL);
}

static const char *change_of(struct json_object *old, struct json_object *new)
{
	if (!old || !new)
		return old ? "gone" : "new";
	if (!ks_audit_is(old, "verdict", ks_audit_text_at(new, "verdict")))
		return "verdict";
	return ks_audit_is(old, "effective", ks_audit_text_at(new, "effective")) &&
			       !ks_audit_at(old, "effective") == !ks_audit_at(new, "effective") ?
		       NULL :
		       "value";
}

static void add_delta(struct json_object *rows, struct json_object *old, struct json_object *new)
{
	struct json_object *rule = new ? new : old, *to;
	const char *change = change_of(old, new);

	if (!change)
		return;
	to = ks_json_row(rows);
	ks_json_str(to, "rule", ks_audit_text_at(rule, "rule"));
	ks_json_str(to, "symbol", ks_audit_text_at(rule, "symbol"));
	ks_json_str(to, "want", ks_audit_text_at(rule, "want"));
	ks_json_str(to, "change", change);
	add_side(to, "old", old);
	add_side(to, "new", new);
}

void ks_audit_deltas_json(struct json_object *old, struct json_object *new, struct json_object *rows)
{
	__cleanup(ks_json_free) struct json_object *olds = ks_audit_by_rule(old), *news = ks_audit_by_rule(new);
	struct ks_audit_walk walk;

	for (walk = ks_audit_walk(news); ks_audit_walk_on(&walk);)
		add_delta(rows, ks_audit_at(olds, walk.name), walk.value);
	for (walk = ks_audit_walk(olds); ks_audit_walk_on(&walk);)
		if (!ks_audit_at(news, walk.name))
			add_delta(rows, walk.value, NULL);
}
