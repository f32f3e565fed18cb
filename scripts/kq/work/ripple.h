/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Patches below others than before: what becomes of them?
 */
#ifndef KQ_WORK_RIPPLE_H
#define KQ_WORK_RIPPLE_H

#include "work/edition.h"

/**
 * kq_ripple() - write those patches of edition->new anew that are not as they were
 * @edition: with open bases; ->notes gets a line for each that is not the same any more
 * @first: all items before this one are what they were
 *
 * Each is judged as in a rebase, with the old queue up to it as the old base, for every SKU and
 * architecture. Only line numbers, a clean merge or a part that is there now are taken.
 *
 * Return: 0; KQ_REFUSED with the patch that is in conflict or has nothing left to do.
 */
int __must_check kq_ripple(struct kq_edition *edition, size_t first, struct kq_error *error);

#endif
