/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of a rebase is nothing but its inputs, in STATE/rebase (.kq/rebase):
 *
 *   plan.json        what was asked for, and the hashes of all that it was asked for
 *   drops            decisions: "PATCH<tab>REASON" or "PATCH/FILE<tab>REASON", one per line
 *   conflict/        the conflict that waits for a person, see stack/conflict.h
 *   next.json        the hashes of the new queue, just before it takes the place of the old one
 *
 * New resolutions are in STATE/resolutions: those that were used go into the queue at the end, the
 * others wait there for the next rebase, also when this one is called off.
 */
#ifndef KQ_REBASE_PLAN_H
#define KQ_REBASE_PLAN_H

#include "stack/bases.h"
#include "stack/run.h"
#include "text/json.h"

/* A reason is a sentence. */
#define KQ_MAX_REASON_BYTES 1024U

/**
 * struct kq_plan - what a rebase was asked for
 * @state: STATE
 * @dir: STATE/rebase
 * @json: all of it; the texts below borrow from it
 * @queue: the queue's directory
 * @from: the old base as given, or as base.lock has it
 * @to: the new base as given
 * @sku: only the patches of this SKU; "" for all
 * @time: seconds since 1970; dropped.log has it, so that a later run writes the same
 */
struct kq_plan {
	struct kq_path state;
	struct kq_path dir;
	struct json_object *json;
	const char *queue;
	const char *from;
	const char *to;
	const char *sku;
	u64 time;
};

enum kq_rebase_end {
	KQ_REBASE_DONE,	    /* the queue is on the new base */
	KQ_REBASE_SAME,	    /* it was already: no byte of it changed */
	KQ_REBASE_TRIAL,    /* one SKU only, others have patches of their own: the queue stays */
	KQ_REBASE_CONFLICT, /* a person must decide */
	KQ_REBASE_FINISHED, /* an earlier run was stopped after the new queue was in */
};

/**
 * struct kq_rebase - one call
 * @run: empty for KQ_REBASE_FINISHED
 * @tree: where the conflict is to be resolved
 * @outcome: the report, of kq_report_write(); NULL before, and for KQ_REBASE_FINISHED
 * @report: name of the report, without ".md" or ".json"
 * @undecided: KQ_REBASE_CONFLICT was answered, but not to the end: says what is left; else empty
 * @kept: where a work tree is that was edited and not used; "" for none
 * @lock_fd: of STATE, while this kq works in it
 */
struct kq_rebase {
	enum kq_rebase_end end;
	struct kq_plan plan;
	struct kq_bases bases;
	struct kq_run run;
	struct kq_path tree;
	struct json_object *outcome;
	struct kq_path report;
	struct kq_error undecided;
	struct kq_path kept;
	struct kq_resolver resolver;
	int lock_fd;
};

/** kq_plan_done() - free; accepts a zeroed plan */
void kq_plan_done(struct kq_plan *plan);

/** kq_plan_path() - STATE/rebase/NAME */
int __must_check kq_plan_path(const struct kq_plan *plan, const char *name,
			      struct kq_path *ret_path, struct kq_error *error);

/**
 * kq_plan_start() - make a plan; nothing is written
 * @state: STATE
 * @from_id: what identifies the old base, "" if nothing does
 * @to_id: the same for the new base
 *
 * Return: 0; KQ_REFUSED when a rebase is under way.
 */
int __must_check kq_plan_start(const char *state, const char *queue, const char *sku,
			       const char *const base[2], struct kq_plan *ret_plan,
			       struct kq_error *error);

/** kq_plan_is_free() - Return: 0; KQ_REFUSED when a rebase is under way in its state. */
int __must_check kq_plan_is_free(const struct kq_plan *plan, struct kq_error *error);

/** kq_plan_save() - write it, with what identifies the bases: from here on a rebase is under way */
int __must_check kq_plan_save(struct kq_plan *plan, const char *const id[2],
			      struct kq_error *error);

/**
 * kq_plan_load() - read STATE/rebase/plan.json
 *
 * Return: 0; KQ_REFUSED when there is none; -EBADMSG when it is none of ours: ->state and ->dir are set
 * then too.
 */
int __must_check kq_plan_load(const char *state, struct kq_plan *ret_plan, struct kq_error *error);

/**
 * kq_plan_check() - the inputs are those of the plan
 * @id: what identifies the bases now; NULL to look at the queue only
 *
 * Return: 0; KQ_REFUSED naming what changed.
 */
int __must_check kq_plan_check(const struct kq_plan *plan, const char *const id[2],
			       struct kq_error *error);

/** kq_hashes() - sha256 by name of all files directly in the queue's directory */
int __must_check kq_hashes(const char *queue, struct json_object **ret_hashes,
			   struct kq_error *error);

/** kq_hashes_differ() - Return: name of the first file that differs, borrowed; NULL for none. */
const char *kq_hashes_differ(struct json_object *a, struct json_object *b);

/**
 * kq_drop_add() - record that a patch is dropped on purpose, or "PATCH/FILE", its change of a file
 * @reason: replaces an older one; NULL to take it back
 */
int __must_check kq_drop_add(const struct kq_plan *plan, const char *patch, const char *reason,
			     struct kq_error *error);

/** kq_drop_each() - call @visit with each line "PATCH<tab>REASON" */
int __must_check kq_drop_each(const struct kq_plan *plan,
			      int (*visit)(void *arg, struct ks_span patch, struct ks_span reason,
					   struct kq_error *error),
			      void *arg, struct kq_error *error);

/** kq_drop_find() - why a patch is dropped on purpose; @ret_reason stays empty if it is not */
int __must_check kq_drop_find(const struct kq_plan *plan, const char *patch,
			      struct ks_buf *ret_reason, struct kq_error *error);

#endif
