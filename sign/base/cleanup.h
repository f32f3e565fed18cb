/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For __cleanup() of what has no room of its own: strings and file descriptors.
 */
#ifndef KS_BASE_CLEANUP_H
#define KS_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

/** ks_free_str() - free a string; accepts NULL */
static inline void ks_free_str(char **s)
{
	free(*s);
	*s = NULL;
}

/** ks_close_fd() - close a descriptor and make it -1; accepts -1 */
static inline void ks_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#endif
