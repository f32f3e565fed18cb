// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/worktree.h"

#include <unistd.h>

#include "queue/header.h"
#include "stack/workdir.h"
#include "text/dir.h"
#include "tree/commit.h"

static int export_all(const char *dir, const struct kq_overlay *overlay, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < overlay->nr && !rc; i++)
		rc = kq_node_export(dir, overlay->node[i], error);
	return rc;
}

/* So that git log tells who it was, and another author is seen. */
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
