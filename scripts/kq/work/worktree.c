// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/worktree.h"

#include <unistd.h>

#include "queue/subject.h"
#include "stack/workdir.h"
#include "text/folder.h"
#include "tree/export.h"

static int export_all(const char *dir, const struct kq_overlay *overlay, struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < overlay->nr && !rc; i++)
		rc = kq_node_export(dir, overlay->node[i], fault);
	return rc;
}

static int make_commits(const struct kq_patch *patch, struct kq_overlay *before,
			struct kq_overlay *after, struct kq_worktree *worktree,
			struct kq_fault *fault)
{
	const struct ks_span below = ks_span_str("the release and the patches before\n");
	__cleanup(ks_buf_done) struct ks_buf message = { 0 };
	const char *dir = worktree->dir.s;
	int rc = kq_workdir_make(dir, "patch", fault);

	if (!rc)
		rc = export_all(dir, before, fault);
	if (!rc)
		rc = kq_workdir_commit(dir, below, worktree->base, fault);
	if (!rc)
		rc = export_all(dir, after, fault);
	kq_subject(patch->head, &message);
	ks_put_str(&message, "\n\n");
	ks_put(&message, patch->body);
	return rc ? rc : kq_workdir_commit(dir, ks_buf_span(&message), worktree->top, fault);
}

int kq_worktree_make(const char *dir, const struct kq_patch *patch, struct kq_overlay *before,
		     struct kq_overlay *after, struct kq_worktree *ret_worktree,
		     struct kq_fault *fault)
{
	struct kq_worktree worktree = { 0 };
	struct kq_fault ignored = { 0 };
	int rc = kq_path(&worktree.dir, fault, "%s", dir);

	if (rc)
		return rc;
	if (!access(dir, F_OK))
		return kq_fail(fault, KQ_REFUSED,
			       "%s: is left from an edit that did not end well: take out of it what you need, then remove it",
			       dir);
	rc = make_commits(patch, before, after, &worktree, fault);
	if (rc) {
		(void)!kq_folder_remove(dir, &ignored);
		return rc;
	}
	*ret_worktree = worktree;
	return 0;
}
