// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/worktree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/refresh.h"
#include "queue/patch.h"
#include "queue/header.h"
#include "stack/workdir.h"
#include "text/file.h"
#include "text/dir.h"
#include "text/git.h"
#include "text/text.h"
#include "tree/commit.h"

static int export_all(const char *dir, const struct kq_overlay *overlay, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < overlay->nr && !rc; i++)
		rc = kq_node_export(dir, overlay->node[i], error);
	return rc;
}

/* The commit is by the patch's author, so that git log shows it and a change of it is noticed. */
static int set_author(const char *dir, const struct kq_patch *patch, char ret_top[KQ_COMMIT_BYTES],
		      struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf name = { 0 }, address = { 0 };
	static const char *const which[] = { "rev-parse", "HEAD", NULL };
	struct kq_path author;
	const char *const amend[] = { "commit", "-q", "--amend", "--allow-empty", "--no-verify",
				      "--allow-empty-message", "--cleanup=verbatim", "--no-edit",
				      author.s, NULL };
	int rc;

	kq_author(patch->head, &name, &address);
	if (!address.bytes || name.err || address.err)
		return 0;
	rc = kq_path(&author, error, "--author=%.*s <%.*s>", KQ_FMT(ks_buf_span(&name)),
		     KQ_FMT(ks_buf_span(&address)));
	if (!rc)
		rc = kq_workdir_git(dir, amend, (struct ks_span){ 0 }, NULL, error);
	return rc ? rc : kq_workdir_git(dir, which, (struct ks_span){ 0 }, ret_top, error);
}

static int make_commits(const struct kq_patch *patch, struct kq_overlay *before,
			struct kq_overlay *after, struct kq_worktree *worktree,
			struct kq_error *error)
{
	const struct ks_span below = ks_span_str("the release and the patches before\n");
	__cleanup(ks_buf_done) struct ks_buf message = { 0 };
	const char *dir = worktree->dir.s;
	int rc = kq_workdir_make(dir, "patch", error);

	if (!rc)
		rc = export_all(dir, before, error);
	if (!rc)
		rc = kq_workdir_commit(dir, below, worktree->base, error);
	if (!rc)
		rc = export_all(dir, after, error);
	kq_subject(patch->head, &message);
	ks_put_str(&message, "\n\n");
	ks_put(&message, patch->body);
	if (!rc)
		rc = kq_workdir_commit(dir, ks_buf_span(&message), worktree->top, error);
	return rc ? rc : set_author(dir, patch, worktree->top, error);
}

int kq_worktree_make(const char *dir, const struct kq_patch *patch, struct kq_overlay *before,
		     struct kq_overlay *after, struct kq_worktree *ret_worktree,
		     struct kq_error *error)
{
	struct kq_worktree worktree = { 0 };
	struct kq_error ignored = { 0 };
	int rc = kq_path(&worktree.dir, error, "%s", dir);

	if (rc)
		return rc;
	if (!access(dir, F_OK))
		return kq_fail(error, KQ_REFUSED,
			       "%s: is left from an edit that did not end well: take out of it what you need, then remove it",
			       dir);
	rc = make_commits(patch, before, after, &worktree, error);
	if (rc) {
		(void)!kq_dir_remove(dir, &ignored);
		return rc;
	}
	*ret_worktree = worktree;
	return 0;
}

void kq_work_result_done(struct kq_work_result *result)
{
	size_t i;

	for (i = 0; i < result->nr; i++) {
		free(result->changed[i].path);
		ks_buf_done(&result->changed[i].content);
	}
	free(result->changed);
	ks_buf_done(&result->subject);
	ks_buf_done(&result->body);
	ks_buf_done(&result->author);
	*result = (struct kq_work_result){ 0 };
}

static int run_git(const struct kq_worktree *worktree, const char *const *args,
		   struct kq_child_end *ret_end, struct kq_error *error)
{
	return kq_git_must(worktree->dir.s, args, (struct ks_span){ 0 }, ret_end, error);
}

