/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conflicts as questions that a resolution answers.
 */
#ifndef KQ_REBASE_RESOLVE_H
#define KQ_REBASE_RESOLVE_H

#include "engine/verdict.h"
#include "rebase/regions.h"
#include "rebase/resolution.h"

/**
 * struct kq_resolver - where resolutions are looked for; borrowed
 * @pending: those of this rebase
 * @queue: those of the queue
 */
struct kq_resolver {
	const char *pending;
	const char *queue;
};

/**
 * kq_resolve() - a kq_resolve_fn: the answer of the whole file, or of all of its regions
 * @arg: a struct kq_resolver
 */
int kq_resolve(void *arg, const struct kq_conflict *conflict, struct ks_buf *ret_content,
	       bool *ret_absent, bool *ret_found, struct kq_fault *fault);

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
