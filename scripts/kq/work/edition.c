// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/edition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "queue/dropped.h"
#include "queue/header.h"
#include "queue/series.h"
#include "text/file.h"
#include "text/text.h"

/* Four digits; common patches have the first thousand. */
#define FIRST_WITH_CONDITION 1001U
#define LAST_NUMBER	     9999U

void kq_item_done(struct kq_item *item)
{
	free(item->name);
	free(item->label);
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

bool kq_edit_waits(const char *state)
{
	struct kq_error ignored = { 0 };
	struct kq_path plan;

	return !kq_path(&plan, &ignored, "%s/pending/plan.json", state) && !access(plan.s, F_OK);
}

int kq_state_is_free(const char *state, struct kq_error *error)
{
	struct kq_path plan;
	int rc = kq_path(&plan, error, "%s/rebase/plan.json", state);

	if (!rc && !access(plan.s, F_OK))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: a rebase is under way; kq continue or kq abort first", plan.s);
	if (!rc && kq_edit_waits(state))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s/pending: an edit waits for a conflict; kq continue or kq abort first",
			     state);
	return rc;
}

int kq_edition_open(const char *queue, const char *base, const char *state,
		    struct kq_edition *ret_edition, struct kq_error *error)
{
	int rc = kq_state_is_free(state, error);

	return rc ? rc : kq_edition_load(queue, base, ret_edition, error);
}

int kq_edition_load(const char *queue, const char *base, struct kq_edition *ret_edition,
		    struct kq_error *error)
{
	__cleanup(kq_edition_done) struct kq_edition edition = { .queue = queue, .base = base };
	size_t i;
	int rc = kq_stack_load(queue, &edition.old, error);

