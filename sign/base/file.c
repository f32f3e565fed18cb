// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The next part of a file. Return: bytes, 0 at the end. */
static ssize_t read_part(int fd, struct ks_buf *content, size_t room_bytes)
{
	u8 *room = ks_put_room(content, room_bytes);
	ssize_t n;

	if (!room)
		return -ENOMEM;
	do {
		n = read(fd, room, room_bytes);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	ks_put_done(content, (u64)n);
	return n;
}

/* The size is a hint, as the file may change under us; one byte more finds its end at once. */
int ks_file_read(int fd, const char *path, u64 hint_bytes, u64 max_bytes, struct ks_buf *content,
		 struct ks_diag *diag)
{
	u64 start = content->bytes;
	size_t room = (size_t)hint_bytes + 1;
	ssize_t n;

	if (hint_bytes > max_bytes)
		return ks_fail(diag, -E2BIG, max_bytes, "file is larger than its limit");
	while ((n = read_part(fd, content, room)) > 0) {
		if (content->bytes - start > max_bytes)
			return ks_fail(diag, -E2BIG, max_bytes, "file is larger than its limit");
		room -= (size_t)n < room ? (size_t)n : room;
		if (!room)
			room = 65536;
	}
	if (!n || n == -ENOMEM)
		return ks_buf_ok(content, diag);
	errno = (int)-n;
	return ks_fail_sys(diag, "cannot read", path);
}

int ks_file_load(const char *path, u64 max_bytes, struct ks_buf *ret_content, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	__cleanup(ks_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int rc;

	if (fd < 0)
		return ks_fail_sys(diag, "cannot open", path);
	if (fstat(fd, &st))
		return ks_fail_sys(diag, "cannot stat", path);
	rc = S_ISREG(st.st_mode) ?
		     ks_file_read(fd, path, (u64)st.st_size, max_bytes, &content, diag) :
		     ks_fail(diag, -EINVAL, KS_NO_OFF, "not a regular file");
	if (rc) {
		ks_diag_in(diag, path);
		return rc;
	}
	ks_buf_move(ret_content, &content);
	return 0;
}

static int write_all(int fd, struct ks_span s)
{
	while (s.bytes) {
		ssize_t n = write(fd, s.p, s.bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!ks_span_sub(s, (u64)n, s.bytes - (size_t)n, &s))
			return -EIO;
	}
	return 0;
}

/* What a replaced file keeps. A new file gets @mode less the umask. */
static int copy_attributes(int fd, const char *path, mode_t mode)
{
	struct stat st;

	if (stat(path, &st)) {
		mode_t mask = umask(0);

		umask(mask);
		return fchmod(fd, mode & ~mask) ? -errno : 0;
	}
	if ((st.st_uid != geteuid() || st.st_gid != getegid()) && fchown(fd, st.st_uid, st.st_gid))
		return -errno;
	return fchmod(fd, st.st_mode & 07777) ? -errno : 0;
}

static int fill_aside(int fd, const char *path, const struct ks_span *parts, size_t nr_parts,
		      mode_t mode)
{
	int rc = copy_attributes(fd, path, mode);
	size_t i;

	for (i = 0; i < nr_parts && !rc; i++)
		rc = write_all(fd, parts[i]);
	if (!rc && fsync(fd))
		rc = -errno;
	return rc;
}

/* The rename itself is only safe on disk once the folder is. */
static int sync_folder(const char *path)
{
	__cleanup(ks_free_str) char *copy = strdup(path);
	__cleanup(ks_close_fd) int fd = -1;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some file systems cannot sync a folder, and say EINVAL. */
	return fsync(fd) && errno != EINVAL ? -errno : 0;
}

static int publish_at(const char *path, const struct ks_span *parts, size_t nr_parts, mode_t mode)
{
	__cleanup(ks_free_str) char *aside = NULL;
	__cleanup(ks_close_fd) int fd = -1;
	int rc;

	if (asprintf(&aside, "%s.XXXXXX", path) < 0) {
		aside = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(aside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = fill_aside(fd, path, parts, nr_parts, mode);
	if (!rc && rename(aside, path))
		rc = -errno;
	if (rc) {
		unlink(aside);
		return rc;
	}
	return sync_folder(path);
}

int ks_file_publish(const char *path, const struct ks_span *parts, size_t nr_parts, mode_t mode,
		    struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *target = realpath(path, NULL);
	int rc = publish_at(target ? target : path, parts, nr_parts, mode);

	if (!rc)
		return 0;
	errno = -rc;
	return ks_fail_sys(diag, "cannot write", path);
}
