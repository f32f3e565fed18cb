// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The manifest as JSON. What an entry holds is one table, which the reader and the writer share. The
 * reader asks for every key by name and type, and there must be as many keys as it asked for: what is
 * missing is refused, and so is what it does not know.
 *
 *   { "schema": "kseal/offline-prepare/1",
 *     "certificates": [ { "sha256", "name", "pem" } ],
 *     "entries": [ { the fields below } ] }
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

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

static int fail_key(struct reader *r, const char *what, const char *key)
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
		fail_key(r, "manifest lacks a key", key);
		return NULL;
	}
	r->nr_asked++;
	if (json_object_is_type(value, type))
		return value;
	fail_key(r, "manifest has a value of another type", key);
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
		fail_key(r, "manifest has a text that is too long or has a NUL in it", key);
		return "";
	}
	return text;
}

static const char *ask_text(struct reader *r, const char *key, size_t max_bytes)
{
	const char *text = ask_any_text(r, key, max_bytes);

	if (!*text)
		fail_key(r, "manifest has an empty text", key);
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
	fail_key(r, "manifest has a number out of its range", key);
	return 0;
}

static void ask_hex(struct reader *r, const char *key, size_t max_bytes, struct ks_buf *out)
{
	const char *text = ask_text(r, key, 2 * max_bytes + 1);

	if (!r->rc && !ks_unhex(text, out))
		fail_key(r, "manifest has a value that is not hex", key);
	if (!r->rc)
		r->rc = ks_buf_ok(out, r->diag);
}

static void ask_digest(struct reader *r, const char *key, size_t bytes, struct ks_digest *digest)
{
	__cleanup(ks_buf_done) struct ks_buf raw = { 0 };

	ask_hex(r, key, sizeof(digest->value), &raw);
	if (!r->rc && raw.bytes != bytes)
		fail_key(r, "manifest has a digest of another length", key);
	if (r->rc)
		return;
	memcpy(digest->value, raw.p, raw.bytes);
	digest->bytes = raw.bytes;
}

static int end(struct reader *r)
{
	if (!r->rc && json_object_object_length(r->object) != r->nr_asked)
		fail_key(r, "manifest has a key that is unknown here", "*");
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
	fail_key(r, "manifest names a certificate that it does not hold", key);
	return 0;
}

/* Adds @value, which json-c takes over also when it fails. Return: false without memory. */
static bool add_value(struct json_object *to, const char *key, struct json_object *value)
{
	if (value && !json_object_object_add(to, key, value))
		return true;
	json_object_put(value);
	return false;
}

