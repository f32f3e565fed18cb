// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The reader of the manifest. It asks for every key by name and type, and there must be as many
 * keys as it asked for: what is missing is refused, and so is what it does not know.
 *
 *   { "format": "kseal-offline-1",
 *     "certificates": [ { "sha256", "subject", "pem" } ],
 *     "entries": [ { "id", "kind", "path", "file_sha256", "certificate", "hash", "digest",
 * "signature", pe:  "output", "time", "attributes", "signed", "first", "add_certificates" pcr:
 * "output", "phases", "profile", "policy" } ] }
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "ops/offline_internal.h"
#include "ops/pe.h"

/* Deepest: the list of certificates in an entry of the list in the document. */
#define MAX_DEPTH 6

/* One object; the first failure sticks, later questions answer with nothing. */
struct reader {
	struct json_object *object;
	const char *list;
	size_t idx;
	int nr_asked;
	int rc;
	struct ks_diag *diag;
};

static int fault(struct reader *r, const char *what, const char *key)
{
	char where[128];

	if (r->rc)
		return r->rc;
	if (r->list)
		snprintf(where, sizeof(where), "%s[%zu].%s", r->list, r->idx, key);
	else
		snprintf(where, sizeof(where), "%s", key);
	r->rc = ks_fail_detail(r->diag, -EBADMSG, what, where);
	return r->rc;
}

static struct json_object *ask(struct reader *r, const char *key, enum json_type type)
{
	struct json_object *value = NULL;

	if (r->rc)
		return NULL;
	if (!json_object_is_type(r->object, json_type_object) ||
	    !json_object_object_get_ex(r->object, key, &value)) {
		fault(r, "manifest lacks a key", key);
		return NULL;
	}
	r->nr_asked++;
	if (json_object_is_type(value, type))
		return value;
	fault(r, "manifest has a value of another type", key);
	return NULL;
}

/* Borrowed, "" after a failure: up to @max_bytes - 1 bytes without a NUL among them. */
static const char *ask_any_text(struct reader *r, const char *key, size_t max_bytes)
{
	struct json_object *value = ask(r, key, json_type_string);
	const char *text = value ? json_object_get_string(value) : "";

	if (r->rc)
		return "";
	if (strlen(text) >= max_bytes ||
	    strlen(text) != (size_t)json_object_get_string_len(value)) {
		fault(r, "manifest has a text that is too long or has a NUL in it", key);
		return "";
	}
	return text;
}

static const char *ask_text(struct reader *r, const char *key, size_t max_bytes)
{
	const char *text = ask_any_text(r, key, max_bytes);

	if (!*text)
		fault(r, "manifest has an empty text", key);
	return text;
}

static char *copy_of(struct reader *r, const char *text)
{
	char *copy = r->rc ? NULL : strdup(text);

	if (!r->rc && !copy)
		r->rc = ks_fail(r->diag, -ENOMEM, KS_NO_OFF, "out of memory");
	return copy;
}

static u64 ask_number(struct reader *r, const char *key, u64 max)
{
	struct json_object *value = ask(r, key, json_type_int);
	int64_t number = value ? json_object_get_int64(value) : 0;

	if (number >= 0 && (u64)number <= max)
		return (u64)number;
	fault(r, "manifest has a number out of its range", key);
	return 0;
}

static void ask_hex(struct reader *r, const char *key, size_t max_bytes, struct ks_buf *out)
{
	const char *text = ask_text(r, key, 2 * max_bytes + 1);

	if (!r->rc && !ks_unhex(text, out))
		fault(r, "manifest has a value that is no hex", key);
	if (!r->rc)
		r->rc = ks_buf_ok(out, r->diag);
}

static void ask_digest(struct reader *r, const char *key, size_t bytes, struct ks_digest *digest)
{
	__cleanup(ks_buf_done) struct ks_buf raw = { 0 };

	ask_hex(r, key, sizeof(digest->value), &raw);
	if (!r->rc && raw.bytes != bytes)
		fault(r, "manifest has a digest of another length", key);
	if (r->rc)
		return;
	memcpy(digest->value, raw.p, raw.bytes);
	digest->bytes = raw.bytes;
}

static int end(struct reader *r)
{
	if (!r->rc && json_object_object_length(r->object) != r->nr_asked)
		fault(r, "manifest has a key that is unknown here", "*");
	return r->rc;
}

