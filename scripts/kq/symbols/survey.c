// SPDX-License-Identifier: LGPL-2.1-or-later
#include "symbols/survey.h"

#include <stdlib.h>
#include <string.h>

#include "text/text.h"

void kq_survey_done(struct kq_survey *survey)
{
	size_t i;

	for (i = 0; i < survey->nr; i++)
		ks_buf_done(&survey->row[i].skus);
	free(survey->row);
	kq_symbols_done(&survey->old);
	kq_symbols_done(&survey->now);
	*survey = (struct kq_survey){ 0 };
}

static int read_symbols(const struct kq_surveyed_release *side, struct kq_symbols *symbols,
			struct kq_fault *fault)
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
			return kq_no_memory(fault);
		rc = kq_source_load(side->source, path, &blob, fault);
		if (!rc && blob.exists)
			rc = kq_symbols_add(symbols, file->path, &blob.content, fault);
		free(path);
	}
	kq_symbols_sort(symbols);
	return rc;
}

static int add_row(struct kq_survey *survey, struct kq_change_of of, const char *sku,
		   struct kq_fault *fault)
{
	struct kq_surveyed *row = NULL;
	size_t i;

	for (i = 0; i < survey->nr && !row; i++)
		if (survey->row[i].of.change == of.change && survey->row[i].of.old == of.old &&
		    survey->row[i].of.now == of.now)
			row = &survey->row[i];
	if (!row) {
		row = kq_grow(survey->row, survey->nr, &survey->room, sizeof(*row), KQ_MAX_CHANGES,
			      fault);
		if (!row)
			return fault->err;
		survey->row = row;
		row = &survey->row[survey->nr++];
		*row = (struct kq_surveyed){ .of = of };
	}
	if (row->skus.bytes)
		ks_put_str(&row->skus, ",");
	ks_put_str(&row->skus, sku);
	return 0;
}

static int add_sku(struct kq_survey *survey, const struct kq_sku *sku, struct kq_fault *fault)
{
	__cleanup(kq_changes_done) struct kq_changes changes = { 0 };
	size_t i;
	int rc = kq_changes_find(&survey->old, &survey->now, sku->arch, &changes, fault);

	for (i = 0; i < changes.nr && !rc; i++)
		rc = add_row(survey, changes.change[i], sku->name, fault);
	return rc;
}

int kq_survey_make(const struct kq_surveyed_release side[2], const struct kq_skus *skus, const char *queue,
		   struct kq_survey *ret_survey, struct kq_fault *fault)
{
	__cleanup(kq_survey_done) struct kq_survey survey = { 0 };
	size_t i;
	int rc = 0;

	survey.compared = side[0].files && side[1].files;
	if (survey.compared) {
		rc = read_symbols(&side[0], &survey.old, fault);
		if (!rc)
			rc = read_symbols(&side[1], &survey.now, fault);
	}
	for (i = 0; i < skus->nr && !rc; i++)
		if (!strcmp(skus->sku[i].queue, queue))
			rc = add_sku(&survey, &skus->sku[i], fault);
	if (rc)
		return rc;
	*ret_survey = survey;
	survey = (struct kq_survey){ 0 };
	return 0;
}

bool kq_surveyed_is_asked(const struct kq_surveyed *row)
{
	return (row->of.now ? row->of.now : row->of.old)->prompt.bytes > 0;
}
