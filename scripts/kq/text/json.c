// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text/json.h"

#include <string.h>

#include "base/file.h"
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

/* Length of the UTF-8 character that @s starts with; 0 if it starts with none. */
static size_t utf8_bytes(struct ks_span s)
{
	static const u8 least[] = { 0, 0, 0x80, 0xa0, 0x90 };
	size_t n = s.p[0] < 0x80		     ? 1
		   : s.p[0] >= 0xc2 && s.p[0] < 0xe0 ? 2
		   : (s.p[0] & 0xf0) == 0xe0	     ? 3
		   : s.p[0] >= 0xf0 && s.p[0] < 0xf5 ? 4
						     : 0;
	size_t i;

	if (!n || n > s.bytes)
		return 0;
	for (i = 1; i < n; i++)
		if ((s.p[i] & 0xc0) != 0x80)
			return 0;
	/* Not longer than needed, no surrogate, not above the last character. */
	if (((s.p[0] & 0x0f) == 0 && n > 2 && s.p[1] < least[n]) ||
	    (s.p[0] == 0xed && s.p[1] > 0x9f) || (s.p[0] == 0xf4 && s.p[1] > 0x8f))
		return 0;
	return n;
}

/* JSON is UTF-8, a patch may be anything. */
void kq_json_text(struct json_object *to, const char *key, struct ks_span text)
{
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };

	while (text.bytes) {
		size_t n = utf8_bytes(text);

		if (n)
			ks_put(&out, kq_head(text, n));
		else
			ks_put_str(&out, "\xef\xbf\xbd");
		text = kq_tail(text, n ? n : 1);
	}
	ks_put_u8(&out, '\0');
	kq_json_str(to, key, out.err ? NULL : (const char *)out.p);
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

int kq_json_load(const char *path, struct json_object **ret_json, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct json_object *json;

	if (ks_file_load(path, MAX_JSON_BYTES, &text, &diag))
		return kq_fail_diag(fault, &diag);
	ks_put_u8(&text, '\0');
	if (ks_buf_ok(&text, &diag))
		return kq_fail_diag(fault, &diag);
	json = json_tokener_parse((const char *)text.p);
	if (!json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		return kq_fail(fault, -EBADMSG, "%s: is no JSON object", path);
	}
	*ret_json = json;
	return 0;
}

int kq_json_save(const char *path, struct json_object *json, struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };
	const char *text = json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	struct ks_span parts[2];

	if (!text)
		return kq_no_memory(fault);
	parts[0] = ks_span_str(text);
	parts[1] = ks_span_str("\n");
	if (ks_file_publish(path, parts, 2, 0644, &diag))
		return kq_fail_diag(fault, &diag);
	return 0;
}
