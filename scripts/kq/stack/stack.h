/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole queue in memory, to see whether a change of it would still apply, for every SKU.
 */
#ifndef KQ_STACK_STACK_H
#define KQ_STACK_STACK_H

#include "engine/apply_queue.h"

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

/**
 * kq_stack_apply() - apply the first @nr entries, those that are selected
 * @notes: see kq_apply_patch()
 */
int __must_check kq_stack_apply(const struct kq_stack *stack, size_t nr,
				const struct kq_selection *selection, struct kq_overlay *overlay,
				struct ks_buf *notes, struct kq_error *error);

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