/* The certificate by its fingerprint. */
static size_t cert_idx(struct reader *r, const struct ks_offline *manifest, const char *key,
		       const char *sha256)
{
	size_t i;

	for (i = 0; i < manifest->certs.nr_certs; i++)
		if (!strcmp(manifest->cert_sha256[i], sha256))
			return i;
	fault(r, "manifest names a certificate that it does not hold", key);
	return 0;
}

static void read_chain(struct reader *r, const struct ks_offline *manifest,
		       struct ks_offline_entry *entry)
{
	static const char key[] = "add_certificates";
	struct json_object *list = ask(r, key, json_type_array), *value;
	size_t i, nr = list ? json_object_array_length(list) : 0;

	if (nr > KS_ARRAY_SIZE(entry->chain_idx))
		fault(r, "manifest lists too many certificates", key);
	for (i = 0; !r->rc && i < nr; i++) {
		value = json_object_array_get_idx(list, i);
		if (!json_object_is_type(value, json_type_string))
			fault(r, "manifest has a value of another type", key);
		else
			entry->chain_idx[i] =
				(u8)cert_idx(r, manifest, key, json_object_get_string(value));
	}
	entry->nr_chain = nr;
}

static void read_pe(struct reader *r, const struct ks_offline *manifest,
		    struct ks_offline_entry *entry)
{
	struct json_object *first;
	const char *mode;

	entry->output = copy_of(r, ask_text(r, "output", KS_MAX_PATH_BYTES));
	entry->time = ask_number(r, "time", KS_CLOCK_LAST);
	ask_hex(r, "attributes", KS_MAX_CMS_BYTES, &entry->attrs);
	mode = ask_text(r, "signed", 16);
	if (!r->rc && ks_if_signed_parse(mode, KS_PE_MODES, "", &entry->mode, NULL))
		fault(r, "manifest has an unknown word", "signed");
	first = ask(r, "first", json_type_boolean);
	entry->first = first && json_object_get_boolean(first);
	read_chain(r, manifest, entry);
}

static void read_pcr(struct reader *r, struct ks_offline_entry *entry)
{
	entry->output = copy_of(r, ask_text(r, "output", KS_MAX_PATH_BYTES));
	entry->phases = copy_of(r, ask_any_text(r, "phases", KS_UKI_MAX_PATH_BYTES));
	entry->profile = (u32)ask_number(r, "profile", UINT32_MAX);
	ask_digest(r, "policy", 32, &entry->policy);
}

static void read_kind(struct reader *r, struct ks_offline_entry *entry)
{
	const char *kind = ask_text(r, "kind", KS_OFFLINE_ID_BYTES), *name;
	int i;

	for (i = 0; !r->rc; i++) {
		name = ks_offline_kind_name((enum ks_offline_kind)i);
		entry->kind = (enum ks_offline_kind)i;
		if (!name)
			fault(r, "manifest has an unknown kind of entry", kind);
		else if (!strcmp(name, kind))
			return;
	}
}

static void read_hash(struct reader *r, struct ks_offline_entry *entry)
{
	const char *hash = ask_text(r, "hash", sizeof(entry->hash));
	const EVP_MD *md = NULL;
	struct ks_digest empty = { 0 };

	if (!r->rc)
		r->rc = ks_digest_alg(hash, &md, r->diag);
	if (!r->rc && entry->kind != KS_OFFLINE_MODULE && strcmp(hash, "sha256") != 0)
		fault(r, "manifest has another digest than this kind is signed with", "hash");
	if (!r->rc)
		r->rc = ks_digest_spans(md, NULL, 0, &empty, r->diag);
	snprintf(entry->hash, sizeof(entry->hash), "%s", hash);
	ask_digest(r, "digest", empty.bytes, &entry->digest);
}

