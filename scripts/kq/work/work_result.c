// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/patch.h"
#include "text/git.h"
#include "text/text.h"
#include "work/worktree.h"

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

static int git(const struct kq_worktree *worktree, const char *const *args,
	       struct kq_child_end *ret_end, struct kq_error *error)
{
	return kq_git_must(worktree->dir.s, args, (struct ks_span){ 0 }, ret_end, error);
}

static bool take_until(struct ks_span *rest, u8 end, struct ks_span *ret_part)
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
	rc = git(worktree, args, &end, error);
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
	const char *const diff[] = { "diff-index", "--cached", "--raw", "-z", "--no-renames",
				     "--no-abbrev", worktree->base, NULL };
	__cleanup(kq_child_end_done) struct kq_child_end added = { 0 };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span rest, head, path;
	int rc = git(worktree, add, &added, error);

	if (!rc)
		rc = git(worktree, diff, &end, error);
	rest = ks_buf_span(&end.out);
	while (!rc && take_until(&rest, 0, &head) && take_until(&rest, 0, &path))
		rc = add_change(worktree, head, path, result, error);
	return rc;
}

/* The text of a commit in git's words: %B, %s or %b. */
static int read_text(const struct kq_worktree *worktree, const char *commit, const char *format,
		     struct kq_child_end *ret_end, struct kq_error *error)
{
	const char *const args[] = { "log", "-1", "--no-show-signature", "--encoding=UTF-8", format,
				     commit, "--", NULL };

	return git(worktree, args, ret_end, error);
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
	const char *const args[] = { "format-patch", "--stdout", "-N", "--no-stat",
				     "--subject-prefix=PATCH", "-1", commit, "--", NULL };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span text, line;
	bool found = false;
	int rc = git(worktree, args, &end, error);

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
static int check_later(const struct kq_worktree *worktree, const char *commit, struct kq_error *error)
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
		rc = git(worktree, list, &commits, error);
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
