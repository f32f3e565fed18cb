// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "stack/conflict.h"
#include "stack/resolve.h"
#include "stack/workdir.h"
#include "text/dir.h"

/*
 * struct taking - the answer of one file
 * @reason: why the patch's change of the file is given up; empty if it is not
 */
struct taking {
	const struct kq_conflict *conflict;
	const struct kq_ask *ask;
	const char *answers;
	const char *tree;
	bool was_reset;
	struct ks_buf edited;
	bool exists;
	struct ks_buf reason;
};

static void taking_done(struct taking *t)
{
	ks_buf_done(&t->edited);
	ks_buf_done(&t->reason);
}

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
			 const struct ks_span *result, const char *head, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < regions->nr && !rc; i++) {
		struct kq_question question = kq_question_region(t->conflict, &regions->region[i]);
		struct kq_side answer = { true, result[i] };

		rc = kq_resolution_write(t->answers, &question, &answer, head, error);
	}
	return rc;
}

static int write_by_region(const struct taking *t, const char *head, bool *ret_done,
			   struct kq_error *error)
{
	__cleanup(kq_regions_done) struct kq_regions regions = { 0 };
	struct ks_span *result;
	int rc = kq_regions_parse(ks_buf_span(&t->conflict->marked), &regions, error);

	if (rc)
		return rc;
	result = calloc(regions.nr + 1, sizeof(*result));
	if (!result)
		return kq_no_memory(error);
	*ret_done = kq_regions_results(&regions, ks_buf_span(&t->edited), result) &&
		    !contradict(&regions, result);
	if (*ret_done)
		rc = write_regions(t, &regions, result, head, error);
	free(result);
	return rc;
}

static int write_answer(const struct taking *t, struct kq_error *error)
{
	struct kq_question question = kq_question_file(t->conflict);
	struct kq_side answer = { t->exists, ks_buf_span(&t->edited) };
	const struct kq_ask *ask = t->ask;
	bool done = false, given_up = t->reason.bytes;
	struct kq_path head;
	int rc = kq_path(&head, error, "Patch: %s\nBases: %s %s\n%s%.*s%s", ask->patch, ask->from,
			 ask->to, given_up ? "Reason: " : "", (int)t->reason.bytes,
			 given_up ? (const char *)t->reason.p : "", given_up ? "\n" : "");

	if (!rc && t->exists && !given_up)
		rc = write_by_region(t, head.s, &done, error);
	if (rc || done)
		return rc;
	return kq_resolution_write(t->answers, &question, given_up ? NULL : &answer, head.s,
				   error);
}

/* Load what the person left. Return: 0; KQ_REFUSED for a link or a directory. */
static int load(const char *tree, struct ks_span name, struct ks_buf *ret_content, bool *ret_exists,
		struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	struct stat st;
	int rc = kq_path(&path, error, "%s/%.*s", tree, (int)name.bytes, (const char *)name.p);

	*ret_exists = !rc && !lstat(path.s, &st);
	if (rc || !*ret_exists)
		return rc;
	if (!S_ISREG(st.st_mode))
		return kq_fail(error, KQ_REFUSED, "%s: is not a plain file", path.s);
	if (ks_file_load(path.s, KQ_MAX_FILE_BYTES, ret_content, &diag))
		return kq_fail_diag(error, &diag);
	return 0;
}

/* Return: always 0: the error is what is left to do, not a failure. */
__attribute__((format(printf, 3, 4))) static int undecided(const struct taking *t,
							   struct kq_error *error,
							   const char *format, ...)
{
	struct ks_span path = kq_conflict_path(t->conflict);
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	kq_fail(error, KQ_REFUSED, "%s/%.*s%s", t->tree, KQ_FMT(path), what);
	return 0;
}

static bool is(const struct taking *t, bool exists, struct ks_span content)
{
	return t->exists == exists && ks_span_eq(ks_buf_span(&t->edited), content);
}

static bool has_empty_side(const struct kq_conflict *c)
{
	return (c->ours_exist && !c->ours.bytes) || (c->theirs_exist && !c->theirs.bytes);
}

