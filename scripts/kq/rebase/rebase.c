// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/rebase.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "rebase/configs.h"
#include "rebase/conflict.h"
#include "rebase/next_queue.h"
#include "rebase/report.h"
#include "text/folder.h"

void kq_rebase_done(struct kq_rebase *rebase)
{
	kq_run_done(&rebase->run);
	kq_survey_done(&rebase->survey);
	kq_bases_done(&rebase->bases);
	kq_plan_done(&rebase->plan);
}

/* Whatever is left of a rebase goes away in one step. */
static int close_state(const struct kq_plan *plan, struct kq_fault *fault)
{
	struct kq_path closing;
	int rc = kq_path(&closing, fault, "%s.old", plan->dir.s);

	if (!rc)
		rc = kq_folder_remove(closing.s, fault);
	if (!rc && rename(plan->dir.s, closing.s) && errno != ENOENT)
		rc = kq_fail(fault, -errno, "%s: %s", plan->dir.s, strerror(errno));
	return rc ? rc : kq_folder_remove(closing.s, fault);
}

/* The new queue is in: all that is left to do can be done twice. */
static int finish(struct kq_rebase *r, struct kq_fault *fault)
{
	int rc = kq_configs_publish(&r->plan, fault);

	if (!rc)
		rc = kq_report_publish(&r->plan, fault);
	if (!rc)
		rc = kq_next_remove(&r->plan, fault);
	return rc ? rc : close_state(&r->plan, fault);
}

static int complete(struct kq_rebase *r, struct kq_fault *fault)
{
	bool trial = r->run.nr_fates[KQ_FATE_OTHER], changed;
	int rc = kq_next_write(&r->plan, &r->run, r->bases.base, ks_buf_span(&r->bases.lock), trial,
			       &changed, fault);

	if (rc)
		return rc;
	r->end = trial ? KQ_REBASE_TRIAL : changed ? KQ_REBASE_DONE : KQ_REBASE_SAME;
	rc = kq_report_write(r, fault);
	if (!rc && !trial)
		rc = kq_configs_stage(&r->plan, &r->survey, r->bases.base[1].label, fault);
	if (!rc && changed)
		rc = kq_next_swap(&r->plan, fault);
	return rc ? rc : finish(r, fault);
}

static int judge(struct kq_rebase *r, struct kq_fault *fault)
{
	int rc;

	kq_run_done(&r->run);
	rc = kq_run_load(&r->plan, &r->run, fault);
	return rc ? rc : kq_run_judge(&r->plan, r->bases.base, &r->run, fault);
}

/* As far as it goes without a person. */
static int go(struct kq_rebase *r, struct kq_fault *fault)
{
	enum kq_answered answered = KQ_ANSWERED;
	const struct kq_step *step;
	const char *patch;
	int rc = kq_plan_path(&r->plan, "conflict/tree", &r->tree, fault);

	while (!rc && answered == KQ_ANSWERED) {
		rc = judge(r, fault);
		step = rc ? NULL : kq_run_conflict(&r->run);
		if (!step)
			return rc ? rc : complete(r, fault);
		patch = step->entry->name;
		rc = kq_conflict_take(&r->plan, patch, &step->judgement, &answered, &r->undecided);
		if (rc)
			rc = kq_fail(fault, rc, "%s", r->undecided.line);
		else if (answered == KQ_ANSWERED)
			rc = kq_conflict_close(&r->plan, fault);
		else if (answered == KQ_NOT_ASKED)
			rc = kq_conflict_open(&r->plan, patch, &step->judgement, fault);
	}
	if (rc)
		return rc;
	r->end = KQ_REBASE_CONFLICT;
	rc = kq_report_write(r, fault);
	return rc ? rc : kq_report_publish(&r->plan, fault);
}

/* The patches say which files of the bases will be needed. */
static int open_bases(struct kq_rebase *r, const char *ret_id[2], struct kq_fault *fault)
{
	int rc = kq_run_load(&r->plan, &r->run, fault);

	if (!rc)
		rc = kq_bases_open(&r->plan, &r->run, &r->bases, fault);
	if (!rc)
		rc = kq_configs_survey(&r->plan, r->bases.base, &r->survey, fault);
	if (rc)
		return rc;
	ret_id[0] = kq_bases_id(&r->bases, 0);
	ret_id[1] = kq_bases_id(&r->bases, 1);
	return 0;
}

