// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/shown.h"
#include "cmd/verbs.h"

_Noreturn static void no_memory(void)
{
	fputs("kseal: out of memory\n", stderr);
	exit(KS_EXIT_FAILED);
}

static void add(struct json_object *to, const char *key, struct json_object *value)
{
	if (!value || json_object_object_add(to, key, value))
		no_memory();
}

static void append(struct json_object *to, struct json_object *value)
{
	if (!value || json_object_array_add(to, value))
		no_memory();
}

struct json_object *ks_json_new(const char *schema)
{
	struct json_object *json = json_object_new_object();

	if (!json)
		no_memory();
	if (schema)
		ks_json_str(json, "schema", schema);
	return json;
}

/* An audit has a row of a list of objects with an object in it; deeper than this is no document of ours. */
#define MAX_DEPTH 16

static int parse(struct ks_span text, struct json_object **ret_json, struct ks_diag *diag)
{
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	enum json_tokener_error err;

	if (!tokener)
		no_memory();
	text = ks_span_trim(text);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*ret_json = json_tokener_parse_ex(tokener, (const char *)text.p, (int)text.bytes);
	err = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	return err == json_tokener_success ? 0 : ks_fail_detail(diag, -EBADMSG, "is not JSON", json_tokener_error_desc(err));
}

int ks_json_load(const char *path, const char *schema, struct json_object **ret_json, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct json_object *said = NULL;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);

	rc = rc ? rc : parse(ks_buf_span(&text), ret_json, diag);
	if (!rc && (!json_object_is_type(*ret_json, json_type_object) ||
		    !json_object_object_get_ex(*ret_json, "schema", &said) ||
		    !json_object_is_type(said, json_type_string) || strcmp(json_object_get_string(said), schema) != 0))
		rc = ks_fail_detail(diag, -EBADMSG, "JSON is not a document that says its schema is", schema);
	ks_diag_in(diag, path);
	return rc;
}

void ks_json_free(struct json_object **json)
{
	json_object_put(*json);
	*json = NULL;
}

void ks_json_str(struct json_object *to, const char *key, const char *text)
{
	if (text)
		add(to, key, json_object_new_string(text));
	else if (json_object_object_add(to, key, NULL))
		no_memory();
}

void ks_json_int(struct json_object *to, const char *key, u64 value)
{
	add(to, key, json_object_new_uint64(value));
}

void ks_json_bool(struct json_object *to, const char *key, bool value)
{
	add(to, key, json_object_new_boolean(value));
}

void ks_json_hex(struct json_object *to, const char *key, struct ks_span bytes)
{
	__cleanup(ks_free_str) char *hex = malloc(2 * bytes.bytes + 1);

	if (!hex)
		no_memory();
	ks_hex(bytes, hex, 2 * bytes.bytes + 1);
	ks_json_str(to, key, hex);
}

/* Does @name come out of JSON as it went in? Control characters below U+0020 are escaped there. */
static bool is_exact(const char *name)
{
	struct json_object *value = json_object_new_string(name);
	const char *text = value ? json_object_to_json_string(value) : NULL;
	__cleanup(ks_free_str) char *shown = text ? strdup(text) : NULL;
	bool exact;

	if (!shown)
		no_memory();
	ks_make_shown(shown, false);
	exact = !strcmp(shown, text);
	json_object_put(value);
	return exact;
}

void ks_json_name(struct json_object *to, const char *key, const char *name)
{
	__cleanup(ks_free_str) char *shown = NULL, *hex_key = NULL;

	if (is_exact(name)) {
		ks_json_str(to, key, name);
		return;
	}
	shown = strdup(name);
	if (!shown || asprintf(&hex_key, "%s_hex", key) < 0)
		no_memory();
	ks_make_shown(shown, true);
	ks_json_str(to, key, shown);
	ks_json_hex(to, hex_key, ks_span_str(name));
}

struct json_object *ks_json_array(struct json_object *to, const char *key)
{
	struct json_object *array = json_object_new_array();

	add(to, key, array);
	return array;
}

struct json_object *ks_json_object(struct json_object *to, const char *key)
{
	struct json_object *object = json_object_new_object();

	add(to, key, object);
	return object;
}

struct json_object *ks_json_row(struct json_object *to)
{
	struct json_object *row = json_object_new_object();

	append(to, row);
	return row;
}

void ks_json_word(struct json_object *to, const char *text)
{
	append(to, json_object_new_string(text));
}

void ks_json_errors(struct json_object *to, const struct ks_diag *diag)
{
	struct json_object *errors = ks_json_array(to, "errors"), *row;
	char line[1024];

	if (!diag->err)
		return;
	row = ks_json_row(errors);
	ks_diag_format(diag, line, sizeof(line));
	ks_json_str(row, "text", line);
	ks_json_str(row, "what", diag->what);
	ks_json_str(row, "detail", diag->detail[0] ? diag->detail : NULL);
	ks_json_str(row, "errno", ks_errno_name(diag->err));
	if (diag->off == KS_NO_OFF)
		ks_json_str(row, "offset", NULL);
	else
		ks_json_int(row, "offset", diag->off);
}

void ks_json_choice(struct json_object *to, const struct ks_uki_choice *choice)
{
	size_t k;

	for (k = 0; k < KS_UKI_NR_PICKED; k++) {
		/* Without its dot. */
		const char *key = ks_uki_table[ks_uki_picked[k]].name + 1;

		if (choice->nr[k])
			ks_json_int(to, key, choice->nr[k]);
		else
			ks_json_str(to, key, NULL);
	}
}

void ks_json_put(struct json_object *json, struct ks_buf *out)
{
	const char *text = json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	__cleanup(ks_free_str) char *shown = text ? strdup(text) : NULL;

	if (!shown)
		no_memory();
	/* json-c writes DEL, U+0080 to U+009F and what is not UTF-8 as they are. */
	ks_make_shown(shown, true);
	ks_put_str(out, shown);
	ks_put_u8(out, '\n');
	if (out->err)
		no_memory();
}

void ks_json_print(struct json_object *json)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };

	ks_json_put(json, &text);
	fwrite(text.p, 1, text.bytes, stdout);
}