static bool cut_until(struct ks_span *rest, u8 end, struct ks_span *ret_part)
{
	const u8 *at = rest->bytes ? memchr(rest->p, end, rest->bytes) : NULL;

	if (!at)
		return false;
	*ret_part = kq_head(*rest, (size_t)(at - rest->p));
	*rest = kq_tail(*rest, ret_part->bytes + 1);
	return true;
}

static int read_content(const struct kq_worktree *worktree, struct ks_span id,
			struct ks_buf *ret_content, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	char name[65] = "";
	const char *const args[] = { "cat-file", "blob", name, NULL };
	int rc;

	if (id.bytes >= sizeof(name))
		return kq_fail(error, -EIO, "git diff-index: damaged line");
	memcpy(name, id.p, id.bytes);
	rc = run_git(worktree, args, &end, error);
	if (!rc)
		ks_buf_move(ret_content, &end.out);
	return rc;
}

/* ":100644 100755 OLD NEW M" and, behind a NUL, the path */
static int add_change(const struct kq_worktree *worktree, struct ks_span head, struct ks_span path,
		      struct kq_work_result *result, struct kq_error *error)
{
	struct kq_changed *moved, *changed;
	struct ks_span old_mode, mode, old_id, id;

	if (!ks_span_word(&head, &old_mode) || !ks_span_word(&head, &mode) ||
	    !ks_span_word(&head, &old_id) || !ks_span_word(&head, &id))
		return kq_fail(error, -EIO, "git diff-index: damaged line");
	if (!kq_path_is_safe(path))
		return kq_fail(error, KQ_REFUSED, "%.*s: is not a plain path", KQ_FMT(path));
	if (!kq_is(mode, "100644") && !kq_is(mode, "100755") && !kq_is(mode, "000000"))
		return kq_fail(error, KQ_REFUSED,
			       "%.*s: is a link or a submodule, only plain files can be in a patch",
			       KQ_FMT(path));
	moved = kq_grow(result->changed, result->nr, &result->room, sizeof(*moved), KQ_MAX_CHANGES,
			error);
	if (!moved)
		return error->err;
	result->changed = moved;
	changed = &result->changed[result->nr++];
	*changed = (struct kq_changed){ .exists = !kq_is(mode, "000000"),
					.executable = kq_is(mode, "100755") };
	changed->path = strndup((const char *)path.p, path.bytes);
	if (!changed->path)
		return kq_no_memory(error);
	return changed->exists ? read_content(worktree, id, &changed->content, error) : 0;
}

static int read_changes(const struct kq_worktree *worktree, struct kq_work_result *result,
			struct kq_error *error)
{
	static const char *const add[] = { "add", "-A", ".", NULL };
	const char *const diff[] = { "diff-index",   "--cached",    "--raw",	    "-z",
				     "--no-renames", "--no-abbrev", worktree->base, NULL };
	__cleanup(kq_child_end_done) struct kq_child_end added = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span rest, head, path;
	int rc = run_git(worktree, add, &added, error);

	if (!rc)
		rc = run_git(worktree, diff, &end, error);
	rest = ks_buf_span(&end.out);
	while (!rc && cut_until(&rest, 0, &head) && cut_until(&rest, 0, &path))
		rc = add_change(worktree, head, path, result, error);
	return rc;
}

/* The text of a commit in git's words: %B, %s or %b. */
static int read_text(const struct kq_worktree *worktree, const char *commit, const char *format,
		     struct kq_child_end *ret_end, struct kq_error *error)
{
	const char *const args[] = {
		"log", "-1", "--no-show-signature", "--encoding=UTF-8", format, commit, "--", NULL
	};

	return run_git(worktree, args, ret_end, error);
}

static int same_text(const struct kq_worktree *worktree, const char *commit, const char *format,
		     bool *ret_same, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end old = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end new = { 0 };
	int rc = read_text(worktree, worktree->top, format, &old, error);

	if (!rc)
		rc = read_text(worktree, commit, format, &new, error);
	if (!rc)
		*ret_same = ks_span_eq(ks_span_trim(ks_buf_span(&old.out)),
				       ks_span_trim(ks_buf_span(&new.out)));
	return rc;
}

