// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "engine/apply.h"
#include "engine/verdict_file.h"

/* struct inputs - all files of one patch */
struct inputs {
	const struct kq_sides *sides;
	const struct kq_patch *patch;
	struct ks_span text;
	struct kq_verdict_input *c;
	size_t *old_idx;
	size_t *onto_idx;
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
		[KQ_DOUBT] =
			"its lines are there several times, and it is not sure which are meant",
		[KQ_GONE] = "the new base has no such file any more",
		[KQ_RENAMED] = "the new base has it under another name",
		[KQ_EXISTS] = "the patch makes this file, but the new base has another one",
		[KQ_CHANGED] = "the patch deletes this file, but the new base has changed it",
		[KQ_IN_THE_WAY] = "a directory or a link is where the file should be",
		[KQ_BINARY] = "binary contents cannot be merged",
	};

	return text[trouble];
}

void kq_verdict_done(struct kq_verdict *verdict)
{
	size_t i;

	for (i = 0; i < verdict->nr_files; i++) {
		free(verdict->file[i].hunk);
		free(verdict->file[i].renamed);
		ks_buf_done(&verdict->file[i].reason);
	}
	for (i = 0; i < verdict->nr_conflicts; i++)
		kq_conflict_done(&verdict->conflict[i]);
	free(verdict->file);
	free(verdict->conflict);
	ks_buf_done(&verdict->text);
	*verdict = (struct kq_verdict){ 0 };
}

static void inputs_done(struct inputs *t)
{
	size_t i;

	for (i = 0; t->c && i < t->patch->nr_files; i++)
		kq_verdict_input_done(&t->c[i]);
	free(t->c);
	free(t->old_idx);
	free(t->onto_idx);
	free(t->take);
}

static int open_inputs(struct inputs *t, struct kq_verdict *verdict)
{
	const struct kq_patch *patch = t->patch;
	size_t i;
	int rc = 0;

	t->c = calloc(patch->nr_files, sizeof(*t->c));
	verdict->file = calloc(patch->nr_files, sizeof(*verdict->file));
	verdict->conflict = calloc(patch->nr_files, sizeof(*verdict->conflict));
	t->old_idx = calloc(patch->nr_hunks + 1, sizeof(*t->old_idx));
	t->onto_idx = calloc(patch->nr_hunks + 1, sizeof(*t->onto_idx));
	t->take = calloc(patch->nr_hunks + 1, sizeof(*t->take));
	if (!t->c || !verdict->file || !verdict->conflict || !t->old_idx || !t->onto_idx ||
	    !t->take)
		return kq_no_memory(t->error);
	verdict->nr_files = patch->nr_files;
	for (i = 0; i < patch->nr_files && !rc; i++) {
		const struct kq_file *file = &patch->file[i];
		struct kq_file_verdict *out = &verdict->file[i];

		t->c[i] = (struct kq_verdict_input){
			.sides = t->sides,
			.patch = patch,
			.file = file,
			.out = out,
			.old_idx = t->old_idx + file->first_hunk,
			.onto_idx = t->onto_idx + file->first_hunk,
			.take = t->take + file->first_hunk,
		};
		out->path = file->path;
		out->change = file->change;
		out->mode = KQ_NONE;
		out->nr_hunks = file->nr_hunks;
		out->hunk = calloc(file->nr_hunks + 1, sizeof(*out->hunk));
		rc = out->hunk ? kq_verdict_input_open(&t->c[i], t->error) : kq_no_memory(t->error);
	}
	return rc;
}

static int verdict_on_files(struct inputs *t, struct kq_verdict *verdict)
{
	size_t i;

	for (i = 0; i < t->patch->nr_files; i++) {
		struct kq_verdict_input *c = &t->c[i];
		struct kq_node *node;
		int rc = kq_overlay_get(t->sides->old, c->file->path, &node, t->error);

		if (rc)
			return rc;
		kq_state_set(&c->o1, node);
		rc = kq_file_verdict_make(c, t->error);
		if (rc)
			return rc;
		if (c->out->outcome != KQ_CONFLICT)
			continue;
		verdict->conflict[verdict->nr_conflicts++] = c->conflict;
		c->conflict = (struct kq_conflict){ 0 };
	}
	return 0;
}

