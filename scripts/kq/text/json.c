// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/json.h"

#include <string.h>

#include <glib.h>

#include "base/file.h"
#include "text/file.h"
#include "text/text.h"

/* The plan of 32,768 patches has some 4 MiB. */
#define MAX_JSON_BYTES (64ULL << 20)

void kq_json_done(struct json_object **json)
{
	json_object_put(*json);
	*json = NULL;
}

void kq_json_str(struct json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, text ? json_object_new_string(text) : NULL);
}

/* JSON is UTF-8, a patch may be anything. */
void kq_json_text(struct json_object *to, const char *key, struct ks_span text)
{
	const char *chars = text.bytes ? (const char *)text.p : "";
	char *valid = g_utf8_make_valid(chars, (gssize)strnlen(chars, text.bytes));

	kq_json_str(to, key, valid);
	g_free(valid);
}

void kq_json_int(struct json_object *to, const char *key, int64_t value)
{
	json_object_object_add(to, key, json_object_new_int64(value));
}

void kq_json_bool(struct json_object *to, const char *key, bool value)
{
	json_object_object_add(to, key, json_object_new_boolean(value));
}

struct json_object *kq_json_object(struct json_object *to, const char *key)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(to, key, object);
	return object;
}

struct json_object *kq_json_array(struct json_object *to, const char *key)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(to, key, array);
	return array;
}

struct json_object *kq_json_row(struct json_object *to)
{
	struct json_object *row = json_object_new_object();

	json_object_array_add(to, row);
	return row;
}

const char *kq_json_get(struct json_object *from, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(from, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

int64_t kq_json_get_int(struct json_object *from, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(from, key, &value) ||
	    !json_object_is_type(value, json_type_int))
		return 0;
	return json_object_get_int64(value);
}

int kq_json_load(const char *path, struct json_object **ret_json, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct json_object *json;

	if (ks_file_load(path, MAX_JSON_BYTES, &text, &diag))
		return kq_fail_diag(error, &diag);
	ks_put_u8(&text, '\0');
	if (kq_buf_check(&text, error))
		return error->err;
	json = json_tokener_parse((const char *)text.p);
	if (!json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		return kq_fail(error, -EBADMSG, "%s: is not a JSON object", path);
	}
	*ret_json = json;
	return 0;
}

int kq_json_save(const char *path, struct json_object *json, struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	const char *text = json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	struct ks_span parts[2];

	if (!text)
		return kq_no_memory(error);
	parts[0] = ks_span_str(text);
	parts[1] = ks_span_str("\n");
	if (ks_file_publish(path, parts, 2, 0644, &diag))
		return kq_fail_diag(error, &diag);
	return 0;
}