/* As git encodes and folds it: a field of its mail. @key: "Subject: " */
static int read_field(const struct kq_worktree *worktree, const char *commit, const char *key,
		      struct ks_buf *out, struct kq_error *error)
{
	const char *const args[] = {
		"format-patch", "--stdout", "-N", "--no-stat", "--subject-prefix=PATCH",
		"-1",		commit,	    "--", NULL
	};
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span text, line;
	bool found = false;
	int rc = run_git(worktree, args, &end, error);

	text = ks_buf_span(&end.out);
	while (!rc && ks_span_line(&text, &line) && line.bytes) {
		found = kq_starts(line, key) || (found && kq_starts(line, " "));
		if (!found)
			continue;
		ks_put(out, line);
		ks_put_str(out, "\n");
	}
	return rc;
}

static int read_message(const struct kq_worktree *worktree, const char *commit,
			struct kq_work_result *result, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	bool same, same_subject = true;
	int rc = same_text(worktree, commit, "--format=%B", &same, error);

	if (rc || same)
		return rc;
	result->new_message = true;
	rc = same_text(worktree, commit, "--format=%s", &same_subject, error);
	if (!rc && !same_subject)
		rc = read_field(worktree, commit, "Subject: ", &result->subject, error);
	if (!rc)
		rc = read_text(worktree, commit, "--format=%b", &end, error);
	if (rc)
		return rc;
	ks_put(&result->body, ks_span_trim(ks_buf_span(&end.out)));
	ks_put_str(&result->body, "\n");
	return 0;
}

static int read_author(const struct kq_worktree *worktree, const char *commit,
		       struct kq_work_result *result, struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end who = { 0 };
	bool same;
	int rc = same_text(worktree, commit, "--format=%an <%ae>", &same, error);

	if (rc || same)
		return rc;
	rc = read_text(worktree, commit, "--format=%ae", &who, error);
	if (!rc && kq_is(ks_span_trim(ks_buf_span(&who.out)), "kq@localhost"))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: the author is kq now; say who it is: git commit --amend --author='Name <address>'",
			     worktree->dir.s);
	return rc ? rc : read_field(worktree, commit, "From: ", &result->author, error);
}

/* One patch has one message: that of a later commit must not vanish. */
static int check_later(const struct kq_worktree *worktree, const char *commit,
		       struct kq_error *error)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span text;
	int rc = read_text(worktree, commit, "--format=%B", &end, error);

	text = ks_span_trim(ks_buf_span(&end.out));
	if (rc || ((kq_is(text, "fixup") || kq_starts(text, "fixup!")) &&
		   !memchr(text.p, '\n', text.bytes)))
		return rc;
	return kq_fail(error, KQ_REFUSED,
		       "%s: the message of commit %.12s would be lost: squash it into the first one (git rebase -i), or begin it with fixup!",
		       worktree->dir.s, commit);
}

static int read_commits(const struct kq_worktree *worktree, struct ks_span list,
			struct kq_work_result *result, struct kq_error *error)
{
	struct ks_span id;
	char commit[65];
	size_t nr = 0;
	int rc = 0;

	while (!rc && ks_span_line(&list, &id) && id.bytes < sizeof(commit)) {
		memcpy(commit, id.p, id.bytes);
		commit[id.bytes] = '\0';
		if (nr++) {
			rc = check_later(worktree, commit, error);
			continue;
		}
		rc = read_message(worktree, commit, result, error);
		if (!rc)
			rc = read_author(worktree, commit, result, error);
	}
	return rc;
}

int kq_worktree_read(const struct kq_worktree *worktree, struct kq_work_result *ret_result,
		     struct kq_error *error)
{
	const char *const below[] = { "merge-base", "--is-ancestor", worktree->base, "HEAD", NULL };
	char range[80];
	const char *const list[] = { "rev-list", "--reverse", "--first-parent", range, "--", NULL };
	__cleanup(kq_work_result_done) struct kq_work_result result = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end is_below = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end commits = { 0 };
	int rc = kq_git(worktree->dir.s, below, (struct ks_span){ 0 }, &is_below, error);

