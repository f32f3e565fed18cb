/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole queue on a new base, in memory, for every SKU: a pure function of the queue, the two bases,
 * the resolutions and the decisions to drop. kq rebase does what it says, kq status --on prints it.
 */
#ifndef KQ_STACK_RUN_H
#define KQ_STACK_RUN_H

#include "engine/verdict.h"
#include "stack/bases.h"
#include "stack/resolution.h"

/* What became of a patch. */
enum kq_fate {
	KQ_FATE_KEPT,
	KQ_FATE_PARTIAL,
	KQ_FATE_MERGED,
	KQ_FATE_UPSTREAM, /* dropped, with evidence; never because of a resolution */
	KQ_FATE_DROPPED,  /* dropped by a person */
	KQ_FATE_CONFLICT,
	KQ_FATE_WAITING, /* behind a conflict */
	KQ_FATE_OTHER,	 /* not for the SKU that was asked for */
	KQ_NR_FATES,
};

/** kq_fate_name() - "kept", "partial", "merged", "upstream", "dropped", "conflict", ... */
const char *kq_fate_name(enum kq_fate fate);

/**
 * struct kq_step - one patch
 * @entry: its line of the series
 * @loaded: the patch as it was, borrowed from the run's stack
 * @verdict: empty for a patch that kq drop named and those without one
 * @variant: the first variant that it has a verdict for, borrowed
 * @reason: why a person dropped it
 * @behind: a patch before it is in conflict: the verdict is as if that patch was not there
 */
struct kq_step {
	const struct kq_entry *entry;
	enum kq_fate fate;
	const struct kq_loaded *loaded;
	struct kq_verdict verdict;
	const struct kq_variant *variant;
	struct ks_buf reason;
	bool behind;
};

/**
 * struct kq_run - the outcome
 * @step: one for each line of the series
 * @nr_fates: how many patches have this fate; their sum is that of the series
 */
struct kq_run {
	struct kq_stack stack;
	struct kq_variants variants;
	struct kq_step *step;
	size_t nr_fates[KQ_NR_FATES];
};

/** kq_run_done() - free; accepts a zeroed run */
void kq_run_done(struct kq_run *run);

/** kq_run_conflict() - Return: the first step that is a conflict; NULL if there is none */
const struct kq_step *kq_run_conflict(const struct kq_run *run);

/**
 * kq_run_load() - read the series and every patch of it; there are no verdicts yet
 * @sku: only the patches of this SKU; "" for all
 */
int __must_check kq_run_load(const char *queue, const char *sku, struct kq_run *ret_run,
			     struct kq_error *error);

/**
 * kq_run_verdicts() - a verdict on each patch, for all SKU groups
 * @run: from kq_run_load(), or from an earlier call; a step with a reason is dropped
 * @base: the old one, the new one
 * @resolver: knows afterwards which resolutions were used
 * @go_on: also behind a conflict, as if the patch in conflict was not there
 *
 * Return: 0, also with a conflict; KQ_REFUSED when the queue does not apply to the old base, or
 * when a patch comes out differently for two SKUs; errors of reading.
 */
int __must_check kq_run_verdicts(struct kq_run *run, const struct kq_base base[2],
			      struct kq_resolver *resolver, bool go_on, struct kq_error *error);

#endif
