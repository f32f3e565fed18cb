// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"

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
	int rc = ks_io_fits(hint_bytes, max_bytes, diag);
	ssize_t n;

	if (rc)
		return rc;
	while ((n = read_part(fd, content, room)) > 0) {
		rc = ks_io_fits(content->bytes - start, max_bytes, diag);
		if (rc)
			return rc;
		room -= (size_t)n < room ? (size_t)n : room;
		if (!room)
			room = 65536;
	}
	if (!n || n == -ENOMEM)
		return ks_buf_ok(content, diag);
	return ks_fail_sys(diag, "cannot read", path);
}

int ks_file_load(const char *path, u64 max_bytes, struct ks_buf *ret_content, struct ks_diag *diag)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct stat st;
	__cleanup(ks_close_fd) int fd = ks_io_open(path, O_RDONLY, &st, diag);
	int rc;

	if (fd < 0)
		return fd;
	rc = ks_file_read(fd, path, (u64)st.st_size, max_bytes, &content, diag);
	if (rc) {
		ks_diag_in(diag, path);
		return rc;
	}
	ks_buf_move(ret_content, &content);
	return 0;
}

int ks_file_check_secret(mode_t mode, bool group_may_read, struct ks_diag *diag)
{
	mode_t open_to = mode & (S_IRWXG | S_IRWXO);

	if (!open_to || (open_to == S_IRGRP && group_may_read))
		return 0;
	return ks_fail(diag, -EACCES, KS_NO_OFF,
		       open_to == S_IRGRP ?
			       "its group may read this file with a secret, run chmod 600 on it or give "
			       "--group-may-read" :
			       "file with a secret is open to group or others, run chmod 600 on it");
}
