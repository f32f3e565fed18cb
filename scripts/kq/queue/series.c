// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/series.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "text/text.h"

void kq_series_done(struct kq_series *series)
{
	size_t i;

	for (i = 0; i < series->nr; i++)
		free(series->entry[i].name);
	free(series->entry);
	ks_buf_done(&series->text);
	*series = (struct kq_series){ 0 };
}

/* Letters that a file name or a SKU may have; a slash is none of them. */
static bool is_plain(struct ks_span s, const char *punctuation)
{
	size_t i;

	for (i = 0; i < s.bytes; i++) {
		u8 c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      (c && strchr(punctuation, c))))
			return false;
	}
	return s.bytes > 0;
}

bool kq_series_item(struct ks_span *list, struct ks_span *ret_item)
{
	const u8 *comma;
	size_t n;

	if (!list->bytes)
		return false;
	comma = memchr(list->p, ',', list->bytes);
	n = comma ? (size_t)(comma - list->p) : list->bytes;
	*ret_item = kq_head(*list, n);
	*list = kq_tail(*list, n + 1);
	return true;
}

static bool is_list(struct ks_span list)
{
	struct ks_span item;

	if (ks_span_ends_with(list, ks_span_str(",")) || !list.bytes)
		return false;
	while (kq_series_item(&list, &item))
		if (!is_plain(item, "_-."))
			return false;
	return true;
}

static int parse_conditions(struct ks_span line, struct kq_entry *entry, const char *where,
			    struct kq_error *error)
{
	struct ks_span word;

	while (ks_span_word(&line, &word)) {
		struct ks_span *list = NULL;

		if (kq_starts(word, "#"))
			return 0;
		if (kq_take(&word, "sku="))
			list = &entry->sku;
		else if (kq_take(&word, "arch="))
			list = &entry->arch;
		if (!list)
			return kq_fail(error, -EBADMSG,
				       "%s: '%.*s' is neither sku=LIST nor arch=LIST", where,
				       KQ_FMT(word));
		if (list->bytes || !is_list(word))
			return kq_fail(error, -EBADMSG,
				       "%s: sku= and arch= take one comma-separated list each",
				       where);
		*list = word;
	}
	return 0;
}

static int add_entry(struct kq_series *series, struct kq_entry *entry, struct ks_span name,
		     const char *where, struct kq_error *error)
{
	struct kq_entry *moved;
	size_t i;

	if (!is_plain(name, "_-.+") || kq_starts(name, ".") || name.bytes > 255)
		return kq_fail(error, -EBADMSG, "%s: '%.*s' is not a plain file name", where,
			       KQ_FMT(name));
	for (i = 0; i < series->nr; i++)
		if (kq_is(name, series->entry[i].name))
			return kq_fail(error, -EBADMSG, "%s: %.*s is already on line %u", where,
				       KQ_FMT(name), series->entry[i].line);
	moved = kq_grow(series->entry, series->nr, &series->room, sizeof(*entry), KQ_MAX_PATCHES,
			error);
	if (!moved)
		return error->err;
	series->entry = moved;
	entry->name = strndup((const char *)name.p, name.bytes);
	if (!entry->name)
		return kq_no_memory(error);
	series->entry[series->nr++] = *entry;
	return 0;
}

static int parse_lines(struct kq_series *series, const char *path, struct kq_error *error)
{
	struct ks_span text = ks_buf_span(&series->text), line, name;
	u32 line_nr = 0;
	int rc = 0;

	while (!rc && ks_span_line(&text, &line)) {
		struct kq_entry entry = { .line = ++line_nr };
		char where[4200];

		snprintf(where, sizeof(where), "%s:%u", path, line_nr);
		if (!ks_span_word(&line, &name) || kq_starts(name, "#"))
			continue;
		rc = parse_conditions(line, &entry, where, error);
		if (!rc)
			rc = add_entry(series, &entry, name, where, error);
	}
	return rc;
}

int kq_series_parse(struct ks_buf *text, const char *path, struct kq_series *ret_series,
		    struct kq_error *error)
{
	__cleanup(kq_series_done) struct kq_series series = { 0 };
	int rc;

