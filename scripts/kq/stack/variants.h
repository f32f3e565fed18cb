/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The different queues that one series is, by SKU and architecture.
 */
#ifndef KQ_STACK_VARIANTS_H
#define KQ_STACK_VARIANTS_H

#include "queue/series.h"

/* SKUs times architectures; a fleet has some ten of the first and two of the second. */
#define KQ_MAX_VARIANTS 256U

/**
 * struct kq_variant - one of them
 * @select: what it selects; NULL members stand for every SKU or architecture that no line names
 * @name: "azure-vm", "azure-vm on arm64", "any other SKU", "every SKU"; owned
 */
struct kq_variant {
	struct kq_selection select;
	char *name;
};

/** struct kq_variants - no two of them select the same patches */
struct kq_variants {
	struct kq_variant *variant;
	size_t nr;
	size_t room;
};

/** kq_variants_done() - free; accepts a zeroed struct */
void kq_variants_done(struct kq_variants *variants);

/**
 * kq_variants_of() - what the lines of a series tell apart
 * @sku: only this one; "" for all
 * @ret_variants: owns its texts
 *
 * Return: 0; -E2BIG above KQ_MAX_VARIANTS.
 */
int __must_check kq_variants_of(const struct kq_series *series, const char *sku,
				struct kq_variants *ret_variants, struct kq_error *error);

#endif
