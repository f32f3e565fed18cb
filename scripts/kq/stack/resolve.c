// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Questions and answers: the conflict of a file becomes the key of its resolution, and the other
 * way round.
 */
#include "stack/resolve.h"

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

void kq_resolver_done(struct kq_resolver *resolver)
{
	kq_names_done(&resolver->used);
}

int kq_resolver_init(const char *state, const char *queue, struct kq_resolver *ret_resolver,
		     struct kq_error *error)
{
	int rc = kq_path(&ret_resolver->pending, error, "%s/resolutions", state);

	return rc ? rc : kq_path(&ret_resolver->queue, error, "%s/resolutions", queue);
}

static int note_used(struct kq_resolver *resolver, const struct kq_question *question,
		     struct kq_error *error)
{
	struct ks_span name;
	struct kq_hex id;
	int rc = kq_question_id(question, &id, error);

	name = ks_span_str(id.text);
	if (rc || kq_names_have(&resolver->used, name))
		return rc;
	return kq_names_add(&resolver->used, name, KQ_MAX_FILE_BYTES, error);
}

static int find(struct kq_resolver *resolver, const struct kq_question *question,
		struct kq_answer *ret_answer, bool *ret_found, struct kq_error *error)
{
	int rc = kq_resolution_find(resolver->pending.s, question, ret_answer, ret_found, error);

	if (!rc && *ret_found)
		return note_used(resolver, question, error);
	if (rc)
		return rc;
	return kq_resolution_find(resolver->queue.s, question, ret_answer, ret_found, error);
}

/* All regions are known, or the file is not. */
static int find_regions(struct kq_resolver *resolver, const struct kq_conflict *conflict,
			struct ks_buf *ret_content, bool *ret_found, struct kq_error *error)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = kq_regions_parse(ks_buf_span(&conflict->marked), &regions, error);

	*ret_found = regions.nr > 0;
	for (i = 0; i < regions.nr && !rc && *ret_found; i++) {
		__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
		struct kq_question question = kq_question_region(conflict, &regions.region[i]);

		rc = find(resolver, &question, &answer, ret_found, error);
		ks_put(ret_content, regions.region[i].before);
		ks_put(ret_content, ks_buf_span(&answer.content));
	}
	ks_put(ret_content, regions.after);
	if (!rc && ks_buf_ok(ret_content, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}

/* Earlier versions of kq took the file of the new base for an answer. */
static bool is_new_base(const struct kq_conflict *conflict, const struct kq_answer *answer)
{
	return answer->exists && conflict->ours_exist &&
	       ks_span_eq(ks_buf_span(&answer->content), conflict->ours);
}

static void take(struct kq_answer *answer, struct kq_resolved *resolved)
{
	resolved->how = answer->given_up ? KQ_RESOLVED_GIVEN_UP :
			answer->exists	 ? KQ_RESOLVED :
					   KQ_RESOLVED_ABSENT;
	ks_put(&resolved->reason, kq_answer_head(answer, "Reason: "));
	ks_buf_move(&resolved->content, &answer->content);
}

int kq_resolve(void *arg, const struct kq_conflict *conflict, struct kq_resolved *ret_resolved,
	       struct kq_error *error)
{
	__cleanup(kq_answer_done) struct kq_answer answer = { 0 };
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct kq_question question = kq_question_file(conflict);
	bool found;
	int rc;

	if (kq_conflict_hopeless(conflict))
		return 0;
	rc = find(arg, &question, &answer, &found, error);
	if (rc)
		return rc;
	if (found && !is_new_base(conflict, &answer)) {
		take(&answer, ret_resolved);
		return 0;
	}
	rc = find_regions(arg, conflict, &content, &found, error);
	if (rc || !found)
		return rc;
	ret_resolved->how = KQ_RESOLVED;
	ks_buf_move(&ret_resolved->content, &content);
	return 0;
}
