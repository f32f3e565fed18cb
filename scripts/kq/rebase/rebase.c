// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rebase/rebase.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "rebase/next_queue.h"
#include "rebase/report.h"
#include "rebase/undo.h"
#include "stack/conflict.h"
#include "text/dir.h"
#include "text/text.h"

void kq_rebase_done(struct kq_rebase *rebase)
{
	kq_run_done(&rebase->run);
	kq_bases_done(&rebase->bases);
	kq_resolver_done(&rebase->resolver);
	kq_plan_done(&rebase->plan);
	kq_json_done(&rebase->outcome);
	if (rebase->lock_fd > 0)
		ks_close_fd(&rebase->lock_fd);
}

static int close_conflict(const struct kq_plan *plan, struct kq_path *ret_kept,
			  struct kq_error *error)
{
	struct kq_path dir;
	int rc = kq_plan_path(plan, "conflict", &dir, error);

	return rc ? rc : kq_conflict_close(dir.s, plan->state.s, ret_kept, error);
}

/* Whatever is left of a rebase goes away in one step, but not somebody's work. */
static int close_state(const struct kq_plan *plan, struct kq_path *ret_kept, struct kq_error *error)
{
	struct kq_path closing;
	int rc = close_conflict(plan, ret_kept, error);

	if (!rc)
		rc = kq_path(&closing, error, "%s.old", plan->dir.s);
	if (!rc)
		rc = kq_dir_remove(closing.s, error);
	if (!rc && rename(plan->dir.s, closing.s) && errno != ENOENT)
		rc = kq_fail(error, -errno, "%s: %s", plan->dir.s, strerror(errno));
	return rc ? rc : kq_dir_remove(closing.s, error);
}

/* The new queue is in: all that is left to do can be done twice. */
static int finish(struct kq_rebase *r, const struct kq_next *next, bool swapped,
		  struct kq_error *error)
{
	int rc = kq_report_publish(&r->plan, error);

	if (!rc && swapped)
		rc = kq_undo_keep(&r->plan, next, error);
	if (!rc)
		rc = kq_next_remove(next, error);
	if (!rc)
		rc = kq_next_drop_pending(r->resolver.pending.s, r->resolver.queue.s, error);
	return rc ? rc : close_state(&r->plan, &r->kept, error);
}

static int complete(struct kq_rebase *r, struct kq_error *error)
{
	bool trial = r->run.nr_fates[KQ_FATE_OTHER], changed;
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	int rc = kq_next_of(r->plan.queue, &next, error);

	if (!rc)
		rc = kq_next_write(r, trial, &next, &changed, error);
	if (rc)
		return rc;
	r->end = trial ? KQ_REBASE_TRIAL : changed ? KQ_REBASE_DONE : KQ_REBASE_SAME;
	rc = kq_report_write(r, error);
	/* What somebody else wrote meanwhile would go with the old directory. */
	if (!rc && changed)
		rc = kq_plan_check(&r->plan, NULL, error);
	if (!rc && changed)
		rc = kq_next_swap(&next, error);
	return rc ? rc : finish(r, &next, changed && !trial, error);
}

static int load_run(struct kq_rebase *r, struct kq_error *error)
{
	size_t i;
	int rc = kq_run_load(r->plan.queue, r->plan.sku, &r->run, error);

	for (i = 0; !rc && i < r->run.stack.series.nr; i++)
		rc = kq_drop_find(&r->plan, r->run.step[i].entry->name, &r->run.step[i].reason,
				  error);
	return rc;
}

static int verdicts_of_queue(struct kq_rebase *r, struct kq_error *error)
{
	int rc;

	kq_resolver_done(&r->resolver);
	r->resolver = (struct kq_resolver){ 0 };
	rc = kq_resolver_init(r->plan.state.s, r->plan.queue, &r->resolver, error);
	return rc ? rc : kq_run_verdicts(&r->run, r->bases.base, &r->resolver, false, error);
}

static int find_given_up(void *arg, const char *patch, struct ks_span path,
			 struct ks_buf *ret_reason, struct kq_error *error)
{
	const struct kq_plan *plan = arg;
	struct kq_path key;
	int rc = kq_path(&key, error, "%s/%.*s", patch, (int)path.bytes, (const char *)path.p);

