/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole queue on a new base, in memory: a pure function of the queue, the two bases, the
 * resolutions and the decisions to drop.
 */
#ifndef KQ_REBASE_RUN_H
#define KQ_REBASE_RUN_H

#include "engine/apply_queue.h"
#include "engine/verdict.h"
#include "rebase/plan.h"
#include "rebase/resolve.h"
#include "rebase/variants.h"

/* What became of a patch. */
enum kq_fate {
	KQ_FATE_KEPT,
	KQ_FATE_PARTIAL,
	KQ_FATE_MERGED,
	KQ_FATE_UPSTREAM, /* dropped, with witnesses */
	KQ_FATE_ACCEPTED, /* dropped, because a person said so */
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
 * @loaded: the patch as it was
 * @judgement: empty for KQ_FATE_ACCEPTED and those behind a conflict
 * @variant: the first variant that it was judged for, borrowed
 * @reason: why a person dropped it
 */
struct kq_step {
	const struct kq_entry *entry;
	enum kq_fate fate;
	struct kq_loaded loaded;
	struct kq_judgement judgement;
	const struct kq_variant *variant;
	struct ks_buf reason;
};

/** struct kq_base - one side: pristine files, all names of it if they are known, and its name */
struct kq_base {
	const struct kq_source *source;
	const struct kq_manifest *files;
	const char *label;
};

/**
 * struct kq_run - the outcome
 * @step: one for each line of the series
 * @nr_fates: how many patches have this fate; their sum is series.nr
 */
struct kq_run {
	struct kq_series series;
	struct kq_variants variants;
	struct kq_step *step;
	size_t nr_fates[KQ_NR_FATES];
};

/** kq_run_done() - free; accepts a zeroed run */
void kq_run_done(struct kq_run *run);

/** kq_run_conflict() - Return: the step that is a conflict; NULL if there is none */
const struct kq_step *kq_run_conflict(const struct kq_run *run);

/** kq_run_load() - read the series and every patch of it; nothing is judged */
int __must_check kq_run_load(const struct kq_plan *plan, struct kq_run *ret_run,
			     struct kq_fault *fault);

/**
 * kq_run_judge() - judge all patches, up to the first conflict
 * @run: from kq_run_load()
 * @base: the old one, the new one
 *
 * Return: 0, also with a conflict; KQ_REFUSED when the queue does not apply to the old base, or
 * when a patch comes out differently for two SKUs; what reading said.
 */
int __must_check kq_run_judge(const struct kq_plan *plan, const struct kq_base base[2],
			      struct kq_run *run, struct kq_fault *fault);

#endif