	if (!rc && is_below.status)
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: the commit before the patch is not below HEAD any more",
			     worktree->dir.s);
	snprintf(range, sizeof(range), "%s..HEAD", worktree->base);
	if (!rc)
		rc = run_git(worktree, list, &commits, error);
	if (!rc)
		rc = read_commits(worktree, ks_buf_span(&commits.out), &result, error);
	if (!rc)
		rc = read_changes(worktree, &result, error);
	if (rc)
		return rc;
	*ret_result = result;
	result = (struct kq_work_result){ 0 };
	return 0;
}

/* struct rewrite - the parts of one rewrite */
struct rewrite {
	const struct kq_patch *patch;
	struct ks_span text;
	struct kq_overlay *before;
	struct kq_overlay *after;
	const struct kq_work_result *result;
	struct kq_lines lines;
	size_t tail_idx;
	struct kq_error *error;
};

static void rewrite_done(struct rewrite *r)
{
	kq_lines_done(&r->lines);
}

/* The signature: the last "-- " of the file, which its reader has found too. */
static size_t find_tail(const struct kq_lines *lines)
{
	size_t i = lines->nr;

	while (i > 0 && !kq_is(lines->line[i - 1], "-- \n") && !kq_is(lines->line[i - 1], "-- "))
		i--;
	return i ? i - 1 : lines->nr;
}

static const struct kq_file *file_of(const struct kq_patch *patch, const char *path)
{
	size_t i;

	for (i = 0; i < patch->nr_files; i++)
		if (kq_is(patch->file[i].path, path))
			return &patch->file[i];
	return NULL;
}

static void put_lines(const struct rewrite *r, size_t idx, size_t end_idx, struct ks_buf *out)
{
	for (; idx < end_idx; idx++)
		ks_put(out, r->lines.line[idx]);
}

static bool is_as(const struct kq_changed *changed, const struct kq_node *node)
{
	if (changed->exists != node->exists)
		return false;
	return !changed->exists ||
	       (changed->executable == node->executable &&
		ks_span_eq(ks_buf_span(&changed->content), kq_node_content(node)));
}

/* One file: its old bytes, its new difference, or nothing. */
static int put_file(const struct rewrite *r, const struct kq_changed *changed, struct ks_buf *out,
		    bool *changes)
{
	const struct kq_file *file = file_of(r->patch, changed->path);
	struct kq_refresh_file section = { .how = KQ_ANEW, .path = changed->path };
	struct kq_node *before, *after;
	int rc = kq_overlay_get(r->before, ks_span_str(changed->path), &before, r->error);

	if (!rc)
		rc = kq_overlay_get(r->after, ks_span_str(changed->path), &after, r->error);
	if (rc)
		return rc;
	if (file && is_as(changed, after)) {
		size_t idx = (size_t)(file - r->patch->file) + 1;

		put_lines(r, file->patch_line - 1,
			  idx < r->patch->nr_files ? r->patch->file[idx].patch_line - 1
						   : r->tail_idx,
			  out);
		return 0;
	}
	*changes = true;
	if (is_as(changed, before))
		return 0;
	section.before = kq_refresh_side_of(before);
	section.after = (struct kq_refresh_side){ changed->exists, changed->executable,
						  ks_buf_span(&changed->content) };
	return kq_refresh_section(&section, out, r->error);
}

/* A file of the patch that git does not name any more is as it was before. */
static bool is_missing(const struct rewrite *r)
{
	size_t i, k;

	for (i = 0; i < r->patch->nr_files; i++) {
		for (k = 0; k < r->result->nr; k++)
			if (kq_is(r->patch->file[i].path, r->result->changed[k].path))
				break;
		if (k == r->result->nr)
			return true;
	}
	return false;
}

static int put_files(const struct rewrite *r, struct ks_buf *out, bool *changes)
{
	size_t i;
	int rc = 0;

	*changes = is_missing(r);
	for (i = 0; i < r->result->nr && !rc; i++)
		rc = put_file(r, &r->result->changed[i], out, changes);
	if (!rc && !out->bytes)
		rc = kq_fail(r->error, KQ_REFUSED,
			     "%s: nothing is left of it: take it out of the series instead",
			     r->patch->label);
	return rc;
}