	return rc ? rc : kq_drop_find(plan, key.s, ret_reason, error);
}

/* A conflict: take what the person made of it, or ask. */
static int ask_about_conflict(struct kq_rebase *r, const struct kq_step *step,
			      enum kq_answered *ret_answered, struct kq_error *error)
{
	struct kq_path dir;
	struct kq_ask ask = {
		.dir = dir.s, .state = r->plan.state.s,
		.patch = step->entry->name, .from = r->plan.from, .to = r->plan.to,
		.verdict = &step->verdict, .given_up = find_given_up, .arg = &r->plan,
	};
	int rc = kq_plan_path(&r->plan, "conflict", &dir, error);

	return rc ? rc
		  : kq_conflict_read_or_open(&ask, ret_answered, &r->undecided, &r->kept, error);
}

/* As far as it goes without a person. */
static int go_on(struct kq_rebase *r, struct kq_error *error)
{
	enum kq_answered answered = KQ_ANSWERED;
	const struct kq_step *step;
	struct kq_path dir;
	int rc = kq_plan_path(&r->plan, "conflict", &dir, error);

	if (!rc)
		rc = kq_plan_path(&r->plan, "conflict/tree", &r->tree, error);
	/* A kill may have come between the answer and this. */
	if (!rc && kq_conflict_is_answered(dir.s))
		rc = close_conflict(&r->plan, &r->kept, error);
	while (!rc && answered == KQ_ANSWERED) {
		rc = verdicts_of_queue(r, error);
		step = rc ? NULL : kq_run_conflict(&r->run);
		if (!step)
			return rc ? rc : complete(r, error);
		rc = ask_about_conflict(r, step, &answered, error);
	}
	if (rc)
		return rc;
	r->end = KQ_REBASE_CONFLICT;
	rc = kq_report_write(r, error);
	return rc ? rc : kq_report_publish(&r->plan, error);
}

/* The patches say which files of the bases will be needed. */
static int open_bases(struct kq_rebase *r, const char *ret_id[2], struct kq_error *error)
{
	int rc = load_run(r, error);

	if (!rc)
		rc = kq_bases_open(r->plan.queue, r->plan.from, r->plan.to, &r->run.stack,
				   &r->bases, error);
	if (rc)
		return rc;
	ret_id[0] = kq_bases_id(&r->bases, 0);
	ret_id[1] = kq_bases_id(&r->bases, 1);
	return 0;
}

/* From here on a rebase is under way, and only this kq works at it. */
static int save_plan(struct kq_rebase *r, const char *state, const char *const id[2],
		     struct kq_error *error)
{
	int rc = kq_dir_make(state, error);

	if (!rc)
		rc = kq_lock_dir(state, &r->lock_fd, error);
	if (!rc)
		rc = kq_plan_is_free(&r->plan, error);
	if (!rc)
		rc = close_conflict(&r->plan, &r->kept, error);
	return rc ? rc : kq_plan_save(&r->plan, id, error);
}

static int call_off(const struct kq_plan *plan, struct kq_path *ret_kept, struct kq_error *error)
{
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	bool is_in = false;
	int rc = kq_next_of(plan->queue, &next, error);

	if (!rc)
		rc = kq_next_repair(&next, error);
	if (!rc)
		rc = kq_next_is_in(plan, &is_in, error);
	if (!rc && is_in)
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: is on the new base already; kq continue cleans up", plan->queue);
	if (!rc)
		rc = kq_next_remove(&next, error);
	return rc ? rc : close_state(plan, ret_kept, error);
}

int kq_rebase_start(const char *state, const char *queue, const char *from, const char *to,
		    const char *sku, struct kq_rebase *ret_rebase, struct kq_error *error)
{
	struct kq_rebase *r = ret_rebase;
	struct kq_error ignored = { 0 };
	const char *id[2];
	int rc = kq_series_is_there(queue, error);

	if (!rc)
		rc = kq_bases_find_from(queue, &from, &r->bases, error);
	if (!rc)
		rc = kq_path(&r->report, error, "%s/rebase-report", state);
	if (!rc)
		rc = kq_plan_start(state, queue, sku ? sku : "", (const char *[]){ from, to },
				   &r->plan, error);
	if (!rc)
		rc = open_bases(r, id, error);
	if (!rc)
		rc = save_plan(r, state, id, error);
	if (rc)
		return rc;
	rc = go_on(r, error);
	/* Nothing that a person could continue: a queue that is not on its base, a full disk. */
	if (rc && call_off(&r->plan, &r->kept, &ignored))
		return rc;
	return rc;
}

