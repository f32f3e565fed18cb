// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/uki_hwids.h"

#include <errno.h>
#include <fts.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/guid.h"
#include "base/limits.h"

#define ENTRY_BYTES 28U

/* What a description is about, the word for it, and the key of what the stub looks for in the image. */
enum kind { DEVICETREE = 1, UEFI_FW = 2 };

static const struct {
	enum kind kind;
	const char *type;
	const char *key;
} kinds[] = { { DEVICETREE, "devicetree", "compatible" }, { UEFI_FW, "uefi-fw", "fwid" } };

struct device {
	enum kind kind;
	char *name;
	char *target;
};

/* Hardware IDs are sorted as they are written, so that text is kept. */
struct hwid {
	size_t device;
	char text[KS_GUID_TEXT_BYTES];
};

struct hwids {
	struct device device[KS_MAX_HWID_DEVICES];
	size_t nr_devices;
	struct hwid *id;
	size_t nr_ids;
};

static void hwids_free(struct hwids **h)
{
	size_t i;

	if (!*h)
		return;
	for (i = 0; i < (*h)->nr_devices; i++) {
		free((*h)->device[i].name);
		free((*h)->device[i].target);
	}
	free((*h)->id);
	free(*h);
	*h = NULL;
}

static void json_free(struct json_object **doc)
{
	json_object_put(*doc);
	*doc = NULL;
}

static void close_fts(FTS **tree)
{
	if (*tree)
		fts_close(*tree);
}

static int fail_memory(struct ks_diag *diag)
{
	return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
}

/* Return: NULL if it is not there; -EBADMSG through @rc if it is no text, or an empty one. */
static const char *get_text(const struct json_object *in, const char *key, int *rc, struct ks_diag *diag)
{
	struct json_object *value = NULL;
	const char *text;

	if (!json_object_object_get_ex(in, key, &value))
		return NULL;
	text = json_object_get_string(value);
	if (json_object_is_type(value, json_type_string) && text[0] &&
	    strlen(text) == (size_t)json_object_get_string_len(value))
		return text;
	*rc = ks_fail_detail(diag, -EBADMSG, "description of a machine has no text where one belongs", key);
	return NULL;
}

static int find_device(struct hwids *h, enum kind kind, const char *name, const char *target, size_t *ret_idx,
		       struct ks_diag *diag)
{
	struct device *d;
	size_t i;

	for (i = 0; i < h->nr_devices; i++) {
		d = &h->device[i];
		if (d->kind == kind && !strcmp(d->name, name) && !strcmp(d->target, target))
			break;
	}
	*ret_idx = i;
	if (i < h->nr_devices)
		return 0;
	if (i == KS_MAX_HWID_DEVICES)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 1024 descriptions of machines");
	d = &h->device[h->nr_devices++];
	*d = (struct device){ kind, strdup(name), strdup(target) };
	return d->name && d->target ? 0 : fail_memory(diag);
}

static int add_ids(struct hwids *h, size_t device, struct json_object *ids, struct ks_diag *diag)
{
	size_t i, nr = json_object_array_length(ids);
	struct ks_guid guid;

	if (nr > KS_MAX_HWIDS - h->nr_ids)
		return ks_fail(diag, -E2BIG, KS_NO_OFF, "over 32768 hardware IDs");
	for (i = 0; i < nr; i++) {
		struct json_object *id = json_object_array_get_idx(ids, i);

		if (!json_object_is_type(id, json_type_string) || !ks_guid_read(json_object_get_string(id), &guid))
			return ks_fail_detail(diag, -EBADMSG, "hardware ID is not a GUID with its four dashes",
					      json_object_get_string(id));
		h->id[h->nr_ids].device = device;
		ks_guid_format(&guid, h->id[h->nr_ids++].text);
	}
	return 0;
}

