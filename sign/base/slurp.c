// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"

/*
 * Room is counted in huge pages, and the system is asked for them: to touch a few MiB page by page
 * for the first time costs more than to read a file into them. What grows keeps the pages it has.
 */
#define HUGE_PAGE_BYTES (2U << 20)

void ks_slurp_done(struct ks_slurp *s)
{
	if (s->p)
		munmap(s->p, s->room_bytes);
	*s = (struct ks_slurp){ 0 };
}

static int make_room(struct ks_slurp *s, size_t bytes, struct ks_diag *diag)
{
	size_t room = ks_align_up(bytes, HUGE_PAGE_BYTES);
	void *p;

	if (bytes <= s->room_bytes)
		return 0;
	if (s->p)
		p = mremap(s->p, s->room_bytes, room, MREMAP_MAYMOVE);
	else
		/* cppcheck-suppress invalidFunctionArg ; -1 is what anonymous memory wants */
		p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	*s = (struct ks_slurp){ p, room };
	/* A system without them says no, and small ones do. */
	(void)madvise(p, room, MADV_HUGEPAGE);
	return 0;
}

/* Exactly @bytes; another byte behind them, or one less, is a file that somebody writes to. */
static int read_exactly(int fd, u8 *p, size_t bytes, struct ks_diag *diag)
{
	size_t done = 0;
	ssize_t n;
	u8 beyond;

	while (done < bytes) {
		n = read(fd, &p[done], bytes - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ks_fail_sys(diag, "cannot read", NULL);
		if (!n)
			break;
		done += (size_t)n;
	}
	do {
		n = read(fd, &beyond, 1);
	} while (n < 0 && errno == EINTR);
	if (done < bytes || n)
		return ks_fail(diag, -EIO, done, "file changed while it was read");
	return 0;
}

int ks_slurp_file(struct ks_slurp *s, const char *path, u64 max_bytes, struct ks_span *ret_content,
		  struct ks_diag *diag)
{
	struct stat st;
	__cleanup(ks_close_fd) int fd = ks_io_open(path, O_RDONLY, &st, diag);
	int rc;

	if (fd < 0)
		return fd;
	rc = ks_io_fits((u64)st.st_size, max_bytes, diag);
	if (!rc)
		rc = make_room(s, (size_t)st.st_size, diag);
	if (!rc)
		rc = read_exactly(fd, s->p, (size_t)st.st_size, diag);
	if (rc) {
		ks_diag_in(diag, path);
		return rc;
	}
	*ret_content = (struct ks_span){ s->p, (size_t)st.st_size };
	return 0;
}

struct ks_slurp ks_slurp_get(struct ks_slurp_pool *pool)
{
	struct ks_slurp s = { 0 };

	pthread_mutex_lock(&pool->lock);
	if (pool->nr_spare)
		s = pool->spare[--pool->nr_spare];
	pthread_mutex_unlock(&pool->lock);
	return s;
}

void ks_slurp_put(struct ks_slurp_pool *pool, struct ks_slurp s)
{
	pthread_mutex_lock(&pool->lock);
	if (pool->nr_spare < KS_SLURP_POOL) {
		pool->spare[pool->nr_spare++] = s;
		s = (struct ks_slurp){ 0 };
	}
	pthread_mutex_unlock(&pool->lock);
	ks_slurp_done(&s);
}

void ks_slurp_pool_done(struct ks_slurp_pool *pool)
{
	while (pool->nr_spare)
		ks_slurp_done(&pool->spare[--pool->nr_spare]);
}
