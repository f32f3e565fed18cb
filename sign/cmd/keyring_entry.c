// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/keyring_entry.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/shown.h"
#include "cli/screen.h"
#include "cmd/certs.h"

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
			ks_json_word(words, ks_purpose_name(bit));
}

void ks_keyring_entry_print(const char *mark, const struct ks_keyring_entry *entry,
			    unsigned int purposes)
{
	char hex[65], end[16], name[128], words[40];
	bool dev = ks_cert_is_dev(&entry->cert);

	ks_hex(ks_digest_span(&entry->fingerprint), hex, sizeof(hex));
	ks_cert_not_after(&entry->cert, end, sizeof(end));
	ks_cert_name(&entry->cert, name, sizeof(name));
	ks_purposes_format(purposes, words, sizeof(words));
	printf("%s%-8s until %s  %s%s%s\n", mark, words, end, ks_shown(name), dev ? "  " : "",
	       dev ? ks_painted(stdout, KS_PAINT_BAD, "DEV KEYS") : "");
	printf("%*s %s\n", (int)strlen(mark) + 8, "", hex);
}

int ks_keyring_entry_json(struct json_object *to, const struct ks_keyring_entry *entry, u64 now,
			  struct ks_diag *diag)
{
	ks_json_name(to, "label", entry->name);
	return ks_cert_json(to, &entry->cert, now, diag);
}

static void print_delta(const struct ks_keyring_delta *delta)
{
	static const char *const marks[] = { "- ", "+ ", "! ", "  " };
	char old[40], new[40];

	if (delta->change != KS_KEYRING_CHANGED) {
		ks_keyring_entry_print(marks[delta->change], delta->new ? delta->new : delta->old,
				       delta->new_purposes | delta->old_purposes);
		return;
	}
	ks_purposes_format(delta->old_purposes, old, sizeof(old));
	ks_purposes_format(delta->new_purposes, new, sizeof(new));
	printf("%s%s -> ", marks[delta->change], old);
	ks_keyring_entry_print("", delta->new, delta->new_purposes);
}

void ks_keyring_deltas_print(const struct ks_keyring_deltas *deltas)
{
	size_t i;

	for (i = 0; i < deltas->nr_deltas; i++)
		print_delta(&deltas->delta[i]);
	printf("%zu new, %zu gone, %zu changed, %zu the same\n", deltas->nr[KS_KEYRING_NEW],
	       deltas->nr[KS_KEYRING_GONE], deltas->nr[KS_KEYRING_CHANGED],
	       deltas->nr[KS_KEYRING_SAME]);
}

int ks_keyring_deltas_json(struct json_object *to, const struct ks_keyring_deltas *deltas,
			   struct ks_diag *diag)
{
	u64 now = ks_clock_now();
	struct json_object *array, *row;
	size_t i;
	int rc = 0;

	for (i = 0; i <= KS_KEYRING_SAME; i++)
		ks_json_int(to, ks_keyring_change_name((enum ks_keyring_change)i), deltas->nr[i]);
	array = ks_json_array(to, "certificates");
	for (i = 0; i < deltas->nr_deltas && !rc; i++) {
		const struct ks_keyring_delta *delta = &deltas->delta[i];

		row = ks_json_row(array);
		ks_json_str(row, "change", ks_keyring_change_name(delta->change));
		rc = ks_keyring_entry_json(row, delta->new ? delta->new : delta->old, now, diag);
		ks_purposes_json(row, "old_purposes", delta->old_purposes);
		ks_purposes_json(row, "new_purposes", delta->new_purposes);
	}
	return rc;
}