static bool has_nul(struct ks_span text)
{
	return text.bytes && memchr(text.p, 0, text.bytes);
}

/* A file of the new base answers nothing, nor does one that lost what all sides have. */
static int check_content(const struct taking *t, struct kq_error *error)
{
	const struct kq_conflict *c = t->conflict;
	bool stays_deleted = !t->exists && !c->ours_exist && !t->was_reset;

	if (is(t, c->ours_exist, c->ours) && !stays_deleted)
		return undecided(t, error,
				 ": is what the new base has, so the patch would lose its change of "
				 "it: resolve it, or give the change up: kq drop %s --accept REASON%s "
				 "(to see the conflict again remove %s)",
				 t->ask->patch, t->ask->verdict->nr_files > 1 ? " FILE" : "",
				 t->tree);
	if (t->exists && c->old_exists && is(t, true, c->old_base))
		return undecided(t, error,
				 ": is what the old base had, neither the new base nor the patch: "
				 "resolve it");
	if (t->exists && (has_nul(c->ours) || has_nul(ks_buf_span(&t->edited))))
		return undecided(t, error,
				 ": is binary on the new base, and no patch can change that: kq drop "
				 "%s --accept REASON",
				 t->ask->patch);
	if (!t->exists && c->ours_exist && c->theirs_exist)
		return undecided(t, error,
				 ": is not there, but the new base and the patch have it: git "
				 "checkout -m brings it back");
	if (t->exists && !t->edited.bytes && !has_empty_side(c))
		return undecided(t, error,
				 ": is empty, and neither the new base nor the patch empties it: git "
				 "checkout -m brings it back");
	return 0;
}

static int find_reason(struct taking *t, struct kq_error *error)
{
	if (!t->ask->given_up)
		return 0;
	return t->ask->given_up(t->ask->arg, t->ask->patch, kq_conflict_path(t->conflict),
				&t->reason, error);
}

/* Nobody edits what is given up: one of the two is a mistake. */
static int check_given_up(const struct taking *t, u32 marker, struct kq_error *error)
{
	const struct kq_conflict *c = t->conflict;

	if (marker || kq_conflict_hopeless(c) || is(t, c->ours_exist, c->ours))
		return 0;
	return undecided(t, error,
			 ": was edited, and is given up too: kq resolutions --forget %.*s takes that "
			 "back, git checkout new -- . the edit",
			 KQ_FMT(kq_conflict_path(c)));
}

/* Nothing is written: every file must have an answer first. */
static int check_file(struct taking *t, struct kq_error *error)
{
	struct kq_question question = kq_question_file(t->conflict);
	struct ks_span sides[KS_ARRAY_SIZE(question.side)];
	size_t i;
	u32 line;
	int rc = find_reason(t, error);

	if (!rc)
		rc = load(t->tree, question.path, &t->edited, &t->exists, error);
	if (rc)
		return rc;
	for (i = 0; i < KS_ARRAY_SIZE(sides); i++)
		sides[i] = question.side[i].content;
	line = kq_markers_left(ks_buf_span(&t->edited), sides, KS_ARRAY_SIZE(sides));
	if (t->reason.bytes)
		return check_given_up(t, line, error);
	if (line)
		return undecided(t, error, ":%u: a conflict marker is left", line);
	if (kq_conflict_hopeless(t->conflict))
		return undecided(t, error, ": %s; kq drop, or change the patch",
				 kq_trouble_text(t->conflict->trouble));
	return check_content(t, error);
}

static bool is_asked(const struct kq_verdict *verdict, struct ks_span name)
{
	size_t i;

	for (i = 0; i < verdict->nr_conflicts; i++)
		if (ks_span_eq(name, kq_conflict_path(&verdict->conflict[i])))
			return true;
	return false;
}

