// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Questions and answers: the conflict of a file becomes the key of its resolution, and the other
 * way round.
 */
#include "rebase/resolve.h"

#include <string.h>

bool kq_conflict_hopeless(const struct kq_conflict *conflict)
{
	return conflict->trouble == KQ_IN_THE_WAY;
}

struct ks_span kq_conflict_path(const struct kq_conflict *conflict)
{
	return conflict->renamed ? ks_span_str(conflict->renamed) : conflict->path;
}

struct kq_question kq_question_file(const struct kq_conflict *conflict)
{
	return (struct kq_question){
		.whole = true,
		.path = kq_conflict_path(conflict),
		.side = {
			{ conflict->ours_exist, conflict->ours },
			{ conflict->old_exists, conflict->old_base },
			{ conflict->theirs_exist, conflict->theirs },
		},
	};
}

struct kq_question kq_question_region(const struct kq_conflict *conflict,
				      const struct kq_region *region)
{
	return (struct kq_question){
		.path = kq_conflict_path(conflict),
		.side = {
			{ true, region->ours },
			{ true, region->base },
			{ true, region->theirs },
		},
	};
}

static int find(const struct kq_resolver *resolver, const struct kq_question *question,
		struct kq_answer *ret_answer, bool *ret_found, struct kq_fault *fault)
{
	int rc = kq_resolution_find(resolver->pending, question, ret_answer, ret_found, fault);

	if (rc || *ret_found)
		return rc;
	return kq_resolution_find(resolver->queue, question, ret_answer, ret_found, fault);
}

/* All regions are known, or the file is not. */
static int find_regions(const struct kq_resolver *resolver, const struct kq_conflict *conflict,
			struct ks_buf *ret_content, bool *ret_found, struct kq_fault *fault)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = kq_regions_parse(ks_buf_span(&conflict->marked), &regions, fault);

	*ret_found = regions.nr > 0;
	for (i = 0; i < regions.nr && !rc && *ret_found; i++) {
		__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
		struct kq_question question = kq_question_region(conflict, &regions.region[i]);

		rc = find(resolver, &question, &answer, ret_found, fault);
		ks_put(ret_content, regions.region[i].before);
		ks_put(ret_content, ks_buf_span(&answer.content));
	}
	ks_put(ret_content, regions.after);
	if (!rc && ks_buf_ok(ret_content, &diag))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}

int kq_resolve(void *arg, const struct kq_conflict *conflict, struct ks_buf *ret_content,
	       bool *ret_absent, bool *ret_found, struct kq_fault *fault)
{
	__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct kq_question question = kq_question_file(conflict);
	int rc;

	*ret_found = *ret_absent = false;
	if (kq_conflict_hopeless(conflict))
		return 0;
	rc = find(arg, &question, &answer, ret_found, fault);
	if (rc)
		return rc;
	if (*ret_found) {
		*ret_absent = !answer.exists;
		ks_buf_move(ret_content, &answer.content);
		return 0;
	}
	rc = find_regions(arg, conflict, &content, ret_found, fault);
	if (!rc && *ret_found)
		ks_buf_move(ret_content, &content);
	return rc;
}
