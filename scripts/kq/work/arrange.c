// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/arrange.h"

#include <stdlib.h>
#include <string.h>

#include "queue/series.h"
#include "queue/header.h"
#include "text/file.h"
#include "text/text.h"
#include "work/restack.h"

static int open_change(const struct kq_arrange *arrange, struct kq_edition *edition,
		       struct kq_error *error)
{
	return kq_edition_open(arrange->queue, arrange->base, arrange->state, edition, error);
}

static int make_and_tell(struct kq_edition *edition, struct ks_buf *ret_notes,
			 struct kq_error *error)
{
	int rc = kq_edition_make(edition, error);

	if (!rc)
		ks_buf_move(ret_notes, &edition->notes);
	return rc;
}

int kq_refresh_patches(const struct kq_arrange *arrange, struct ks_buf *ret_notes,
		       struct kq_error *error)
{
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	size_t i, idx;
	int rc = open_change(arrange, &edition, error);

	for (i = 0; i < edition.nr && !rc && !arrange->nr; i++)
		edition.item[i].renew = true;
	for (i = 0; i < arrange->nr && !rc; i++) {
		rc = kq_edition_find(&edition, arrange->patch[i], &idx, error);
		if (!rc)
			edition.item[idx].renew = true;
	}
	return rc ? rc : make_and_tell(&edition, ret_notes, error);
}

static void free_items(struct kq_item **items)
{
	free(*items);
}

/* Take them out, then look where the place is: it may not be one of them. */
static int move_items(const struct kq_arrange *arrange, const char *before, const char *after,
		      struct kq_edition *edition, struct kq_item *moving, struct kq_error *error)
{
	size_t i, nr = 0, idx, to;
	int rc = 0;

	for (i = 0; i < arrange->nr && !rc; i++) {
		rc = kq_edition_find(edition, arrange->patch[i], &idx, error);
		if (!rc)
			kq_edition_remove(edition, idx, &moving[nr++]);
	}
	if (!rc)
		rc = kq_edition_place(edition, before, after, &to, error);
	for (i = 0; i < nr; i++) {
		if (rc) {
			kq_item_done(&moving[i]);
			continue;
		}
		moving[i].moved = moving[i].number = true;
		rc = kq_edition_insert(edition, to + i, &moving[i], error);
	}
	return rc;
}

/* What stands where it stood has not moved. */
static void keep_unmoved(struct kq_edition *edition)
{
	size_t i;

	for (i = 0; i < edition->nr; i++)
		if (edition->item[i].from != i)
			return;
	for (i = 0; i < edition->nr; i++)
		edition->item[i].moved = edition->item[i].number = false;
}

int kq_move_patches(const struct kq_arrange *arrange, const char *before, const char *after,
		    struct ks_buf *ret_notes, struct kq_error *error)
{
	__cleanup(free_items) struct kq_item *moving = calloc(arrange->nr + 1, sizeof(*moving));
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	int rc = moving ? 0 : kq_no_memory(error);

	if (!rc && !before && !after)
		rc = kq_fail(error, KQ_BAD_USAGE, "say where to: --before PATCH or --after PATCH");
	if (!rc)
		rc = open_change(arrange, &edition, error);
	if (!rc)
		rc = move_items(arrange, before, after, &edition, moving, error);
	if (rc)
		return rc;
	keep_unmoved(&edition);
	return make_and_tell(&edition, ret_notes, error);
}

int kq_remove_patches(const struct kq_arrange *arrange, const char *why, struct ks_buf *ret_notes,
		      struct kq_error *error)
{
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	size_t i, idx;
	int rc = open_change(arrange, &edition, error);

	for (i = 0; i < arrange->nr && !rc; i++) {
		struct kq_item item = { 0 };

		rc = kq_edition_find(&edition, arrange->patch[i], &idx, error);
		if (rc)
			break;
		kq_edition_remove(&edition, idx, &item);
		kq_edition_note(&edition, item.name, "removed");
		rc = kq_edition_log_drop(&edition, item.from, why ? why : "kq remove", error);
		kq_item_done(&item);
	}
	return rc ? rc : make_and_tell(&edition, ret_notes, error);
}

static int set_name(struct kq_item *item, const char *name, struct kq_error *error)
{
	free(item->name);
	item->name = strdup(name);
	return item->name ? 0 : kq_no_memory(error);
}

/* The name that the subject makes, unless it only was not cut. */
static int name_by_subject(struct kq_edition *edition, size_t idx, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf subject = { 0 }, cut = { 0 }, whole = { 0 };
	struct kq_item *item = &edition->item[idx];
	u32 number = kq_number_of(item->name);

	kq_subject(edition->old.patch[item->from].patch.head, &subject);
	if (!subject.bytes)
		return kq_fail(error, KQ_REFUSED, "%s: has no Subject: give the name", item->name);
	kq_patch_name(ks_buf_span(&subject), number, KQ_NAME_CUT, &cut);
	kq_patch_name(ks_buf_span(&subject), number, SIZE_MAX, &whole);
	ks_put_u8(&cut, 0);
	if (kq_buf_check(&cut, error) || kq_buf_check(&whole, error))
		return error->err;
	if (!number) {
		free(item->name);
		item->name = NULL;
		item->number = true;
		return 0;
	}
	return kq_is(ks_buf_span(&whole), item->name) ? 0 :
							 set_name(item, (const char *)cut.p, error);
}

/* A listing shows the order of the series: so does the number. */
static int check_number(const struct kq_edition *edition, size_t idx, struct kq_error *error)
{
	u32 number = kq_number_of(edition->item[idx].name), other;

	other = idx ? kq_number_of(edition->item[idx - 1].name) : 0;
	if (other && number <= other)
		return kq_fail(error, KQ_REFUSED, "%s: its number does not follow %s; kq move changes the order",
			       edition->item[idx].name, edition->item[idx - 1].name);
	other = idx + 1 < edition->nr ? kq_number_of(edition->item[idx + 1].name) : 0;
	if (other && number >= other)
		return kq_fail(error, KQ_REFUSED, "%s: its number does not come before %s; kq move changes the order",
			       edition->item[idx].name, edition->item[idx + 1].name);
	return 0;
}

int kq_rename_patch(const struct kq_arrange *arrange, const char *name, struct ks_buf *ret_notes,
		    struct kq_error *error)
{
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	size_t idx;
	int rc = open_change(arrange, &edition, error);

	if (!rc)
		rc = kq_edition_find(&edition, arrange->patch[0], &idx, error);
	if (rc)
		return rc;
	if (name && (strpbrk(name, " \t\n#/") ||
		     !ks_span_ends_with(ks_span_str(name), ks_span_str(".patch"))))
		return kq_fail(error, KQ_BAD_USAGE, "%s: want a file name like NNNN-subject.patch",
			       name);
	rc = name ? set_name(&edition.item[idx], name, error) : name_by_subject(&edition, idx, error);
	if (!rc && edition.item[idx].name)
		rc = check_number(&edition, idx, error);
	return rc ? rc : make_and_tell(&edition, ret_notes, error);
}

int kq_renumber_patches(const struct kq_arrange *arrange, struct ks_buf *ret_notes,
			struct kq_error *error)
{
	__cleanup(kq_edition_done) struct kq_edition edition = { 0 };
	size_t i;
	int rc = open_change(arrange, &edition, error);

	for (i = 0; i < edition.nr && !rc; i++)
		edition.item[i].number = true;
	return rc ? rc : make_and_tell(&edition, ret_notes, error);
}
