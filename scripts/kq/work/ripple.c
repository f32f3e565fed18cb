// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/ripple.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "engine/verdict.h"
#include "text/text.h"
#include "work/renew.h"

/*
 * struct ripple - while it is put to every selection
 * @done: its bytes are those that an earlier selection made
 */
struct ripple {
	struct kq_edition *edition;
	size_t first;
	bool *done;
};

/* struct before - the old queue, applied up to @idx */
struct before {
	struct kq_overlay overlay;
	size_t idx;
};

static void free_flags(bool **flags)
{
	free(*flags);
}

static void before_done(struct before *before)
{
	kq_overlay_done(&before->overlay);
}

static int refuse(const char *name, const struct kq_verdict *verdict, struct kq_error *error)
{
	const struct kq_conflict *conflict = verdict->conflict;

	if (verdict->outcome != KQ_CONFLICT)
		return kq_fail(error, KQ_REFUSED,
			       "%s: has nothing left to do, the patches before do it all: kq remove it first",
			       name);
	return kq_fail(error, KQ_REFUSED, "%s: %.*s: conflicts with the edit: %s", name,
		       KQ_FMT(conflict->path), kq_trouble_text(conflict->trouble));
}

static void note(struct kq_edition *edition, const char *name, enum kq_outcome outcome)
{
	ks_put_str(&edition->notes, name);
	ks_put_str(&edition->notes, ": ");
	ks_put_str(&edition->notes, kq_outcome_name(outcome));
	ks_put_str(&edition->notes, outcome == KQ_KEPT ? ", other line numbers or ids\n" :
							  ": look at it\n");
}

/* For whoever asks a person. */
static int keep_conflict(struct kq_edition *edition, const char *name,
			 struct kq_verdict *verdict)
{
	if (!edition->resolver || verdict->outcome != KQ_CONFLICT)
		return 0;
	edition->conflict_name = strdup(name);
	edition->conflict = *verdict;
	*verdict = (struct kq_verdict){ 0 };
	return edition->conflict_name ? 0 : -ENOMEM;
}

static int take(struct ripple *r, size_t i, struct kq_verdict *verdict, struct kq_error *error)
{
	struct kq_edition *edition = r->edition;
	const struct kq_item *item = &edition->item[i];

	if (verdict->outcome >= KQ_UPSTREAM) {
		const char *name = edition->old.series.entry[item->from].name;
		int rc = refuse(name, verdict, error);

		return keep_conflict(edition, name, verdict) ? kq_no_memory(error) : rc;
	}
	r->done[i] = true;
	if (ks_span_eq(ks_buf_span(&verdict->text), ks_buf_span(&edition->old.patch[item->from].text)))
		return 0;
	note(edition, item->name, verdict->outcome);
	return kq_stack_set(&edition->new, i, &verdict->text, item->name, error);
}

/* The old queue in front of patch @idx; order and time are those of the series if it can be. */
static int go_to(const struct kq_edition *edition, const struct kq_selection *selection, size_t idx,
		 struct before *before, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	int rc = 0;

	if (idx < before->idx) {
		kq_overlay_done(&before->overlay);
		*before = (struct before){ .overlay.source = edition->bases.base[0].source };
	}
	for (; before->idx < idx && !rc; before->idx++)
		if (kq_selected(&edition->old.series.entry[before->idx], selection))
			rc = kq_apply_patch(&before->overlay, &edition->old.patch[before->idx].patch,
					    &notes, error);
	return rc;
}

static int judge(struct ripple *r, size_t i, const struct kq_selection *selection,
		 struct before *before, struct kq_overlay *now, struct kq_error *error)
{
	const struct kq_edition *edition = r->edition;
	size_t from = edition->item[i].from;
	const struct kq_loaded *old = &edition->old.patch[from];
	const struct kq_sides sides = {
		.old = &before->overlay, .onto = now, .old_label = "before", .onto_label = "after",
		.resolve = edition->resolver ? kq_resolve : NULL, .resolve_arg = edition->resolver,
	};
	__cleanup(kq_verdict_done) struct kq_verdict verdict = { 0 };
	__cleanup(kq_overlay_done) struct kq_overlay below = { 0 };
	int rc = go_to(edition, selection, from, before, error);

	if (!rc && edition->item[i].renew)
		rc = kq_overlay_clone(now, &below, error);
	if (!rc)
		rc = kq_verdict_make(&sides, &old->patch, ks_buf_span(&old->text), &verdict, error);
	if (rc)
		return rc;
	before->idx = from + 1;
	if (edition->item[i].renew && verdict.text.bytes)
		rc = kq_renew(&below, old->patch.label, &verdict.text, error);
	return rc ? rc : take(r, i, &verdict, error);
}

static int step(struct ripple *r, size_t i, const struct kq_selection *selection,
		struct before *before, struct kq_overlay *now, struct kq_error *error)
{
	const struct kq_edition *edition = r->edition;
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	struct kq_error why = { 0 };
	int rc;

	if (i >= r->first && !edition->still && !edition->item[i].text.bytes && !r->done[i])
		return judge(r, i, selection, before, now, error);
	rc = kq_apply_patch(now, &edition->new.patch[i].patch, &notes, &why);
	if (!rc || (!selection->sku && !selection->arch))
		return rc ? kq_fail(error, rc, "%s", why.line) : 0;
	return kq_fail(error, rc, "with sku=%s arch=%s: %s", selection->sku ? selection->sku : "-",
		       selection->arch ? selection->arch : "-", why.line);
}

/* With this selection there is something else than before. */
static bool is_touched(const struct kq_edition *edition, const struct kq_selection *selection)
{
	const struct kq_series *old = &edition->old.series;
	size_t i, at = 0;

	for (i = 0; i < edition->nr; i++) {
		const struct kq_item *item = &edition->item[i];

		if (!kq_selected(&edition->new.series.entry[i], selection))
			continue;
		while (at < old->nr && !kq_selected(&old->entry[at], selection))
			at++;
		if (item->from != at++ || item->text.bytes || item->renew)
			return true;
	}
	while (at < old->nr && !kq_selected(&old->entry[at], selection))
		at++;
	return at < old->nr;
}

static int ripple_one(void *arg, const struct kq_selection *selection, struct kq_error *error)
{
	struct ripple *r = arg;
	const struct kq_edition *edition = r->edition;
	const struct kq_source *source = edition->bases.base[0].source;
	__cleanup(before_done) struct before before = { .overlay.source = source };
	__cleanup(kq_overlay_done) struct kq_overlay now = { .source = source };
	size_t i;
	int rc = 0;

	if (!is_touched(edition, selection))
		return 0;
	for (i = 0; i < edition->nr && !rc; i++)
		if (kq_selected(&edition->new.series.entry[i], selection))
			rc = step(r, i, selection, &before, &now, error);
	return rc;
}

int kq_ripple(struct kq_edition *edition, size_t first, struct kq_error *error)
{
	__cleanup(free_flags) bool *done = calloc(edition->nr + 1, sizeof(*done));
	struct ripple r = { edition, first, done };

	if (!done)
		return kq_no_memory(error);
	return kq_stack_each(&edition->new, ripple_one, &r, error);
}