	for (i = 0; !rc && i < edition.old.series.nr; i++) {
		const struct kq_entry *entry = &edition.old.series.entry[i];
		struct kq_item item = { .from = i,
					.name = strdup(entry->name),
					.sku = entry->sku,
					.arch = entry->arch };

		rc = item.name ? kq_edition_insert(&edition, i, &item, error) : kq_no_memory(error);
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

void kq_edition_remove(struct kq_edition *edition, size_t idx, struct kq_item *ret_item)
{
	*ret_item = edition->item[idx];
	edition->nr--;
	memmove(&edition->item[idx], &edition->item[idx + 1],
		(edition->nr - idx) * sizeof(*edition->item));
}

int kq_edition_insert(struct kq_edition *edition, size_t idx, struct kq_item *item,
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

int kq_edition_insert_new(struct kq_edition *edition, size_t idx, const char *label,
			  struct ks_span text, struct ks_span sku, struct ks_span arch,
			  struct kq_error *error)
{
	struct kq_item item = {
		.from = KQ_NEW, .number = true, .label = strdup(label), .sku = sku, .arch = arch
	};
	int rc = item.label ? 0 : kq_no_memory(error);

	ks_put(&item.text, text);
	if (!rc)
		rc = kq_buf_check(&item.text, error);
	if (!rc)
		return kq_edition_insert(edition, idx, &item, error);
	kq_item_done(&item);
	return rc;
}

void kq_edition_note(struct kq_edition *edition, const char *name, const char *what)
{
	ks_put_str(&edition->notes, name ? name : "");
	ks_put_str(&edition->notes, ": ");
	ks_put_str(&edition->notes, what);
	ks_put_str(&edition->notes, "\n");
}

/* It is for some SKUs or architectures only. */
static bool has_condition(const struct kq_item *item)
{
	return item->sku.bytes || item->arch.bytes;
}

size_t kq_edition_end(const struct kq_edition *edition, bool conditional)
{
	size_t i;

	for (i = 0; i < edition->nr && !conditional; i++)
		if (has_condition(&edition->item[i]))
			break;
	return conditional ? edition->nr : i;
}

int kq_edition_place(const struct kq_edition *edition, const char *before, const char *after,
		    size_t *ret_idx, struct kq_error *error)
{
	int rc;

	if (before && after)
		return kq_fail(error, KQ_BAD_USAGE, "--before and --after: one place, please");
	rc = kq_edition_find(edition, before ? before : after, ret_idx, error);
	if (!rc && after)
		++*ret_idx;
	return rc;
}

int kq_edition_log_drop(struct kq_edition *edition, size_t from, const char *why,
			struct kq_error *error)
{
	const struct kq_loaded *loaded = &edition->old.patch[from];
	const char *base = edition->base;
	struct kq_leaver leaver = {
		.name = edition->old.series.entry[from].name, .sha256 = loaded->sha256.text,
		.patch = &loaded->patch, .evidence = ks_span_str(why),
	};
	struct ks_diag diag = { 0 };
	int rc = 0;

	if (strpbrk(why, "\t\n") || !ks_span_trim(leaver.evidence).bytes)
		return kq_fail(error, KQ_BAD_USAGE, "--reason: want one line without tabs");
	if (ks_clock_build_time(&leaver.time, &diag))
		return kq_fail_diag(error, &diag);
	if (!edition->bases.has_lock)
		rc = kq_bases_find_from(edition->queue, &base, &edition->bases, error);
	if (rc)
		return rc;
	/* By its name: where it was found is of this machine only. */
	if (edition->bases.has_lock)
		base = edition->bases.locked.release;
	leaver.base[0] = leaver.base[1] = base;
	if (!edition->log.bytes)
		rc = kq_dropped_load(edition->queue, &edition->log, error);
	if (!rc)
		kq_dropped_put(&leaver, &edition->log);
	return rc;
}

/* A name that does not start with a number and a dash is somebody's own; it stays. */
static bool is_numbered(const struct kq_item *item)
{
	return !item->name || kq_number_of(item->name);
}

/* The subject of the bytes that it will have. */
static int read_subject(const struct kq_edition *edition, const struct kq_item *item,
			struct ks_buf *subject, struct kq_error *error)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	int rc = 0;

	if (!item->text.bytes) {
		kq_subject(edition->old.patch[item->from].patch.head, subject);
		return 0;
	}
	rc = kq_patch_parse(ks_buf_span(&item->text), item->label ? item->label : item->name,
			    &patch, error);
	if (!rc)
		kq_subject(patch.head, subject);
	return rc;
}

/* @name: without its NUL */
static int set_name(struct kq_item *item, struct ks_buf *name, struct kq_error *error)
{
	ks_put_u8(name, 0);
	free(item->name);
	item->name = name->err ? NULL : strdup((const char *)name->p);
	return item->name ? 0 : kq_no_memory(error);
}

static int name_item(const struct kq_edition *edition, struct kq_item *item, u32 number,
		     struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 }, subject = { 0 };
	const char *rest = item->name ? item->name + strspn(item->name, "0123456789") : NULL;
	char digits[16];
	int rc;

	if (rest) {
		snprintf(digits, sizeof(digits), "%04u", number);
		ks_put_str(&name, digits);
		ks_put_str(&name, rest);
	} else {
		rc = read_subject(edition, item, &subject, error);
		if (rc)
			return rc;
		kq_patch_name(ks_buf_span(&subject), number, KQ_NAME_CUT, &name);
	}
	return set_name(item, &name, error);
}

int kq_item_rename(const struct kq_edition *edition, struct kq_item *item, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf before = { 0 }, after = { 0 }, name = { 0 };
	u32 number = kq_number_of(item->name);
	int rc = read_subject(edition, item, &after, error);

	if (rc)
		return rc;
	kq_subject(edition->old.patch[item->from].patch.head, &before);
	if (ks_span_eq(ks_buf_span(&before), ks_buf_span(&after)) || !number)
		return 0;
	kq_patch_name(ks_buf_span(&after), number, KQ_NAME_CUT, &name);
	return set_name(item, &name, error);
}

/* The number of the first item behind @idx that keeps its own. */
static u32 next_number(const struct kq_edition *edition, size_t idx, size_t *ret_idx)
{
	for (; idx < edition->nr; idx++)
		if (!edition->item[idx].number && is_numbered(&edition->item[idx]))
			break;
	*ret_idx = idx;
	return idx < edition->nr ? kq_number_of(edition->item[idx].name) : LAST_NUMBER + 1;
}

static size_t nr_wanting(const struct kq_edition *edition, size_t from, size_t to)
{
	size_t nr = 0;

	for (; from < to; from++)
		nr += edition->item[from].number;
	return nr;
}

/* Items from @idx on up to the next that keeps its number; those in the way give theirs up. */
static int number_run(struct kq_edition *edition, size_t idx, u32 last, struct kq_error *error)
{
	u32 first = last + 1, end;
	size_t stop, nr;
	bool condition = has_condition(&edition->item[idx]);

	end = next_number(edition, idx, &stop);
	if (condition && first < FIRST_WITH_CONDITION && stop == edition->nr)
		first = FIRST_WITH_CONDITION;
	for (;;) {
		nr = nr_wanting(edition, idx, stop);
		if (nr <= end && first <= end - nr)
			break;
		if (stop == edition->nr || has_condition(&edition->item[stop]) != condition)
			return kq_fail(
				error, KQ_REFUSED,
				"no numbers are free for %zu patches from %04u on before %04u: give the later ones higher numbers first (kq renumber)",
				nr, first, end);
		edition->item[stop].number = true;
		end = next_number(edition, stop, &stop);
	}
	for (; idx < stop; idx++) {
		int rc;

		if (!edition->item[idx].number)
			continue;
		/* What starts behind a run for all counts from its own first number. */
		if (has_condition(&edition->item[idx]) && !condition && stop == edition->nr &&
		    first < FIRST_WITH_CONDITION)
			first = FIRST_WITH_CONDITION;
		rc = name_item(edition, &edition->item[idx], first++, error);
		if (rc)
			return rc;
		edition->item[idx].number = false;
	}
	return 0;
}

static void note_name(struct kq_edition *edition, const struct kq_item *item)
{
	const char *old = item->from == KQ_NEW ? NULL : edition->old.series.entry[item->from].name;

	/* Whoever changes its bytes notes the new name with that. */
	if (!old || item->text.bytes || !strcmp(old, item->name))
		return;
	ks_put_str(&edition->notes, old);
	ks_put_str(&edition->notes, ": now ");
	ks_put_str(&edition->notes, item->name);
	ks_put_str(&edition->notes, "\n");
}

/*
 * Items that want a number get one between their neighbours'. Where there is none, the patches
 * behind give way, as far as they must. What has a condition counts from 1001 at the end, and gives
 * way only to its kind. A number is never taken from a patch that nobody moved if it can be helped:
 * people and documents name patches by it.
 */
static int number_items(struct kq_edition *edition, struct kq_error *error)
{
	u32 last = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < edition->nr && !rc; i++) {
		struct kq_item *item = &edition->item[i];

		if (item->number && is_numbered(item))
			rc = number_run(edition, i, last, error);
		if (rc)
			break;
		if (is_numbered(item))
			last = kq_number_of(item->name);
		note_name(edition, item);
	}
	return rc;
}

