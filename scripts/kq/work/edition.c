// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/edition.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "queue/dropped.h"
#include "queue/series.h"
#include "text/text.h"
#include "work/arrange.h"
#include "work/number.h"
#include "work/pending.h"
#include "work/publish.h"
#include "work/ripple.h"

void kq_item_done(struct kq_item *item)
{
	free(item->name);
	free(item->label);
	free(item->condition);
	ks_buf_done(&item->text);
	*item = (struct kq_item){ 0 };
}

void kq_edition_done(struct kq_edition *edition)
{
	size_t i;

	for (i = 0; i < edition->nr; i++)
		kq_item_done(&edition->item[i]);
	free(edition->item);
	kq_stack_done(&edition->old);
	kq_stack_done(&edition->new);
	kq_bases_done(&edition->bases);
	ks_buf_done(&edition->notes);
	ks_buf_done(&edition->log);
	kq_verdict_done(&edition->conflict);
	free(edition->conflict_name);
	*edition = (struct kq_edition){ 0 };
}

int kq_edition_is_free(const char *state, struct kq_error *error)
{
	struct kq_path plan;
	int rc = kq_path(&plan, error, "%s/rebase/plan.json", state);

	if (!rc && !access(plan.s, F_OK))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: a rebase is under way; kq continue or kq abort first", plan.s);
	if (!rc && kq_pending_is(state))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s/pending: an edit waits for a conflict; kq continue or kq abort first",
			     state);
	return rc;
}

int kq_edition_open(const char *queue, const char *base, const char *state,
		    struct kq_edition *ret_edition, struct kq_error *error)
{
	int rc = kq_edition_is_free(state, error);

	return rc ? rc : kq_edition_load(queue, base, ret_edition, error);
}

int kq_edition_load(const char *queue, const char *base, struct kq_edition *ret_edition,
		    struct kq_error *error)
{
	__cleanup(kq_edition_done) struct kq_edition edition = { .queue = queue, .base = base };
	size_t i;
	int rc = kq_stack_load(queue, &edition.old, error);

	for (i = 0; !rc && i < edition.old.series.nr; i++) {
		struct kq_item item = { .from = i, .name = strdup(edition.old.series.entry[i].name) };

		rc = item.name ? kq_edition_put(&edition, i, &item, error) : kq_no_memory(error);
	}
	if (rc)
		return rc;
	*ret_edition = edition;
	edition = (struct kq_edition){ 0 };
	return 0;
}

int kq_edition_find(const struct kq_edition *edition, const char *text, size_t *ret_idx,
		   struct kq_error *error)
{
	size_t from, i;
	int rc = kq_find_patch(&edition->old.series, edition->queue, text, &from, error);

	if (rc)
		return rc;
	for (i = 0; i < edition->nr; i++)
		if (edition->item[i].from == from) {
			*ret_idx = i;
			return 0;
		}
	return kq_fail(error, KQ_REFUSED, "%s: is named twice", edition->old.series.entry[from].name);
}

void kq_edition_take(struct kq_edition *edition, size_t idx, struct kq_item *ret_item)
{
	*ret_item = edition->item[idx];
	edition->nr--;
	memmove(&edition->item[idx], &edition->item[idx + 1],
		(edition->nr - idx) * sizeof(*edition->item));
}

int kq_edition_put(struct kq_edition *edition, size_t idx, struct kq_item *item,
		  struct kq_error *error)
{
	struct kq_item *moved = kq_grow(edition->item, edition->nr, &edition->room, sizeof(*moved),
					KQ_MAX_PATCHES, error);

	if (!moved) {
		kq_item_done(item);
		return error->err;
	}
	edition->item = moved;
	memmove(&moved[idx + 1], &moved[idx], (edition->nr - idx) * sizeof(*moved));
	moved[idx] = *item;
	*item = (struct kq_item){ 0 };
	edition->nr++;
	return 0;
}

size_t kq_edition_end(const struct kq_edition *edition, bool has_condition)
{
	size_t i;

	for (i = 0; i < edition->nr && !has_condition; i++)
		if (kq_item_has_condition(edition, i))
			break;
	return has_condition ? edition->nr : i;
}

int kq_edition_place(const struct kq_edition *edition, const char *before, const char *after,
		    size_t *ret_idx, struct kq_error *error)
{
	int rc;

	if (before && after)
		return kq_fail(error, KQ_NOT_MEANT, "--before and --after: one place, please");
	rc = kq_edition_find(edition, before ? before : after, ret_idx, error);
	if (!rc && after)
		++*ret_idx;
	return rc;
}

