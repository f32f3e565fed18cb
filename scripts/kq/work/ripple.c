// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/ripple.h"

#include <stdlib.h>

#include "engine/apply.h"
#include "engine/verdict.h"
#include "text/text.h"

/* struct ripple - while it is put to every selection; @done: refreshed for an earlier one */
struct ripple {
	const struct kq_stack *old;
	struct kq_stack *new;
	size_t idx;
	const struct kq_source *source;
	struct ks_buf *notes;
	bool *done;
};

static void free_flags(bool **flags)
{
	free(*flags);
}

static int refuse(const struct kq_entry *entry, const struct kq_judgement *judgement,
		  struct kq_fault *fault)
{
	const struct kq_conflict *conflict = judgement->conflict;

	if (judgement->outcome == KQ_UPSTREAM)
		return kq_fail(fault, KQ_REFUSED,
			       "%s: has nothing left to do, the edited patch does it all: take it out of the series first",
			       entry->name);
	return kq_fail(fault, KQ_REFUSED, "%s: %.*s: conflicts with the edit: %s", entry->name,
		       KQ_FMT(conflict->path), kq_trouble_text(conflict->trouble));
}

static int take(struct ripple *r, size_t i, struct kq_judgement *judgement, struct kq_fault *fault)
{
	const struct kq_entry *entry = &r->new->series.entry[i];

	if (judgement->outcome == KQ_CONFLICT || judgement->outcome == KQ_UPSTREAM)
		return refuse(entry, judgement, fault);
	r->done[i] = true;
	if (ks_span_eq(ks_buf_span(&judgement->text), ks_buf_span(&r->old->patch[i].text)))
		return 0;
	ks_put_str(r->notes, entry->name);
	ks_put_str(r->notes, ": ");
	ks_put_str(r->notes, kq_outcome_name(judgement->outcome));
	ks_put_str(r->notes, judgement->outcome == KQ_KEPT ? ", other line numbers or ids\n" :
							     ": look at it\n");
	return kq_stack_set(r->new, i, &judgement->text, entry->name, fault);
}

/* The same step on both sides; what was refreshed for another SKU has to fit as it is. */
static int step(struct ripple *r, size_t i, const struct kq_sides *sides, struct kq_fault *fault)
{
	const struct kq_loaded *old = &r->old->patch[i], *new = &r->new->patch[i];
	__cleanup(kq_judgement_done) struct kq_judgement judgement = { 0 };
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	int rc;

	if (i <= r->idx || r->done[i]) {
		rc = kq_apply_patch(sides->old, &old->patch, &notes, fault);
		return rc ? rc : kq_apply_patch(sides->now, &new->patch, &notes, fault);
	}
	rc = kq_judge_patch(sides, &old->patch, ks_buf_span(&old->text), &judgement, fault);
	return rc ? rc : take(r, i, &judgement, fault);
}

static int ripple_one(void *arg, const struct kq_selection *selection, struct kq_fault *fault)
{
	struct ripple *r = arg;
	__cleanup(kq_overlay_done) struct kq_overlay old = { .source = r->source };
	__cleanup(kq_overlay_done) struct kq_overlay now = { .source = r->source };
	const struct kq_sides sides = {
		.old = &old, .now = &now, .old_label = "before the edit",
		.now_label = "after the edit",
	};
	size_t i;
	int rc = 0;

	if (!kq_selected(&r->old->series.entry[r->idx], selection))
		return 0;
	for (i = 0; i < r->old->series.nr && !rc; i++)
		if (kq_selected(&r->old->series.entry[i], selection))
			rc = step(r, i, &sides, fault);
	return rc;
}

int kq_ripple(const struct kq_stack *old, struct kq_stack *new, size_t idx,
	      const struct kq_source *source, struct ks_buf *notes, struct kq_fault *fault)
{
	__cleanup(free_flags) bool *done = calloc(old->series.nr, sizeof(*done));
	struct ripple r = { old, new, idx, source, notes, done };

	if (!done)
		return kq_no_memory(fault);
	return kq_stack_each(old, ripple_one, &r, fault);
}