/* struct writer - the old series, line by line; @gone: a line that is written elsewhere, or not */
struct writer {
	struct ks_span rest;
	u32 line;
	bool *gone;
	struct ks_buf *out;
};

/* Copy the lines of the old series above line @until, but not those that are @gone. */
static void put_up_to(struct writer *w, u32 until)
{
	struct ks_span line;

	while (w->line + 1 < until && ks_span_line(&w->rest, &line)) {
		if (w->gone[++w->line])
			continue;
		ks_put(w->out, line);
		ks_put_str(w->out, "\n");
	}
}

static struct ks_span line_of(const struct kq_series *series, u32 nr)
{
	struct ks_span rest = ks_buf_span(&series->text), line = { 0 };

	while (nr-- && ks_span_line(&rest, &line))
		;
	return line;
}

static void put_list(struct ks_buf *out, const char *key, struct ks_span list)
{
	if (!list.bytes)
		return;
	ks_put_str(out, key);
	ks_put(out, list);
}

/* The name at the start of the line; condition and comment stay. */
static void put_item(const struct kq_edition *edition, const struct kq_item *item,
		     struct ks_buf *out)
{
	struct ks_span line, word;

	ks_put_str(out, item->name);
	if (item->from == KQ_NEW) {
		put_list(out, " sku=", item->sku);
		put_list(out, " arch=", item->arch);
	} else {
		line = line_of(&edition->old.series, edition->old.series.entry[item->from].line);
		if (ks_span_word(&line, &word))
			ks_put(out, line);
	}
	ks_put_str(out, "\n");
}