/* @args list names, each with a NUL. */
static int refuse_others(const char *tree, const char *const *args,
			 const struct kq_verdict *verdict, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span rest;
	int rc = kq_git_must(tree, args, (struct ks_span){ 0 }, &end, error);

	for (rest = ks_buf_span(&end.out); !rc && rest.bytes;) {
		struct ks_span name = kq_head(rest, strnlen((const char *)rest.p, rest.bytes));

		rest = kq_tail(rest, name.bytes + 1);
		if (!is_asked(verdict, name))
			rc = kq_fail(error, KQ_REFUSED,
				     "%s/%.*s: is not in conflict, what was changed there would be "
				     "lost; undo it, and change the patch after the rebase",
				     tree, KQ_FMT(name));
	}
	return rc;
}

/* git reset --hard takes CHERRY_PICK_HEAD away; so does a commit, which is on top of the new base. */
static int find_reset(const char *tree, bool *ret_was_reset, struct kq_error *error)
{
	static const char *const names[] = { "HEAD", "new" };
	char id[KS_ARRAY_SIZE(names)][KQ_COMMIT_BYTES];
	struct kq_path path;
	struct stat st;
	size_t i;
	int rc = kq_path(&path, error, "%s/.git/CHERRY_PICK_HEAD", tree);

	*ret_was_reset = false;
	if (rc || !lstat(path.s, &st))
		return rc;
	for (i = 0; i < KS_ARRAY_SIZE(names) && !rc; i++) {
		const char *const args[] = { "rev-parse", "--verify", names[i], NULL };

		rc = kq_workdir_git(tree, args, (struct ks_span){ 0 }, id[i], error);
	}
	*ret_was_reset = !rc && !strcmp(id[0], id[1]);
	return rc;
}

/* All of them, or a kill leaves none. */
static int write_answers(struct taking *t, const struct kq_ask *ask, struct kq_error *error)
{
	struct kq_path part, dir;
	int rc = kq_path(&part, error, "%s/answers.part", ask->dir);

	if (!rc)
		rc = kq_path(&dir, error, "%s/answers", ask->dir);
	if (!rc)
		rc = kq_dir_remove(part.s, error);
	if (!rc)
		rc = kq_dir_make(part.s, error);
	for (; t->ask && !rc; t++) {
		t->answers = part.s;
		rc = write_answer(t, error);
	}
	if (!rc)
		rc = kq_dir_sync(part.s, error);
	if (!rc && rename(part.s, dir.s))
		rc = kq_fail(error, -errno, "%s: %s", dir.s, strerror(errno));
	return rc;
}

static void free_takings(struct taking **takings)
{
	struct taking *t = *takings;

	for (; t && t->ask; t++)
		taking_done(t);
	free(*takings);
}

int kq_conflict_take(const struct kq_ask *ask, enum kq_answered *ret_answered,
		     struct kq_error *error)
{
	static const char *const changed[] = { "diff", "--name-only", "-z", "new", "--", NULL };
	static const char *const untracked[] = { "ls-files", "-z", "--others",
						 "--exclude-from=.git/info/exclude", NULL };
	const struct kq_verdict *verdict = ask->verdict;
	__cleanup(free_takings) struct taking *t = NULL;
	bool was_reset = false;
	struct kq_path tree;
	size_t i;
	int rc;

	*ret_answered = KQ_NOT_ASKED;
	if (!kq_conflict_is_open(ask, error))
		return error->err;
	t = calloc(verdict->nr_conflicts + 1, sizeof(*t));
	rc = t ? kq_path(&tree, error, "%s/tree", ask->dir) : kq_no_memory(error);
	if (!rc)
		rc = refuse_others(tree.s, changed, verdict, error);
	if (!rc)
		rc = refuse_others(tree.s, untracked, verdict, error);
	if (!rc)
		rc = find_reset(tree.s, &was_reset, error);
	*ret_answered = KQ_UNDECIDED;
	for (i = 0; i < verdict->nr_conflicts && !rc; i++) {
		t[i] = (struct taking){ .conflict = &verdict->conflict[i], .ask = ask,
					.tree = tree.s, .was_reset = was_reset };
		rc = check_file(&t[i], error);
		if (error->err)
			return rc;
	}
	if (!rc)
		rc = write_answers(t, ask, error);
	if (!rc)
		*ret_answered = KQ_ANSWERED;
	return rc;
}
