// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/shown.h"
#include "cmd/verbs.h"

void ks_json_free(struct json_object **json)
{
	json_object_put(*json);
	*json = NULL;
}

void ks_json_str(struct json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, text ? json_object_new_string(text) : NULL);
}

void ks_json_int(struct json_object *to, const char *key, u64 value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

void ks_json_bool(struct json_object *to, const char *key, bool value)
{
	json_object_object_add(to, key, json_object_new_boolean(value));
}

struct json_object *ks_json_array(struct json_object *to, const char *key)
{
	struct json_object *array = json_object_new_array();

	json_object_object_add(to, key, array);
	return array;
}

struct json_object *ks_json_row(struct json_object *to)
{
	struct json_object *row = json_object_new_object();

	json_object_array_add(to, row);
	return row;
}

void ks_json_print(struct json_object *json)
{
	const char *text = json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	__cleanup(ks_free_str) char *shown = text ? strdup(text) : NULL;

	if (!shown) {
		fputs("kseal: out of memory\n", stderr);
		exit(KS_EXIT_FAILED);
	}
	/* json-c writes DEL, U+0080 to U+009F and what is not UTF-8 as they are. */
	ks_make_shown(shown, true);
	puts(shown);
}
