/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole queue in memory, and the different queues that it is, by SKU and architecture.
 */
#ifndef KQ_STACK_STACK_H
#define KQ_STACK_STACK_H

#include "engine/apply_queue.h"
#include "text/text.h"

/**
 * struct kq_stack - a series and its patches
 * @patch: patch[i] is that of series.entry[i]; owned
 */
struct kq_stack {
	struct kq_series series;
	struct kq_loaded *patch;
};

/** kq_stack_done() - free; accepts a zeroed stack */
void kq_stack_done(struct kq_stack *stack);

/** kq_stack_load() - DIR/series and all its patches */
int __must_check kq_stack_load(const char *dir, struct kq_stack *ret_stack,
			       struct kq_error *error);

/**
 * kq_stack_set() - replace one patch
 * @text: taken over; empty afterwards
 * @label: for messages; must outlive the stack
 */
int __must_check kq_stack_set(struct kq_stack *stack, size_t idx, struct ks_buf *text,
			      const char *label, struct kq_error *error);

/** kq_stack_paths() - all files that the patches touch, sorted, each once */
int __must_check kq_stack_paths(const struct kq_stack *stack, struct kq_names *ret_paths,
				struct kq_error *error);

/** kq_stack_apply() - apply the patches from @idx up to, not with, @end_idx, those that are
 * selected */
int __must_check kq_stack_apply(const struct kq_stack *stack, size_t idx, size_t end_idx,
				const struct kq_selection *selection, struct kq_overlay *overlay,
				struct kq_error *error);

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

/**
 * kq_selection_first() - the first SKU and architecture that a line of the series is for
 * @selection: in and out: what is set already stays
 * @room: for the names
 */
int __must_check kq_selection_first(const struct kq_entry *entry, struct kq_selection *selection,
				    struct kq_path room[2], struct kq_error *error);

/** kq_selection_fail() - why something fails, with the SKU and architecture if it is only theirs */
int kq_selection_fail(const struct kq_selection *selection, const struct kq_error *why,
		      struct kq_error *error);

/** kq_stack_visit - called with one selection; an errno stops */
typedef int (*kq_stack_visit)(void *arg, const struct kq_selection *selection,
			      struct kq_error *error);

/**
 * kq_stack_each() - every SKU that the series names, and one that it does not, with every
 * architecture that it names, and one that it does not; those with the same patches once
 *
 * What is for all comes first: the first selection is that without conditions.
 */
int __must_check kq_stack_each(const struct kq_stack *stack, kq_stack_visit visit, void *arg,
			       struct kq_error *error);

/**
 * kq_stack_check() - the queue applies to @source, for all of kq_stack_each()
 *
 * Return: 0; KQ_REFUSED with the patch, and the SKU and architecture if it is theirs.
 */
int __must_check kq_stack_check(const struct kq_stack *stack, const struct kq_source *source,
				struct kq_error *error);

#endif