/* The mail header with another field, which may go on in lines that start with a blank. */
static void put_field(struct ks_span head, const char *key, const struct ks_buf *field,
		      struct ks_buf *out)
{
	bool inside = false;
	struct ks_span line;

	if (!field->bytes) {
		ks_put(out, head);
		return;
	}
	while (ks_span_line(&head, &line)) {
		if (kq_starts(line, key)) {
			inside = true;
			ks_put(out, ks_buf_span(field));
			continue;
		}
		if (inside && (kq_starts(line, " ") || kq_starts(line, "\t")))
			continue;
		inside = false;
		ks_put(out, line);
		ks_put_str(out, "\n");
	}
}

static void put_head(const struct rewrite *r, struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf head = { 0 };

	put_field(r->patch->head, "Subject:", &r->result->subject, &head);
	put_field(ks_buf_span(&head), "From:", &r->result->author, out);
	if (head.err)
		out->err = head.err;
}

/* Everything above the first difference, with the old diffstat. */
static void put_front(const struct rewrite *r, struct ks_buf *front)
{
	size_t first = r->patch->file[0].patch_line - 1, notes = r->patch->body_line - 1;
	struct ks_span body = r->patch->body, line;

	if (!r->result->new_message && !r->result->author.bytes) {
		put_lines(r, 0, first, front);
		return;
	}
	put_head(r, front);
	ks_put_str(front, "\n");
	if (!r->result->new_message) {
		put_lines(r, r->patch->body_line - 1, first, front);
		return;
	}
	ks_put(front, ks_buf_span(&r->result->body));
	for (; ks_span_line(&body, &line); notes++)
		;
	put_lines(r, notes, first, front);
}

static void free_files(struct kq_refresh_file **files)
{
	free(*files);
}

/* All files as they are, but a diffstat that counts them. */
static int put_new_stat(const struct rewrite *r, const struct ks_buf *draft, struct ks_buf *out)
{
	__cleanup(free_files) struct kq_refresh_file *as_is = NULL;
	__cleanup(kq_patch_done) struct kq_patch edited = { 0 };
	int rc = kq_patch_parse(ks_buf_span(draft), r->patch->label, &edited, r->error);

	if (rc)
		return rc;
	as_is = calloc(edited.nr_files, sizeof(*as_is));
	if (!as_is)
		return kq_no_memory(r->error);
	return kq_refresh_whole(&edited, ks_buf_span(draft), as_is, out, r->error);
}

int kq_worktree_refresh(const struct kq_patch *patch, struct ks_span text,
			struct kq_overlay *before, struct kq_overlay *after,
			const struct kq_work_result *result, struct ks_buf *ret_text,
			struct kq_error *error)
{
	__cleanup(rewrite_done) struct rewrite r = {
		.patch = patch,
		.text = text,
		.before = before,
		.after = after,
		.result = result,
		.error = error,
	};
	__cleanup(ks_buf_done) struct ks_buf diffs = { 0 };
	__cleanup(ks_buf_done) struct ks_buf draft = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	bool changes = false;
	int rc = kq_lines_split(text, &r.lines, error);

	if (rc)
		return rc;
	r.tail_idx = find_tail(&r.lines);
	rc = put_files(&r, &diffs, &changes);
	if (rc)
		return rc;
	put_front(&r, &draft);
	ks_put(&draft, ks_buf_span(&diffs));
	put_lines(&r, r.tail_idx, r.lines.nr, &draft);
	if (kq_buf_check(&diffs, error) || kq_buf_check(&draft, error))
		return error->err;
	if (!changes) {
		ks_buf_move(ret_text, &draft);
		return 0;
	}
	rc = put_new_stat(&r, &draft, &out);
	if (!rc)
		rc = kq_buf_check(&out, error);
	if (!rc)
		ks_buf_move(ret_text, &out);
	return rc;
}
