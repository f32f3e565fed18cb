// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/map.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/io.h"

int ks_map_fd(int fd, const char *path, u64 bytes, struct ks_map *ret_map, struct ks_diag *diag)
{
	void *p;

	*ret_map = (struct ks_map){ 0 };
	if (!bytes)
		return 0;
	p = mmap(NULL, (size_t)bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		return ks_fail_sys(diag, "cannot map", path);
	*ret_map = (struct ks_map){ p, (size_t)bytes };
	return 0;
}

int ks_map_open(const char *path, u64 max_bytes, struct ks_map *ret_map, struct ks_diag *diag)
{
	struct stat st;
	__cleanup(ks_close_fd) int fd = ks_io_open(path, O_RDONLY, &st, diag);
	int rc;

	if (fd < 0)
		return fd;
	rc = ks_io_fits((u64)st.st_size, max_bytes, diag);
	if (rc) {
		ks_diag_in(diag, path);
		return rc;
	}
	return ks_map_fd(fd, path, (u64)st.st_size, ret_map, diag);
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