static int add_description(struct hwids *h, const struct json_object *doc, struct ks_diag *diag)
{
	const char *type, *name, *target = NULL;
	struct json_object *ids = NULL;
	enum kind kind = DEVICETREE;
	size_t i, device;
	int rc = 0;

	type = get_text(doc, "type", &rc, diag);
	name = get_text(doc, "name", &rc, diag);
	for (i = 0; !rc && i < KS_ARRAY_SIZE(kinds); i++) {
		if (strcmp(type ? type : "devicetree", kinds[i].type))
			continue;
		kind = kinds[i].kind;
		target = get_text(doc, kinds[i].key, &rc, diag);
	}
	if (rc)
		return rc;
	json_object_object_get_ex(doc, "hwids", &ids);
	if (!name || !target || !json_object_is_type(ids, json_type_array) ||
	    json_object_object_get_ex(doc, kind == DEVICETREE ? "fwid" : "compatible", NULL))
		return ks_fail(diag, -EBADMSG, KS_NO_OFF,
			       "description of a machine needs type (devicetree, uefi-fw), name, hwids, and "
			       "compatible for the one, fwid for the other");
	rc = find_device(h, kind, name, target, &device, diag);
	return rc ? rc : add_ids(h, device, ids, diag);
}

static struct json_object *parse_json(struct ks_span text)
{
	struct json_tokener *tokener = json_tokener_new_ex(4);
	struct json_object *doc = NULL;

	text = ks_span_trim(text);
	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	if (text.bytes)
		doc = json_tokener_parse_ex(tokener, (const char *)text.p, (int)text.bytes);
	if (doc && json_tokener_get_parse_end(tokener) != text.bytes)
		json_free(&doc);
	json_tokener_free(tokener);
	return doc;
}

static int load_one(struct hwids *h, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	__cleanup(json_free) struct json_object *doc = NULL;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, diag);

	if (!rc)
		doc = parse_json(ks_buf_span(&text));
	if (!rc)
		rc = json_object_is_type(doc, json_type_object) ?
			     add_description(h, doc, diag) :
			     ks_fail(diag, -EBADMSG, KS_NO_OFF, "description of a machine is not a JSON object");
	ks_diag_in(diag, path);
	return rc;
}

