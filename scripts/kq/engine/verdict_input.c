// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/verdict_input.h"

#include <stdlib.h>
#include <string.h>

#include "tree/manifest.h"
#include "text/file.h"

void kq_conflict_done(struct kq_conflict *conflict)
{
	size_t i;

	ks_buf_done(&conflict->marked);
	ks_buf_done(&conflict->cause);
	for (i = 0; i < KS_ARRAY_SIZE(conflict->kept); i++)
		ks_buf_done(&conflict->kept[i]);
}

void kq_resolved_done(struct kq_resolved *resolved)
{
	ks_buf_done(&resolved->content);
	ks_buf_done(&resolved->reason);
}

static void state_done(struct kq_state *state)
{
	kq_lines_done(&state->lines);
	ks_buf_done(&state->text);
	*state = (struct kq_state){ 0 };
}

bool kq_state_eq(const struct kq_state *a, const struct kq_state *b)
{
	if (a->exists != b->exists)
		return false;
	return !a->exists || (a->executable == b->executable && ks_span_eq(a->content, b->content));
}

int kq_state_split(struct kq_state *state, struct kq_error *error)
{
	return state->lines.line ? 0 : kq_lines_split(state->content, &state->lines, error);
}

void kq_verdict_input_done(struct kq_verdict_input *c)
{
	free(c->path);
	free(c->in_the_way);
	state_done(&c->o0);
	state_done(&c->o1);
	state_done(&c->n0);
	state_done(&c->n1);
	kq_map_done(&c->map);
	kq_conflict_done(&c->conflict);
}

struct kq_merge kq_merge_of(const struct kq_verdict_input *c)
{
	return (struct kq_merge){
		.base = c->o0.content,
		.ours = c->n0.content,
		.theirs = c->o1.content,
		.base_label = c->sides->old_label,
		.ours_label = c->sides->onto_label,
		.theirs_label = c->patch->label,
	};
}

/*
 * Where a file went that the new base has no more: the same content under a name that the old base
 * had not, or the same last part of the name with most of the lines. A rename is never followed by
 * itself, it makes the conflict name the new file.
 */
/* struct found - the only new name, or that there are several */
struct found {
	const struct kq_listed *file;
	size_t nr;
};

static bool is_new(const struct kq_verdict_input *c, const struct kq_listed *file)
{
	return (file->mode == KQ_MODE_FILE || file->mode == KQ_MODE_EXECUTABLE) &&
	       !kq_manifest_find(c->sides->old_files, file->path);
}

static struct found find_same_content(const struct kq_verdict_input *c, struct ks_span id)
{
	const struct kq_manifest *files = c->sides->onto_files;
	struct found found = { 0 };
	const struct kq_listed *file = NULL;

	while ((file = kq_manifest_find_id(files, id, file)))
		if (is_new(c, file)) {
			found.file = file;
			found.nr++;
		}
	return found;
}

static struct found find_same_name(const struct kq_verdict_input *c)
{
	const struct kq_manifest *files = c->sides->onto_files;
	struct ks_span name = kq_last_part(c->file->path);
	struct found found = { 0 };
	size_t i;

	for (i = 0; i < files->nr; i++)
		if (ks_span_eq(kq_last_part(files->file[i].path), name) &&
		    is_new(c, &files->file[i])) {
			found.file = &files->file[i];
			found.nr++;
		}
	return found;
}

static int by_bytes(const void *a, const void *b)
{
	return ks_span_cmp(*(const struct ks_span *)a, *(const struct ks_span *)b);
}

/* At least half of the lines are in both; git calls that a rename too. */
static int is_similar(struct ks_span a, struct ks_span b, bool *ret_is, struct kq_error *error)
{
	__cleanup(kq_lines_done) struct kq_lines x = { 0 };
	__cleanup(kq_lines_done) struct kq_lines y = { 0 };
	size_t i = 0, k = 0, nr_same = 0;
	int rc = kq_lines_split(a, &x, error);

	if (!rc)
		rc = kq_lines_split(b, &y, error);
	if (rc)
		return rc;
	*ret_is = false;
	if (!x.nr || !y.nr)
		return 0;
	qsort(x.line, x.nr, sizeof(*x.line), by_bytes);
	qsort(y.line, y.nr, sizeof(*y.line), by_bytes);
	while (i < x.nr && k < y.nr) {
		int order = by_bytes(&x.line[i], &y.line[k]);

		nr_same += !order;
		i += order <= 0;
		k += order >= 0;
	}
	*ret_is = 2 * nr_same * 2 >= x.nr + y.nr;
	return 0;
}

