// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cmd/manifest.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hex.h"
#include "base/shown.h"

static void put_json(struct json_object **json)
{
	json_object_put(*json);
}

static void add_str(struct json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, json_object_new_string(value));
}

static void add_u64(struct json_object *to, const char *key, u64 value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

/* Does @name come out of JSON as it went in? Control characters below U+0020 are escaped there. */
static int check_exact(const char *name, bool *ret_exact)
{
	struct json_object *value = json_object_new_string(name);
	const char *text = value ? json_object_to_json_string(value) : NULL;
	__cleanup(ks_free_str) char *shown = text ? strdup(text) : NULL;

	if (shown) {
		ks_make_shown(shown, false);
		*ret_exact = !strcmp(shown, text);
	}
	json_object_put(value);
	return shown ? 0 : -ENOMEM;
}

/*
 * JSON is UTF-8, file names are bytes: what is no UTF-8, or would go to a terminal as it is and steer
 * it, becomes '?', and "<key>_hex" has all.
 */
static int add_name(struct json_object *to, const char *key, const char *name)
{
	__cleanup(ks_free_str) char *shown = strdup(name), *hex = NULL, *hex_key = NULL;
	size_t name_bytes = strlen(name);
	bool exact = false;

	if (!shown || check_exact(name, &exact))
		return -ENOMEM;
	if (exact) {
		add_str(to, key, name);
		return 0;
	}
	ks_make_shown(shown, true);
	add_str(to, key, shown);
	hex = malloc(2 * name_bytes + 1);
	if (!hex || asprintf(&hex_key, "%s_hex", key) < 0)
		return -ENOMEM;
	ks_hex(ks_span_str(name), hex, 2 * name_bytes + 1);
	add_str(to, hex_key, hex);
	return 0;
}

static void add_file(struct json_object *to, const char *key, const struct ks_module_file *file)
{
	struct json_object *json = json_object_new_object();
	char hex[2 * KS_DIGEST_MAX_BYTES + 1];

	add_u64(json, "bytes", file->bytes);
	if (file->sha256.bytes) {
		ks_hex(ks_digest_span(&file->sha256), hex, sizeof(hex));
		add_str(json, "sha256", hex);
	}
	json_object_object_add(to, key, json);
}

static void add_signature(struct json_object *to, const struct ks_manifest_opts *opts,
			  const struct ks_module_result *r)
{
	struct json_object *signer = json_object_new_object();
	bool ours = r->action == KS_MODULE_SIGNED || r->action == KS_MODULE_REPLACED;
	const char *key_id = ours ? opts->key_id : r->info.key_id;

	add_str(signer, "issuer", r->info.issuer);
	add_str(signer, "serial", r->info.serial);
	if (key_id[0])
		add_str(signer, "key_id", key_id);
	json_object_object_add(to, "signer", signer);
	add_str(to, "hash", r->info.hash);
	add_str(to, "algorithm", r->info.sig_alg);
	add_u64(to, "signers", r->info.nr_signers);
	add_u64(to, "signed_bytes", r->signed_bytes);
	add_u64(to, "signature_bytes", r->cms_bytes);
}

static const char *action_name(enum ks_module_action action)
{
	static const char *const names[] = {
		[KS_MODULE_NOTHING] = "failed",	  [KS_MODULE_SIGNED] = "signed",
		[KS_MODULE_KEPT] = "kept",	  [KS_MODULE_REPLACED] = "replaced",
		[KS_MODULE_STRIPPED] = "stripped", [KS_MODULE_SHOWN] = "shown",
	};

	return names[action];
}

static int add_row(struct json_object *rows, const struct ks_manifest_opts *opts, const char *path,
		   const struct ks_module_result *r, const struct ks_diag *diag)
{
	struct json_object *row = json_object_new_object();
	char line[1024];
	int rc;

	if (!row || json_object_array_add(rows, row))
		return -ENOMEM;
	rc = add_name(row, "path", path);
	if (!rc && r->new_name && r->action != KS_MODULE_NOTHING)
		rc = add_name(row, "new_name", r->new_name);
	add_str(row, "action", action_name(r->action));
	if (r->before.sha256.bytes)
		add_file(row, "before", &r->before);
	if (r->action == KS_MODULE_NOTHING) {
		ks_diag_format(diag, line, sizeof(line));
		return rc ? rc : add_name(row, "error", line);
	}
	if (r->action != KS_MODULE_SHOWN)
		add_file(row, "after", &r->after);
	if (r->info.nr_signers)
		add_signature(row, opts, r);
	return rc;
}

int ks_manifest_build(const struct ks_manifest_opts *opts, const struct ks_modules_done *done,
		      struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(put_json) struct json_object *json = json_object_new_object();
	struct json_object *rows = json_object_new_array();
	u64 nr_failed = 0;
	const char *text;
	size_t i;
	int rc = json && rows ? 0 : -ENOMEM;

	for (i = 0; i < done->paths->nr_paths && !rc; i++) {
		nr_failed += done->result[i].action == KS_MODULE_NOTHING;
		rc = add_row(rows, opts, done->paths->path[i], &done->result[i], &done->diag[i]);
	}
	if (rc) {
		json_object_put(rows);
		return ks_fail(diag, rc, KS_NO_OFF, "out of memory");
	}
	add_u64(json, "version", 1);
	add_u64(json, "failed", nr_failed);
	json_object_object_add(json, "modules", rows);
	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	ks_put_str(out, text);
	ks_put_str(out, "\n");
	return ks_buf_ok(out, diag);
}
