/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TEST_OPEN_FILES_H
#define TEST_OPEN_FILES_H

#include <dirent.h>

static inline size_t nr_open_files(void)
{
	DIR *fds = opendir("/proc/self/fd");
	size_t nr = 0;

	while (readdir(fds))
		nr++;
	closedir(fds);
	return nr;
}

#endif
