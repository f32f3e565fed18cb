// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"

int ks_io_open_at(int dir_fd, const char *name, int flags, const char *path, struct stat *ret_st,
		  struct ks_diag *diag)
{
	int fd = openat(dir_fd, name, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc;
	struct stat st;

	if (fd < 0)
		return ks_fail_sys(diag, "cannot open", path);
	if (fstat(fd, &st)) {
		rc = ks_fail_sys(diag, "cannot stat", path);
	} else if (!S_ISREG(st.st_mode)) {
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF, "not a regular file");
		ks_diag_in(diag, path);
	} else {
		*ret_st = st;
		return fd;
	}
	ks_close_fd(&fd);
	return rc;
}

int ks_io_open(const char *path, int flags, struct stat *ret_st, struct ks_diag *diag)
{
	return ks_io_open_at(AT_FDCWD, path, flags, path, ret_st, diag);
}

int ks_io_fits(u64 bytes, u64 max_bytes, struct ks_diag *diag)
{
	if (bytes <= max_bytes)
		return 0;
	return ks_fail(diag, -E2BIG, max_bytes, "file is larger than its limit");
}

/* Take off @rest what a call has written. Return: false, with errno, if there is no use to go on. */
static bool wrote(ssize_t n, struct ks_span *rest)
{
	if (n < 0)
		return errno == EINTR;
	errno = EIO;
	return n && ks_span_sub(*rest, (u64)n, rest->bytes - (size_t)n, rest);
}

int ks_io_write(int fd, const char *path, struct ks_span bytes, struct ks_diag *diag)
{
	while (bytes.bytes)
		if (!wrote(write(fd, bytes.p, bytes.bytes), &bytes))
			return ks_fail_sys(diag, "cannot write", path);
	return 0;
}

int ks_io_pwrite(int fd, const char *path, u64 off, struct ks_span bytes, struct ks_diag *diag)
{
	u64 end = off + bytes.bytes;

	while (bytes.bytes)
		if (!wrote(pwrite(fd, bytes.p, bytes.bytes, (off_t)(end - bytes.bytes)), &bytes))
			return ks_fail_sys(diag, "cannot write", path);
	return 0;
}