static int read_entry(struct reader *r, struct ks_offline *manifest)
{
	__cleanup(ks_offline_entry_done) struct ks_offline_entry entry = { 0 };
	char want[KS_OFFLINE_ID_BYTES + 4], id[KS_OFFLINE_ID_BYTES];
	const char *text;
	int rc;

	read_kind(r, &entry);
	entry.path = copy_of(r, ask_text(r, "path", KS_MAX_PATH_BYTES));
	ask_digest(r, "file_sha256", 32, &entry.file);
	text = ask_text(r, "certificate", KS_OFFLINE_SHA256_BYTES);
	if (!r->rc)
		entry.cert_idx = cert_idx(r, manifest, "certificate", text);
	read_hash(r, &entry);
	if (entry.kind == KS_OFFLINE_PE)
		read_pe(r, manifest, &entry);
	else if (entry.kind == KS_OFFLINE_PCR)
		read_pcr(r, &entry);
	snprintf(id, sizeof(id), "%s-%zu", ks_offline_kind_name(entry.kind) ?: "", r->idx + 1);
	snprintf(want, sizeof(want), "%s.sig", id);
	if (strcmp(ask_text(r, "id", sizeof(id)), id) != 0)
		fault(r, "manifest names an entry otherwise than by kind and place", "id");
	if (strcmp(ask_text(r, "signature", sizeof(want)), want) != 0)
		fault(r, "manifest names a signature otherwise than its entry", "signature");
	rc = end(r);
	if (!rc)
		rc = ks_offline_push(manifest, &entry, r->diag);
	if (!rc)
		entry = (struct ks_offline_entry){ 0 };
	return rc;
}

static int read_cert(struct reader *r, struct ks_offline *manifest)
{
	__cleanup(ks_certs_done) struct ks_certs one = { 0 };
	const char *sha256 = ask_text(r, "sha256", KS_OFFLINE_SHA256_BYTES);
	const char *pem = ask_text(r, "pem", KS_MAX_TEXT_BYTES);
	size_t idx = 0;

	ask_text(r, "subject", 256);
	if (end(r))
		return r->rc;
	r->rc = ks_certs_parse(ks_span_str(pem), &one, r->diag);
	if (!r->rc && one.nr_certs != 1)
		fault(r, "manifest holds more than one certificate in one place", "pem");
	if (!r->rc)
		r->rc = ks_offline_cert(manifest, &one.cert[0], &idx, r->diag);
	if (!r->rc && (idx != r->idx || strcmp(manifest->cert_sha256[idx], sha256) != 0))
		fault(r, "manifest holds another certificate than it says, or one twice", "sha256");
	return r->rc;
}

static int read_list(struct reader *top, const char *key, size_t max,
		     int (*read_one)(struct reader *r, struct ks_offline *manifest),
		     struct ks_offline *manifest)
{
	struct json_object *list = ask(top, key, json_type_array);
	size_t i, nr = list ? json_object_array_length(list) : 0;

	if (!top->rc && (!nr || nr > max))
		top->rc = ks_fail_detail(top->diag, nr ? -E2BIG : -EBADMSG,
					 nr ? "manifest has too many of" : "manifest has no", key);
	for (i = 0; !top->rc && i < nr; i++) {
		struct reader r = { json_object_array_get_idx(list, i), key, i, 0, 0, top->diag };

		top->rc = read_one(&r, manifest);
	}
	return top->rc;
}

static int read_document(struct json_object *document, struct ks_offline *manifest,
			 struct ks_diag *diag)
{
	struct reader r = { .object = document, .diag = diag };
	const char *format = ask_text(&r, "format", 64);

	if (!r.rc && strcmp(format, KS_OFFLINE_FORMAT) != 0)
		return ks_fail_detail(diag, -EOPNOTSUPP, "manifest is of another version", format);
	read_list(&r, "certificates", KS_MAX_CERTS, read_cert, manifest);
	read_list(&r, "entries", KS_MAX_OFFLINE_ENTRIES, read_entry, manifest);
	return end(&r);
}

static void free_json(struct json_object **object)
{
	json_object_put(*object);
}

int ks_offline_parse(struct ks_span json, struct ks_offline *ret_manifest, struct ks_diag *diag)
{
	__cleanup(ks_offline_done) struct ks_offline manifest = { 0 };
	__cleanup(free_json) struct json_object *document = NULL;
	struct json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	enum json_tokener_error err;
	size_t stopped;
	int rc;

	if (!tokener)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	json = ks_span_trim(json);
	if (json.bytes <= KS_MAX_OFFLINE_BYTES) {
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
		document = json_tokener_parse_ex(tokener, (const char *)json.p, (int)json.bytes);
	}
	err = json_tokener_get_error(tokener);
	stopped = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (json.bytes > KS_MAX_OFFLINE_BYTES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "manifest is over 64 MiB");
	if (err != json_tokener_success || stopped != json.bytes)
		return ks_fail(diag, -EBADMSG, stopped, "manifest is no JSON");
	rc = read_document(document, &manifest, diag);
	if (rc)
		return rc;
	*ret_manifest = manifest;
	manifest = (struct ks_offline){ 0 };
	return 0;
}
