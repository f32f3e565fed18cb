/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One JSON document on stdout, for --json.
 */
#ifndef KS_CMD_JSON_H
#define KS_CMD_JSON_H

#include <json-c/json.h>

#include "base/diag.h"

/** ks_json_free() - for __cleanup(); accepts NULL */
void ks_json_free(struct json_object **json);

/** ks_json_str(), ks_json_int(), ks_json_bool() - set a key; a NULL text is null */
void ks_json_str(struct json_object *to, const char *key, const char *text);
void ks_json_int(struct json_object *to, const char *key, u64 value);
void ks_json_bool(struct json_object *to, const char *key, bool value);

/** ks_json_array() - a new array under a key, owned by @to */
struct json_object *ks_json_array(struct json_object *to, const char *key);

/** ks_json_row() - a new object at the end of an array, owned by @to */
struct json_object *ks_json_row(struct json_object *to);

/** ks_json_print() - write it, indented, with a newline; ends the program if there is no memory */
void ks_json_print(struct json_object *json);

#endif