int kq_edition_drop(struct kq_edition *edition, size_t from, const char *why, struct kq_error *error)
{
	const struct kq_loaded *loaded = &edition->old.patch[from];
	const char *base = edition->bases.has_lock ? edition->bases.locked.release : edition->base;
	struct kq_leaver leaver = {
		.name = edition->old.series.entry[from].name, .sha256 = loaded->sha256.text,
		.patch = &loaded->patch, .evidence = ks_span_str(why),
	};
	struct ks_diag diag = { 0 };
	int rc = 0;

	if (strpbrk(why, "\t\n") || !ks_span_trim(leaver.evidence).bytes)
		return kq_fail(error, KQ_NOT_MEANT, "--accept: want one line without tabs");
	if (ks_clock_build_time(&leaver.time, &diag))
		return kq_fail_diag(error, &diag);
	if (!base) {
		rc = kq_bases_find_from(edition->queue, &base, &edition->bases, error);
		if (rc)
			return rc;
	}
	leaver.base[0] = leaver.base[1] = base;
	if (!edition->log.bytes)
		rc = kq_dropped_load(edition->queue, &edition->log, error);
	if (!rc)
		kq_dropped_put(&leaver, &edition->log);
	return rc;
}

static int give(struct kq_stack *stack, size_t i, struct ks_span bytes, const char *label,
		struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf copy = { 0 };
	struct ks_diag diag = { 0 };

	ks_put(&copy, bytes);
	if (ks_buf_ok(&copy, &diag))
		return kq_fail_diag(error, &diag);
	return kq_stack_set(stack, i, &copy, label, error);
}

/* The new queue with the bytes as they are now. */
static int fill_stack(struct kq_edition *edition, struct kq_error *error)
{
	struct kq_stack *new = &edition->new;
	size_t i;
	int rc = 0;

	new->patch = calloc(edition->nr + 1, sizeof(*new->patch));
	if (!new->patch)
		return kq_no_memory(error);
	for (i = 0; i < edition->nr && !rc; i++) {
		const struct kq_item *item = &edition->item[i];
		struct ks_span bytes = ks_buf_span(item->text.bytes ? &item->text :
						   &edition->old.patch[item->from].text);

		rc = give(new, i, bytes, item->label ? item->label : item->name, error);
	}
	return rc;
}

/* How many items at the front are what they were, names aside. */
static size_t nr_same(const struct kq_edition *edition)
{
	size_t i;

	for (i = 0; i < edition->nr; i++)
		if (edition->item[i].from != i || edition->item[i].text.bytes ||
		    edition->item[i].renew)
			break;
	return i;
}

int kq_edition_base(struct kq_edition *edition, struct kq_error *error)
{
	if (edition->bases.release[0])
		return 0;
	return kq_bases_open(edition->queue, edition->base, NULL,
			     edition->new.patch ? &edition->new : &edition->old, &edition->bases,
			     error);
}

/* The files that only the new queue touches, in one pass. */
static int fetch_new(struct kq_edition *edition, struct kq_error *error)
{
	__cleanup(kq_names_done) struct kq_names paths = { 0 };
	struct kq_want want;
	size_t i;
	int rc = kq_edition_base(edition, error);

	for (i = 0; i < edition->nr && !rc; i++)
		rc = kq_patch_paths(&edition->new.patch[i].patch, &paths, error);
	if (rc)
		return rc;
	kq_names_sort(&paths);
	want = (struct kq_want){ (const char *const *)paths.name, paths.nr };
	return kq_release_want(edition->bases.release[0], &want, error);
}

int kq_edition_build(struct kq_edition *edition, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf series = { 0 };
	int rc = kq_edition_number(edition, error);

	if (!rc)
		rc = kq_edition_series(edition, &series, error);
	if (!rc)
		rc = kq_series_parse(&series, "the new series", &edition->new.series, error);
	if (!rc)
		rc = fill_stack(edition, error);
	/* The last patches may go without anybody noticing. */
	return rc || nr_same(edition) == edition->nr ? rc : fetch_new(edition, error);
}

int kq_edition_settle(struct kq_edition *edition, struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	size_t same = nr_same(edition);
	int rc = 0;

	if (same < edition->nr)
		rc = kq_ripple(edition, same, error);
	if (!rc && same < edition->nr)
		rc = kq_stack_check(&edition->new, edition->bases.base[0].source, error);
	if (!rc && ks_buf_ok(&edition->notes, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}

int kq_edition_make(struct kq_edition *edition, struct kq_error *error)
{
	int rc = kq_edition_build(edition, error);

	if (!rc)
		rc = kq_edition_settle(edition, error);
	return rc ? rc : kq_edition_publish(edition, error);
}

int kq_edition_publish(const struct kq_edition *edition, struct kq_error *error)
{
	return kq_publish(edition->queue, &edition->old, &edition->new, ks_buf_span(&edition->log),
			  error);
}
