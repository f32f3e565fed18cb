/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A resolution: what a person made of a conflict, as a text that can be reviewed and reused.
 *
 *   kq-resolution 1
 *   SPDX-License-Identifier: GPL-2.0-only
 *   Id: <sha256 of kind, path and the three sides>      also the file's name
 *   Path: kernel/x.c                                    lines up to the empty one are for
 *   Patch: 0003-x.patch                                 people; more of them may be added
 *   Bases: 6.18.5 6.18.15
 *
 *   <new base            a region: the lines of the three sides
 *   |old base
 *   >old base with our patch
 *   result 1             or "result absent": no such file afterwards; or "result new-base": the
 *                        patch's change of this file is given up, Reason: above says why
 *   =what it became
 *
 * A whole file has "@ <sha256>" for each of its three sides, "@ -" for one that does not exist. A
 * last line without a newline is followed by "\ no newline".
 */
#ifndef KQ_STACK_RESOLUTION_H
#define KQ_STACK_RESOLUTION_H

#include "engine/verdict.h"
#include "stack/regions.h"
#include "text/digest.h"
#include "text/text.h"

/** struct kq_side - one of three contents */
struct kq_side {
	bool exists;
	struct ks_span content;
};

/**
 * struct kq_question - what is to be resolved; all borrowed
 * @whole: a file, not a region of one
 * @path: the file
 * @side: new base, old base, old base with our patch
 */
struct kq_question {
	bool whole;
	struct ks_span path;
	struct kq_side side[3];
};

/**
 * struct kq_answer - what became of it
 * @given_up: the file of the new base stays as it is
 * @head: the lines for people
 */
struct kq_answer {
	bool exists;
	bool given_up;
	struct ks_buf content;
	struct ks_buf head;
};

/** kq_answer_head() - "Patch: ", "Path: ", "Reason: " ...: what follows in the head; may be empty */
struct ks_span kq_answer_head(const struct kq_answer *answer, const char *key);

/** kq_answer_done() - free; accepts a zeroed answer */
void kq_answer_done(struct kq_answer *answer);

/** kq_question_id() - the name of its resolution */
int __must_check kq_question_id(const struct kq_question *question, struct kq_hex *ret_id,
				struct kq_error *error);

/**
 * kq_resolution_find() - look for DIR/<id>
 * @ret_found: false when there is no such file
 *
 * Return: 0; -EBADMSG for a file whose sides are not those of the question; errors of reading.
 */
int __must_check kq_resolution_find(const char *dir, const struct kq_question *question,
				    struct kq_answer *ret_answer, bool *ret_found,
				    struct kq_error *error);

/** kq_resolution_read() - read a resolution without knowing its question. Return: 0; -EBADMSG. */
int __must_check kq_resolution_read(const char *path, struct kq_answer *ret_answer,
				    struct kq_error *error);

/**
 * kq_resolution_write() - make or replace DIR/<id>, all or nothing
 * @answer: NULL when the change is given up
 * @head: lines for people, "Patch: ...\n"
 */
int __must_check kq_resolution_write(const char *dir, const struct kq_question *question,
				     const struct kq_side *answer, const char *head,
				     struct kq_error *error);

/**
 * struct kq_resolver - where resolutions are looked for
 * @pending: STATE/resolutions: those of the person, on their way into a queue
 * @queue: QUEUE/resolutions: those of everybody
 * @used: names of the pending ones that were needed
 */
struct kq_resolver {
	struct kq_path pending;
	struct kq_path queue;
	struct kq_names used;
};

/** kq_resolver_done() - free; accepts a zeroed resolver */
void kq_resolver_done(struct kq_resolver *resolver);

/** kq_resolver_init() - @state: STATE, .kq */
int __must_check kq_resolver_init(const char *state, const char *queue,
				  struct kq_resolver *ret_resolver, struct kq_error *error);

/**
 * kq_resolve() - a kq_resolve_fn: the answer of the whole file, or of all of its regions
 * @arg: a struct kq_resolver
 */
int kq_resolve(void *arg, const struct kq_conflict *conflict, struct kq_resolved *ret_resolved,
	       struct kq_error *error);

/** kq_conflict_hopeless() - no content of the file resolves this: only dropping the patch does */
bool kq_conflict_hopeless(const struct kq_conflict *conflict);

/** kq_conflict_path() - the name of the file on the new base */
struct ks_span kq_conflict_path(const struct kq_conflict *conflict);

/** kq_question_file() - the whole file as a question; borrows @conflict */
struct kq_question kq_question_file(const struct kq_conflict *conflict);

/** kq_question_region() - one region as a question; borrows both */
struct kq_question kq_question_region(const struct kq_conflict *conflict,
				      const struct kq_region *region);

#endif
