/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json-c in few words: what kq writes for programs, and reads back of its own state.
 */
#ifndef KQ_TEXT_JSON_H
#define KQ_TEXT_JSON_H

#include <json-c/json.h>

#include "base/span.h"
#include "text/error.h"

/** kq_json_done() - for __cleanup(); accepts NULL */
void kq_json_done(struct json_object **json);

/**
 * kq_json_str(), kq_json_text(), kq_json_int(), kq_json_bool() - set a key of an object
 *
 * kq_json_text() puts U+FFFD for each byte that is not UTF-8, and ends at a NUL.
 */
void kq_json_str(struct json_object *to, const char *key, const char *text);
void kq_json_text(struct json_object *to, const char *key, struct ks_span text);
void kq_json_int(struct json_object *to, const char *key, int64_t value);
void kq_json_bool(struct json_object *to, const char *key, bool value);

/** kq_json_object(), kq_json_array() - a new one under a key, owned by @to */
struct json_object *kq_json_object(struct json_object *to, const char *key);
struct json_object *kq_json_array(struct json_object *to, const char *key);

/** kq_json_row() - a new object at the end of an array, owned by @to */
struct json_object *kq_json_row(struct json_object *to);

/** kq_json_get() - text of a key. Return: borrowed from @from; "" when it has no such text. */
const char *kq_json_get(struct json_object *from, const char *key);

/** kq_json_get_int() - number of a key, 0 when it has none */
int64_t kq_json_get_int(struct json_object *from, const char *key);

/** kq_json_load() - read a file that kq_json_save() wrote */
int __must_check kq_json_load(const char *path, struct json_object **ret_json,
			      struct kq_error *error);

/** kq_json_save() - indented, all or nothing */
int __must_check kq_json_save(const char *path, struct json_object *json, struct kq_error *error);

#endif
