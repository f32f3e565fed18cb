// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "engine/verdict_file.h"

/* struct trial - all files of one patch */
struct trial {
	const struct kq_sides *sides;
	const struct kq_patch *patch;
	struct ks_span text;
	struct kq_case *c;
	size_t *old_idx;
	size_t *now_idx;
	bool *take;
	struct kq_error *error;
};

const char *kq_outcome_name(enum kq_outcome outcome)
{
	static const char *const name[] = { "kept",	 "partial", "merged",
					    "upstream", "dropped", "conflict" };

	return name[outcome];
}

const char *kq_trouble_text(enum kq_trouble trouble)
{
	static const char *const text[] = {
		[KQ_NO_TROUBLE] = "nothing wrong",
		[KQ_SAME_LINES] = "the new base has changed the same lines",
		[KQ_TWICE] = "the new base has the same change close by: it would be there twice",
		[KQ_DOUBT] = "its lines are there several times, and it is not sure which are meant",
		[KQ_GONE] = "the new base has no such file any more",
		[KQ_RENAMED] = "the new base has it under another name",
		[KQ_EXISTS] = "the patch makes this file, but the new base has another one",
		[KQ_CHANGED] = "the patch deletes this file, but the new base has changed it",
		[KQ_IN_THE_WAY] = "a directory or a link is where the file should be",
		[KQ_BINARY] = "binary contents cannot be merged",
	};

	return text[trouble];
}

void kq_judgement_done(struct kq_judgement *judgement)
{
	size_t i;

	for (i = 0; i < judgement->nr_files; i++) {
		free(judgement->file[i].hunk);
		free(judgement->file[i].renamed);
		ks_buf_done(&judgement->file[i].reason);
	}
	for (i = 0; i < judgement->nr_conflicts; i++)
		kq_conflict_done(&judgement->conflict[i]);
	free(judgement->file);
	free(judgement->conflict);
	ks_buf_done(&judgement->text);
	*judgement = (struct kq_judgement){ 0 };
}

static void trial_done(struct trial *t)
{
	size_t i;

	for (i = 0; t->c && i < t->patch->nr_files; i++)
		kq_case_done(&t->c[i]);
	free(t->c);
	free(t->old_idx);
	free(t->now_idx);
	free(t->take);
}

static int start(struct trial *t, struct kq_judgement *judgement)
{
	const struct kq_patch *patch = t->patch;
	size_t i;
	int rc = 0;

	t->c = calloc(patch->nr_files, sizeof(*t->c));
	judgement->file = calloc(patch->nr_files, sizeof(*judgement->file));
	judgement->conflict = calloc(patch->nr_files, sizeof(*judgement->conflict));
	t->old_idx = calloc(patch->nr_hunks + 1, sizeof(*t->old_idx));
	t->now_idx = calloc(patch->nr_hunks + 1, sizeof(*t->now_idx));
	t->take = calloc(patch->nr_hunks + 1, sizeof(*t->take));
	if (!t->c || !judgement->file || !judgement->conflict || !t->old_idx || !t->now_idx ||
	    !t->take)
		return kq_no_memory(t->error);
	judgement->nr_files = patch->nr_files;
	for (i = 0; i < patch->nr_files && !rc; i++) {
		const struct kq_file *file = &patch->file[i];
		struct kq_judged_file *out = &judgement->file[i];

		t->c[i] = (struct kq_case){
			.sides = t->sides, .patch = patch, .file = file, .out = out,
			.old_idx = t->old_idx + file->first_hunk,
			.now_idx = t->now_idx + file->first_hunk,
			.take = t->take + file->first_hunk,
		};
		out->path = file->path;
		out->change = file->change;
		out->mode = KQ_NONE;
		out->nr_hunks = file->nr_hunks;
		out->hunk = calloc(file->nr_hunks + 1, sizeof(*out->hunk));
		rc = out->hunk ? kq_case_open(&t->c[i], t->error) : kq_no_memory(t->error);
	}
	return rc;
}

