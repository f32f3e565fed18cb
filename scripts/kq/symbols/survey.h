/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a new base means for the configs of all SKUs, and the lines of configs/decisions that follow.
 */
#ifndef KQ_SYMBOLS_SURVEY_H
#define KQ_SYMBOLS_SURVEY_H

#include "queue/skus.h"
#include "symbols/kconfig.h"
#include "tree/manifest.h"
#include "tree/source.h"

/* Between two releases of one LTS line there are a handful; between two mainlines, a thousand. */
#define KQ_MAX_CHANGES 65536U

enum kq_symbol_change {
	KQ_SYMBOL_NEW,
	KQ_SYMBOL_REMOVED,
	KQ_SYMBOL_RENAMED,
};

/**
 * struct kq_change_of - one symbol
 * @old: as the old base defines it; NULL for a new one
 * @onto: as the new base defines it; NULL for a removed one
 */
struct kq_change_of {
	enum kq_symbol_change change;
	const struct kq_symbol *old;
	const struct kq_symbol *onto;
};

/** struct kq_changes - by name; borrows from both sets, @change is to be freed */
struct kq_changes {
	struct kq_change_of *change;
	size_t nr;
	size_t room;
};

/**
 * kq_changes_find() - compare the symbols of two releases as one architecture sees them
 * @old: sorted
 * @onto: sorted
 *
 * Renamed is what went while exactly one other with the same type and the same prompt came.
 *
 * Return: 0; -E2BIG above KQ_MAX_CHANGES; -ENOMEM.
 */
int __must_check kq_changes_find(const struct kq_symbols *old, const struct kq_symbols *onto,
				 const char *arch, struct kq_changes *ret_changes,
				 struct kq_error *error);

/** kq_change_name() - "new", "removed" or "renamed" */
const char *kq_change_name(enum kq_symbol_change change);

/** struct kq_surveyed_release - one release: its files, and the list of all of them (NULL: not known) */
struct kq_surveyed_release {
	const struct kq_source *source;
	const struct kq_manifest *files;
};

/**
 * struct kq_surveyed - one symbol
 * @of: borrows from the survey's sets
 * @skus: names of the SKUs whose architecture sees the change, with commas
 */
struct kq_surveyed {
	struct kq_change_of of;
	struct ks_buf skus;
};

/**
 * struct kq_survey - all SKUs of one queue
 * @compared: false when a side has no list of files: nothing is known then
 */
struct kq_survey {
	struct kq_symbols old;
	struct kq_symbols onto;
	struct kq_surveyed *row;
	size_t nr;
	size_t room;
	bool compared;
};

/** kq_survey_done() - free; accepts a zeroed survey */
void kq_survey_done(struct kq_survey *survey);

/**
 * kq_survey_make() - read all Kconfig files of both releases and compare
 * @queue: only SKUs of this queue count: "6.18"
 */
int __must_check kq_survey_make(const struct kq_surveyed_release side[2],
				const struct kq_skus *skus, const char *queue,
				struct kq_survey *ret_survey, struct kq_error *error);

/** kq_surveyed_is_asked() - a person could have to decide: the symbol has a prompt */
bool kq_surveyed_is_asked(const struct kq_surveyed *row);

/** kq_survey_lines() - a line of configs/decisions for each symbol that is asked for */
void kq_survey_lines(const struct kq_survey *survey, const char *release, struct ks_buf *out);

/**
 * kq_decisions_append() - add those lines that the file has not, decided or not
 * @path: left alone if it has them all, or if there is no such file
 */
int __must_check kq_decisions_append(const char *path, struct ks_span lines,
				     struct kq_error *error);

#endif
