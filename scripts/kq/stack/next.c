// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/next.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "text/dir.h"

void kq_next_done(struct kq_next *next)
{
	ks_close_fd(&next->lock_fd);
}

int kq_lock_dir(const char *path, int *ret_fd, struct kq_error *error)
{
	__cleanup(ks_close_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return kq_fail(error, -errno, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return kq_fail(error, KQ_REFUSED,
			       "%s: another kq is at work here; try again when it has ended", path);
	/* A file system without locks is one that nobody shares. */
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int kq_next_of(const char *queue, struct kq_next *ret_next, struct kq_error *error)
{
	size_t bytes = strlen(queue), start;
	const char *name;
	int rc;

	ret_next->lock_fd = -1;
	while (bytes > 1 && queue[bytes - 1] == '/')
		bytes--;
	for (start = bytes; start && queue[start - 1] != '/';)
		start--;
	name = queue + start;
	if (*name == '.' || start == bytes)
		return kq_fail(error, -EINVAL, "%s: name the queue's directory itself", queue);
	rc = kq_path(&ret_next->queue, error, "%.*s", (int)bytes, queue);
	if (!rc)
		rc = kq_path(&ret_next->dir, error, "%.*s.%.*s.kq", (int)start, queue,
			     (int)(bytes - start), name);
	return rc ? rc : kq_path(&ret_next->old, error, "%.*s.%.*s.kq-old", (int)start, queue,
				 (int)(bytes - start), name);
}

int kq_next_lock(struct kq_next *next, struct kq_error *error)
{
	struct kq_path above;
	char *slash;
	int rc = kq_path(&above, error, "%s", next->queue.s);

	if (rc)
		return rc;
	slash = strrchr(above.s, '/');
	if (slash)
		slash[slash == above.s] = '\0';
	return kq_lock_dir(slash ? above.s : ".", &next->lock_fd, error);
}

int kq_next_begin(struct kq_next *next, struct kq_error *error)
{
	int rc = kq_next_lock(next, error);

	if (!rc)
		rc = kq_next_repair(next, error);
	if (!rc)
		rc = kq_dir_remove(next->dir.s, error);
	return rc ? rc : kq_dir_copy(next->queue.s, next->dir.s, error);
}

int kq_next_put(const struct kq_next *next, const char *name, struct ks_span content,
		struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", next->dir.s, name);

	if (!rc && ks_file_publish(path.s, &content, 1, 0666, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}

int kq_next_drop(const struct kq_next *next, const char *name, struct kq_error *error)
{
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", next->dir.s, name);

	if (!rc && unlink(path.s))
		rc = kq_fail(error, -errno, "%s: %s", path.s, strerror(errno));
	return rc;
}

int kq_next_swap(const struct kq_next *next, struct kq_error *error)
{
	return kq_dir_swap(next->queue.s, next->dir.s, next->old.s, error);
}

int kq_next_remove(const struct kq_next *next, struct kq_error *error)
{
	int rc = kq_dir_remove(next->dir.s, error);

	return rc ? rc : kq_dir_remove(next->old.s, error);
}

int kq_next_repair(const struct kq_next *next, struct kq_error *error)
{
	return kq_dir_unswap(next->queue.s, next->old.s, error);
}