static int judge_files(struct trial *t, struct kq_judgement *judgement)
{
	size_t i;

	for (i = 0; i < t->patch->nr_files; i++) {
		struct kq_case *c = &t->c[i];
		struct kq_node *node;
		int rc = kq_overlay_get(t->sides->old, c->file->path, &node, t->error);

		if (rc)
			return rc;
		kq_state_set(&c->o1, node);
		rc = kq_judge_file(c, t->error);
		if (rc)
			return rc;
		if (c->out->outcome != KQ_CONFLICT)
			continue;
		judgement->conflict[judgement->nr_conflicts++] = c->conflict;
		c->conflict = (struct kq_conflict){ 0 };
	}
	return 0;
}

static enum kq_outcome outcome_of(const struct kq_judgement *judgement)
{
	size_t nr[KQ_CONFLICT + 1] = { 0 }, i;

	for (i = 0; i < judgement->nr_files; i++)
		nr[judgement->file[i].outcome]++;
	if (nr[KQ_CONFLICT])
		return KQ_CONFLICT;
	if (nr[KQ_UPSTREAM] == judgement->nr_files)
		return KQ_UPSTREAM;
	if (nr[KQ_UPSTREAM] + nr[KQ_GIVEN_UP] == judgement->nr_files)
		return KQ_GIVEN_UP;
	if (nr[KQ_MERGED] || nr[KQ_GIVEN_UP])
		return KQ_MERGED;
	return nr[KQ_UPSTREAM] || nr[KQ_PARTIAL] ? KQ_PARTIAL : KQ_KEPT;
}

static struct kq_refresh_side side_of(const struct kq_state *state)
{
	return (struct kq_refresh_side){ state->exists, state->executable, state->content };
}

static void free_files(struct kq_refresh_file **file)
{
	free(*file);
}

static int write_text(struct trial *t, struct ks_buf *ret_text)
{
	__cleanup(free_files) struct kq_refresh_file *file =
		calloc(t->patch->nr_files, sizeof(*file));
	size_t i;

	if (!file)
		return kq_no_memory(t->error);
	for (i = 0; i < t->patch->nr_files; i++) {
		const struct kq_case *c = &t->c[i];

		file[i] = (struct kq_refresh_file){
			.how = c->how,
			.path = c->out->renamed ? c->out->renamed : c->path,
			.now_idx = c->now_idx,
			.take = c->take,
			.before = side_of(&c->n0),
			.after = side_of(&c->n1),
		};
	}
	return kq_refresh(t->patch, t->text, file, ret_text, t->error);
}

/* What was judged is what the new text makes, or nothing is true. */
static int check_result(struct trial *t, const struct kq_case *c)
{
	const char *path = c->out->renamed ? c->out->renamed : c->path;
	struct kq_state state = { 0 };
	struct kq_node *node;
	int rc = kq_overlay_get(t->sides->now, ks_span_str(path), &node, t->error);

	if (rc)
		return rc;
	kq_state_set(&state, node);
	if (kq_state_eq(&state, &c->n1))
		return 0;
	return kq_fail(t->error, -EIO, "%s: %s: the written patch does not make what was judged",
		       t->patch->label, path);
}

static int go_on(struct trial *t, struct ks_span text)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	size_t i;
	int rc = kq_patch_parse(text, t->patch->label, &patch, t->error);

	if (!rc)
		rc = kq_apply_patch(t->sides->now, &patch, NULL, t->error);
	for (i = 0; i < t->patch->nr_files && !rc; i++)
		if (t->c[i].how != KQ_LEAVE_OUT)
			rc = check_result(t, &t->c[i]);
	return rc;
}

int kq_judge_patch(const struct kq_sides *sides, const struct kq_patch *patch, struct ks_span text,
		   struct kq_judgement *ret_judgement, struct kq_error *error)
{
	__cleanup(kq_judgement_done) struct kq_judgement judgement = { 0 };
	__cleanup(trial_done) struct trial t = {
		.sides = sides, .patch = patch, .text = text, .error = error,
	};
	int rc = start(&t, &judgement);

	if (!rc)
		rc = kq_apply_patch_at(sides->old, patch, NULL, t.old_idx, error);
	if (!rc)
		rc = judge_files(&t, &judgement);
	if (rc)
		return rc;
	judgement.outcome = outcome_of(&judgement);
	if (judgement.outcome < KQ_UPSTREAM) {
		rc = write_text(&t, &judgement.text);
		if (!rc)
			rc = go_on(&t, ks_buf_span(&judgement.text));
	}
	if (rc)
		return rc;
	*ret_judgement = judgement;
	judgement = (struct kq_judgement){ 0 };
	return 0;
}
