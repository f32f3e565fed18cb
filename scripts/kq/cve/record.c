// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/record.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "text/json.h"
#include "text/text.h"

void kq_record_done(struct kq_record *record)
{
	ks_buf_done(&record->fixes);
	ks_buf_done(&record->causes);
	ks_buf_done(&record->files);
	*record = (struct kq_record){ 0 };
}

size_t kq_record_has(const struct ks_buf *list, struct ks_span id)
{
	struct ks_span text = ks_buf_span(list), line;
	size_t nr;

	for (nr = 1; ks_span_line(&text, &line); nr++)
		if (id.bytes && ks_span_eq(line, id))
			return nr;
	return 0;
}

/*
 * Of the records so far the longest list has some 3,000 bytes. What is above this is refused in the
 * end, and not compared with all before it.
 */
#define MAX_LIST_BYTES 262144U

/* A line for a list, once; what would break the list or a terminal is left out. */
static void add_line(struct ks_buf *list, const char *text)
{
	const struct ks_span line = ks_span_str(text);
	const char *c;

	for (c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return;
	if (!line.bytes || list->bytes > MAX_LIST_BYTES || kq_record_has(list, line))
		return;
	ks_put(list, line);
	ks_put_str(list, "\n");
}

static struct json_object *child(struct json_object *from, const char *key)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(from, key, &value) ? value : NULL;
}

