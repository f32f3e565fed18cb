// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/header.h"
#include "text/git.h"
#include "text/text.h"
#include "work/branch.h"
#include "work/edition.h"
#include "work/incoming.h"
#include "work/number.h"

/* struct who - what says that a commit is that patch, whatever it does */
struct who {
	struct ks_buf name;
	struct ks_buf address;
	struct ks_buf date;
	struct ks_buf subject;
};

/*
 * struct back - a branch on its way into the queue
 * @item: the old queue; an item that has found its place is empty
 * @taken: item[i] is in the new queue
 */
struct back {
	const struct kq_branch *branch;
	struct kq_branch_place place;
	struct kq_edition edition;
	struct kq_incoming incoming;
	struct kq_item *item;
	bool *taken;
	size_t nr;
	struct kq_error *error;
};

static void who_done(struct who *who)
{
	ks_buf_done(&who->name);
	ks_buf_done(&who->address);
	ks_buf_done(&who->date);
	ks_buf_done(&who->subject);
}

static void back_done(struct back *b)
{
	size_t i;

	for (i = 0; b->item && i < b->nr; i++)
		kq_item_done(&b->item[i]);
	free(b->item);
	free(b->taken);
	kq_edition_done(&b->edition);
	kq_incoming_done(&b->incoming);
}

static void read_who(struct ks_span head, struct who *who)
{
	kq_author(head, &who->name, &who->address);
	kq_head_field(head, "Date:", &who->date);
	kq_subject(head, &who->subject);
}

static bool is_eq(const struct ks_buf *a, const struct ks_buf *b)
{
	return ks_span_eq(ks_buf_span(a), ks_buf_span(b));
}

/* 3: all of it; 2: another subject; 1: the subject alone; 0: somebody else's */
static unsigned int likeness(struct ks_span a, struct ks_span b)
{
	__cleanup(who_done) struct who one = { 0 }, other = { 0 };
	bool same_person, same_subject;

	read_who(a, &one);
	read_who(b, &other);
	same_person = is_eq(&one.name, &other.name) && is_eq(&one.address, &other.address) &&
		      is_eq(&one.date, &other.date);
	same_subject = is_eq(&one.subject, &other.subject);
	return same_person ? 2U + same_subject : same_subject;
}

static bool is_same_hunk(const struct kq_hunk *a, const struct kq_hunk *b)
{
	size_t i;

	if (a->nr_lines != b->nr_lines)
		return false;
	for (i = 0; i < a->nr_lines; i++)
		if (a->line[i].kind != b->line[i].kind || !ks_span_eq(a->line[i].text, b->line[i].text))
			return false;
	return true;
}

static bool is_same_file(const struct kq_file *a, const struct kq_file *b)
{
	size_t i;

	if (!ks_span_eq(a->path, b->path) || a->change != b->change || a->old_mode != b->old_mode ||
	    a->new_mode != b->new_mode || a->nr_hunks != b->nr_hunks)
		return false;
	for (i = 0; i < a->nr_hunks; i++)
		if (!is_same_hunk(&a->hunk[i], &b->hunk[i]))
			return false;
	return true;
}

/* Message and changes; in what order, at which lines and how it is written does not matter. */
static bool is_same_patch(const struct kq_patch *a, const struct kq_patch *b)
{
	size_t i, k;

	if (a->nr_files != b->nr_files ||
	    !ks_span_eq(ks_span_trim(a->body), ks_span_trim(b->body)))
		return false;
	for (i = 0; i < a->nr_files; i++) {
		for (k = 0; k < b->nr_files; k++)
			if (is_same_file(&a->file[i], &b->file[k]))
				break;
		if (k == b->nr_files)
			return false;
	}
	return true;
}

static bool is_selected(const struct back *b, size_t from)
{
	return kq_selected(&b->edition.old.series.entry[from], &b->branch->selection);
}

/* The old patch that a commit is; KQ_NEW for none. */
static int find_old(const struct back *b, const struct kq_patch *commit, size_t *ret_from)
{
	unsigned int best = 0, like;
	size_t i;

	*ret_from = KQ_NEW;
	for (i = 0; i < b->nr; i++) {
		like = b->taken[i] ? 0 : likeness(commit->head, b->edition.old.patch[i].patch.head);
		if (like <= best)
			continue;
		best = like;
		*ret_from = i;
	}
	if (*ret_from == KQ_NEW || is_selected(b, *ret_from))
		return 0;
	return kq_fail(b->error, KQ_REFUSED,
		       "%s: is in the branch, but not for this SKU and architecture: give --sku and --arch as for kq export",
		       b->edition.old.series.entry[*ret_from].name);
}

static int give_text(struct back *b, const struct kq_mail *mail, struct kq_item *item)
{
	struct ks_diag diag = { 0 };

	ks_put(&item->text, ks_buf_span(&mail->text));
	return ks_buf_ok(&item->text, &diag) ? kq_fail_diag(b->error, &diag) : 0;
}

