// SPDX-License-Identifier: LGPL-2.1-or-later
#include "symbols/survey.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "text/text.h"

static void changes_done(struct kq_changes *changes)
{
	free(changes->change);
}

const char *kq_change_name(enum kq_symbol_change change)
{
	static const char *const names[] = {
		[KQ_SYMBOL_NEW] = "new",
		[KQ_SYMBOL_REMOVED] = "removed",
		[KQ_SYMBOL_RENAMED] = "renamed",
	};

	return names[change];
}

static int add_change(struct kq_changes *changes, struct kq_change_of change,
		      struct kq_error *error)
{
	struct kq_change_of *moved = kq_grow(changes->change, changes->nr, &changes->room,
					     sizeof(*moved), KQ_MAX_CHANGES, error);

	if (!moved)
		return error->err;
	changes->change = moved;
	changes->change[changes->nr++] = change;
	return 0;
}

/* What @one has and @other has not, each name once. */
static int find_missing(const struct kq_symbols *one, const struct kq_symbols *other,
			const char *arch, enum kq_symbol_change kind, struct kq_changes *changes,
			struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < one->nr && !rc; i++) {
		struct ks_span name = one->symbol[i].name;
		const struct kq_symbol *symbol;

		if (i && ks_span_eq(name, one->symbol[i - 1].name))
			continue;
		symbol = kq_symbols_find(one, name, arch);
		if (!symbol || kq_symbols_find(other, name, arch))
			continue;
		rc = add_change(changes,
				(struct kq_change_of){ kind,
						       kind == KQ_SYMBOL_REMOVED ? symbol : NULL,
						       kind == KQ_SYMBOL_NEW ? symbol : NULL },
				error);
	}
	return rc;
}

static bool same_question(const struct kq_symbol *a, const struct kq_symbol *b)
{
	return a->prompt.bytes && ks_span_eq(a->prompt, b->prompt) && ks_span_eq(a->type, b->type);
}

/* The new symbol with prompt and type of @gone; NULL if there are several, or several went that had them. */
static struct kq_change_of *find_heir(const struct kq_changes *changes,
				      const struct kq_symbol *gone)
{
	struct kq_change_of *heir = NULL;
	size_t i, nr_heirs = 0, nr_gone = 0;

	for (i = 0; i < changes->nr; i++) {
		struct kq_change_of *c = &changes->change[i];

		if (c->change == KQ_SYMBOL_NEW && same_question(c->onto, gone)) {
			heir = c;
			nr_heirs++;
		} else if (c->change == KQ_SYMBOL_REMOVED && c->old &&
			   same_question(c->old, gone)) {
			nr_gone++;
		}
	}
	return nr_heirs == 1 && nr_gone == 1 ? heir : NULL;
}

/* A removed symbol and its heir become one change, a rename. */
static void join_renames(struct kq_changes *changes)
{
	size_t i, nr = 0;

	for (i = 0; i < changes->nr; i++) {
		struct kq_change_of *c = &changes->change[i];
		struct kq_change_of *heir =
			c->change == KQ_SYMBOL_REMOVED ? find_heir(changes, c->old) : NULL;

		if (heir) {
			heir->change = KQ_SYMBOL_RENAMED;
			heir->old = c->old;
			c->old = NULL;
		}
	}
	for (i = 0; i < changes->nr; i++)
		if (changes->change[i].old || changes->change[i].onto)
			changes->change[nr++] = changes->change[i];
	changes->nr = nr;
}

int kq_changes_find(const struct kq_symbols *old, const struct kq_symbols *onto, const char *arch,
		    struct kq_changes *ret_changes, struct kq_error *error)
{
	__cleanup(changes_done) struct kq_changes changes = { 0 };
	int rc = find_missing(onto, old, arch, KQ_SYMBOL_NEW, &changes, error);

	if (!rc)
		rc = find_missing(old, onto, arch, KQ_SYMBOL_REMOVED, &changes, error);
	if (rc)
		return rc;
	join_renames(&changes);
	*ret_changes = changes;
	changes = (struct kq_changes){ 0 };
	return 0;
}

void kq_survey_done(struct kq_survey *survey)
{
	size_t i;

	for (i = 0; i < survey->nr; i++)
		ks_buf_done(&survey->row[i].skus);
	free(survey->row);
	kq_symbols_done(&survey->old);
	kq_symbols_done(&survey->onto);
	*survey = (struct kq_survey){ 0 };
}

static int read_symbols(const struct kq_surveyed_release *side, struct kq_symbols *symbols,
			struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < side->files->nr && !rc; i++) {
		__cleanup(kq_blob_done) struct kq_blob blob = { 0 };
		const struct kq_listed *file = &side->files->file[i];
		char *path;

		if (file->mode == KQ_MODE_LINK || !kq_is_kconfig(file->path))
			continue;
		path = strndup((const char *)file->path.p, file->path.bytes);
		if (!path)
			return kq_no_memory(error);
		rc = kq_source_load(side->source, path, &blob, error);
		if (!rc && blob.exists)
			rc = kq_symbols_add(symbols, file->path, &blob.content, error);
		free(path);
	}
	kq_symbols_sort(symbols);
	return rc;
}

