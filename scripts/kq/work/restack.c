// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/restack.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "stack/publish.h"
#include "text/file.h"
#include "text/text.h"
#include "work/fit.h"

static void free_indices(size_t **idx)
{
	free(*idx);
}

/*
 * Write line numbers, ids and diffstat anew. @below: what the patch applies to; it is applied to
 * it.
 * @text: the patch, replaced: the same bytes if all of it was right.
 */
static int renew(struct kq_overlay *below, const char *label, struct ks_buf *text,
		 struct kq_error *error)
{
	__cleanup(kq_overlay_done) struct kq_overlay before = { 0 };
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	__cleanup(free_indices) size_t *idx = NULL;
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	int rc = kq_patch_parse(ks_buf_span(text), label, &patch, error);

	if (!rc)
		rc = kq_overlay_clone(below, &before, error);
	if (rc)
		return rc;
	idx = calloc(patch.nr_hunks + 1, sizeof(*idx));
	rc = idx ? kq_apply_patch_at(below, &patch, NULL, idx, error) : kq_no_memory(error);
	if (!rc)
		rc = kq_renumber(&patch, ks_buf_span(text), &before, below, idx, true, &out, error);
	if (rc)
		return rc;
	ks_buf_done(text);
	ks_buf_move(text, &out);
	return 0;
}

/*
 * struct restack - the new queue, while it is tried with every selection
 * @done: its bytes are those that an earlier selection made
 */
struct restack {
	struct kq_edition *edition;
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

static void note_verdict(struct kq_edition *edition, const char *name, enum kq_outcome outcome)
{
	ks_put_str(&edition->notes, name);
	ks_put_str(&edition->notes, ": ");
	ks_put_str(&edition->notes, kq_outcome_name(outcome));
	ks_put_str(&edition->notes,
		   outcome == KQ_KEPT ? ", other line numbers or ids\n" : ": look at it\n");
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

static int use_verdict(struct restack *r, size_t i, struct kq_verdict *verdict,
		       struct kq_error *error)
{
	struct kq_edition *edition = r->edition;
	const struct kq_item *item = &edition->item[i];

	if (verdict->outcome >= KQ_UPSTREAM) {
		const char *name = edition->old.series.entry[item->from].name;
		int rc = refuse(name, verdict, error);

		return keep_conflict(edition, name, verdict) ? kq_no_memory(error) : rc;
	}
	r->done[i] = true;
	if (ks_span_eq(ks_buf_span(&verdict->text),
		       ks_buf_span(&edition->old.patch[item->from].text)))
		return 0;
	note_verdict(edition, item->name, verdict->outcome);
	return kq_stack_set(&edition->new, i, &verdict->text, item->name, error);
}

/* The old queue in front of patch @idx; order and time are those of the series if it can be. */
static int apply_old_up_to(const struct kq_edition *edition, const struct kq_selection *selection,
			   size_t idx, struct before *before, struct kq_error *error)
{
	size_t from = before->idx;

	if (idx < from) {
		kq_overlay_done(&before->overlay);
		*before = (struct before){ .overlay.source = edition->bases.base[0].source };
		from = 0;
	}
	before->idx = idx;
	return kq_stack_apply(&edition->old, from, idx, selection, &before->overlay, error);
}

static int verdict_of_item(struct restack *r, size_t i, const struct kq_selection *selection,
		      struct before *before, struct kq_overlay *patched, struct kq_error *error)
{
	const struct kq_edition *edition = r->edition;
	size_t from = edition->item[i].from;
	const struct kq_loaded *old = &edition->old.patch[from];
	const struct kq_sides sides = {
		.old = &before->overlay,
		.onto = patched,
		.old_label = "before",
		.onto_label = "after",
		.resolve = edition->resolver ? kq_resolve : NULL,
		.resolve_arg = edition->resolver,
	};
	__cleanup(kq_verdict_done) struct kq_verdict verdict = { 0 };
	__cleanup(kq_overlay_done) struct kq_overlay below = { 0 };
	int rc = apply_old_up_to(edition, selection, from, before, error);

	if (!rc && edition->item[i].renew)
		rc = kq_overlay_clone(patched, &below, error);
	if (!rc)
		rc = kq_verdict_make(&sides, &old->patch, ks_buf_span(&old->text), &verdict,
				    error);
	if (rc)
		return rc;
	before->idx = from + 1;
	if (edition->item[i].renew && verdict.text.bytes)
		rc = renew(&below, old->patch.label, &verdict.text, error);
	return rc ? rc : use_verdict(r, i, &verdict, error);
}

static int restack_item(struct restack *r, size_t i, const struct kq_selection *selection,
			struct before *before, struct kq_overlay *patched, struct kq_error *error)
{
	const struct kq_edition *edition = r->edition;
	struct kq_error why = { 0 };
	int rc;

	if (i >= edition->nr_same && !edition->later_stay && !edition->item[i].text.bytes &&
	    !r->done[i])
		return verdict_of_item(r, i, selection, before, patched, error);
	rc = kq_apply_patch(patched, &edition->new.patch[i].patch, NULL, &why);
	return rc ? kq_selection_fail(selection, &why, error) : 0;
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

static int restack_one(void *arg, const struct kq_selection *selection, struct kq_error *error)
{
	struct restack *r = arg;
	const struct kq_edition *edition = r->edition;
	const struct kq_source *source = edition->bases.base[0].source;
	__cleanup(before_done) struct before before = { .overlay.source = source };
	__cleanup(kq_overlay_done) struct kq_overlay patched = { .source = source };
	size_t i;
	int rc = 0;

	if (!is_touched(edition, selection))
		return 0;
	for (i = 0; i < edition->nr && !rc; i++)
		if (kq_selected(&edition->new.series.entry[i], selection))
			rc = restack_item(r, i, selection, &before, &patched, error);
	return rc;
}

int kq_edition_restack(struct kq_edition *edition, struct kq_error *error)
{
	__cleanup(free_flags) bool *done = calloc(edition->nr + 1, sizeof(*done));
	struct restack r = { edition, done };
	int rc = done ? 0 : kq_no_memory(error);

	if (!rc && edition->nr_same < edition->nr) {
		rc = kq_stack_each(&edition->new, restack_one, &r, error);
		if (!rc)
			rc = kq_stack_check(&edition->new, edition->bases.base[0].source, error);
	}
	if (!rc)
		rc = kq_buf_check(&edition->notes, error);
	return rc;
}

int kq_edition_publish(const struct kq_edition *edition, struct kq_error *error)
{
	return kq_publish(edition->queue, &edition->old, &edition->new, ks_buf_span(&edition->log),
			  error);
}

int kq_edition_make(struct kq_edition *edition, struct kq_error *error)
{
	int rc = kq_edition_build(edition, error);

	if (!rc)
		rc = kq_edition_restack(edition, error);
	return rc ? rc : kq_edition_publish(edition, error);
}
