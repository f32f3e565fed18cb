/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A change of the queue on its way: patches come, go, move, or are written anew, the others follow,
 * and the new queue takes the place of the old one as a whole, or nothing happens.
 *
 *   open     the queue as it is, each of its patches an item
 *   ...      the verb takes items out, puts others in, changes their order, names or bytes
 *   build    names and series of the new queue
 *   restack  the other patches follow; it applies to the release, for every SKU
 *   publish  one step, under the queue's lock
 */
#ifndef KQ_WORK_EDITION_H
#define KQ_WORK_EDITION_H

#include "engine/verdict.h"
#include "stack/bases.h"
#include "stack/resolution.h"

/* Wrong usage that only a look at the queue shows: exit 2. */
#define KQ_BAD_USAGE (-EDOM)

/* An item that the old queue does not have. */
#define KQ_NEW SIZE_MAX

/**
 * struct kq_item - one patch of the queue as it will be
 * @from: index in the old queue, or KQ_NEW
 * @name: owned; NULL for a new one that gets number and name from its subject
 * @label: what messages call it until it has its name; owned; NULL for @name
 * @text: bytes that the verb gives it; empty: those that it has, as far as they still fit
 * @sku: condition, a list; borrowed, empty for none
 * @arch: the same
 * @number: it gets a number that fits where it stands
 * @moved: its line is not where it was, what comments stand around it
 * @renew: write ids, line numbers and diffstat anew even if nothing below it has changed
 */
struct kq_item {
	size_t from;
	char *name;
	char *label;
	struct ks_buf text;
	struct ks_span sku;
	struct ks_span arch;
	bool number;
	bool moved;
	bool renew;
};

/**
 * struct kq_edition - old queue, new queue
 * @base: what the queue is on, see tree/release.h; NULL for base.lock
 * @item: the new queue, in order
 * @nr_same: how many items at the front are what they were, names aside; of kq_edition_build()
 * @later_stay: the patches behind a new one keep their bytes, and it must fit below them as they
 * are
 * @notes: a line for each patch that is not what it was, for the person
 * @log: what dropped.log will be; empty to leave it as it is
 * @resolver: NULL, or where a conflict's answers are; then it leaves one without an answer here:
 * @conflict: of the patch @conflict_name, which is owned; NULL without one
 */
struct kq_edition {
	const char *queue;
	const char *base;
	struct kq_stack old;
	struct kq_stack new;
	struct kq_bases bases;
	struct kq_item *item;
	size_t nr;
	size_t room;
	size_t nr_same;
	bool later_stay;
	struct ks_buf notes;
	struct ks_buf log;
	struct kq_resolver *resolver;
	struct kq_verdict conflict;
	char *conflict_name;
};

/** kq_edition_done() - free; accepts a zeroed edition */
void kq_edition_done(struct kq_edition *edition);

/** kq_item_done() - free; accepts a zeroed item */
void kq_item_done(struct kq_item *item);

/** kq_edit_waits() - Return: an edit waits in STATE for a conflict, see edit.h */
bool kq_edit_waits(const char *state);

/** kq_state_is_free() - Return: 0; KQ_REFUSED while a rebase or an edit waits in STATE. */
int __must_check kq_state_is_free(const char *state, struct kq_error *error);

/**
 * kq_edition_open() - load the queue
 * @state: STATE: refused while a conflict of this queue waits in it
 */
int __must_check kq_edition_open(const char *queue, const char *base, const char *state,
				struct kq_edition *ret_edition, struct kq_error *error);

/** kq_edition_load() - the same, whatever waits */
int __must_check kq_edition_load(const char *queue, const char *base,
				 struct kq_edition *ret_edition, struct kq_error *error);

/** kq_edition_base() - open the release that the queue is on, if it is not; build does so if it must */
int __must_check kq_edition_base(struct kq_edition *edition, struct kq_error *error);

/** kq_edition_find() - the item of a patch as a person names it, see queue/find.h */
int __must_check kq_edition_find(const struct kq_edition *edition, const char *text, size_t *ret_idx,
				struct kq_error *error);

/** kq_edition_remove() - take an item out. @ret_item: owned by the caller */
void kq_edition_remove(struct kq_edition *edition, size_t idx, struct kq_item *ret_item);

/** kq_edition_insert() - put an item in before that at @idx. @item: moved, also after a failure */
int __must_check kq_edition_insert(struct kq_edition *edition, size_t idx, struct kq_item *item,
				   struct kq_error *error);

/**
 * kq_edition_insert_new() - put a new patch in before the item at @idx
 * @label: what messages call it
 * @text: the patch
 * @sku: condition, a list, which must outlive the edition; empty for none
 * @arch: the same
 */
int __must_check kq_edition_insert_new(struct kq_edition *edition, size_t idx, const char *label,
				       struct ks_span text, struct ks_span sku, struct ks_span arch,
				       struct kq_error *error);

/** kq_edition_note() - "NAME: WHAT" for the person; @name may be NULL after a failure */
void kq_edition_note(struct kq_edition *edition, const char *name, const char *what);

/** kq_edition_end() - where what is for all ends, or with a condition the end */
size_t kq_edition_end(const struct kq_edition *edition, bool conditional);

/**
 * kq_edition_place() - where a person wants something: in front of a patch, or behind it
 * @before: a patch, or NULL
 * @after: a patch, or NULL; not both
 */
int __must_check kq_edition_place(const struct kq_edition *edition, const char *before,
				 const char *after, size_t *ret_idx, struct kq_error *error);

/** kq_edition_log_drop() - a line for dropped.log: a person takes a patch out. @why: one line */
int __must_check kq_edition_log_drop(struct kq_edition *edition, size_t from, const char *why,
				     struct kq_error *error);

/** kq_item_rename() - another subject in item->text is another file name, with the same number */
int __must_check kq_item_rename(const struct kq_edition *edition, struct kq_item *item,
				struct kq_error *error);

/**
 * kq_edition_build() - the new queue with numbers, names and series, its bytes as they are
 *
 * Items that want a number get one between their neighbours'. The release is opened only if a patch
 * has other bytes or other patches below it.
 *
 * Return: 0, each item has a name; KQ_REFUSED when no number is free.
 */
int __must_check kq_edition_build(struct kq_edition *edition, struct kq_error *error);

#endif