/* 0 for what is not an array. */
static size_t nr_items(struct json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

/* struct range - one of versions[], of releases; the strings borrow the JSON */
struct range {
	struct kq_order from;
	const char *version;
	const char *below;
	const char *up_to;
	bool affected;
	bool readable;
};

static bool is_bound(const char *text)
{
	struct ks_span s = ks_span_str(text);
	struct kq_order unused;

	if (!s.bytes || kq_is(s, "*"))
		return true;
	if (ks_span_ends_with(s, ks_span_str(".*")))
		s = kq_head(s, s.bytes - 2);
	return kq_order_read(s, &unused);
}

/* Return: false for a range of commits. */
static bool read_range(struct json_object *json, struct range *ret_range)
{
	struct range range = {
		.version = kq_json_get(json, "version"),
		.below = kq_json_get(json, "lessThan"),
		.up_to = kq_json_get(json, "lessThanOrEqual"),
		/* "unknown" counts as affected. */
		.affected = strcmp(kq_json_get(json, "status"), "unaffected") != 0,
	};

	if (!strcmp(kq_json_get(json, "versionType"), "git"))
		return false;
	range.readable = kq_order_read(ks_span_str(range.version), &range.from) &&
			 is_bound(range.below) && is_bound(range.up_to);
	*ret_range = range;
	return true;
}

static bool in_range(const struct range *range, const struct kq_order *base)
{
	struct kq_order end;

	if (!range->readable)
		return range->affected;
	if (kq_order_compare(&range->from, base) > 0)
		return false;
	if (*range->below)
		return !kq_order_read(ks_span_str(range->below), &end) ||
		       kq_order_compare(base, &end) < 0;
	if (*range->up_to)
		return kq_order_within(base, ks_span_str(range->up_to));
	return !kq_order_compare(&range->from, base);
}

static void set_says(struct kq_record *record, enum kq_record_says says, const char *release)
{
	if (says <= record->says)
		return;
	record->says = says;
	snprintf(record->release, sizeof(record->release), "%s", release);
}

/* Where the base's own series gets the fix. */
static const char *next_fix(struct json_object *versions, const struct kq_order *base)
{
	struct range range;
	size_t i;

	for (i = 0; i < nr_items(versions); i++)
		if (read_range(json_object_array_get_idx(versions, i), &range) && range.readable &&
		    !range.affected && kq_order_same_series(&range.from, base) &&
		    kq_order_compare(&range.from, base) > 0)
			return range.version;
	return "";
}

/* The first range that fits decides, else the default. */
static void compare_releases(struct kq_record *record, struct json_object *affected,
			     const struct kq_order *base)
{
	struct json_object *versions = child(affected, "versions");
	bool bad = strcmp(kq_json_get(affected, "defaultStatus"), "unaffected") != 0;
	bool hit = false, compared = false;
	struct range range = { 0 };
	size_t i;

	for (i = 0; i < nr_items(versions) && !hit; i++) {
		if (!read_range(json_object_array_get_idx(versions, i), &range))
			continue;
		compared = true;
		hit = in_range(&range, base);
	}
	if (hit ? range.affected : bad)
		set_says(record, KQ_RECORD_AFFECTED, next_fix(versions, base));
	else if (hit && !strcmp(range.version, "0"))
		set_says(record, KQ_RECORD_LATER, range.below);
	else if (hit)
		set_says(record, KQ_RECORD_FIXED, range.version);
	else if (compared)
		set_says(record, KQ_RECORD_OUTSIDE, "");
}

static void keep_commits(struct kq_record *record, struct json_object *versions)
{
	size_t i;

	for (i = 0; i < nr_items(versions); i++) {
		struct json_object *row = json_object_array_get_idx(versions, i);
		const char *fix = kq_json_get(row, "lessThan");
		const char *cause = kq_json_get(row, "version");

		if (strcmp(kq_json_get(row, "versionType"), "git") ||
		    strcmp(kq_json_get(row, "status"), "affected"))
			continue;
		if (kq_is_hex(ks_span_str(fix), 40))
			add_line(&record->fixes, fix);
		if (kq_is_hex(ks_span_str(cause), 40))
			add_line(&record->causes, cause);
	}
}

static void read_affected(struct kq_record *record, struct json_object *affected,
			  const struct kq_order *base)
{
	struct json_object *files = child(affected, "programFiles");
	size_t i;

	if (strcmp(kq_json_get(affected, "vendor"), "Linux") ||
	    strcmp(kq_json_get(affected, "product"), "Linux"))
		return;
	set_says(record, KQ_RECORD_UNCLEAR, "");
	compare_releases(record, affected, base);
	keep_commits(record, child(affected, "versions"));
	for (i = 0; i < nr_items(files); i++) {
		struct json_object *file = json_object_array_get_idx(files, i);

		if (json_object_is_type(file, json_type_string))
			add_line(&record->files, json_object_get_string(file));
	}
}

int kq_record_load(const char *path, const struct kq_order *base, struct kq_record *ret_record,
		   struct kq_error *error)
{
	__cleanup(kq_json_done) struct json_object *json = NULL;
	__cleanup(kq_record_done) struct kq_record record = { 0 };
	struct json_object *meta, *affected;
	struct ks_span name = ks_span_str(basename(path));
	const char *id;
	size_t i;
	int rc = kq_json_load(path, &json, error);

	if (rc)
		return rc;
	meta = child(json, "cveMetadata");
	id = kq_json_get(meta, "cveId");
	if (!kq_is_cve(ks_span_str(id)))
		return kq_fail(error, -EBADMSG, "%s: is not a CVE record: no cveMetadata.cveId",
			       path);
	if (!kq_take(&name, id) || !kq_is(name, ".json"))
		return kq_fail(error, -EBADMSG, "%s: is the record of %s", path, id);
	snprintf(record.id, sizeof(record.id), "%s", id);
	record.rejected = !strcmp(kq_json_get(meta, "state"), "REJECTED");
	affected = child(child(child(json, "containers"), "cna"), "affected");
	for (i = 0; i < nr_items(affected); i++)
		read_affected(&record, json_object_array_get_idx(affected, i), base);
	if (record.fixes.bytes > MAX_LIST_BYTES || record.causes.bytes > MAX_LIST_BYTES ||
	    record.files.bytes > MAX_LIST_BYTES)
		return kq_fail(error, -E2BIG, "%s: names more than %u bytes of commits or files",
			       path, MAX_LIST_BYTES);
	if (record.fixes.err || record.causes.err || record.files.err)
		return kq_no_memory(error);
	*ret_record = record;
	record = (struct kq_record){ 0 };
	return 0;
}