int kq_rebase_start(const char *state, const char *queue, const char *from, const char *to,
		    const char *sku, struct kq_rebase *ret_rebase, struct kq_fault *fault)
{
	struct kq_rebase *r = ret_rebase;
	struct kq_fault ignored = { 0 };
	const char *id[2];
	int rc = kq_bases_find_from(queue, &from, &r->bases, fault);

	if (!rc)
		rc = kq_path(&r->report, fault, "%s/rebase-report", state);
	if (!rc)
		rc = kq_plan_start(state, queue, sku ? sku : "", (const char *[]){ from, to },
				   &r->plan, fault);
	if (!rc)
		rc = open_bases(r, id, fault);
	if (!rc)
		rc = kq_plan_save(&r->plan, id, fault);
	if (rc)
		return rc;
	rc = go(r, fault);
	/* Nothing that a person could continue: a queue that is not on its base, a full disk. */
	if (rc && kq_rebase_abort(state, &ignored))
		return rc;
	return rc;
}

int kq_rebase_continue(const char *state, struct kq_rebase *ret_rebase, struct kq_fault *fault)
{
	struct kq_rebase *r = ret_rebase;
	const char *id[2];
	bool is_in = false;
	int rc = kq_plan_load(state, &r->plan, fault);

	if (!rc)
		rc = kq_path(&r->report, fault, "%s/rebase-report", state);
	if (!rc)
		rc = kq_next_repair(&r->plan, fault);
	if (!rc)
		rc = kq_next_is_in(&r->plan, &is_in, fault);
	if (!rc && is_in) {
		r->end = KQ_REBASE_FINISHED;
		return finish(r, fault);
	}
	if (!rc)
		rc = kq_plan_check(&r->plan, NULL, fault);
	if (!rc)
		rc = kq_lock_load(r->plan.queue, &r->bases.locked, &r->bases.has_lock, fault);
	if (!rc)
		rc = open_bases(r, id, fault);
	if (!rc)
		rc = kq_plan_check(&r->plan, id, fault);
	return rc ? rc : go(r, fault);
}

int kq_rebase_abort(const char *state, struct kq_fault *fault)
{
	__cleanup(kq_plan_done) struct kq_plan plan = { 0 };
	bool is_in = false;
	int rc = kq_plan_load(state, &plan, fault);

	/* A plan that cannot be read must not stay for ever. */
	if (rc == -EBADMSG && *plan.dir.s) {
		*fault = (struct kq_fault){ 0 };
		return close_state(&plan, fault);
	}
	if (!rc)
		rc = kq_next_repair(&plan, fault);
	if (!rc)
		rc = kq_next_is_in(&plan, &is_in, fault);
	if (!rc && is_in)
		rc = kq_fail(fault, KQ_REFUSED,
			     "%s: is on the new base already; kq continue cleans up", plan.queue);
	if (!rc)
		rc = kq_next_remove(&plan, fault);
	return rc ? rc : close_state(&plan, fault);
}

int kq_rebase_drop(const char *state, const char *patch, const char *reason, struct kq_fault *fault)
{
	__cleanup(kq_series_done) struct kq_series series = { 0 };
	__cleanup(kq_plan_done) struct kq_plan plan = { 0 };
	size_t i;
	int rc = kq_plan_load(state, &plan, fault);

	if (!rc)
		rc = kq_plan_check(&plan, NULL, fault);
	if (!rc)
		rc = kq_series_load(plan.queue, &series, fault);
	if (rc)
		return rc;
	for (i = 0; i < series.nr; i++)
		if (!strcmp(series.entry[i].name, patch))
			return kq_drop_add(&plan, patch, reason, fault);
	return kq_fail(fault, KQ_REFUSED, "%s/series: has no patch %s", plan.queue, patch);
}
