// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/table.h"

#include <json-c/linkhash.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cve/say.h"
#include "queue/dropped.h"
#include "queue/patch.h"
#include "text/dir.h"
#include "text/text.h"

/* Of a line of dropped.log, see queue/dropped.h. */
#define NR_FIELDS 8U

/* For each patch its commits, upstream and stable, and its CVE numbers: more than 62 of these is an error. */
#define MAX_LINKS (KQ_MAX_PATCHES * 64U)

static void links_done(struct kq_links *links)
{
	free(links->link);
	*links = (struct kq_links){ 0 };
}

static int add_link(struct kq_links *links, struct ks_span key, enum kq_link_kind kind,
		    size_t patch, struct kq_error *error)
{
	struct kq_link *moved =
		kq_grow(links->link, links->nr, &links->room, sizeof(*moved), MAX_LINKS, error);

	if (!moved)
		return error->err;
	links->link = moved;
	links->link[links->nr++] = (struct kq_link){ key, kind, patch };
	return 0;
}

static int add_links(struct kq_links *links, const struct kq_cve_patch *patch, size_t idx,
		     struct kq_error *error)
{
	struct ks_span value = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; !rc && kq_trailer(patch->patch, "CVE:", i, &value); i++)
		rc = add_link(links, value, KQ_LINK_NUMBER, idx, error);
	if (!rc && patch->upstream.bytes)
		rc = add_link(links, patch->upstream, KQ_LINK_UPSTREAM, idx, error);
	if (!rc && patch->stable.bytes)
		rc = add_link(links, patch->stable, KQ_LINK_STABLE, idx, error);
	return rc;
}

static int by_key(const void *a, const void *b)
{
	const struct kq_link *left = a, *right = b;
	int order = ks_span_cmp(left->key, right->key);

	return order ? order : (left->patch > right->patch) - (left->patch < right->patch);
}

static void sort_links(struct kq_links *links)
{
	if (links->nr)
		qsort(links->link, links->nr, sizeof(*links->link), by_key);
}

