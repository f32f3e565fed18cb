// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/map.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/io.h"

int ks_map_open(const char *path, u64 max_bytes, struct ks_map *ret_map, struct ks_diag *diag)
{
	struct stat st;
	__cleanup(ks_close_fd) int fd = ks_io_open(path, O_RDONLY, &st, diag);
	void *p;
	int rc;

	if (fd < 0)
		return fd;
	rc = ks_io_fits((u64)st.st_size, max_bytes, diag);
	if (rc) {
		ks_diag_in(diag, path);
		return rc;
	}
	*ret_map = (struct ks_map){ 0 };
	if (!st.st_size)
		return 0;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		return ks_fail_sys(diag, "cannot map", path);
	*ret_map = (struct ks_map){ p, (size_t)st.st_size };
	return 0;
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
