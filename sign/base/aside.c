// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * New content beside the old, and the one moment in which it takes its name.
 *
 * O_TMPFILE makes a file without a name: whatever kills the process, the file system throws it
 * away. Its way to the name is linkat() to a temporary one and rename() over the old one, as
 * linkat() itself replaces nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/target.h"

/* The inode number makes it unique in the folder, and the lock on that inode makes it ours. */
struct temp_name {
	char text[32];
};

static struct temp_name temp_name(const struct ks_aside *aside)
{
	struct temp_name name;

	snprintf(name.text, sizeof(name.text), ".kseal.%" PRIu64, (u64)aside->target.st.st_ino);
	return name;
}

void ks_aside_done(struct ks_aside *aside)
{
	if (!aside->target.path)
		return;
	if (aside->has_name)
		unlinkat(aside->target.dir_fd, temp_name(aside).text, 0);
	ks_close_fd(&aside->fd);
	ks_free_str(&aside->new_name);
	ks_target_close(&aside->target);
}

static int open_folder(struct ks_target *t)
{
	__cleanup(ks_free_str) char *folder = NULL;
	struct stat now;

	if (t->name == t->path)
		folder = strdup(".");
	else
		/* With its slash, so that the root works too. */
		folder = strndup(t->path, strlen(t->path) - strlen(t->name));
	if (!folder)
		return -ENOMEM;
	t->dir_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir_fd < 0)
		return -errno;
	if (fstatat(t->dir_fd, t->name, &now, AT_SYMLINK_NOFOLLOW))
		return -errno;
	return now.st_ino == t->st.st_ino && now.st_dev == t->st.st_dev ? 0 : -ESTALE;
}

/* For file systems without O_TMPFILE. What is there under our lock was left by a killed process. */
static int open_named(struct ks_aside *aside)
{
	struct temp_name name = temp_name(aside);
	int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;

	aside->fd = openat(aside->target.dir_fd, name.text, flags, 0600);
	if (aside->fd < 0 && errno == EEXIST && !unlinkat(aside->target.dir_fd, name.text, 0))
		aside->fd = openat(aside->target.dir_fd, name.text, flags, 0600);
	if (aside->fd < 0)
		return -errno;
	aside->has_name = true;
	return 0;
}

static int open_new(struct ks_aside *aside)
{
	aside->fd = openat(aside->target.dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (aside->fd >= 0)
		return 0;
	if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT)
		return open_named(aside);
	return -errno;
}

int ks_target_has_sibling(const struct ks_target *target, const char *name, struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *path = NULL;
	int folder_bytes = (int)(strlen(target->path) - strlen(target->name));
	struct stat st;

	if (asprintf(&path, "%.*s%s", folder_bytes, target->path, name) < 0) {
		path = NULL;
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	}
	if (!lstat(path, &st))
		return ks_fail_detail(diag, -EEXIST,
				      "the same module is there under another name too, remove one",
				      name);
	return errno == ENOENT ? 0 : ks_fail_sys(diag, "cannot stat", path);
}

int ks_aside_begin(struct ks_target *target, const char *new_name, struct ks_aside *ret_aside,
		   struct ks_diag *diag)
{
	struct ks_aside aside = { .fd = -1 };
	int rc = 0;

	if (new_name) {
		rc = ks_target_has_sibling(target, new_name, diag);
		if (rc)
			return rc;
		aside.new_name = strdup(new_name);
		rc = aside.new_name ? 0 : -ENOMEM;
	}
	if (!rc)
		rc = open_folder(target);
	aside.target = *target;
	if (!rc)
		rc = open_new(&aside);
	if (rc) {
		ks_free_str(&aside.new_name);
		errno = -rc;
		return ks_fail_sys(diag, "cannot write beside", target->path);
	}
	*target = (struct ks_target){ .fd = -1, .dir_fd = -1 };
	*ret_aside = aside;
	return 0;
}

int ks_aside_write(struct ks_aside *aside, struct ks_span bytes, struct ks_diag *diag)
{
	int rc = ks_io_write(aside->fd, aside->target.path, bytes, diag);

	if (!rc)
		aside->bytes += bytes.bytes;
	return rc;
}

int ks_aside_keep(struct ks_aside *aside, struct ks_diag *diag)
{
	int rc = ks_attrs_copy(aside->target.fd, &aside->target.st, aside->fd, diag);

	if (rc)
		ks_diag_in(diag, aside->target.path);
	return rc;
}

