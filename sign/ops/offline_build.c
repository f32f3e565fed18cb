// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The writer of the manifest; offline_json.c has its shape and reads it.
 */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "base/limits.h"
#include "ops/offline_internal.h"

/* Adds @value, which json-c takes over also when it fails. Return: false without memory. */
static bool add(struct json_object *to, const char *key, struct json_object *value)
{
	if (value && !json_object_object_add(to, key, value))
		return true;
	json_object_put(value);
	return false;
}

static bool add_text(struct json_object *to, const char *key, const char *text)
{
	return add(to, key, json_object_new_string(text));
}

static bool add_hex(struct json_object *to, const char *key, struct ks_span bytes)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	char digits[3];
	size_t i;

	for (i = 0; i < bytes.bytes; i++) {
		ks_hex((struct ks_span){ &bytes.p[i], 1 }, digits, sizeof(digits));
		ks_put_str(&text, digits);
	}
	ks_put_u8(&text, 0);
	return !text.err && add_text(to, key, (const char *)text.p);
}

static bool add_digest(struct json_object *to, const char *key, const struct ks_digest *digest)
{
	return add_hex(to, key, ks_digest_span(digest));
}

static struct json_object *cert_object(const struct ks_offline *manifest, size_t idx)
{
	struct json_object *row = json_object_new_object();
	__cleanup(ks_buf_done) struct ks_buf pem = { 0 };
	char name[128];
	bool ok;

	ks_cert_name(&manifest->certs.cert[idx], name, sizeof(name));
	ok = row && !ks_cert_pem(&manifest->certs.cert[idx], &pem, NULL);
	ks_put_u8(&pem, 0);
	ok = ok && !pem.err && add_text(row, "sha256", manifest->cert_sha256[idx]) &&
	     add_text(row, "subject", *name ? name : "(none)") &&
	     add_text(row, "pem", (const char *)pem.p);
	if (ok)
		return row;
	json_object_put(row);
	return NULL;
}

static bool add_chain(struct json_object *row, const struct ks_offline *manifest,
		      const struct ks_offline_entry *entry)
{
	struct json_object *list = json_object_new_array();
	const char *sha256;
	size_t i;

	if (!list || !add(row, "add_certificates", list))
		return false;
	for (i = 0; i < entry->nr_chain; i++) {
		sha256 = manifest->cert_sha256[entry->chain_idx[i]];
		if (json_object_array_add(list, json_object_new_string(sha256)))
			return false;
	}
	return true;
}

static bool add_pe(struct json_object *row, const struct ks_offline *manifest,
		   const struct ks_offline_entry *entry)
{
	return add_text(row, "output", entry->output) &&
	       add(row, "time", json_object_new_int64((int64_t)entry->time)) &&
	       add_hex(row, "attributes", ks_buf_span(&entry->attrs)) &&
	       add_text(row, "signed", ks_if_signed_name(entry->mode)) &&
	       add(row, "first", json_object_new_boolean(entry->first)) &&
	       add_chain(row, manifest, entry);
}

static bool add_pcr(struct json_object *row, const struct ks_offline_entry *entry)
{
	return add_text(row, "output", entry->output) && add_text(row, "phases", entry->phases) &&
	       add(row, "profile", json_object_new_int64(entry->profile)) &&
	       add_digest(row, "policy", &entry->policy);
}

static struct json_object *entry_object(const struct ks_offline *manifest, size_t idx)
{
	const struct ks_offline_entry *entry = &manifest->entry[idx];
	struct json_object *row = json_object_new_object();
	char id[KS_OFFLINE_ID_BYTES + 4];
	bool ok;

	ks_offline_id(manifest, idx, id);
	ok = row && add_text(row, "id", id) &&
	     add_text(row, "kind", ks_offline_kind_name(entry->kind)) &&
	     add_text(row, "path", entry->path) && add_digest(row, "file_sha256", &entry->file) &&
	     add_text(row, "certificate", manifest->cert_sha256[entry->cert_idx]) &&
	     add_text(row, "hash", entry->hash) && add_digest(row, "digest", &entry->digest) &&
	     add_text(row, "signature", strcat(id, ".sig"));
	if (ok && entry->kind == KS_OFFLINE_PE)
		ok = add_pe(row, manifest, entry);
	if (ok && entry->kind == KS_OFFLINE_PCR)
		ok = add_pcr(row, entry);
	if (ok)
		return row;
	json_object_put(row);
	return NULL;
}

static bool add_list(struct json_object *to, const char *key, const struct ks_offline *manifest,
		     size_t nr, struct json_object *(*one)(const struct ks_offline *, size_t idx))
{
	struct json_object *list = json_object_new_array(), *row;
	size_t i;

	if (!list || !add(to, key, list))
		return false;
	for (i = 0; i < nr; i++) {
		row = one(manifest, i);
		if (!row || json_object_array_add(list, row))
			return false;
	}
	return true;
}

int ks_offline_check_path(const char *path, struct ks_diag *diag)
{
	struct json_object *name = json_object_new_string(path);
	struct json_tokener *tokener = json_tokener_new();
	const char *text = name ? json_object_to_json_string(name) : NULL;
	int rc = 0;

	if (tokener && text) {
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		json_object_put(json_tokener_parse_ex(tokener, text, -1));
		if (json_tokener_get_error(tokener) != json_tokener_success)
			rc = ks_fail(diag, -EOPNOTSUPP, KS_NO_OFF,
				     "name is not UTF-8, which a manifest cannot hold, rename it");
	} else {
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	if (tokener)
		json_tokener_free(tokener);
	json_object_put(name);
	if (!rc && (!*path || strlen(path) >= KS_MAX_PATH_BYTES))
		rc = ks_fail(diag, -E2BIG, KS_NO_OFF, "name is empty or over 4095 bytes");
	ks_diag_in(diag, path);
	return rc;
}

int ks_offline_build(const struct ks_offline *manifest, struct ks_buf *out, struct ks_diag *diag)
{
	struct json_object *document = json_object_new_object();
	const char *text = NULL;

	if (document && add_text(document, "format", KS_OFFLINE_FORMAT) &&
	    add_list(document, "certificates", manifest, manifest->certs.nr_certs, cert_object) &&
	    add_list(document, "entries", manifest, manifest->nr_entries, entry_object))
		text = json_object_to_json_string_ext(
			document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text) {
		ks_put_str(out, text);
		ks_put_u8(out, '\n');
	}
	json_object_put(document);
	if (!text)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	return ks_buf_ok(out, diag);
}