static void free_flags(bool **flags)
{
	free(*flags);
}

/* The new text: comments stay where they are. */
static int write_series(const struct kq_edition *edition, struct ks_buf *ret_text,
			struct kq_error *error)
{
	const struct kq_entry *entry = edition->old.series.entry;
	__cleanup(free_flags) bool *gone = NULL;
	struct writer w = { .rest = ks_buf_span(&edition->old.series.text), .out = ret_text };
	u32 nr_lines = 0, first = UINT32_MAX;
	struct ks_span rest = w.rest, line;
	size_t i;

	while (ks_span_line(&rest, &line))
		nr_lines++;
	w.gone = gone = calloc(nr_lines + 2, sizeof(*gone));
	if (!gone)
		return kq_no_memory(error);
	for (i = 0; i < edition->old.series.nr; i++)
		gone[entry[i].line] = true;
	for (i = edition->nr; i-- > 0;)
		if (edition->item[i].from != KQ_NEW && !edition->item[i].moved) {
			gone[entry[edition->item[i].from].line] = false;
			first = entry[edition->item[i].from].line;
		}
	/* What comes first comes below the comments at the top. */
	put_up_to(&w, first);
	for (i = 0; i < edition->nr; i++) {
		const struct kq_item *item = &edition->item[i];
		bool stays = item->from != KQ_NEW && !item->moved;

		if (stays)
			put_up_to(&w, entry[item->from].line);
		put_item(edition, item, ret_text);
		if (stays && ks_span_line(&w.rest, &line))
			w.line++;
	}
	put_up_to(&w, UINT32_MAX);
	return kq_buf_check(ret_text, error);
}

static int set_bytes(struct kq_stack *stack, size_t i, struct ks_span bytes, const char *label,
		     struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf copy = { 0 };

	ks_put(&copy, bytes);
	if (kq_buf_check(&copy, error))
		return error->err;
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
		struct ks_span bytes = ks_buf_span(
			item->text.bytes ? &item->text : &edition->old.patch[item->from].text);

		rc = set_bytes(new, i, bytes, item->label ? item->label : item->name, error);
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
	int rc = kq_edition_base(edition, error);

	if (!rc)
		rc = kq_stack_paths(&edition->new, &paths, error);
	if (rc)
		return rc;
	want = (struct kq_want){ (const char *const *)paths.name, paths.nr };
	return kq_release_want(edition->bases.release[0], &want, error);
}

int kq_edition_build(struct kq_edition *edition, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf series = { 0 };
	int rc = number_items(edition, error);

	if (!rc)
		rc = write_series(edition, &series, error);
	if (!rc)
		rc = kq_series_parse(&series, "the new series", &edition->new.series, error);
	if (!rc)
		rc = fill_stack(edition, error);
	edition->nr_same = nr_same(edition);
	/* If nothing but the end of the queue was removed, no file is read. */
	return rc || edition->nr_same == edition->nr ? rc : fetch_new(edition, error);
}