static int add_row(struct kq_survey *survey, struct kq_change_of of, const char *sku,
		   struct kq_error *error)
{
	struct kq_surveyed *row = NULL;
	size_t i;

	for (i = 0; i < survey->nr && !row; i++)
		if (survey->row[i].of.change == of.change && survey->row[i].of.old == of.old &&
		    survey->row[i].of.onto == of.onto)
			row = &survey->row[i];
	if (!row) {
		row = kq_grow(survey->row, survey->nr, &survey->room, sizeof(*row), KQ_MAX_CHANGES,
			      error);
		if (!row)
			return error->err;
		survey->row = row;
		row = &survey->row[survey->nr++];
		*row = (struct kq_surveyed){ .of = of };
	}
	if (row->skus.bytes)
		ks_put_str(&row->skus, ",");
	ks_put_str(&row->skus, sku);
	return 0;
}

static int add_sku(struct kq_survey *survey, const struct kq_sku *sku, struct kq_error *error)
{
	__cleanup(changes_done) struct kq_changes changes = { 0 };
	size_t i;
	int rc = kq_changes_find(&survey->old, &survey->onto, sku->arch, &changes, error);

	for (i = 0; i < changes.nr && !rc; i++)
		rc = add_row(survey, changes.change[i], sku->name, error);
	return rc;
}

int kq_survey_make(const struct kq_surveyed_release side[2], const struct kq_skus *skus,
		   const char *queue, struct kq_survey *ret_survey, struct kq_error *error)
{
	__cleanup(kq_survey_done) struct kq_survey survey = { 0 };
	size_t i;
	int rc = 0;

	survey.compared = side[0].files && side[1].files;
	if (survey.compared) {
		rc = read_symbols(&side[0], &survey.old, error);
		if (!rc)
			rc = read_symbols(&side[1], &survey.onto, error);
	}
	for (i = 0; i < skus->nr && !rc; i++)
		if (!strcmp(skus->sku[i].queue, queue))
			rc = add_sku(&survey, &skus->sku[i], error);
	if (rc)
		return rc;
	*ret_survey = survey;
	survey = (struct kq_survey){ 0 };
	return 0;
}

bool kq_surveyed_is_asked(const struct kq_surveyed *row)
{
	return (row->of.onto ? row->of.onto : row->of.old)->prompt.bytes > 0;
}

/* "NAME", or "OLD=NEW" for a renamed one. */
static void put_name(const struct kq_surveyed *row, struct ks_buf *out)
{
	if (row->of.old)
		ks_put(out, row->of.old->name);
	if (row->of.change == KQ_SYMBOL_RENAMED)
		ks_put_str(out, "=");
	if (row->of.onto)
		ks_put(out, row->of.onto->name);
}

void kq_survey_lines(const struct kq_survey *survey, const char *release, struct ks_buf *out)
{
	size_t i;

	for (i = 0; i < survey->nr; i++) {
		const struct kq_surveyed *row = &survey->row[i];

		if (!kq_surveyed_is_asked(row))
			continue;
		ks_put_str(out, release);
		ks_put_str(out, " ");
		ks_put_str(out, kq_change_name(row->of.change));
		ks_put_str(out, " ");
		put_name(row, out);
		ks_put_str(out, " ");
		ks_put(out, ks_buf_span(&row->skus));
		ks_put_str(out, " undecided\n");
	}
}

/* Release, change and symbol: what identifies a line, whatever was decided. */
static bool same_key(struct ks_span a, struct ks_span b)
{
	struct ks_span one, two;
	size_t i;

	for (i = 0; i < 3; i++)
		if (!ks_span_word(&a, &one) || !ks_span_word(&b, &two) || !ks_span_eq(one, two))
			return false;
	return true;
}

static bool has_line(struct ks_span text, struct ks_span wanted)
{
	struct ks_span line;

	while (ks_span_line(&text, &line))
		if (same_key(line, wanted))
			return true;
	return false;
}

int kq_decisions_append(const char *path, struct ks_span lines, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span line, all;
	size_t before;
	int rc = ks_file_load(path, KS_MAX_TEXT_BYTES, &text, &diag);

	if (rc == -ENOENT)
		return 0;
	if (rc)
		return kq_fail_diag(error, &diag);
	before = text.bytes;
	while (ks_span_line(&lines, &line)) {
		if (has_line(ks_buf_span(&text), line))
			continue;
		if (text.bytes && text.p[text.bytes - 1] != '\n')
			ks_put_str(&text, "\n");
		ks_put(&text, line);
		ks_put_str(&text, "\n");
	}
	if (text.bytes == before)
		return 0;
	all = ks_buf_span(&text);
	if (ks_buf_ok(&text, &diag) || ks_file_publish(path, &all, 1, 0644, &diag))
		return kq_fail_diag(error, &diag);
	return 0;
}
