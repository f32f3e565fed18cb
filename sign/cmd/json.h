/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One JSON document on stdout, for --json. docs/json.md has the names that all documents share,
 * docs/schema what each of them holds.
 *
 * Without memory the program ends: a document that lacks something says something else.
 */
#ifndef KS_CMD_JSON_H
#define KS_CMD_JSON_H

#include <json-c/json.h>

#include "base/buf.h"
#include "base/diag.h"
#include "ops/uki_sections.h"

/** ks_json_new() - a document; @schema: "kseal/module-show/1", NULL for one in the form of others */
struct json_object *ks_json_new(const char *schema);

/**
 * ks_json_load() - read a document of ours
 * @schema: that it has to be of
 * @ret_json: ks_json_free(), also after a failure
 *
 * Return: 0; -EBADMSG if the file is not one JSON object that says @schema; as ks_file_load(). @diag names the file.
 */
int __must_check ks_json_load(const char *path, const char *schema, struct json_object **ret_json, struct ks_diag *diag);

/** ks_json_free() - for __cleanup(); accepts NULL */
void ks_json_free(struct json_object **json);

/** ks_json_str(), ks_json_int(), ks_json_bool() - set a key; a NULL text is null */
void ks_json_str(struct json_object *to, const char *key, const char *text);
void ks_json_int(struct json_object *to, const char *key, u64 value);
void ks_json_bool(struct json_object *to, const char *key, bool value);

/** ks_json_hex() - set a key to bytes in hex */
void ks_json_hex(struct json_object *to, const char *key, struct ks_span bytes);

/**
 * ks_json_name() - set a key to the name of a file
 *
 * JSON is UTF-8, file names are bytes: what is not UTF-8, or would steer a terminal, becomes '?', and
 * "<key>_hex" has all.
 */
void ks_json_name(struct json_object *to, const char *key, const char *name);

/** ks_json_array(), ks_json_object() - a new one under a key, owned by @to */
struct json_object *ks_json_array(struct json_object *to, const char *key);
struct json_object *ks_json_object(struct json_object *to, const char *key);

/** ks_json_row() - a new object at the end of an array, owned by @to */
struct json_object *ks_json_row(struct json_object *to);

/** ks_json_word() - a text at the end of an array */
void ks_json_word(struct json_object *to, const char *text);

/** ks_json_errors() - the array "errors": empty if nothing failed */
void ks_json_errors(struct json_object *to, const struct ks_diag *diag);

/** ks_json_choice() - "dtbauto" and "efifw": the number of what a stub picked, or null */
void ks_json_choice(struct json_object *to, const struct ks_uki_choice *choice);

/** ks_json_put() - append it, indented, with a newline */
void ks_json_put(struct json_object *json, struct ks_buf *out);

/** ks_json_print() - write it, indented, with a newline */
void ks_json_print(struct json_object *json);

#endif
