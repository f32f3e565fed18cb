// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/commit.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"

static int full_path(const char *tree, const char *path, char full[PATH_MAX],
		     struct kq_fault *fault)
{
	if (snprintf(full, PATH_MAX, "%s/%s", tree, path) >= PATH_MAX)
		return kq_fail(fault, -ENAMETOOLONG, "%s: path is too long", path);
	return 0;
}

static int fail_sys(struct kq_fault *fault, const char *what, const char *path)
{
	int err = errno;

	return kq_fail(fault, -err, "%s: cannot %s: %s", path, what, strerror(err));
}

static int make_folders(char *full, size_t tree_bytes, struct kq_fault *fault)
{
	char *c = full + tree_bytes + 1;

	while ((c = strchr(c, '/'))) {
		int rc;

		*c = '\0';
		rc = mkdir(full, 0777) && errno != EEXIST ? fail_sys(fault, "make folder", full)
							  : 0;
		*c++ = '/';
		if (rc)
			return rc;
	}
	return 0;
}

/* As git does: a folder that has become empty goes too. */
static void remove_empty_folders(char *full, size_t tree_bytes)
{
	char *c;

	while ((c = strrchr(full, '/')) && c > full + tree_bytes) {
		*c = '\0';
		if (rmdir(full))
			return;
	}
}

static int remove_file(const char *tree, struct kq_node *node, struct kq_fault *fault)
{
	char full[PATH_MAX];
	int rc = full_path(tree, node->path, full, fault);

	if (rc)
		return rc;
	if (unlink(full) && errno != ENOENT)
		return fail_sys(fault, "remove", full);
	node->written = true;
	remove_empty_folders(full, strlen(tree));
	return 0;
}

static mode_t mode_for(mode_t mode, bool program)
{
	/* Whoever may read may execute, as a checkout does. */
	return program ? mode | (mode & 0444) >> 2 : mode & (mode_t)~0111;
}

/* Not synced: the marker stands until all files are on the disk. */
static int put_file(const char *full, struct ks_span content, mode_t mode, struct kq_fault *fault)
{
	__cleanup(ks_output_done) struct ks_output output = { 0 };
	struct ks_diag diag = { 0 };
	int rc = ks_output_begin(full, mode, &output, &diag);

	if (!rc)
		rc = ks_output_write(&output, content, &diag);
	if (!rc)
		rc = ks_output_publish(&output, false, &diag);
	return rc ? kq_fail_diag(fault, &diag) : 0;
}

static int write_file(const char *tree, struct kq_node *node, struct kq_fault *fault)
{
	char full[PATH_MAX];
	int rc = full_path(tree, node->path, full, fault);

	if (!rc)
		rc = make_folders(full, strlen(tree), fault);
	if (rc)
		return rc;
	node->written = true;
	rc = put_file(full, kq_node_content(node), node->program ? 0777 : 0666, fault);
	if (rc)
		return rc;
	if (node->existed && node->program != !!(node->old_mode & 0100) &&
	    chmod(full, mode_for(node->old_mode, node->program)))
		return fail_sys(fault, "change mode of", full);
	return 0;
}

static int put_back(const char *tree, struct kq_node *node, struct kq_fault *fault)
{
	struct ks_span old = ks_buf_span(&node->old);
	struct ks_diag diag = { 0 };
	char full[PATH_MAX];
	int rc;

	if (!node->existed)
		return remove_file(tree, node, fault);
	rc = full_path(tree, node->path, full, fault);
	if (!rc)
		rc = make_folders(full, strlen(tree), fault);
	if (rc)
		return rc;
	if (ks_file_publish(full, &old, 1, node->old_mode, &diag))
		return kq_fail_diag(fault, &diag);
	return chmod(full, node->old_mode) ? fail_sys(fault, "change mode of", full) : 0;
}

static int write_all(struct kq_overlay *overlay, const char *tree, size_t *nr_files,
		     struct kq_fault *fault)
{
	size_t i, pass;
	int rc = 0;

	/* Deletions last: until then every old line is still somewhere on disk. */
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < overlay->nr && !rc; i++) {
			struct kq_node *node = overlay->node[i];

			if (!kq_node_differs(node) || node->exists != !pass)
				continue;
			rc = pass ? remove_file(tree, node, fault) : write_file(tree, node, fault);
			++*nr_files;
		}
	return rc;
}

static bool roll_back(const struct kq_overlay *overlay, const char *tree)
{
	struct kq_fault ignored = { 0 };
	bool whole = true;
	size_t i;

	for (i = overlay->nr; i > 0; i--)
		if (overlay->node[i - 1]->written && put_back(tree, overlay->node[i - 1], &ignored))
			whole = false;
	return whole;
}

/* O_EXCL: of two programs on one tree only one gets on. */
static int make_marker(const char *path, struct ks_span content, struct kq_fault *fault)
{
	__cleanup(ks_close_fd) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	ssize_t n;
	int rc;

	if (fd < 0)
		return fail_sys(fault, "make", path);
	n = write(fd, content.p, content.bytes);
	if (n >= 0 && (size_t)n != content.bytes) {
		errno = ENOSPC;
		n = -1;
	}
	if (n >= 0 && !fsync(fd))
		return 0;
	rc = fail_sys(fault, "write", path);
	unlink(path);
	return rc;
}

/* Some file systems cannot sync a folder, and say EINVAL. */
static int sync_tree(int fd, const char *tree, struct kq_fault *fault)
{
	return fsync(fd) && errno != EINVAL ? fail_sys(fault, "sync", tree) : 0;
}

static int commit(struct kq_overlay *overlay, const char *tree, struct ks_span record,
		  size_t *nr_files, struct kq_fault *fault)
{
	/* Open before the first write, so that it hears of every one that fails later. */
	__cleanup(ks_close_fd) int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char marker[PATH_MAX], final[PATH_MAX];
	int rc = full_path(tree, KQ_MARKER, marker, fault);

	if (!rc)
		rc = full_path(tree, KQ_RECORD, final, fault);
	if (!rc && fd < 0)
		rc = fail_sys(fault, "open", tree);
	if (!rc)
		rc = make_marker(marker, record, fault);
	if (rc)
		return rc;
	rc = sync_tree(fd, tree, fault);
	if (!rc)
		rc = write_all(overlay, tree, nr_files, fault);
	/* One for all: with one for each file they would cost more than the rest of the work. */
	if (!rc && syncfs(fd))
		rc = fail_sys(fault, "sync", tree);
	if (!rc && rename(marker, final))
		rc = fail_sys(fault, "make", final);
	if (!rc)
		return sync_tree(fd, tree, fault);
	if (roll_back(overlay, tree))
		unlink(marker);
	return rc;
}

int kq_commit(struct kq_overlay *overlay, const char *tree, struct ks_span record,
	      size_t *ret_nr_files, struct kq_fault *fault)
{
	sigset_t block, before;
	size_t nr_files = 0;
	int rc;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &before);
	rc = commit(overlay, tree, record, &nr_files, fault);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (!rc)
		*ret_nr_files = nr_files;
	return rc;
}
