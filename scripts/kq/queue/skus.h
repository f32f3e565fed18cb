/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All of configs/sku (scripts/kconfig/sku.h), as far as the queue is concerned. */
#ifndef KQ_QUEUE_SKUS_H
#define KQ_QUEUE_SKUS_H

#include "text/error.h"

/* A fleet has a dozen. */
#define KQ_MAX_SKUS 256U

/** struct kq_sku - one SKU, with what it inherits; all owned, @arch and @queue may be empty */
struct kq_sku {
	char *name;
	char *arch;
	char *queue;
};

/** struct kq_skus - sorted by name */
struct kq_skus {
	struct kq_sku *sku;
	size_t nr;
	size_t room;
};

/** kq_skus_done() - free; accepts a zeroed struct */
void kq_skus_done(struct kq_skus *skus);

/** kq_skus_load() - read a directory. Return: 0, with none if there is no such directory; an errno.
 */
int __must_check kq_skus_load(const char *dir, struct kq_skus *ret_skus, struct kq_error *error);

#endif