static int sync_fd(int fd)
{
	while (fsync(fd))
		/* Some file systems cannot sync a folder, and say EINVAL. */
		if (errno != EINTR)
			return errno == EINVAL ? 0 : -errno;
	return 0;
}

/* syncfs() failed, or the files are many file systems': each by itself, to know which one it is. */
static int sync_one(const struct ks_aside *aside, bool folder)
{
	return sync_fd(folder ? aside->target.dir_fd : aside->fd);
}

static bool is_new_device(const struct ks_aside *aside, size_t idx)
{
	size_t i;

	for (i = 0; i < idx; i++)
		if (aside[i].target.path && aside[i].target.st.st_dev == aside[idx].target.st.st_dev)
			return false;
	return aside[idx].target.path != NULL;
}

static void drop(struct ks_aside *aside, struct ks_diag *diag, int rc)
{
	errno = -rc;
	ks_fail_sys(diag, "cannot write", aside->target.path);
	ks_aside_done(aside);
}

/*
 * One syncfs() per file system. A write that failed earlier is known to the file itself; so each
 * is asked, which costs nothing when its pages are clean.
 */
static void sync_all(struct ks_aside *aside, struct ks_diag **diag, size_t nr, bool folders)
{
	bool one_by_one = false;
	size_t i;
	int rc;

	for (i = 0; i < nr; i++)
		if (is_new_device(aside, i) && syncfs(aside[i].fd))
			one_by_one = true;
	for (i = 0; i < nr; i++) {
		if (!aside[i].target.path)
			continue;
		rc = one_by_one ? sync_one(&aside[i], folders) : 0;
		if (!rc && sync_file_range(aside[i].fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) &&
		    errno != ENOSYS && errno != EINVAL && errno != ESPIPE)
			rc = -errno;
		if (rc)
			drop(&aside[i], diag[i], rc);
	}
}

/* Give a file without a name one. /proc is for kernels that want a capability for AT_EMPTY_PATH. */
static int link_as(const struct ks_aside *aside, const char *name)
{
	char proc[64];

	if (!linkat(aside->fd, "", aside->target.dir_fd, name, AT_EMPTY_PATH))
		return 0;
	if (errno != ENOENT && errno != EPERM && errno != EINVAL)
		return -errno;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", aside->fd);
	return linkat(AT_FDCWD, proc, aside->target.dir_fd, name, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

/* Over the old file. */
static int replace(struct ks_aside *aside)
{
	struct temp_name temp = temp_name(aside);
	int dir = aside->target.dir_fd, rc = 0;

	if (!aside->has_name) {
		rc = link_as(aside, temp.text);
		/* Left by one that was killed between link and rename. */
		if (rc == -EEXIST && !unlinkat(dir, temp.text, 0))
			rc = link_as(aside, temp.text);
	}
	if (rc)
		return rc;
	aside->has_name = true;
	if (renameat(dir, temp.text, dir, aside->target.name))
		return -errno;
	aside->has_name = false;
	return 0;
}

/* Beside the old file, under a name that must be free. */
static int appear(struct ks_aside *aside)
{
	int dir = aside->target.dir_fd;

	if (!aside->has_name)
		return link_as(aside, aside->new_name);
	if (renameat2(dir, temp_name(aside).text, dir, aside->new_name, RENAME_NOREPLACE))
		return -errno;
	aside->has_name = false;
	return 0;
}

void ks_asides_publish(struct ks_aside *aside, struct ks_diag **diag, size_t nr_asides)
{
	bool renamed = false;
	size_t i;
	int rc;

	sync_all(aside, diag, nr_asides, false);
	for (i = 0; i < nr_asides; i++) {
		if (!aside[i].target.path)
			continue;
		rc = aside[i].new_name ? appear(&aside[i]) : replace(&aside[i]);
		if (rc)
			drop(&aside[i], diag[i], rc);
		else if (aside[i].new_name)
			renamed = true;
	}
	sync_all(aside, diag, nr_asides, true);
	for (i = 0; i < nr_asides; i++) {
		if (aside[i].target.path && aside[i].new_name &&
		    unlinkat(aside[i].target.dir_fd, aside[i].target.name, 0))
			drop(&aside[i], diag[i], -errno);
	}
	if (renamed)
		sync_all(aside, diag, nr_asides, true);
	for (i = 0; i < nr_asides; i++)
		ks_aside_done(&aside[i]);
}