/* Behind a patch with a condition comes one with the same. */
static int new_item(struct back *b, const struct kq_mail *mail, struct kq_item *item)
{
	const struct kq_item *last = b->edition.nr ? &b->edition.item[b->edition.nr - 1] : NULL;
	const struct kq_entry *entry = last && last->from != KQ_NEW ?
					       &b->edition.old.series.entry[last->from] : NULL;
	int rc = give_text(b, mail, item);

	*item = (struct kq_item){ .from = KQ_NEW, .number = true, .text = item->text,
				  .label = strdup(mail->label) };
	if (!item->label)
		return kq_no_memory(b->error);
	if (rc || !last || !kq_item_has_condition(&b->edition, b->edition.nr - 1))
		return rc;
	if (!entry)
		item->condition = strdup(last->condition);
	else if (asprintf(&item->condition, "%s%.*s%s%.*s", entry->sku.bytes ? " sku=" : "",
			  KQ_FMT(entry->sku), entry->arch.bytes ? " arch=" : "",
			  KQ_FMT(entry->arch)) < 0)
		item->condition = NULL;
	return item->condition ? 0 : kq_no_memory(b->error);
}

static int take_old(struct back *b, const struct kq_mail *mail, const struct kq_patch *commit,
		    size_t from, struct kq_item *item)
{
	const struct kq_patch *old = &b->edition.old.patch[from].patch;
	int rc = 0;

	*item = b->item[from];
	b->item[from] = (struct kq_item){ 0 };
	b->taken[from] = true;
	if (likeness(commit->head, old->head) == 3 && is_same_patch(commit, old))
		return 0;
	rc = give_text(b, mail, item);
	if (!rc)
		rc = kq_item_rename(&b->edition, item, b->error);
	ks_put_str(&b->edition.notes, item->name ? item->name : "");
	ks_put_str(&b->edition.notes, ": as the branch has it\n");
	return rc;
}

static int add_commit(struct back *b, const struct kq_mail *mail)
{
	__cleanup(kq_patch_done) struct kq_patch commit = { 0 };
	struct kq_item item = { 0 };
	size_t from;
	int rc = kq_patch_parse(ks_buf_span(&mail->text), mail->label, &commit, b->error);

	if (!rc)
		rc = find_old(b, &commit, &from);
	if (!rc)
		rc = from == KQ_NEW ? new_item(b, mail, &item) :
				      take_old(b, mail, &commit, from, &item);
	if (!rc)
		return kq_edition_put(&b->edition, b->edition.nr, &item, b->error);
	kq_item_done(&item);
	return rc;
}

/* Patches that are not in the branch by their condition stay behind what they stood behind. */
static int put_others(struct back *b)
{
	size_t i, at, before;
	int rc = 0;

	for (i = 0; i < b->nr && !rc; i++) {
		if (b->taken[i] || is_selected(b, i))
			continue;
		for (before = i, at = 0; before-- > 0 && !at;)
			for (at = b->edition.nr; at > 0; at--)
				if (b->edition.item[at - 1].from == before)
					break;
		b->taken[i] = true;
		rc = kq_edition_put(&b->edition, at, &b->item[i], b->error);
	}
	return rc;
}

static int drop_rest(struct back *b)
{
	struct kq_path why;
	size_t i;
	int rc = kq_path(&why, b->error, "not in the branch %s", b->place.name.s);

	for (i = 0; i < b->nr && !rc; i++) {
		if (b->taken[i])
			continue;
		rc = kq_edition_drop(&b->edition, i, why.s, b->error);
		ks_put_str(&b->edition.notes, b->item[i].name);
		ks_put_str(&b->edition.notes, ": removed\n");
	}
	return rc;
}

static size_t nr_forward(const struct kq_edition *edition)
{
	size_t i, top = 0, nr = 0;

	for (i = 0; i < edition->nr; i++) {
		const struct kq_item *item = &edition->item[i];

		if (item->from == KQ_NEW || item->from < top)
			continue;
		top = item->from;
		nr++;
	}
	return nr;
}

static size_t nr_backward(const struct kq_edition *edition)
{
	size_t i, low = KQ_NEW, nr = 0;

	for (i = edition->nr; i-- > 0;) {
		const struct kq_item *item = &edition->item[i];

		if (item->from == KQ_NEW || item->from > low)
			continue;
		low = item->from;
		nr++;
	}
	return nr;
}