	ks_buf_move(&series.text, text);
	rc = parse_lines(&series, path, error);
	if (rc)
		return rc;
	*ret_series = series;
	series = (struct kq_series){ 0 };
	return 0;
}

int kq_series_is_there(const char *dir, struct kq_error *error)
{
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/series", dir);

	if (rc)
		return rc;
	if (access(path.s, F_OK) && (errno == ENOENT || errno == ENOTDIR))
		return kq_fail(error, -ENOENT,
			       "%s: cannot open, there is no queue: say --queue DIR, or kq init "
			       "--queue %s makes one",
			       path.s, dir);
	return 0;
}

int kq_series_load(const char *dir, struct kq_series *ret_series, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/series", dir);

	if (!rc)
		rc = kq_series_is_there(dir, error);
	if (!rc && ks_file_load(path.s, KS_MAX_TEXT_BYTES, &text, &diag))
		rc = kq_fail_diag(error, &diag);
	if (rc)
		return rc;
	return kq_series_parse(&text, path.s, ret_series, error);
}

static bool is_listed(struct ks_span list, const char *name)
{
	struct ks_span item;

	if (!list.bytes)
		return true;
	while (name && kq_series_item(&list, &item))
		if (kq_is(item, name))
			return true;
	return false;
}

bool kq_selected(const struct kq_entry *entry, const struct kq_selection *selection)
{
	return is_listed(entry->sku, selection->sku) && is_listed(entry->arch, selection->arch);
}

static int add_list(struct kq_names *names, struct ks_span list, size_t max, struct kq_error *error)
{
	struct ks_span item;
	int rc = 0;

	while (!rc && kq_series_item(&list, &item))
		if (!kq_names_have(names, item))
			rc = kq_names_add(names, item, max, error);
	return rc;
}

int kq_series_names(const struct kq_series *series, size_t max, struct kq_names *skus,
		    struct kq_names *arches, struct kq_error *error)
{
	const struct ks_span others = { 0 };
	size_t i;
	int rc = skus ? kq_names_add(skus, others, max, error) : 0;

	if (!rc && arches)
		rc = kq_names_add(arches, others, max, error);
	for (i = 0; i < series->nr && !rc; i++) {
		if (skus)
			rc = add_list(skus, series->entry[i].sku, max, error);
		if (!rc && arches)
			rc = add_list(arches, series->entry[i].arch, max, error);
	}
	return rc;
}

#define MAX_NAMED 3U

u32 kq_number_of(const char *name)
{
	struct ks_span rest = ks_span_str(name);
	u32 number;

	return kq_take_number(&rest, &number) ? number : 0;
}

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static bool is_meant(const char *name, const char *text)
{
	return is_number(text) ? kq_number_of(name) && kq_number_of(name) == kq_number_of(text)
			       : *text && strstr(name, text);
}

static int refuse_name(const struct kq_series *series, const char *queue, const char *text,
		       size_t nr, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf names = { 0 };
	size_t i, named = 0;

	if (!nr)
		return kq_fail(error, KQ_REFUSED, "%s: is not in the series of %s", text, queue);
	for (i = 0; i < series->nr && named < MAX_NAMED; i++) {
		if (!is_meant(series->entry[i].name, text))
			continue;
		ks_put_str(&names, named++ ? ", " : "");
		ks_put_str(&names, series->entry[i].name);
	}
	return kq_fail(error, KQ_REFUSED, "%s: may be any of %zu patches: %.*s%s", text, nr,
		       (int)names.bytes, names.bytes ? (const char *)names.p : "",
		       nr > named ? ", ..." : "");
}

int kq_find_patch(const struct kq_series *series, const char *queue, const char *text,
		  size_t *ret_idx, struct kq_error *error)
{
	const char *slash = strrchr(text, '/');
	const char *name = slash ? slash + 1 : text;
	size_t i, nr = 0;

	for (i = 0; i < series->nr; i++)
		if (!strcmp(series->entry[i].name, name)) {
			*ret_idx = i;
			return 0;
		}
	/* A path is a whole name. */
	for (i = 0; i < series->nr && !slash; i++)
		if (is_meant(series->entry[i].name, text)) {
			*ret_idx = i;
			nr++;
		}
	return nr == 1 ? 0 : refuse_name(series, queue, text, nr, error);
}
