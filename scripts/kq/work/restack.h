/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Patches below others than before are written anew, all of the queue is tried, and it takes the
 * place of the old one.
 */
#ifndef KQ_WORK_RESTACK_H
#define KQ_WORK_RESTACK_H

#include "work/edition.h"

/**
 * kq_edition_restack() - after kq_edition_build(): the patches follow, and all is tried
 *
 * Each patch behind the first change gets a verdict as in a rebase, with the old queue up to it as the
 * old base, for every SKU and architecture. Only line numbers, a clean merge or a part that is
 * there now are taken; edition->notes gets a line for each that is not the same any more.
 *
 * Return: 0; KQ_REFUSED with the patch that is in conflict, has nothing left to do, or does not
 * fit.
 */
int __must_check kq_edition_restack(struct kq_edition *edition, struct kq_error *error);

/** kq_edition_make() - build, restack and publish */
int __must_check kq_edition_make(struct kq_edition *edition, struct kq_error *error);

/** kq_edition_publish() - Return: 0; KQ_REFUSED when somebody else has changed the queue since. */
int __must_check kq_edition_publish(const struct kq_edition *edition, struct kq_error *error);

#endif
