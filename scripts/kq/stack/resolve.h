/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conflicts as questions that a resolution answers.
 */
#ifndef KQ_STACK_RESOLVE_H
#define KQ_STACK_RESOLVE_H

#include "engine/verdict.h"
#include "stack/regions.h"
#include "stack/resolution.h"
#include "text/text.h"

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
