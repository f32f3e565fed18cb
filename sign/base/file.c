// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/output.h"

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

int ks_file_publish(const char *path, const struct ks_span *parts, size_t nr_parts, mode_t mode,
		    struct ks_diag *diag)
{
	__cleanup(ks_output_done) struct ks_output output = { 0 };
	int rc = ks_output_begin(path, &output, diag);
	size_t i;

	for (i = 0; i < nr_parts && !rc; i++)
		rc = ks_output_write(&output, parts[i], diag);
	return rc ? rc : ks_output_publish(&output, mode, diag);
}