static int load_plan(const char *state, struct kq_rebase *r, struct kq_error *error)
{
	struct kq_error unread = { 0 };
	int rc = kq_plan_load(state, &r->plan, &unread);

	if (rc && rc != -EBADMSG)
		return kq_fail(error, rc, "%s", unread.line);
	rc = kq_lock_dir(state, &r->lock_fd, error);
	/* The kq that had the lock until now may have ended it. */
	kq_plan_done(&r->plan);
	if (!rc)
		rc = kq_plan_load(state, &r->plan, error);
	if (!rc)
		rc = kq_path(&r->report, error, "%s/rebase-report", state);
	return rc ? rc : kq_resolver_init(state, r->plan.queue, &r->resolver, error);
}

int kq_rebase_continue(const char *state, struct kq_rebase *ret_rebase, struct kq_error *error)
{
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	struct kq_rebase *r = ret_rebase;
	const char *id[2];
	bool is_in = false;
	int rc = load_plan(state, r, error);

	if (!rc)
		rc = kq_next_of(r->plan.queue, &next, error);
	if (!rc)
		rc = kq_next_repair(&next, error);
	if (!rc)
		rc = kq_next_is_in(&r->plan, &is_in, error);
	if (!rc && is_in) {
		r->end = KQ_REBASE_FINISHED;
		return finish(r, &next, true, error);
	}
	if (!rc)
		rc = kq_plan_check(&r->plan, NULL, error);
	if (!rc)
		rc = open_bases(r, id, error);
	if (!rc)
		rc = kq_plan_check(&r->plan, id, error);
	return rc ? rc : go_on(r, error);
}

int kq_rebase_abort(const char *state, struct kq_path *ret_kept, struct kq_error *error)
{
	__cleanup(kq_rebase_done) struct kq_rebase r = { 0 };
	int rc = load_plan(state, &r, error);

	/* A plan that cannot be read must not stay for ever. */
	if (rc == -EBADMSG && *r.plan.dir.s) {
		*error = (struct kq_error){ 0 };
		return close_state(&r.plan, ret_kept, error);
	}
	return rc ? rc : call_off(&r.plan, ret_kept, error);
}

/* Of a file that is not in conflict nothing would come to ask. */
static int drop_files(const struct kq_plan *plan, const char *patch, char *const *files,
		      size_t nr_files, const char *reason, struct kq_error *error)
{
	struct kq_path key, dir;
	size_t i;
	int rc = kq_plan_path(plan, "conflict", &dir, error);

	for (i = 0; i < nr_files && !rc; i++)
		if (!kq_conflict_has(dir.s, patch, files[i]))
			rc = kq_fail(error, KQ_REFUSED,
				     "%s: is not in the conflict of %s that waits; kq drop takes its "
				     "files, or the patch",
				     files[i], patch);
	for (i = 0; i < nr_files && !rc; i++) {
		rc = kq_path(&key, error, "%s/%s", patch, files[i]);
		if (!rc)
			rc = kq_drop_add(plan, key.s, reason, error);
	}
	return rc;
}

int kq_rebase_drop(const char *state, const char *patch, char *const *files, size_t nr_files,
		   const char *reason, struct kq_error *error)
{
	__cleanup(kq_series_done) struct kq_series series = { 0 };
	__cleanup(kq_rebase_done) struct kq_rebase r = { 0 };
	size_t i;
	int rc = load_plan(state, &r, error);

	if (!rc)
		rc = kq_plan_check(&r.plan, NULL, error);
	if (!rc)
		rc = kq_series_load(r.plan.queue, &series, error);
	if (rc)
		return rc;
	for (i = 0; i < series.nr; i++)
		if (!strcmp(series.entry[i].name, patch))
			return nr_files ? drop_files(&r.plan, patch, files, nr_files, reason, error) :
					  kq_drop_add(&r.plan, patch, reason, error);
	return kq_fail(error, KQ_REFUSED, "%s/series: has no patch %s", r.plan.queue, patch);
}
