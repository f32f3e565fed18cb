/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A change of the queue on its way: patches come, go, move, or are written anew, the others follow,
 * and the new queue takes the place of the old one as a whole, or nothing happens.
 *
 *   open     the queue as it is, each of its patches an item
 *   ...      the verb takes items out, puts others in, changes their order, names or bytes
 *   build    names and series of the new queue
 *   settle   its bytes; it applies to the release, for every SKU
 *   publish  one step, under the queue's lock
 */
#ifndef KQ_WORK_EDITION_H
#define KQ_WORK_EDITION_H

#include "engine/verdict.h"
#include "stack/bases.h"
#include "stack/resolve.h"

/* An item that the old queue does not have. */
#define KQ_NEW SIZE_MAX

/**
 * struct kq_item - one patch of the queue as it will be
 * @from: index in the old queue, or KQ_NEW
 * @name: owned; NULL for a new one that gets number and name from its subject
 * @label: what messages call it until it has its name; owned; NULL for @name
 * @text: bytes that the verb gives it; empty: those that it has, as far as they still fit
 * @condition: of a new one, " sku=a arch=b"; owned, NULL for none
 * @number: it gets a number that fits where it stands
 * @moved: its line is not where it was, what comments stand around it
 * @renew: write ids, line numbers and diffstat anew even if nothing below it has changed
 */
struct kq_item {
	size_t from;
	char *name;
	char *label;
	struct ks_buf text;
	char *condition;
	bool number;
	bool moved;
	bool renew;
};

/**
 * struct kq_edition - old queue, new queue
 * @base: what the queue is on, see tree/release.h; NULL for base.lock
 * @item: the new queue, in order
 * @still: the patches behind a new one keep their bytes, and it must fit below them as they are
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
	bool still;
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

/** kq_edition_is_free() - Return: 0; KQ_REFUSED while a rebase or an edit waits in STATE. */
int __must_check kq_edition_is_free(const char *state, struct kq_error *error);

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

/** kq_edition_take() - take an item out. @ret_item: owned by the caller */
void kq_edition_take(struct kq_edition *edition, size_t idx, struct kq_item *ret_item);

/** kq_edition_put() - put an item in before that at @idx. @item: taken over, also after a failure */
int __must_check kq_edition_put(struct kq_edition *edition, size_t idx, struct kq_item *item,
			       struct kq_error *error);

/** kq_edition_end() - where what is for all ends, or with @has_condition the end */
size_t kq_edition_end(const struct kq_edition *edition, bool has_condition);

/**
 * kq_edition_place() - where a person wants something: in front of a patch, or behind it
 * @before: a patch, or NULL
 * @after: a patch, or NULL; not both
 */
int __must_check kq_edition_place(const struct kq_edition *edition, const char *before,
				 const char *after, size_t *ret_idx, struct kq_error *error);

/** kq_edition_drop() - a line for dropped.log: a person takes an old patch out. @why: one line */
int __must_check kq_edition_drop(struct kq_edition *edition, size_t from, const char *why,
				struct kq_error *error);

/**
 * kq_edition_build() - the new queue with numbers, names and series, its bytes as they are
 *
 * The release is opened only if a patch has other bytes or other patches below it.
 */
int __must_check kq_edition_build(struct kq_edition *edition, struct kq_error *error);

/**
 * kq_edition_settle() - after kq_edition_build(): the patches follow, and all is tried
 *
 * Return: 0; KQ_REFUSED when a patch does not fit.
 */
int __must_check kq_edition_settle(struct kq_edition *edition, struct kq_error *error);

/** kq_edition_make() - build, settle and publish */
int __must_check kq_edition_make(struct kq_edition *edition, struct kq_error *error);

/** kq_edition_publish() - Return: 0; KQ_REFUSED when somebody else has changed the queue since. */
int __must_check kq_edition_publish(const struct kq_edition *edition, struct kq_error *error);

#endif
