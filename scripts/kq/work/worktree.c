// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/worktree.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "queue/subject.h"
#include "text/folder.h"
#include "text/git.h"
#include "text/text.h"
#include "tree/export.h"

/* What editors and compilers leave behind is no part of a patch. */
static const char exclude[] = "*~\n*.swp\n*.orig\n*.rej\n*.o\n*.cmd\n.*.tmp\n";

/* The person's own git must neither sign, convert nor ask who they are: only the message is taken. */
static const char config[] = "[user]\n\tname = kq\n\temail = kq@localhost\n"
			     "[commit]\n\tgpgSign = false\n"
			     "[core]\n\tautocrlf = false\n\thooksPath = /dev/null\n";

static int write_text(const char *dir, const char *name, const char *text, struct kq_fault *fault)
{
	struct ks_span content = ks_span_str(text);
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, fault, "%s/.git/%s", dir, name);

	if (!rc && ks_file_publish(path.s, &content, 1, 0666, &diag))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}

/* @args: what follows git, up to three words */
static int git_word(const char *dir, const char *const *args, struct ks_span in, char ret_id[65],
		    struct kq_fault *fault)
{
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span id;
	int rc = kq_git_must(dir, args, in, &end, fault);

	if (rc || !ret_id)
		return rc;
	id = ks_span_trim(ks_buf_span(&end.out));
	if (id.bytes < 40 || id.bytes > 64 || !kq_is_hex(id, id.bytes))
		return kq_fail(fault, -EIO, "git %s: want a commit", args[0]);
	memcpy(ret_id, id.p, id.bytes);
	ret_id[id.bytes] = '\0';
	return 0;
}

static int commit(const char *dir, struct ks_span message, char ret_id[65], struct kq_fault *fault)
{
	static const char *const add[] = { "add", "-A", "-f", ".", NULL };
	static const char *const make[] = { "commit", "-q", "--allow-empty", "--no-verify",
					    "--allow-empty-message", "--cleanup=verbatim", "-F",
					    "-", NULL };
	static const char *const which[] = { "rev-parse", "HEAD", NULL };
	struct ks_span none = { 0 };
	int rc = git_word(dir, add, none, NULL, fault);

	if (!rc)
		rc = git_word(dir, make, message, NULL, fault);
	return rc ? rc : git_word(dir, which, none, ret_id, fault);
}

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
	static const char *const init[] = { "init", "-q", "--template=", "-b", "patch", ".", NULL };
	__cleanup(ks_buf_done) struct ks_buf message = { 0 };
	const char *dir = worktree->dir.s;
	struct kq_path info;
	int rc = kq_path(&info, fault, "%s/.git/info", dir);

	if (!rc)
		rc = kq_folder_make(dir, fault);
	if (!rc)
		rc = git_word(dir, init, (struct ks_span){ 0 }, NULL, fault);
	if (!rc)
		rc = kq_folder_make(info.s, fault);
	if (!rc)
		rc = write_text(dir, "info/exclude", exclude, fault);
	if (!rc)
		rc = export_all(dir, before, fault);
	if (!rc)
		rc = commit(dir, ks_span_str("the release and the patches before\n"),
			    worktree->base, fault);
	if (!rc)
		rc = export_all(dir, after, fault);
	kq_subject(patch->head, &message);
	ks_put_str(&message, "\n\n");
	ks_put(&message, patch->body);
	if (!rc)
		rc = commit(dir, ks_buf_span(&message), worktree->top, fault);
	return rc;
}

static int add_config(const char *dir, struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, fault, "%s/.git/config", dir);

	if (rc)
		return rc;
	if (ks_file_load(path.s, KQ_MAX_PATCH_BYTES, &text, &diag))
		return kq_fail_diag(fault, &diag);
	ks_put_str(&text, config);
	ks_put_u8(&text, 0);
	if (ks_buf_ok(&text, &diag))
		return kq_fail_diag(fault, &diag);
	return write_text(dir, "config", (const char *)text.p, fault);
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
	if (!rc)
		rc = add_config(dir, fault);
	if (rc) {
		(void)!kq_folder_remove(dir, &ignored);
		return rc;
	}
	*ret_worktree = worktree;
	return 0;
}
