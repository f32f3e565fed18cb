/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers, file names and lines of the series: what a listing of the queue shows.
 */
#ifndef KQ_WORK_NUMBER_H
#define KQ_WORK_NUMBER_H

#include "work/edition.h"

/** kq_item_has_condition() - it is not for all */
bool kq_item_has_condition(const struct kq_edition *edition, size_t idx);

/**
 * kq_edition_number() - items that want a number get one between their neighbours'
 *
 * Where there is none, the patches behind give way, as far as they must. What has a condition counts
 * from 1001 at the end, and gives way only to its kind. A number is never taken from a patch that
 * nobody moved if it can be helped: people and documents name patches by it.
 *
 * Return: 0, each item has a name; KQ_REFUSED when no number is free.
 */
int __must_check kq_edition_number(struct kq_edition *edition, struct kq_error *error);

/** kq_item_rename() - another subject in item->text is another file name, with the same number */
int __must_check kq_item_rename(const struct kq_edition *edition, struct kq_item *item,
				struct kq_error *error);

/** kq_edition_series() - the new text: comments stay where they are */
int __must_check kq_edition_series(const struct kq_edition *edition, struct ks_buf *ret_text,
				  struct kq_error *error);

#endif