/* The new base's file under that name becomes N0. */
static int set_renamed(struct kq_verdict_input *c, const struct kq_listed *file,
		       bool must_be_similar, struct kq_error *error)
{
	struct kq_node *node;
	bool is_it = true;
	int rc = kq_overlay_get(c->sides->onto, file->path, &node, error);

	if (!rc && must_be_similar)
		rc = is_similar(c->o0.content, kq_node_content(node), &is_it, error);
	if (rc || !is_it || !node->exists)
		return rc;
	c->out->renamed = strndup((const char *)file->path.p, file->path.bytes);
	if (!c->out->renamed)
		return kq_no_memory(error);
	c->n0.exists = true;
	c->n0.executable = node->executable;
	c->n0.content = kq_node_content(node);
	return 0;
}

/* A file that the new base has no more: with one answer, N0 becomes the file under its new name. */
static int find_renamed(struct kq_verdict_input *c, struct kq_error *error)
{
	const struct kq_listed *was;
	struct found found;

	if (!c->sides->old_files || !c->sides->onto_files)
		return 0;
	was = kq_manifest_find(c->sides->old_files, c->file->path);
	/* What the queue made itself has no name on either base; empty files are all the same. */
	if (!was || !c->o0.content.bytes || kq_manifest_find(c->sides->onto_files, c->file->path))
		return 0;
	found = find_same_content(c, was->id);
	if (found.nr == 1)
		return set_renamed(c, found.file, false, error);
	found = find_same_name(c);
	return found.nr == 1 ? set_renamed(c, found.file, true, error) : 0;
}

void kq_state_set(struct kq_state *state, const struct kq_node *node)
{
	state->exists = node->exists;
	state->executable = node->executable;
	if (node->exists)
		state->content = kq_node_content(node);
}

/* The new base may have a directory or a link there: that is a verdict, not a failure. */
static int open_new_base(struct kq_verdict_input *c, struct kq_error *error)
{
	struct kq_error why = { 0 };
	int rc = kq_overlay_get(c->sides->onto, c->file->path, &c->onto_node, &why);

	if (rc == KQ_REFUSED) {
		c->in_the_way = strdup(why.line);
		return c->in_the_way ? 0 : kq_no_memory(error);
	}
	if (rc)
		return kq_fail(error, rc, "%s: %s", c->patch->label, why.line);
	kq_state_set(&c->n0, c->onto_node);
	return 0;
}

/* Both bases before the patch. The old one's state must be copied: the patch changes it. */
int kq_verdict_input_open(struct kq_verdict_input *c, struct kq_error *error)
{
	struct kq_error why = { 0 };
	struct kq_node *node;
	int rc = kq_overlay_get(c->sides->old, c->file->path, &node, &why);

	if (rc)
		return kq_fail(error, rc, "%s: %s", c->patch->label, why.line);
	c->path = strndup((const char *)c->file->path.p, c->file->path.bytes);
	if (!c->path)
		return kq_no_memory(error);
	kq_state_set(&c->o0, node);
	rc = open_new_base(c, error);
	if (rc)
		return rc;
	if (!c->n0.exists && !c->in_the_way && c->o0.exists)
		rc = find_renamed(c, error);
	if (rc)
		return rc;
	c->same = !c->in_the_way && !c->out->renamed && kq_state_eq(&c->o0, &c->n0);
	if (c->same)
		return 0;
	ks_put(&c->o0.text, c->o0.content);
	c->o0.content = ks_buf_span(&c->o0.text);
	return kq_buf_check(&c->o0.text, error);
}