/* Those in order keep line and number; from which end, so that more of them do? */
static void find_moved(struct kq_edition *edition)
{
	bool forward = nr_forward(edition) >= nr_backward(edition);
	size_t i, top = 0, low = KQ_NEW;

	for (i = 0; i < edition->nr; i++) {
		struct kq_item *item = &edition->item[forward ? i : edition->nr - 1 - i];

		if (item->from == KQ_NEW)
			continue;
		item->moved = forward ? item->from < top : item->from > low;
		item->number = item->number || item->moved;
		if (!item->moved)
			top = low = item->from;
	}
}

static int open_back(struct back *b)
{
	struct kq_path range;
	char *from[] = { range.s, NULL };
	const struct kq_import import = {
		.queue = b->branch->queue, .repository = b->place.repo.s, .from = from, .nr_from = 1,
	};
	char tip[KQ_COMMIT_ROOM];
	int rc = kq_branch_ref(&b->place, "refs/heads/", tip, b->error);

	if (!rc && !*tip)
		rc = kq_fail(b->error, -ENOENT, "%s: has no branch %s", b->place.repo.s,
			     b->place.name.s);
	if (!rc)
		rc = kq_path(&range, b->error, "%s..%s", b->place.base, tip);
	if (!rc && strcmp(tip, b->place.base))
		rc = kq_incoming_read(&import, &b->incoming, &b->edition.notes, b->error);
	b->nr = b->edition.nr;
	b->item = calloc(b->nr + 1, sizeof(*b->item));
	b->taken = calloc(b->nr + 1, sizeof(*b->taken));
	if (rc || !b->item || !b->taken)
		return rc ? rc : kq_no_memory(b->error);
	if (b->nr)
		memcpy(b->item, b->edition.item, b->nr * sizeof(*b->item));
	b->edition.nr = 0;
	return 0;
}

static int tree_of(const struct back *b, const char *commit, struct kq_child_end *ret_end)
{
	struct kq_path what;
	const char *const args[] = { "rev-parse", "--verify", what.s, NULL };
	int rc = kq_path(&what, b->error, "%s^{tree}", commit);

	return rc ? rc : kq_git_must(b->place.repo.s, args, (struct ks_span){ 0 }, ret_end, b->error);
}

/* git has the last word: the queue makes the files of the branch, or it is not its queue. */
static int compare(struct back *b, const char *tip)
{
	__cleanup(kq_child_end_done) struct kq_child_end want = { 0 }, have = { 0 };
	char made[KQ_COMMIT_ROOM];
	size_t nr;
	int rc = kq_branch_commit(&b->place, &b->edition.new, &b->branch->selection, made, &nr,
				  b->error);

	if (!rc)
		rc = tree_of(b, tip, &want);
	if (!rc)
		rc = tree_of(b, made, &have);
	if (!rc && !ks_span_eq(ks_buf_span(&want.out), ks_buf_span(&have.out)))
		rc = kq_fail(b->error, KQ_REFUSED,
			     "%s: the queue would make other files than the branch; git diff %.12s %.12s shows which",
			     b->place.name.s, tip, made);
	return rc;
}

static int make(struct back *b, struct ks_buf *ret_notes)
{
	char tip[KQ_COMMIT_ROOM], exported[KQ_COMMIT_ROOM];
	struct kq_edition *edition = &b->edition;
	size_t i;
	int rc = kq_edition_build(edition, b->error);

	if (!rc)
		rc = kq_edition_settle(edition, b->error);
	if (!rc)
		rc = kq_branch_ref(&b->place, "refs/heads/", tip, b->error);
	if (!rc)
		rc = kq_branch_ref(&b->place, "refs/kq/", exported, b->error);
	if (!rc)
		rc = compare(b, tip);
	if (!rc)
		rc = kq_edition_publish(edition, b->error);
	if (!rc)
		rc = kq_branch_set(&b->place, "refs/kq/", tip, exported, b->error);
	for (i = 0; i < edition->nr && !rc; i++) {
		if (edition->item[i].from != KQ_NEW)
			continue;
		ks_put_str(ret_notes, edition->item[i].name);
		ks_put_str(ret_notes, ": new\n");
	}
	if (!rc)
		ks_put(ret_notes, ks_buf_span(&edition->notes));
	return rc;
}

int kq_branch_import(const struct kq_branch *branch, struct ks_buf *ret_notes,
		     struct kq_error *error)
{
	__cleanup(back_done) struct back b = { .branch = branch, .error = error };
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = kq_edition_open(branch->queue, branch->from, branch->state, &b.edition, error);

	if (!rc)
		rc = kq_branch_find(branch, &b.place, error);
	if (!rc)
		rc = open_back(&b);
	for (i = 0; i < b.incoming.nr && !rc; i++)
		rc = add_commit(&b, &b.incoming.mail[i]);
	if (!rc)
		rc = put_others(&b);
	if (!rc)
		rc = drop_rest(&b);
	if (rc)
		return rc;
	find_moved(&b.edition);
	rc = make(&b, ret_notes);
	if (!rc && ks_buf_ok(ret_notes, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}
