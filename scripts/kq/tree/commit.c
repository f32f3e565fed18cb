// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/commit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "text/dir.h"

static int fail_sys(struct kq_error *error, const char *what, const char *path)
{
	int err = errno;

	return kq_fail(error, -err, "%s: cannot %s: %s", path, what, strerror(err));
}

/* As git does: a directory that has become empty goes too. */
static void remove_empty_dirs(char *full, size_t tree_bytes)
{
	char *c;

	while ((c = strrchr(full, '/')) && c > full + tree_bytes) {
		*c = '\0';
		if (rmdir(full))
			return;
	}
}

static int remove_file(const char *tree, struct kq_node *node, struct kq_error *error)
{
	struct kq_path full;
	int rc = kq_path(&full, error, "%s/%s", tree, node->path);

	if (rc)
		return rc;
	if (unlink(full.s) && errno != ENOENT)
		return fail_sys(error, "remove", full.s);
	node->written = true;
	remove_empty_dirs(full.s, strlen(tree));
	return 0;
}

static mode_t mode_for(mode_t mode, bool executable)
{
	/* Whoever may read may execute, as a checkout does. */
	return executable ? mode | (mode & 0444) >> 2 : mode & (mode_t)~0111;
}

/* Not synced: the marker stands until all files are on the disk. */
static int put_file(const char *full, struct ks_span content, mode_t mode, struct kq_error *error)
{
	__cleanup(ks_output_done) struct ks_output output = { 0 };
	struct ks_diag diag = { 0 };
	int rc = ks_output_begin(full, mode, &output, &diag);

	if (!rc)
		rc = ks_output_write(&output, content, &diag);
	if (!rc)
		rc = ks_output_publish(&output, false, &diag);
	return rc ? kq_fail_diag(error, &diag) : 0;
}

static int write_file(const char *tree, struct kq_node *node, struct kq_error *error)
{
	struct kq_path full;
	int rc = kq_path(&full, error, "%s/%s", tree, node->path);

	if (!rc)
		rc = kq_dir_make_above(full.s, error);
	if (rc)
		return rc;
	node->written = true;
	rc = put_file(full.s, kq_node_content(node), node->executable ? 0777 : 0666, error);
	if (rc)
		return rc;
	if (node->existed && node->executable != !!(node->old_mode & 0100) &&
	    chmod(full.s, mode_for(node->old_mode, node->executable)))
		return fail_sys(error, "change mode of", full.s);
	return 0;
}

static int put_back(const char *tree, struct kq_node *node, struct kq_error *error)
{
	struct ks_span old = ks_buf_span(&node->old);
	struct ks_diag diag = { 0 };
	struct kq_path full;
	int rc;

	if (!node->existed)
		return remove_file(tree, node, error);
	rc = kq_path(&full, error, "%s/%s", tree, node->path);
	if (!rc)
		rc = kq_dir_make_above(full.s, error);
	if (rc)
		return rc;
	if (ks_file_publish(full.s, &old, 1, node->old_mode, &diag))
		return kq_fail_diag(error, &diag);
	return chmod(full.s, node->old_mode) ? fail_sys(error, "change mode of", full.s) : 0;
}

static int write_all(struct kq_overlay *overlay, const char *tree, size_t *nr_files,
		     struct kq_error *error)
{
	size_t i, pass;
	int rc = 0;

	/* Deletions last: until then every old line is still somewhere on disk. */
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < overlay->nr && !rc; i++) {
			struct kq_node *node = overlay->node[i];

			if (!kq_node_differs(node) || node->exists != !pass)
				continue;
			rc = pass ? remove_file(tree, node, error) : write_file(tree, node, error);
			++*nr_files;
		}
	return rc;
}

static bool roll_back(const struct kq_overlay *overlay, const char *tree)
{
	struct kq_error ignored = { 0 };
	bool whole = true;
	size_t i;

	for (i = overlay->nr; i > 0; i--)
		if (overlay->node[i - 1]->written && put_back(tree, overlay->node[i - 1], &ignored))
			whole = false;
	return whole;
}

/* O_EXCL: of two programs on one tree only one gets on. */
static int make_marker(const char *path, struct ks_span content, struct kq_error *error)
{
	__cleanup(ks_close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	ssize_t n;
	int rc;

	if (fd < 0)
		return fail_sys(error, "make", path);
	n = write(fd, content.p, content.bytes);
	if (n >= 0 && (size_t)n != content.bytes) {
		errno = ENOSPC;
		n = -1;
	}
	if (n >= 0 && !fsync(fd))
		return 0;
	rc = fail_sys(error, "write", path);
	unlink(path);
	return rc;
}

/* Some file systems cannot sync a directory, and say EINVAL. */
static int sync_tree(int fd, const char *tree, struct kq_error *error)
{
	return fsync(fd) && errno != EINVAL ? fail_sys(error, "sync", tree) : 0;
}

static int commit_overlay(struct kq_overlay *overlay, const char *tree, struct ks_span record,
			  size_t *nr_files, struct kq_error *error)
{
	/* Opened before the first write: syncfs() reports the errors since its file was opened. */
	__cleanup(ks_close_fd) int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct kq_path marker, final;
	int rc = kq_path(&marker, error, "%s/" KQ_MARKER, tree);

	if (!rc)
		rc = kq_path(&final, error, "%s/" KQ_RECORD, tree);
	if (!rc && fd < 0)
		rc = fail_sys(error, "open", tree);
	if (!rc)
		rc = make_marker(marker.s, record, error);
	if (rc)
		return rc;
	rc = sync_tree(fd, tree, error);
	if (!rc)
		rc = write_all(overlay, tree, nr_files, error);
	/* One syncfs(): an fsync() for each file would cost more than the rest of the work. */
	if (!rc && syncfs(fd))
		rc = fail_sys(error, "sync", tree);
	if (!rc && rename(marker.s, final.s))
		rc = fail_sys(error, "make", final.s);
	if (!rc)
		return sync_tree(fd, tree, error);
	if (roll_back(overlay, tree))
		unlink(marker.s);
	return rc;
}

int kq_commit(struct kq_overlay *overlay, const char *tree, struct ks_span record,
	      size_t *ret_nr_files, struct kq_error *error)
{
	sigset_t block, before;
	size_t nr_files = 0;
	int rc;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &before);
	rc = commit_overlay(overlay, tree, record, &nr_files, error);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!rc)
		*ret_nr_files = nr_files;
	return rc;
}

int kq_node_export(const char *directory, const struct kq_node *node, struct kq_error *error)
{
	struct ks_span content = kq_node_content(node);
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", directory, node->path);

	if (rc)
		return rc;
	if (unlink(path.s) && errno != ENOENT && errno != ENOTDIR)
		return kq_fail(error, -errno, "%s: %s", path.s, strerror(errno));
	if (!node->exists)
		return 0;
	rc = kq_dir_make_above(path.s, error);
	if (!rc && ks_file_publish(path.s, &content, 1, node->executable ? 0777 : 0666, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}