/* As sorted() of ukify: a directory stands where its name does. */
static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int load_all(struct hwids *h, const char *path, struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *root = strdup(path);
	__cleanup(close_fts) FTS *tree = NULL;
	FTSENT *entry;
	int rc = 0;

	if (root)
		tree = fts_open((char *[]){ root, NULL }, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	if (!tree)
		return fail_memory(diag);
	errno = 0;
	while (!rc && (entry = fts_read(tree))) {
		struct ks_span name = ks_span_str(entry->fts_name);

		if (entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
			errno = entry->fts_errno;
			rc = ks_fail_sys(diag, "cannot read", entry->fts_path);
		} else if (entry->fts_info != FTS_D && entry->fts_info != FTS_DP &&
			   ks_span_ends_with(name, ks_span_str(".json"))) {
			rc = load_one(h, entry->fts_path, diag);
		}
		errno = 0;
	}
	if (!rc && errno)
		rc = ks_fail_sys(diag, "cannot read", path);
	if (!rc && !h->nr_ids)
		rc = ks_fail(diag, -ENOENT, KS_NO_OFF, "no description of a machine (NAME.json) with hardware IDs");
	ks_diag_in(diag, path);
	return rc;
}

static int by_device_and_text(const void *a, const void *b)
{
	const struct hwid *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return strcmp(x->text, y->text);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each ID once in its device, and each text once. Return: how many are left. */
static size_t drop_twice(struct hwids *h)
{
	size_t i, nr = 0;

	qsort(h->id, h->nr_ids, sizeof(*h->id), by_device_and_text);
	for (i = 0; i < h->nr_ids; i++)
		if (!nr || by_device_and_text(&h->id[nr - 1], &h->id[i]))
			h->id[nr++] = h->id[i];
	return nr;
}

static size_t sort_texts(const struct hwids *h, const char *text[2 * KS_MAX_HWID_DEVICES])
{
	size_t i, nr_all = 0, nr = 0;

	for (i = 0; i < h->nr_devices; i++) {
		text[nr_all++] = h->device[i].name;
		text[nr_all++] = h->device[i].target;
	}
	qsort(text, nr_all, sizeof(*text), by_text);
	for (i = 0; i < nr_all; i++)
		if (!nr || strcmp(text[nr - 1], text[i]))
			text[nr++] = text[i];
	return nr;
}

static u32 offset_of(const char *const *text, const u32 *off, size_t nr, const char *wanted)
{
	const char *const *hit = bsearch(&wanted, text, nr, sizeof(*text), by_text);

	return hit ? off[hit - text] : 0;
}

static void put_hwids(struct hwids *h, struct ks_buf *out)
{
	static const char *text[2 * KS_MAX_HWID_DEVICES];
	static u32 off[2 * KS_MAX_HWID_DEVICES];
	size_t nr_texts, i;
	u64 at;

	h->nr_ids = drop_twice(h);
	nr_texts = sort_texts(h, text);
	at = (h->nr_ids + 1) * ENTRY_BYTES;
	for (i = 0; i < nr_texts; i++) {
		off[i] = (u32)at;
		at += strlen(text[i]) + 1;
	}
	for (i = 0; i < h->nr_ids; i++) {
		const struct device *d = &h->device[h->id[i].device];
		struct ks_guid guid;

		if (!ks_guid_read(h->id[i].text, &guid))
			continue;
		ks_put_le32(out, ENTRY_BYTES | (u32)d->kind << 28);
		ks_put_guid(out, &guid);
		ks_put_le32(out, offset_of(text, off, nr_texts, d->name));
		ks_put_le32(out, offset_of(text, off, nr_texts, d->target));
	}
	ks_put_fill(out, 0, ENTRY_BYTES);
	for (i = 0; i < nr_texts; i++) {
		ks_put_str(out, text[i]);
		ks_put_u8(out, 0);
	}
}

int ks_uki_hwids_load(const char *path, struct ks_buf *out, struct ks_diag *diag)
{
	__cleanup(hwids_free) struct hwids *h = calloc(1, sizeof(*h));
	int rc;

	if (h)
		h->id = calloc(KS_MAX_HWIDS, sizeof(*h->id));
	if (!h || !h->id)
		return fail_memory(diag);
	rc = load_all(h, path, diag);
	if (rc)
		return rc;
	put_hwids(h, out);
	return ks_buf_ok(out, diag);
}

static bool is_text_at(struct ks_span in, u32 off)
{
	struct ks_span rest;

	return ks_span_sub(in, off, in.bytes - (off < in.bytes ? off : in.bytes), &rest) && rest.bytes &&
	       memchr(rest.p, 0, rest.bytes);
}

int ks_uki_hwids_check(struct ks_span hwids, struct ks_diag *diag)
{
	struct ks_span entry;
	u64 off = 0;

	for (; ks_span_sub(hwids, off, ENTRY_BYTES, &entry); off += ENTRY_BYTES) {
		struct ks_cursor c;
		u32 descriptor, name_off, target_off;

		ks_cursor_init(&c, entry, off);
		descriptor = ks_get_le32(&c);
		ks_cursor_skip(&c, KS_GUID_BYTES);
		name_off = ks_get_le32(&c);
		target_off = ks_get_le32(&c);
		if (!descriptor)
			return 0;
		if ((descriptor & 0x0fffffffU) != ENTRY_BYTES)
			return ks_fail(diag, -EBADMSG, off, ".hwids has an entry that is not 28 bytes");
		/* 0: the stub has no name, or nothing to look for. */
		if ((name_off && !is_text_at(hwids, name_off)) || (target_off && !is_text_at(hwids, target_off)))
			return ks_fail(diag, -EBADMSG, off, ".hwids has an entry whose text is not inside");
	}
	return ks_fail(diag, -EBADMSG, off, ".hwids has no empty entry at its end");
}
