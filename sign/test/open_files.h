/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TEST_OPEN_FILES_H
#define TEST_OPEN_FILES_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static inline size_t nr_open_files(void)
{
	DIR *fds = opendir("/proc/self/fd");
	size_t nr = 0;

	while (readdir(fds))
		nr++;
	closedir(fds);
	return nr;
}

/* Which of the descriptors that are opened is 0, counted from 1; what a success leaves in errno. */
static int nr_opened, zero_at, left_errno;

/* With descriptor 0 closed: every other one gets another number. */
__attribute__((unused)) static int as_zero(int fd)
{
	bool chosen;
	int moved;

	if (!zero_at || fd < 0)
		return fd;
	errno = left_errno;
	chosen = ++nr_opened == zero_at;
	if (chosen == !fd)
		return fd;
	moved = chosen ? dup3(fd, 0, O_CLOEXEC) : fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	errno = left_errno;
	return moved;
}

#endif
