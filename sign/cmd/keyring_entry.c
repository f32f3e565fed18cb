// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/keyring_entry.h"

#include <stdio.h>

#include "base/shown.h"

void ks_purposes_format(unsigned int purposes, char *text, size_t text_bytes)
{
	unsigned int bit;
	size_t used = 0;

	snprintf(text, text_bytes, "-");
	for (bit = KS_PURPOSE_BUILTIN; bit <= KS_PURPOSE_REVOKED; bit <<= 1)
		if ((purposes & bit) && used < text_bytes)
			used += (size_t)snprintf(text + used, text_bytes - used, "%s%s",
						 used ? "," : "", ks_purpose_name(bit));
}

void ks_purposes_json(struct json_object *to, const char *key, unsigned int purposes)
{
	struct json_object *words = ks_json_array(to, key);
	unsigned int bit;

	for (bit = KS_PURPOSE_BUILTIN; bit <= KS_PURPOSE_REVOKED; bit <<= 1)
		if (purposes & bit)
			json_object_array_add(words, json_object_new_string(ks_purpose_name(bit)));
}

void ks_keyring_entry_print(const char *mark, const struct ks_keyring_entry *entry,
			    unsigned int purposes)
{
	char hex[65], end[16], name[128], words[40];

	ks_hex(ks_digest_span(&entry->fingerprint), hex, sizeof(hex));
	ks_cert_not_after(&entry->cert, end, sizeof(end));
	ks_cert_name(&entry->cert, name, sizeof(name));
	ks_purposes_format(purposes, words, sizeof(words));
	printf("%s%-8s %s %s  %s%s\n", mark, words, hex, end, ks_shown(name),
	       ks_cert_is_dev(&entry->cert) ? "  DEV KEYS" : "");
}

void ks_keyring_entry_json(struct json_object *to, const struct ks_keyring_entry *entry)
{
	char hex[65], end[16], name[128];

	ks_hex(ks_digest_span(&entry->fingerprint), hex, sizeof(hex));
	ks_cert_not_after(&entry->cert, end, sizeof(end));
	ks_cert_name(&entry->cert, name, sizeof(name));
	ks_json_str(to, "name", entry->name);
	ks_json_str(to, "sha256", hex);
	ks_json_str(to, "not_after", end);
	ks_json_str(to, "cn", name);
	ks_json_bool(to, "dev", ks_cert_is_dev(&entry->cert));
}