static enum kq_outcome outcome_of(const struct kq_verdict *verdict)
{
	size_t nr[KQ_CONFLICT + 1] = { 0 }, i;

	for (i = 0; i < verdict->nr_files; i++)
		nr[verdict->file[i].outcome]++;
	if (nr[KQ_CONFLICT])
		return KQ_CONFLICT;
	if (nr[KQ_UPSTREAM] == verdict->nr_files)
		return KQ_UPSTREAM;
	if (nr[KQ_UPSTREAM] + nr[KQ_GIVEN_UP] == verdict->nr_files)
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

static int write_text(struct inputs *t, struct ks_buf *ret_text)
{
	__cleanup(free_files) struct kq_refresh_file *file =
		calloc(t->patch->nr_files, sizeof(*file));
	size_t i;

	if (!file)
		return kq_no_memory(t->error);
	for (i = 0; i < t->patch->nr_files; i++) {
		const struct kq_verdict_input *c = &t->c[i];

		file[i] = (struct kq_refresh_file){
			.how = c->how,
			.path = c->out->renamed ? c->out->renamed : c->path,
			.onto_idx = c->onto_idx,
			.take = c->take,
			.before = side_of(&c->n0),
			.after = side_of(&c->n1),
		};
	}
	return kq_refresh(t->patch, t->text, file, ret_text, t->error);
}

/* The patch as it is written must make exactly the file that the verdict is about. */
static int check_result(struct inputs *t, const struct kq_verdict_input *c)
{
	const char *path = c->out->renamed ? c->out->renamed : c->path;
	struct kq_state state = { 0 };
	struct kq_node *node;
	int rc = kq_overlay_get(t->sides->onto, ks_span_str(path), &node, t->error);

	if (rc)
		return rc;
	kq_state_set(&state, node);
	if (kq_state_eq(&state, &c->n1))
		return 0;
	return kq_fail(t->error, -EIO,
		       "%s: %s: the written patch does not make what its verdict says",
		       t->patch->label, path);
}

static int apply_to_new_base(struct inputs *t, struct ks_span text)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { 0 };
	size_t i;
	int rc = kq_patch_parse(text, t->patch->label, &patch, t->error);

	if (!rc)
		rc = kq_apply_patch(t->sides->onto, &patch, NULL, t->error);
	for (i = 0; i < t->patch->nr_files && !rc; i++)
		if (t->c[i].how != KQ_LEAVE_OUT)
			rc = check_result(t, &t->c[i]);
	return rc;
}

int kq_verdict_make(const struct kq_sides *sides, const struct kq_patch *patch, struct ks_span text,
		    struct kq_verdict *ret_verdict, struct kq_error *error)
{
	__cleanup(kq_verdict_done) struct kq_verdict verdict = { 0 };
	__cleanup(inputs_done) struct inputs t = {
		.sides = sides,
		.patch = patch,
		.text = text,
		.error = error,
	};
	int rc = open_inputs(&t, &verdict);

	if (!rc)
		rc = kq_apply_patch_at(sides->old, patch, NULL, t.old_idx, error);
	if (!rc)
		rc = verdict_on_files(&t, &verdict);
	if (rc)
		return rc;
	verdict.outcome = outcome_of(&verdict);
	if (verdict.outcome < KQ_UPSTREAM) {
		rc = write_text(&t, &verdict.text);
		if (!rc)
			rc = apply_to_new_base(&t, ks_buf_span(&verdict.text));
	}
	if (rc)
		return rc;
	*ret_verdict = verdict;
	verdict = (struct kq_verdict){ 0 };
	return 0;
}
