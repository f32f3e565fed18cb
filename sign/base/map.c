// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/map.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"

static int map(int fd, const char *path, u64 max_bytes, struct ks_map *ret_map,
	       struct ks_diag *diag)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st))
		return ks_fail_sys(diag, "cannot stat", path);
	if (!S_ISREG(st.st_mode))
		return ks_fail(diag, -EINVAL, KS_NO_OFF, "not a regular file");
	if ((u64)st.st_size > max_bytes)
		return ks_fail(diag, -E2BIG, max_bytes, "file is larger than its limit");
	if (!st.st_size)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		return ks_fail_sys(diag, "cannot map", path);
	*ret_map = (struct ks_map){ p, (size_t)st.st_size };
	return 0;
}

int ks_map_open(const char *path, u64 max_bytes, struct ks_map *ret_map, struct ks_diag *diag)
{
	__cleanup(ks_close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd < 0)
		return ks_fail_sys(diag, "cannot open", path);
	*ret_map = (struct ks_map){ 0 };
	rc = map(fd, path, max_bytes, ret_map, diag);
	ks_diag_in(diag, path);
	return rc;
}

struct ks_span ks_map_span(const struct ks_map *m)
{
	return (struct ks_span){ m->p, m->bytes };
}

void ks_map_close(struct ks_map *m)
{
	if (m->p)
		munmap(m->p, m->bytes);
	*m = (struct ks_map){ 0 };
}
