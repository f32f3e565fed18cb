// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/efi_var.h"

/* shim's least generations, where it is them. */
static void put_sbat_level(struct json_object *to, struct ks_span text)
{
	struct json_object *array = ks_json_array(to, "sbat_level");
	struct ks_span line;

	if (ks_sbat_check_level(text, NULL))
		return;
	while (ks_span_line(&text, &line))
		json_object_array_add(array, json_object_new_string_len((const char *)line.p, (int)line.bytes));
}

void ks_var_json(struct json_object *to, const struct ks_var *var)
{
	char vendor[KS_GUID_TEXT_BYTES], name[64], attributes[32], time[KS_EFI_TIME_TEXT_BYTES];

	ks_guid_format(&var->vendor, vendor);
	ks_utf16_format(var->name, name, sizeof(name));
	ks_efi_attributes(var->attributes, attributes, sizeof(attributes));
	ks_efi_time_format(var->time, time);
	ks_json_str(to, "name", name);
	ks_json_str(to, "guid", vendor);
	ks_json_str(to, "attributes", attributes);
	ks_json_int(to, "bytes", var->data.bytes);
	ks_json_str(to, "time", var->attributes & KS_VAR_TIME_AUTH ? time : NULL);
	if (ks_efi_is_sbat_level(var))
		put_sbat_level(to, var->data);
}
