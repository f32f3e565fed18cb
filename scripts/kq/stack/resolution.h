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

#include "base/buf.h"
#include "text/digest.h"

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
 * Return: 0; -EBADMSG for a file whose sides are not those of the question; what reading said.
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

#endif
