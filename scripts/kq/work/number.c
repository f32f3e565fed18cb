// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/header.h"
#include "queue/series.h"
#include "text/text.h"

/* Four digits; common patches have the first thousand. */
#define FIRST_WITH_CONDITION 1001U
#define LAST_NUMBER 9999U

bool kq_item_has_condition(const struct kq_edition *edition, size_t idx)
{
	const struct kq_item *item = &edition->item[idx];
	const struct kq_entry *entry;

	if (item->from == KQ_NEW)
		return item->condition;
	entry = &edition->old.series.entry[item->from];
	return entry->sku.bytes || entry->arch.bytes;
}

/* A name that is not a number and a dash is somebody's own way; it stays. */
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
	bool condition = kq_item_has_condition(edition, idx);

	end = next_number(edition, idx, &stop);
	if (condition && first < FIRST_WITH_CONDITION && stop == edition->nr)
		first = FIRST_WITH_CONDITION;
	for (;;) {
		nr = nr_wanting(edition, idx, stop);
		if (nr <= end && first <= end - nr)
			break;
		if (stop == edition->nr || kq_item_has_condition(edition, stop) != condition)
			return kq_fail(error, KQ_REFUSED,
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
		if (kq_item_has_condition(edition, idx) && !condition && stop == edition->nr &&
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

	/* Who gives it other bytes says so. */
	if (!old || item->text.bytes || !strcmp(old, item->name))
		return;
	ks_put_str(&edition->notes, old);
	ks_put_str(&edition->notes, ": now ");
	ks_put_str(&edition->notes, item->name);
	ks_put_str(&edition->notes, "\n");
}

int kq_edition_number(struct kq_edition *edition, struct kq_error *error)
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

/* What stands in front of line @until; comments, and lines that are still to come are none. */
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

/* The name at the start of the line; condition and comment stay. */
static void put_item(const struct kq_edition *edition, const struct kq_item *item, struct ks_buf *out)
{
	ks_put_str(out, item->name);
	if (item->from != KQ_NEW) {
		struct ks_span line = line_of(&edition->old.series,
					      edition->old.series.entry[item->from].line), word;

		if (ks_span_word(&line, &word))
			ks_put(out, line);
	} else if (item->condition) {
		ks_put_str(out, item->condition);
	}
	ks_put_str(out, "\n");
}

static void free_flags(bool **flags)
{
	free(*flags);
}

int kq_edition_series(const struct kq_edition *edition, struct ks_buf *ret_text,
		     struct kq_error *error)
{
	const struct kq_entry *entry = edition->old.series.entry;
	__cleanup(free_flags) bool *gone = NULL;
	struct writer w = { .rest = ks_buf_span(&edition->old.series.text), .out = ret_text };
	u32 nr_lines = 0, first = UINT32_MAX;
	struct ks_span rest = w.rest, line;
	struct ks_diag diag = { 0 };
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
	return ks_buf_ok(ret_text, &diag) ? kq_fail_diag(error, &diag) : 0;
}
