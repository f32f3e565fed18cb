// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/audit.h"

struct json_object *ks_audit_at(struct json_object *json, const char *key)
{
	struct json_object *value = NULL;

	if (json_object_is_type(json, json_type_object))
		(void)json_object_object_get_ex(json, key, &value);
	return value;
}

const char *ks_audit_text_at(struct json_object *json, const char *key)
{
	struct json_object *value = ks_audit_at(json, key);
	const char *text = value ? json_object_get_string(value) : NULL;

	return text ? text : "";
}

struct json_object *ks_audit_rows(struct json_object *json, const char *key, size_t *ret_nr)
{
	struct json_object *rows = ks_audit_at(json, key);

	*ret_nr = json_object_is_type(rows, json_type_array) ? json_object_array_length(rows) : 0;
	return rows;
}

bool ks_audit_is(struct json_object *json, const char *key, const char *text)
{
	return !strcmp(ks_audit_text_at(json, key), text);
}

struct ks_audit_walk ks_audit_walk(struct json_object *json)
{
	return (struct ks_audit_walk){ .at = json_object_iter_begin(json), .end = json_object_iter_end(json) };
}

bool ks_audit_walk_on(struct ks_audit_walk *walk)
{
	if (json_object_iter_equal(&walk->at, &walk->end))
		return false;
	walk->name = json_object_iter_peek_name(&walk->at);
	walk->value = json_object_iter_peek_value(&walk->at);
	json_object_iter_next(&walk->at);
	return true;
}

const char *ks_audit_effective(struct json_object *rule)
{
	return ks_audit_at(rule, "effective") ? ks_audit_text_at(rule, "effective") : "not there";
}

__attribute__((format(printf, 2, 3))) static void put(struct ks_buf *out, const char *format, ...)
{
	__cleanup(ks_free_str) char *line = NULL;
	va_list args;
	int bytes;

	va_start(args, format);
	bytes = vasprintf(&line, format, args);
	va_end(args);
	if (bytes < 0) {
		line = NULL;
		out->err = -ENOMEM;
		return;
	}
	ks_put_str(out, line);
	ks_put_u8(out, '\n');
}

/* The rule is for other kernels: for which. */
static void put_other(struct json_object *json, struct json_object *rule, struct ks_buf *out)
{
	struct json_object *kernel = ks_audit_at(json, "kernel"), *condition = ks_audit_at(rule, "if");
	const char *since = ks_audit_text_at(rule, "since"), *until = ks_audit_text_at(rule, "until");
	const char *release = ks_audit_text_at(kernel, "release"), *arch = ks_audit_text_at(kernel, "arch");

	if (ks_audit_is(rule, "other", "condition"))
		put(out, "asked for only with %s=%s", ks_audit_text_at(condition, "symbol"),
		    ks_audit_text_at(condition, "want"));
	else if (ks_audit_is(rule, "other", "release"))
		put(out, "for releases%s%s%s%s, and this is %s: the rule does not apply", *since ? " since " : "", since,
		    *until ? " until " : "", until, release);
	else
		put(out, "for another architecture than %s: the rule does not apply", arch);
}

void ks_audit_reasons(struct json_object *json, struct json_object *rule, struct ks_buf *out)
{
	struct json_object *need = ks_audit_at(rule, "need"), *exception = ks_audit_at(rule, "exception");
	const char *word = ks_audit_text_at(rule, "word"), *line = ks_audit_text_at(rule, "line");

	if (*word)
		put(out, "%s says %s, the configuration %s", line, word,
		    ks_audit_at(rule, "config") ? ks_audit_text_at(rule, "config") : "nothing");
	if (*ks_audit_text_at(rule, "refused"))
		put(out, "%s of the boot loader is refused by the kernel under Secure Boot",
		    ks_audit_text_at(rule, "refused"));
	if (*ks_audit_text_at(rule, "unread"))
		put(out, "%s is not read: %s", ks_audit_text_at(rule, "unread"),
		    ks_audit_text_at(rule, "unread_because"));
	if (need)
		put(out, "needed by %s (%s)", ks_audit_text_at(need, "name"), ks_audit_text_at(need, "place"));
	if (exception)
		put(out, "until %s, %s: %s (%s)", ks_audit_text_at(exception, "until"),
		    ks_audit_text_at(exception, "owner"), ks_audit_text_at(exception, "why"),
		    ks_audit_text_at(exception, "place"));
	if (ks_audit_is(rule, "verdict", "unknown"))
		put(out, "there is no configuration to tell by");
	if (ks_audit_at(rule, "other"))
		put_other(json, rule, out);
}
