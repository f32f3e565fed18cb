/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An audit is one JSON document, "kseal/audit/1" (docs/schema); what people and other programs read is made of it.
 */
#ifndef KS_CMD_AUDIT_H
#define KS_CMD_AUDIT_H

#include "cmd/audit_artifact.h"
#include "cmd/json.h"
#include "ops/audit_image.h"

/**
 * struct ks_audit_input - what `kseal audit` was given, and what it made of it
 * @artifact: of a signed kernel, if @has_artifact
 * @is_release: and of the release around it
 * @now: seconds since the epoch
 */
struct ks_audit_input {
	struct ks_policy policy;
	struct ks_needs needs;
	struct ks_exceptions exceptions;
	struct ks_audited audited;
	struct ks_audit audit;
	struct ks_artifact_input artifact;
	bool has_artifact;
	bool is_release;
	u64 now;
};

/** ks_audit_json() - the document of an audit */
struct json_object *ks_audit_json(const struct ks_audit_input *input, const char *what);

/** ks_audit_rule_json() - what the policy says: the keys of a row that no kernel changes */
void ks_audit_rule_json(struct json_object *to, const struct ks_policy_rule *rule);

/** ks_audit_source_json() - a row more of "sources" */
void ks_audit_source_json(struct json_object *sources, const struct ks_policy_source *source);

/** ks_audit_need_name_json(), ks_audit_exception_json(), ks_audit_place_json() - keys of an object */
void ks_audit_need_name_json(struct json_object *to, const struct ks_need *need);
void ks_audit_exception_json(struct json_object *to, const char *path, const struct ks_exception *exception);
void ks_audit_place_json(struct json_object *to, const char *path, u32 line);

/** ks_audit_text() - for people, on stdout; @all: the rules that hold as well */
void ks_audit_text(struct json_object *json, bool all);

/** ks_audit_sarif() - SARIF 2.1.0 of a document: a result for each rule */
struct json_object *ks_audit_sarif(struct json_object *json);

/** ks_audit_tap() - TAP as kselftest's programs write it, on stdout */
void ks_audit_tap(struct json_object *json);

/** ks_audit_at() - a key of an object; NULL if it is null or not there, and for no object */
struct json_object *ks_audit_at(struct json_object *json, const char *key);

/** ks_audit_text_at() - the same as text, "" for none */
const char *ks_audit_text_at(struct json_object *json, const char *key);

/** ks_audit_rows() - a list of a document and its length; 0 if there is none */
struct json_object *ks_audit_rows(struct json_object *json, const char *key, size_t *ret_nr);

/** ks_audit_is() - is the text of a key this one? */
bool ks_audit_is(struct json_object *json, const char *key, const char *text);

/** struct ks_audit_walk - through the keys of an object, in their order, while nobody changes it */
struct ks_audit_walk {
	struct json_object_iterator at, end;
	const char *name;
	struct json_object *value;
};

/** ks_audit_walk() - before the first key of an object */
struct ks_audit_walk ks_audit_walk(struct json_object *json);

/** ks_audit_walk_on() - to the next key. Return: false behind the last one. */
bool ks_audit_walk_on(struct ks_audit_walk *walk);

/** ks_audit_effective() - the value in effect of a row, "not there" without one */
const char *ks_audit_effective(struct json_object *rule);

/**
 * ks_audit_reasons() - why a row has its verdict, beside the value: lines, each with a newline
 * @json: the document that the row is of
 */
void ks_audit_reasons(struct json_object *json, struct json_object *rule, struct ks_buf *out);

#endif
