/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The series file: which patches, in which order, for which SKU and architecture.
 *
 *   0001-common.patch
 *   0007-vm-only.patch  sku=azure-vm,microvm arch=x86_64
 *   # comment
 */
#ifndef KQ_QUEUE_SERIES_H
#define KQ_QUEUE_SERIES_H

#include "base/buf.h"
#include "text/error.h"
#include "text/text.h"

/**
 * struct kq_entry - one line of the series
 * @name: plain file name, NUL-terminated, owned by the series
 * @sku: comma-separated list, empty for all
 * @arch: comma-separated list, empty for all
 * @line: counted from 1
 */
struct kq_entry {
	char *name;
	struct ks_span sku;
	struct ks_span arch;
	u32 line;
};

/** struct kq_series - owns the text that its entries borrow */
struct kq_series {
	struct ks_buf text;
	struct kq_entry *entry;
	size_t nr;
	size_t room;
};

/** struct kq_selection - what to select; NULL selects only lines without that condition */
struct kq_selection {
	const char *sku;
	const char *arch;
};

/** kq_series_done() - free; accepts a zeroed series */
void kq_series_done(struct kq_series *series);

/** kq_series_is_there() - Return: 0; -ENOENT with the one thing to do when DIR is not a queue. */
int __must_check kq_series_is_there(const char *dir, struct kq_error *error);

/**
 * kq_series_load() - read DIR/series, which may be without a patch: all went upstream
 *
 * Return: 0; -EBADMSG with "DIR/series:LINE" for a name that is not a plain file name, a duplicate
 * or an unknown condition; -ENOENT with what to do; -E2BIG; what ks_file_load() says.
 */
int __must_check kq_series_load(const char *dir, struct kq_series *ret_series,
				struct kq_error *error);

/**
 * kq_series_parse() - read the text of a series
 * @text: taken over; empty afterwards
 * @path: for messages
 * @ret_series: may be without a patch
 *
 * Return: 0; -EBADMSG or -E2BIG as kq_series_load().
 */
int __must_check kq_series_parse(struct ks_buf *text, const char *path,
				 struct kq_series *ret_series, struct kq_error *error);

/** kq_series_item() - cut the next name off a list of SKUs or architectures. Return: false: none */
bool kq_series_item(struct ks_span *list, struct ks_span *ret_item);

/** kq_selected() - the line is for this SKU and architecture */
bool kq_selected(const struct kq_entry *entry, const struct kq_selection *selection);

/**
 * kq_series_names() - what the lines name, each once; first NULL, which stands for all others
 * @max: -E2BIG above
 * @skus: may be NULL
 * @arches: may be NULL
 */
int __must_check kq_series_names(const struct kq_series *series, size_t max, struct kq_names *skus,
				 struct kq_names *arches, struct kq_error *error);

/** kq_number_of() - the number that a file name starts with, 0 for none */
u32 kq_number_of(const char *name);

/**
 * kq_find_patch() - look up what a person typed
 * @queue: its directory, for messages
 * @text: "7" or "0007"; a file name, with directories in front or without; or a part of one file
 * name only
 *
 * Digits alone are a number and never a part of a name: "1" must not take out 0010.
 *
 * Return: 0; KQ_REFUSED when there is none, or several, of which the first ones are named.
 */
int __must_check kq_find_patch(const struct kq_series *series, const char *queue, const char *text,
			       size_t *ret_idx, struct kq_error *error);

#endif
