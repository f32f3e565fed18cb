// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/run.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "stack/lane.h"

const char *kq_fate_name(enum kq_fate fate)
{
	static const char *const names[KQ_NR_FATES] = {
		[KQ_FATE_KEPT] = "kept",	  [KQ_FATE_PARTIAL] = "partial",
		[KQ_FATE_MERGED] = "merged",	  [KQ_FATE_UPSTREAM] = "upstream",
		[KQ_FATE_ACCEPTED] = "dropped",	  [KQ_FATE_CONFLICT] = "conflict",
		[KQ_FATE_WAITING] = "not judged", [KQ_FATE_OTHER] = "other SKU",
	};

	return names[fate];
}

static void step_done(struct kq_step *step)
{
	kq_verdict_done(&step->verdict);
	ks_buf_done(&step->reason);
}

void kq_run_done(struct kq_run *run)
{
	size_t i;

	for (i = 0; run->step && i < run->stack.series.nr; i++)
		step_done(&run->step[i]);
	free(run->step);
	kq_variants_done(&run->variants);
	kq_stack_done(&run->stack);
	*run = (struct kq_run){ 0 };
}

const struct kq_step *kq_run_conflict(const struct kq_run *run)
{
	size_t i;

	for (i = 0; i < run->stack.series.nr; i++)
		if (run->step[i].fate == KQ_FATE_CONFLICT)
			return &run->step[i];
	return NULL;
}

int kq_run_load(const char *queue, const char *sku, struct kq_run *ret_run,
		struct kq_error *error)
{
	__cleanup(kq_run_done) struct kq_run run = { 0 };
	size_t i;
	int rc = kq_stack_load(queue, &run.stack, error);

	if (!rc)
		rc = kq_variants_of(&run.stack.series, sku, &run.variants, error);
	if (rc)
		return rc;
	run.step = calloc(run.stack.series.nr + 1, sizeof(*run.step));
	if (!run.step)
		return kq_no_memory(error);
	for (i = 0; i < run.stack.series.nr; i++)
		run.step[i] = (struct kq_step){
			.entry = &run.stack.series.entry[i],
			.fate = KQ_FATE_WAITING,
			.loaded = &run.stack.patch[i],
		};
	*ret_run = run;
	run = (struct kq_run){ 0 };
	return 0;
}

static enum kq_fate fate_of(enum kq_outcome outcome)
{
	static const enum kq_fate fates[] = {
		[KQ_KEPT] = KQ_FATE_KEPT,	  [KQ_PARTIAL] = KQ_FATE_PARTIAL,
		[KQ_MERGED] = KQ_FATE_MERGED,	  [KQ_UPSTREAM] = KQ_FATE_UPSTREAM,
		[KQ_GIVEN_UP] = KQ_FATE_ACCEPTED, [KQ_CONFLICT] = KQ_FATE_CONFLICT,
	};

	return fates[outcome];
}

/* A patch that is left out on the new base is still part of the old one for those behind it. */
static int leave_out(struct kq_lane *lane, const struct kq_step *step, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };

	return kq_apply_patch(&lane->old, &step->loaded->patch, &notes, error);
}

static int judge_lane(struct kq_lanes *lanes, struct kq_lane *lane, struct kq_step *step,
		      struct kq_error *error)
{
	struct ks_span text = ks_buf_span(&step->loaded->text);
	const struct kq_sides sides = kq_lane_sides(lanes, lane);
	bool first = step->fate == KQ_FATE_OTHER;
	int rc;

	if (step->reason.bytes) {
		step->fate = KQ_FATE_ACCEPTED;
		return leave_out(lane, step, error);
	}
	if (step->fate == KQ_FATE_CONFLICT)
		return leave_out(lane, step, error);
	if (!first)
		return kq_lane_same(lanes, lane, step, error);
	step->variant = kq_lane_variant(lanes, lane);
	rc = kq_verdict_make(&sides, &step->loaded->patch, text, &step->verdict, error);
	if (!rc)
		step->fate = fate_of(step->verdict.outcome);
	return rc;
}

static int judge_step(struct kq_lanes *lanes, struct kq_step *step, bool go_on,
		      struct kq_error *error)
{
	size_t i;
	int rc = kq_lanes_split(lanes, step->entry, error);

	step->fate = KQ_FATE_OTHER;
	for (i = 0; i < lanes->nr && !rc; i++) {
		if (!kq_lane_selects(lanes, &lanes->lane[i], step->entry))
			continue;
		rc = judge_lane(lanes, &lanes->lane[i], step, error);
		if (step->fate == KQ_FATE_CONFLICT && !go_on)
			break;
	}
	return rc;
}

static void forget(struct kq_run *run)
{
	size_t i;

	for (i = 0; i < run->stack.series.nr; i++) {
		kq_verdict_done(&run->step[i].verdict);
		run->step[i].fate = KQ_FATE_WAITING;
		run->step[i].variant = NULL;
	}
	memset(run->nr_fates, 0, sizeof(run->nr_fates));
}

int kq_run_judge(struct kq_run *run, const struct kq_base base[2], struct kq_resolver *resolver,
		 bool go_on, struct kq_error *error)
{
	__cleanup(kq_lanes_done) struct kq_lanes lanes = { 0 };
	bool behind = false;
	size_t i;
	int rc = kq_lanes_start(&lanes, base, &run->variants, resolver, error);

	forget(run);
	for (i = 0; i < run->stack.series.nr && !rc && (go_on || !behind); i++) {
		run->step[i].behind = behind;
		rc = judge_step(&lanes, &run->step[i], go_on, error);
		behind |= run->step[i].fate == KQ_FATE_CONFLICT;
	}
	for (i = 0; i < run->stack.series.nr && !rc; i++)
		run->nr_fates[run->step[i].fate]++;
	return rc;
}
