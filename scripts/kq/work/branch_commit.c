// SPDX-License-Identifier: LGPL-2.1-or-later
/* One stream of git fast-import: no work tree, and 91,000 files stay where they are. */
#include <stdio.h>
#include <string.h>

#include "engine/apply.h"
#include "queue/header.h"
#include "text/git.h"
#include "text/text.h"
#include "tree/release.h"
#include "work/branch.h"

/* Where the commits are until somebody wants them. */
#define TEMPORARY "refs/kq/exporting"

/* struct stream - what git reads */
struct stream {
	struct ks_buf out;
	struct kq_overlay overlay;
	struct kq_error *error;
};

static void stream_done(struct stream *s)
{
	ks_buf_done(&s->out);
	kq_overlay_done(&s->overlay);
}

static void put_data(struct stream *s, struct ks_span a, struct ks_span b)
{
	char line[48];

	snprintf(line, sizeof(line), "data %zu\n", a.bytes + b.bytes);
	ks_put_str(&s->out, line);
	ks_put(&s->out, a);
	ks_put(&s->out, b);
	ks_put_str(&s->out, "\n");
}

static void put_person(struct stream *s, const char *what, struct ks_span name, struct ks_span mail,
		       struct ks_span date)
{
	ks_put_str(&s->out, what);
	ks_put(&s->out, name);
	ks_put_str(&s->out, " <");
	ks_put(&s->out, mail);
	ks_put_str(&s->out, "> ");
	ks_put(&s->out, date);
	ks_put_str(&s->out, "\n");
}

/* Blank lines around the text are the mail's, not the message's. */
static struct ks_span trim_lines(struct ks_span text)
{
	while (text.bytes && text.p[0] == '\n')
		text = kq_tail(text, 1);
	while (text.bytes && text.p[text.bytes - 1] == '\n')
		text = kq_head(text, text.bytes - 1);
	return text;
}

static int put_head(struct stream *s, const struct kq_patch *patch, const char *from)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 }, mail = { 0 }, date = { 0 };
	__cleanup(ks_buf_done) struct ks_buf subject = { 0 };
	struct ks_span body = trim_lines(patch->body);

	kq_author(patch->head, &name, &mail);
	kq_head_field(patch->head, "Date:", &date);
	if (!mail.bytes || !date.bytes)
		return kq_fail(s->error, KQ_REFUSED, "%s: has no From and Date that git could take",
			       patch->label);
	ks_put_str(&s->out, "commit " TEMPORARY "\n");
	put_person(s, "author ", ks_buf_span(&name), ks_buf_span(&mail), ks_buf_span(&date));
	put_person(s, "committer ", ks_buf_span(&name), ks_buf_span(&mail), ks_buf_span(&date));
	kq_subject(patch->head, &subject);
	ks_put_str(&subject, body.bytes ? "\n\n" : "\n");
	ks_put(&subject, body);
	put_data(s, ks_buf_span(&subject), ks_span_str(body.bytes ? "\n" : ""));
	if (from) {
		ks_put_str(&s->out, "from ");
		ks_put_str(&s->out, from);
		ks_put_str(&s->out, "\n");
	}
	return 0;
}

static int put_file(struct stream *s, struct ks_span path)
{
	struct kq_node *node;
	int rc = kq_overlay_get(&s->overlay, path, &node, s->error);

	if (rc)
		return rc;
	ks_put_str(&s->out, !node->exists ? "D " : node->executable ? "M 100755 inline " :
								     "M 100644 inline ");
	ks_put(&s->out, path);
	ks_put_str(&s->out, "\n");
	if (node->exists)
		put_data(s, kq_node_content(node), (struct ks_span){ 0 });
	return 0;
}

static int put_patch(struct stream *s, const struct kq_patch *patch, const char *from)
{
	__cleanup(ks_buf_done) struct ks_buf notes = { 0 };
	size_t i;
	int rc = kq_apply_patch(&s->overlay, patch, &notes, s->error);

	if (!rc)
		rc = put_head(s, patch, from);
	for (i = 0; i < patch->nr_files && !rc; i++)
		rc = put_file(s, patch->file[i].path);
	ks_put_str(&s->out, "\n");
	return rc;
}

static int open_base(const struct kq_branch_place *place, const struct kq_stack *stack,
		     struct kq_release **ret_release, struct kq_error *error)
{
	__cleanup(kq_names_done) struct kq_names paths = { 0 };
	struct kq_want want;
	struct kq_path spec;
	size_t i;
	int rc = kq_path(&spec, error, "git:%s:%s", place->repo.s, place->base);

	for (i = 0; i < stack->series.nr && !rc; i++)
		rc = kq_patch_paths(&stack->patch[i].patch, &paths, error);
	if (rc)
		return rc;
	kq_names_sort(&paths);
	want = (struct kq_want){ (const char *const *)paths.name, paths.nr };
	return kq_release_open(spec.s, &want, ret_release, error);
}

static int feed(const struct kq_branch_place *place, struct stream *s, char ret_tip[KQ_COMMIT_ROOM])
{
	static const char *const import[] = { "fast-import", "--quiet", "--force", "--done",
					      "--date-format=rfc2822", NULL };
	static const char *const tip[] = { "rev-parse", "--verify", TEMPORARY, NULL };
	static const char *const gone[] = { "update-ref", "-d", TEMPORARY, NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 }, which = { 0 }, last = { 0 };
	struct ks_diag diag = { 0 };
	struct ks_span id;
	int rc;

	ks_put_str(&s->out, "done\n");
	if (ks_buf_ok(&s->out, &diag))
		return kq_fail_diag(s->error, &diag);
	rc = kq_git_must(place->repo.s, import, ks_buf_span(&s->out), &end, s->error);
	if (!rc)
		rc = kq_git_must(place->repo.s, tip, (struct ks_span){ 0 }, &which, s->error);
	if (!rc)
		rc = kq_git_must(place->repo.s, gone, (struct ks_span){ 0 }, &last, s->error);
	if (rc)
		return rc;
	id = kq_chomp(ks_buf_span(&which.out));
	if (id.bytes >= KQ_COMMIT_ROOM)
		return kq_fail(s->error, -EIO, "git rev-parse: want a commit");
	memcpy(ret_tip, id.p, id.bytes);
	ret_tip[id.bytes] = '\0';
	return 0;
}

int kq_branch_commit(const struct kq_branch_place *place, const struct kq_stack *stack,
		     const struct kq_selection *selection, char ret_tip[KQ_COMMIT_ROOM],
		     size_t *ret_nr, struct kq_error *error)
{
	__cleanup(kq_release_close) struct kq_release *base = NULL;
	__cleanup(stream_done) struct stream s = { .error = error };
	size_t i;
	int rc = open_base(place, stack, &base, error);

	*ret_nr = 0;
	if (!rc)
		s.overlay.source = &base->source;
	for (i = 0; i < stack->series.nr && !rc; i++)
		if (kq_selected(&stack->series.entry[i], selection))
			rc = put_patch(&s, &stack->patch[i].patch, (*ret_nr)++ ? NULL : place->base);
	if (rc)
		return rc;
	if (*ret_nr)
		return feed(place, &s, ret_tip);
	snprintf(ret_tip, KQ_COMMIT_ROOM, "%s", place->base);
	return 0;
}
