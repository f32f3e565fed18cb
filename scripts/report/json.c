// SPDX-License-Identifier: LGPL-2.1-or-later
/* JSON that other programs wrote: what is missing or of another type is empty. */
#include "base/file.h"
#include "base/limits.h"
#include "report.h"

struct json_object *report_load_json(const char *path)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };

	if (ks_file_load(path, KS_MAX_TEXT_BYTES, &content, NULL))
		return NULL;
	ks_put_u8(&content, 0);
	if (ks_buf_ok(&content, NULL))
		return NULL;
	return json_tokener_parse((const char *)content.p);
}

const char *report_text(struct json_object *object, const char *key)
{
	struct json_object *member;

	if (!object || !json_object_object_get_ex(object, key, &member) ||
	    !json_object_is_type(member, json_type_string))
		return "";
	return json_object_get_string(member);
}

u64 report_number(struct json_object *object, const char *key)
{
	struct json_object *member;
	int64_t value;

	if (!object || !json_object_object_get_ex(object, key, &member))
		return 0;
	value = json_object_get_int64(member);
	return value > 0 ? (u64)value : 0;
}