/* The first of those with this key, or where it would be. */
static size_t find_link(const struct kq_links *links, struct ks_span key)
{
	size_t low = 0, high = links->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ks_span_cmp(links->link[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void mark_patches(const struct kq_links *links, struct ks_span key, unsigned int kinds,
			 u8 *ret_kinds)
{
	size_t i;

	for (i = find_link(links, key); i < links->nr && ks_span_eq(links->link[i].key, key); i++)
		ret_kinds[links->link[i].patch] |= (u8)(links->link[i].kind & kinds);
}

void kq_cves_done(struct kq_cves *cves)
{
	size_t i;

	for (i = 0; i < cves->nr; i++) {
		kq_decision_done(&cves->cve[i].decision);
		kq_record_done(&cves->cve[i].record);
		ks_buf_done(&cves->cve[i].evidence);
		ks_buf_done(&cves->cve[i].findings);
		ks_buf_done(&cves->cve[i].asked);
	}
	free(cves->cve);
	free(cves->patch);
	free(cves->kinds);
	links_done(&cves->links);
	if (cves->rows)
		lh_table_free(cves->rows);
	kq_stack_done(&cves->stack);
	ks_buf_done(&cves->log);
	ks_buf_done(&cves->findings);
	*cves = (struct kq_cves){ 0 };
}

/* struct load - the table while it grows */
struct load {
	const struct kq_cve_ask *ask;
	struct kq_cves *cves;
	struct kq_path dir;
};

static void free_key(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
}

static struct kq_cve *add_row(struct kq_cves *cves, const char *id, struct kq_error *error)
{
	struct kq_cve *grown =
		kq_grow(cves->cve, cves->nr, &cves->room, sizeof(*cves->cve), KQ_MAX_CVES, error);

	char *key;

	if (!grown)
		return NULL;
	cves->cve = grown;
	if (!cves->rows)
		cves->rows = lh_kchar_table_new(64, free_key);
	if (!cves->rows) {
		kq_no_memory(error);
		return NULL;
	}
	grown = &cves->cve[cves->nr];
	*grown = (struct kq_cve){ .by = KQ_CVE_BY_RECORD };
	snprintf(grown->id, sizeof(grown->id), "%s", id);
	key = strdup(grown->id);
	if (!key || lh_table_insert(cves->rows, key, (void *)(uintptr_t)cves->nr)) {
		free(key);
		kq_no_memory(error);
		return NULL;
	}
	cves->nr++;
	return grown;
}

static struct kq_cve *find_row(const struct kq_cves *cves, const char *id)
{
	struct lh_entry *entry = cves->rows ? lh_table_lookup_entry(cves->rows, id) : NULL;

	return entry ? &cves->cve[(uintptr_t)lh_entry_v(entry)] : NULL;
}

static void read_ids(struct kq_cve_patch *patch)
{
	struct ks_span value = { 0 };

	if (kq_trailer(patch->patch, "Upstream-status:", 0, &value) &&
	    kq_take(&value, "backport ") && kq_is_hex(kq_head(value, 40), 40))
		patch->upstream = kq_head(value, 40);
	value = (struct ks_span){ 0 };
	if (kq_trailer(patch->patch, "Stable-commit:", 0, &value) && kq_is_hex(value, 40))
		patch->stable = value;
}

static int add_trailers(struct kq_cves *cves, const struct kq_cve_patch *patch,
			struct kq_error *error)
{
	struct ks_span value = { 0 };
	char id[KQ_CVE_BYTES];
	size_t i;

	for (i = 0; kq_trailer(patch->patch, "CVE:", i, &value); i++) {
		if (!kq_is_cve(value)) {
			kq_say(&cves->findings, "%s: CVE: %.*s is not a CVE number",
			       patch->entry->name, KQ_FMT(value));
			continue;
		}
		snprintf(id, sizeof(id), "%.*s", KQ_FMT(value));
		if (!find_row(cves, id) && !add_row(cves, id, error))
			return error->err;
	}
	return 0;
}

static int load_patches(const struct kq_cve_ask *ask, struct kq_cves *cves, struct kq_error *error)
{
	size_t i;
	int rc = kq_stack_load(ask->queue, &cves->stack, error);

	if (rc)
		return rc;
	cves->patch = calloc(cves->stack.series.nr + 1, sizeof(*cves->patch));
	cves->kinds = calloc(cves->stack.series.nr + 1, 1);
	if (!cves->patch || !cves->kinds)
		return kq_no_memory(error);
	for (i = 0; i < cves->stack.series.nr && !rc; i++) {
		struct kq_cve_patch *patch = &cves->patch[i];

		patch->entry = &cves->stack.series.entry[i];
		patch->patch = &cves->stack.patch[i].patch;
		patch->selected = kq_selected(patch->entry, ask->selection);
		read_ids(patch);
		rc = add_trailers(cves, patch, error);
		if (!rc)
			rc = add_links(&cves->links, patch, i, error);
	}
	sort_links(&cves->links);
	return rc;
}

static int load_decision(void *arg, const char *name, struct kq_error *error)
{
	struct load *load = arg;
	struct kq_cves *cves = load->cves;
	struct kq_cve *row;

	if (!kq_is_cve(ks_span_str(name))) {
		kq_say(&cves->findings, "cve/%s: want a file named as its CVE, CVE-YYYY-NNNN",
		       name);
		return 0;
	}
	row = find_row(cves, name);
	if (!row)
		row = add_row(cves, name, error);
	if (!row)
		return error->err;
	row->decided = true;
	return kq_decision_load(load->dir.s, name, load->ask->today,
				cves->has_base ? &cves->base : NULL, &row->decision, &row->findings,
				error);
}

static int load_decisions(struct load *load, struct kq_error *error)
{
	int rc = kq_path(&load->dir, error, "%s/cve", load->ask->queue);

	if (rc || access(load->dir.s, F_OK))
		return rc;
	return kq_dir_walk(load->dir.s, load_decision, load, error);
}

static bool cut_field(struct ks_span *line, struct ks_span *ret_field)
{
	const u8 *tab = line->bytes ? memchr(line->p, '\t', line->bytes) : NULL;
	size_t bytes = tab ? (size_t)(tab - line->p) : line->bytes;

	*ret_field = kq_head(*line, bytes);
	*line = kq_tail(*line, tab ? bytes + 1 : bytes);
	return ret_field->bytes != 0;
}

/* Return: false for a comment, a line of another form, or a patch without a CVE. */
static bool read_dropped(struct ks_span line, struct kq_dropped *ret_dropped)
{
	struct ks_span field[NR_FIELDS];
	size_t i;

	if (kq_starts(line, "#"))
		return false;
	for (i = 0; i < NR_FIELDS; i++)
		if (!cut_field(&line, &field[i]))
			return false;
	*ret_dropped = (struct kq_dropped){
		.patch = field[1],
		.base = field[4],
		.given_up = !kq_is(field[5], "upstream"),
		.cves = field[7],
	};
	return true;
}

static int add_dropped(struct kq_cves *cves, const struct kq_dropped *dropped,
		       struct kq_error *error)
{
	struct ks_span list = dropped->cves, value = { 0 };
	char id[KQ_CVE_BYTES];
	struct kq_cve *row;

	while (kq_series_item(&list, &value)) {
		if (!kq_is_cve(value))
			continue;
		snprintf(id, sizeof(id), "%.*s", KQ_FMT(value));
		row = find_row(cves, id);
		if (!row)
			row = add_row(cves, id, error);
		if (!row)
			return error->err;
		row->dropped = *dropped;
	}
	return 0;
}

static int load_dropped(const struct kq_cve_ask *ask, struct kq_cves *cves, struct kq_error *error)
{
	struct kq_dropped dropped;
	struct ks_span text, line;
	int rc = kq_dropped_load(ask->queue, &cves->log, error);

	text = ks_buf_span(&cves->log);
	while (!rc && ks_span_line(&text, &line))
		if (read_dropped(line, &dropped))
			rc = add_dropped(cves, &dropped, error);
	return rc;
}

/* The directory of the public records has mails and other lists beside them. */
static bool is_record(const char *name)
{
	struct ks_span file = ks_span_str(name);

	return kq_starts(file, "CVE-") && ks_span_ends_with(file, ks_span_str(".json"));
}

static int load_record(void *arg, const char *name, struct kq_error *error)
{
	__cleanup(kq_record_done) struct kq_record record = { 0 };
	struct load *load = arg;
	struct kq_cves *cves = load->cves;
	struct kq_path path;
	struct kq_cve *row;
	int rc = kq_path(&path, error, "%s/%s", load->dir.s, name);

	if (!rc)
		rc = kq_record_load(path.s, &cves->base, &record, error);
	if (rc)
		return rc;
	row = find_row(cves, record.id);
	if (row && row->recorded)
		return kq_fail(error, -EBADMSG, "%s: two records of %s", path.s, record.id);
	if (!row && (record.rejected || record.says == KQ_RECORD_OTHER))
		return 0;
	if (!row)
		row = add_row(cves, record.id, error);
	if (!row)
		return error->err;
	row->recorded = true;
	row->record = record;
	record = (struct kq_record){ 0 };
	return 0;
}

/* By year, then by number, which have no leading zeros beyond four digits. */
static int by_id(const void *a, const void *b)
{
	const struct kq_cve *left = a, *right = b;
	size_t left_bytes = strlen(left->id), right_bytes = strlen(right->id);
	int year = strncmp(left->id, right->id, strlen("CVE-2026"));

	if (year || left_bytes == right_bytes)
		return year ? year : strcmp(left->id, right->id);
	return left_bytes < right_bytes ? -1 : 1;
}

static int load_records(struct load *load, struct kq_error *error)
{
	const struct kq_cves *cves = load->cves;
	int rc;

	if (!load->ask->records)
		return 0;
	if (!cves->has_base)
		return kq_fail(error, -ENOENT,
			       "%s/" KQ_LOCK_NAME ": is not there, so records cannot be compared; "
			       "kq lock --write makes it",
			       load->ask->queue);
	rc = kq_path(&load->dir, error, "%s", load->ask->records);
	if (!rc)
		rc = kq_dir_find(load->dir.s, is_record, KQ_MAX_CVES, load_record, load, error);
	return rc;
}

/* The hash no longer knows where the rows are. */
static void sort_rows(struct kq_cves *cves)
{
	if (cves->nr)
		qsort(cves->cve, cves->nr, sizeof(*cves->cve), by_id);
	if (cves->rows)
		lh_table_free(cves->rows);
	cves->rows = NULL;
}

int kq_cves_load(const struct kq_cve_ask *ask, struct kq_cves *ret_cves, struct kq_error *error)
{
	__cleanup(kq_cves_done) struct kq_cves cves = { 0 };
	struct load load = { .ask = ask, .cves = &cves };
	bool found = false;
	int rc = kq_lock_load(ask->queue, &cves.lock, &found, error);

	cves.has_base = !rc && found && kq_order_read(ks_span_str(cves.lock.release), &cves.base);
	if (!rc)
		rc = load_patches(ask, &cves, error);
	if (!rc)
		rc = load_dropped(ask, &cves, error);
	if (!rc)
		rc = load_decisions(&load, error);
	if (!rc)
		rc = load_records(&load, error);
	if (!rc)
		sort_rows(&cves);
	if (!rc && cves.findings.err)
		rc = kq_no_memory(error);
	if (rc)
		return rc;
	*ret_cves = cves;
	cves = (struct kq_cves){ 0 };
	return 0;
}

const struct kq_cve *kq_cves_find(const struct kq_cves *cves, const char *id)
{
	struct kq_cve wanted = { 0 };

	snprintf(wanted.id, sizeof(wanted.id), "%s", id);
	return cves->nr ? bsearch(&wanted, cves->cve, cves->nr, sizeof(wanted), by_id) : NULL;
}

void kq_cve_patches(const struct kq_cves *cves, const struct kq_cve *cve, u8 *ret_kinds)
{
	const struct kq_record *record = &cve->record;
	struct ks_span list = ks_buf_span(&record->fixes), line;

	if (cves->stack.series.nr)
		memset(ret_kinds, 0, cves->stack.series.nr);
	mark_patches(&cves->links, ks_span_str(cve->id), KQ_LINK_NUMBER, ret_kinds);
	if (record->rejected ||
	    (record->says != KQ_RECORD_AFFECTED && record->says != KQ_RECORD_UNCLEAR))
		return;
	while (ks_span_line(&list, &line))
		mark_patches(&cves->links, line, KQ_LINK_UPSTREAM | KQ_LINK_STABLE, ret_kinds);
}

const struct kq_cve_patch *kq_links_first(const struct kq_cves *cves, const struct ks_buf *ids)
{
	const struct kq_links *links = &cves->links;
	struct ks_span list = ks_buf_span(ids), line;
	size_t first = cves->stack.series.nr, i;

	while (ks_span_line(&list, &line))
		for (i = find_link(links, line);
		     i < links->nr && ks_span_eq(links->link[i].key, line); i++)
			if (links->link[i].kind == KQ_LINK_UPSTREAM && links->link[i].patch < first)
				first = links->link[i].patch;
	return first < cves->stack.series.nr ? &cves->patch[first] : NULL;
}