static bool add_text(struct json_object *to, const char *key, const char *text)
{
	return add_value(to, key, json_object_new_string(text));
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

enum type { KIND, ID, SIGNATURE, PATH, TEXT, DIGEST, BYTES, NUMBER, NUMBER32, FLAG, MODE, CERT, CHAIN, HASH };

/*
 * struct field - one key of an entry
 * @kinds: bits 1 << enum ks_offline_kind: those that have it
 * @off: of its value in struct ks_offline_entry
 * @max: bytes of a text, with its NUL; length of a digest, 0: that of the entry's hash; highest number
 */
struct field {
	const char *key;
	enum type type;
	unsigned int kinds;
	size_t off;
	u64 max;
};

#define MODULE (1U << KS_OFFLINE_MODULE)
#define PE (1U << KS_OFFLINE_PE)
#define PCR (1U << KS_OFFLINE_PCR)
#define AUTH (1U << KS_OFFLINE_AUTH)
#define ALL (MODULE | PE | PCR | AUTH)
#define AT(member) offsetof(struct ks_offline_entry, member)

/* In the order in which they are written. */
static const struct field fields[] = {
	{ "id", ID, ALL, 0, KS_OFFLINE_ID_BYTES },
	{ "kind", KIND, ALL, AT(kind), KS_OFFLINE_ID_BYTES },
	{ "file", PATH, ALL, AT(path), KS_MAX_PATH_BYTES },
	{ "file_sha256", DIGEST, ALL, AT(file), 32 },
	{ "certificate", CERT, ALL, AT(cert_idx), KS_OFFLINE_SHA256_BYTES },
	{ "hash", HASH, ALL, AT(hash), KS_OFFLINE_HASH_BYTES },
	{ "digest", DIGEST, ALL, AT(digest), 0 },
	{ "signature", SIGNATURE, ALL, 0, KS_OFFLINE_ID_BYTES + 4 },
	{ "output", PATH, PE | PCR | AUTH, AT(output), KS_MAX_PATH_BYTES },
	{ "time", NUMBER, PE, AT(time), KS_CLOCK_LAST },
	{ "attributes", BYTES, PE, AT(attrs), KS_MAX_CMS_BYTES },
	{ "signed", MODE, PE, AT(mode), 16 },
	{ "first", FLAG, PE, AT(first), 0 },
	{ "add_certificates", CHAIN, PE, AT(chain_idx), KS_MAX_CERTS },
	{ "phases", TEXT, PCR, AT(phases), KS_UKI_MAX_PATH_BYTES },
	{ "profile", NUMBER32, PCR, AT(profile), UINT32_MAX },
	{ "policy", DIGEST, PCR, AT(policy), 32 },
};

static void read_kind(struct reader *r, const struct field *f, struct ks_offline_entry *entry)
{
	const char *kind = ask_text(r, f->key, f->max), *name;
	int i;

	for (i = 0; !r->rc; i++) {
		name = ks_offline_kind_name((enum ks_offline_kind)i);
		entry->kind = (enum ks_offline_kind)i;
		if (!name)
			fail_key(r, "manifest has an unknown kind of entry", kind);
		else if (!strcmp(name, kind))
			return;
	}
}

static void read_hash(struct reader *r, const struct field *f, struct ks_offline_entry *entry)
{
	const char *hash = ask_text(r, f->key, f->max);
	const EVP_MD *md = NULL;

	if (!r->rc)
		r->rc = ks_digest_alg_for(hash, KS_SIGN_MODULE, &md, r->diag);
	if (!r->rc && entry->kind != KS_OFFLINE_MODULE && strcmp(hash, "sha256") != 0)
		fail_key(r, "manifest has another digest than this kind is signed with", f->key);
	snprintf(entry->hash, sizeof(entry->hash), "%s", hash);
}

static size_t digest_bytes(struct reader *r, const struct field *f, const struct ks_offline_entry *entry)
{
	struct ks_digest empty = { .bytes = f->max };
	const EVP_MD *md = NULL;

	if (!r->rc && !f->max)
		r->rc = ks_digest_alg_for(entry->hash, KS_SIGN_MODULE, &md, r->diag) ?:
		        ks_digest_spans(md, NULL, 0, &empty, r->diag);
	return empty.bytes;
}

static void read_chain(struct reader *r, const struct field *f, const struct ks_offline *manifest,
		       struct ks_offline_entry *entry)
{
	struct json_object *list = ask(r, f->key, json_type_array), *value;
	size_t i, nr = list ? json_object_array_length(list) : 0;

	if (nr > f->max)
		fail_key(r, "manifest lists too many certificates", f->key);
	for (i = 0; !r->rc && i < nr; i++) {
		value = json_object_array_get_idx(list, i);
		if (!json_object_is_type(value, json_type_string))
			fail_key(r, "manifest has a value of another type", f->key);
		else
			entry->chain_idx[i] =
				(u8)cert_idx(r, manifest, f->key, json_object_get_string(value));
	}
	entry->nr_chain = nr;
}

static void read_mode(struct reader *r, const struct field *f, enum ks_if_signed *ret_mode)
{
	const char *mode = ask_text(r, f->key, f->max);

	if (!r->rc && ks_if_signed_parse(mode, KS_PE_MODES, "", ret_mode, NULL))
		fail_key(r, "manifest has an unknown word", f->key);
}

/* Names follow from the place, so they are only compared. */
static void compare_name(struct reader *r, const struct field *f, const struct ks_offline_entry *entry,
			 const char *tail, const char *what)
{
	char name[KS_OFFLINE_ID_BYTES + 4];

	snprintf(name, sizeof(name), "%s-%zu%s", ks_offline_kind_name(entry->kind) ?: "", r->idx + 1, tail);
	if (strcmp(ask_text(r, f->key, f->max), name) != 0)
		fail_key(r, what, f->key);
}

static void read_field(struct reader *r, const struct field *f, const struct ks_offline *manifest,
		       struct ks_offline_entry *entry)
{
	void *value = (u8 *)entry + f->off;
	struct json_object *flag;
	const char *text;

	switch (f->type) {
	case KIND:
		return read_kind(r, f, entry);
	case ID:
		return compare_name(r, f, entry, "",
				    "manifest names an entry otherwise than by kind and place");
	case SIGNATURE:
		return compare_name(r, f, entry, ".sig",
				    "manifest names a signature otherwise than its entry");
	case PATH:
		*(char **)value = copy_of(r, ask_text(r, f->key, f->max));
		return;
	case TEXT:
		*(char **)value = copy_of(r, ask_any_text(r, f->key, f->max));
		return;
	case DIGEST:
		return ask_digest(r, f->key, digest_bytes(r, f, entry), value);
	case BYTES:
		return ask_hex(r, f->key, f->max, value);
	case NUMBER:
		*(u64 *)value = ask_number(r, f->key, f->max);
		return;
	case NUMBER32:
		*(u32 *)value = (u32)ask_number(r, f->key, f->max);
		return;
	case FLAG:
		flag = ask(r, f->key, json_type_boolean);
		*(bool *)value = flag && json_object_get_boolean(flag);
		return;
	case MODE:
		return read_mode(r, f, value);
	case CERT:
		text = ask_text(r, f->key, f->max);
		if (!r->rc)
			*(size_t *)value = cert_idx(r, manifest, f->key, text);
		return;
	case CHAIN:
		return read_chain(r, f, manifest, entry);
	case HASH:
		return read_hash(r, f, entry);
	}
}

static bool add_chain(struct json_object *row, const struct field *f, const struct ks_offline *manifest,
		      const struct ks_offline_entry *entry)
{
	struct json_object *list = json_object_new_array();
	const char *sha256;
	size_t i;

	if (!list || !add_value(row, f->key, list))
		return false;
	for (i = 0; i < entry->nr_chain; i++) {
		sha256 = manifest->cert_sha256[entry->chain_idx[i]];
		if (json_object_array_add(list, json_object_new_string(sha256)))
			return false;
	}
	return true;
}

static bool add_name(struct json_object *row, const struct field *f, const struct ks_offline *manifest,
		     const struct ks_offline_entry *entry, const char *tail)
{
	char name[KS_OFFLINE_ID_BYTES + 4];

	ks_offline_id(manifest, (size_t)(entry - manifest->entry), name);
	return add_text(row, f->key, strcat(name, tail));
}

static bool add_field(struct json_object *row, const struct field *f, const struct ks_offline *manifest,
		      const struct ks_offline_entry *entry)
{
	const void *value = (const u8 *)entry + f->off;

	switch (f->type) {
	case KIND:
		return add_text(row, f->key, ks_offline_kind_name(entry->kind));
	case ID:
		return add_name(row, f, manifest, entry, "");
	case SIGNATURE:
		return add_name(row, f, manifest, entry, ".sig");
	case PATH:
	case TEXT:
		return add_text(row, f->key, *(char *const *)value);
	case DIGEST:
		return add_hex(row, f->key, ks_digest_span(value));
	case BYTES:
		return add_hex(row, f->key, ks_buf_span(value));
	case NUMBER:
		return add_value(row, f->key, json_object_new_int64((int64_t)*(const u64 *)value));
	case NUMBER32:
		return add_value(row, f->key, json_object_new_int64(*(const u32 *)value));
	case FLAG:
		return add_value(row, f->key, json_object_new_boolean(*(const bool *)value));
	case MODE:
		return add_text(row, f->key, ks_if_signed_name(entry->mode));
	case CERT:
		return add_text(row, f->key, manifest->cert_sha256[*(const size_t *)value]);
	case CHAIN:
		return add_chain(row, f, manifest, entry);
	case HASH:
		return add_text(row, f->key, entry->hash);
	}
	return false;
}

#define LAST_TURN 2

/* The kind first: it says which other keys there are. The names last, so that any other error is reported. */
static int turn_of(enum type type)
{
	return type == KIND ? 0 : type == ID || type == SIGNATURE ? LAST_TURN : 1;
}

static int read_entry(struct reader *r, struct ks_offline *manifest)
{
	__cleanup(ks_offline_entry_done) struct ks_offline_entry entry = { 0 };
	int turn;
	size_t i;
	int rc;

	for (turn = 0; turn <= LAST_TURN; turn++)
		for (i = 0; i < KS_ARRAY_SIZE(fields); i++)
			if (turn_of(fields[i].type) == turn && fields[i].kinds & 1U << entry.kind)
				read_field(r, &fields[i], manifest, &entry);
	rc = end(r);
	if (!rc)
		rc = ks_offline_push(manifest, &entry, r->diag);
	if (!rc)
		entry = (struct ks_offline_entry){ 0 };
	return rc;
}

static struct json_object *entry_object(const struct ks_offline *manifest, size_t idx)
{
	const struct ks_offline_entry *entry = &manifest->entry[idx];
	struct json_object *row = json_object_new_object();
	bool ok = row != NULL;
	size_t i;

	for (i = 0; ok && i < KS_ARRAY_SIZE(fields); i++)
		if (fields[i].kinds & 1U << entry->kind)
			ok = add_field(row, &fields[i], manifest, entry);
	if (ok)
		return row;
	json_object_put(row);
	return NULL;
}

static int read_cert(struct reader *r, struct ks_offline *manifest)
{
	__cleanup(ks_certs_done) struct ks_certs one = { 0 };
	const char *sha256 = ask_text(r, "sha256", KS_OFFLINE_SHA256_BYTES);
	const char *pem = ask_text(r, "pem", KS_MAX_TEXT_BYTES);
	size_t idx = 0;

	ask_text(r, "name", 256);
	if (end(r))
		return r->rc;
	r->rc = ks_certs_parse(ks_span_str(pem), &one, r->diag);
	if (!r->rc && one.nr_certs != 1)
		fail_key(r, "manifest holds more than one certificate in one place", "pem");
	if (!r->rc)
		r->rc = ks_offline_cert(manifest, &one.cert[0], &idx, r->diag);
	if (!r->rc && (idx != r->idx || strcmp(manifest->cert_sha256[idx], sha256) != 0))
		fail_key(r, "manifest holds another certificate than it says, or one twice", "sha256");
	return r->rc;
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
	     add_text(row, "name", *name ? name : "(none)") &&
	     add_text(row, "pem", (const char *)pem.p);
	if (ok)
		return row;
	json_object_put(row);
	return NULL;
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

static bool add_list(struct json_object *to, const char *key, const struct ks_offline *manifest,
		     size_t nr, struct json_object *(*one)(const struct ks_offline *, size_t idx))
{
	struct json_object *list = json_object_new_array(), *row;
	size_t i;

	if (!list || !add_value(to, key, list))
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

	if (document && add_text(document, "schema", KS_OFFLINE_FORMAT) &&
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

static int read_document(struct json_object *document, struct ks_offline *manifest,
			 struct ks_diag *diag)
{
	struct reader r = { .object = document, .diag = diag };
	const char *format = ask_text(&r, "schema", 64);

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
		return ks_fail(diag, -EBADMSG, stopped, "manifest is not JSON");
	rc = read_document(document, &manifest, diag);
	if (rc)
		return rc;
	*ret_manifest = manifest;
	manifest = (struct ks_offline){ 0 };
	return 0;
}
