// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "rebase/conflict.h"
#include "rebase/resolve.h"
#include "text/git.h"

/* struct taking - the answer of one file, as it becomes resolutions */
struct taking {
	const struct kq_conflict *conflict;
	const char *dir;
	const char *head;
	struct ks_span edited;
	bool exists;
};

/* Two regions with the same sides but other results cannot both be stored. */
static bool contradict(const struct kq_regions *regions, const struct ks_span *result)
{
	size_t i, k;

	for (i = 0; i < regions->nr; i++)
		for (k = 0; k < i; k++)
			if (ks_span_eq(regions->region[i].ours, regions->region[k].ours) &&
			    ks_span_eq(regions->region[i].base, regions->region[k].base) &&
			    ks_span_eq(regions->region[i].theirs, regions->region[k].theirs) &&
			    !ks_span_eq(result[i], result[k]))
				return true;
	return false;
}

static int write_regions(const struct taking *t, const struct kq_regions *regions,
			 const struct ks_span *result, struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < regions->nr && !rc; i++) {
		struct kq_question question = kq_question_region(t->conflict, &regions->region[i]);
		struct kq_side answer = { true, result[i] };

		rc = kq_resolution_write(t->dir, &question, &answer, t->head, fault);
	}
	return rc;
}

static int write_answer(const struct taking *t, struct kq_fault *fault)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct kq_question question = kq_question_file(t->conflict);
	struct kq_side answer = { t->exists, t->edited };
	struct ks_span *result;
	bool by_region;
	int rc = kq_regions_parse(ks_buf_span(&t->conflict->marked), &regions, fault);

	if (rc)
		return rc;
	result = calloc(regions.nr + 1, sizeof(*result));
	if (!result)
		return kq_no_memory(fault);
	by_region = t->exists && kq_regions_results(&regions, t->edited, result) &&
		    !contradict(&regions, result);
	rc = by_region ? write_regions(t, &regions, result, fault)
		       : kq_resolution_write(t->dir, &question, &answer, t->head, fault);
	free(result);
	return rc;
}

/* Load what the person left. Return: 0; KQ_REFUSED for a link or a folder. */
static int load(const char *tree, struct ks_span name, struct ks_buf *ret_content, bool *ret_exists,
		struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct stat st;
	int rc = kq_path(&path, fault, "%s/%.*s", tree, (int)name.bytes, (const char *)name.p);

	*ret_exists = !rc && !lstat(path.s, &st);
	if (rc || !*ret_exists)
		return rc;
	if (!S_ISREG(st.st_mode))
		return kq_fail(fault, KQ_REFUSED, "%s: is no plain file", path.s);
	if (ks_file_load(path.s, KQ_MAX_FILE_BYTES, ret_content, &diag))
		return kq_fail_diag(fault, &diag);
	return 0;
}

static int take_file(struct taking *t, const char *tree, bool *ret_undecided,
		     struct kq_fault *fault)
{
	struct kq_question question = kq_question_file(t->conflict);
	struct ks_span sides[KS_ARRAY_SIZE(question.side)];
	__cleanup(ks_buf_done) struct ks_buf edited = { 0 };
	size_t i;
	u32 line;
	int rc = load(tree, question.path, &edited, &t->exists, fault);

	if (rc)
		return rc;
	t->edited = ks_buf_span(&edited);
	for (i = 0; i < KS_ARRAY_SIZE(sides); i++)
		sides[i] = question.side[i].content;
	line = kq_markers_left(t->edited, sides, KS_ARRAY_SIZE(sides));
	*ret_undecided = line || kq_conflict_hopeless(t->conflict);
	if (line)
		kq_fail(fault, KQ_REFUSED, "%s/%.*s:%u: a conflict marker is left", tree,
			KQ_FMT(question.path), line);
	else if (*ret_undecided)
		kq_fail(fault, KQ_REFUSED, "%.*s: %s; kq drop, or change the patch",
			KQ_FMT(question.path), kq_trouble_text(t->conflict->trouble));
	return *ret_undecided ? 0 : write_answer(t, fault);
}

static bool is_asked(const struct kq_judgement *judgement, struct ks_span name)
{
	size_t i;

	for (i = 0; i < judgement->nr_conflicts; i++)
		if (ks_span_eq(name, kq_conflict_path(&judgement->conflict[i])))
			return true;
	return false;
}

/* @args list names, each with a NUL. */
static int refuse_others(const char *tree, const char *const *args,
			 const struct kq_judgement *judgement, struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span rest;
	int rc = kq_git_must(tree, args, (struct ks_span){ 0 }, &end, fault);

	for (rest = ks_buf_span(&end.out); !rc && rest.bytes;) {
		struct ks_span name = kq_head(rest, strnlen((const char *)rest.p, rest.bytes));

		rest = kq_tail(rest, name.bytes + 1);
		if (!is_asked(judgement, name))
			rc = kq_fail(fault, KQ_REFUSED,
				     "%s/%.*s: is not in conflict, what was changed there would be "
				     "lost; undo it, and change the patch after the rebase",
				     tree, KQ_FMT(name));
	}
	return rc;
}

int kq_conflict_take(const struct kq_plan *plan, const char *patch,
		     const struct kq_judgement *judgement, enum kq_answered *ret_answered,
		     struct kq_fault *fault)
{
	static const char *const changed[] = { "diff", "--name-only", "-z", "new", "--", NULL };
	static const char *const untracked[] = { "ls-files", "-z", "--others", NULL };
	struct kq_path tree, dir, head;
	bool undecided = false;
	size_t i;
	int rc;

	*ret_answered = KQ_NOT_ASKED;
	if (!kq_conflict_is_open(plan, patch, judgement, fault))
		return fault->err;
	rc = kq_plan_path(plan, "conflict/tree", &tree, fault);
	if (!rc)
		rc = kq_plan_path(plan, "resolutions", &dir, fault);
	if (!rc)
		rc = kq_path(&head, fault, "Patch: %s\nBases: %s %s\n", patch, plan->from,
			     plan->to);
	if (!rc)
		rc = refuse_others(tree.s, changed, judgement, fault);
	if (!rc)
		rc = refuse_others(tree.s, untracked, judgement, fault);
	for (i = 0; i < judgement->nr_conflicts && !rc && !undecided; i++) {
		struct taking t = { &judgement->conflict[i], dir.s, head.s, { 0 }, false };

		rc = take_file(&t, tree.s, &undecided, fault);
	}
	if (!rc)
		*ret_answered = undecided ? KQ_UNDECIDED : KQ_ANSWERED;
	return rc;
}
