// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stack/publish.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "queue/dropped.h"
#include "text/dir.h"
#include "text/text.h"

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
	/* Any other error: the file system has no flock(). Go on without a lock. */
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
	return rc ? rc
		  : kq_path(&ret_next->old, error, "%.*s.%.*s.kq-old", (int)start, queue,
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

static int put_file(const char *dir, const char *name, struct ks_span content,
		    struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", dir, name);

	if (!rc && ks_file_publish(path.s, &content, 1, 0666, &diag))
		rc = kq_fail_diag(error, &diag);
	return rc;
}

int kq_next_put(const struct kq_next *next, const char *name, struct ks_span content,
		struct kq_error *error)
{
	return put_file(next->dir.s, name, content, error);
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

/* The patch of that name; NULL without one. */
static const struct kq_loaded *patch_named(const struct kq_stack *stack, const char *name)
{
	size_t i;

	for (i = 0; i < stack->series.nr; i++)
		if (!strcmp(stack->series.entry[i].name, name))
			return &stack->patch[i];
	return NULL;
}

static bool is_same(const struct kq_loaded *a, const struct kq_loaded *b)
{
	return a && b && ks_span_eq(ks_buf_span(&a->text), ks_buf_span(&b->text));
}

static bool is_all_same(const struct kq_stack *old, const struct kq_stack *new)
{
	size_t i;

	if (!ks_span_eq(ks_buf_span(&old->series.text), ks_buf_span(&new->series.text)))
		return false;
	for (i = 0; i < new->series.nr; i++)
		if (!is_same(&old->patch[i], &new->patch[i]))
			return false;
	return true;
}

static int check_same(const char *queue, const struct kq_stack *old, struct kq_error *error)
{
	__cleanup(kq_stack_done) struct kq_stack now = { 0 };
	int rc = kq_stack_load(queue, &now, error);

	if (rc || is_all_same(old, &now))
		return rc;
	return kq_fail(error, KQ_REFUSED, "%s: was changed by somebody else meanwhile", queue);
}

static int check_free(const struct kq_next *next, const char *name, struct kq_error *error)
{
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", next->queue.s, name);

	if (!rc && !access(path.s, F_OK))
		rc = kq_fail(error, KQ_REFUSED,
			     "%s: is there already, but not in the series: remove it, or was an import cut off?",
			     path.s);
	return rc;
}

static int write_next(const struct kq_next *next, const struct kq_stack *old,
		      const struct kq_stack *new, struct ks_span log, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < old->series.nr && !rc; i++)
		if (!patch_named(new, old->series.entry[i].name))
			rc = kq_next_drop(next, old->series.entry[i].name, error);
	for (i = 0; i < new->series.nr && !rc; i++) {
		const char *name = new->series.entry[i].name;
		const struct kq_loaded *was = patch_named(old, name);

		if (is_same(was, &new->patch[i]))
			continue;
		rc = was ? 0 : check_free(next, name, error);
		if (!rc)
			rc = kq_next_put(next, name, ks_buf_span(&new->patch[i].text), error);
	}
	if (!rc && !ks_span_eq(ks_buf_span(&old->series.text), ks_buf_span(&new->series.text)))
		rc = kq_next_put(next, "series", ks_buf_span(&new->series.text), error);
	if (!rc && log.bytes)
		rc = kq_next_put(next, KQ_DROPPED_NAME, log, error);
	return rc ? rc : kq_dir_sync(next->dir.s, error);
}

int kq_publish(const char *queue, const struct kq_stack *old, const struct kq_stack *new,
	       struct ks_span log, struct kq_error *error)
{
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	struct kq_error ignored = { 0 };
	int rc = kq_next_of(queue, &next, error);

	if (!rc && !log.bytes && is_all_same(old, new))
		return check_same(queue, old, error);
	if (!rc)
		rc = kq_next_begin(&next, error);
	/* Without the lock the directories beside the queue may be those of another kq: leave them. */
	if (rc && next.lock_fd < 0)
		return rc;
	if (!rc)
		rc = write_next(&next, old, new, log, error);
	if (!rc)
		rc = check_same(queue, old, error);
	if (!rc)
		rc = kq_next_swap(&next, error);
	/* next.dir has the old queue after the swap, and after an error a copy that is not finished. */
	if (kq_next_remove(&next, &ignored) && !rc)
		rc = kq_fail(error, ignored.err, "%s", ignored.line);
	return rc;
}

int kq_publish_file(const char *queue, const char *name, struct ks_span content,
		    struct kq_error *error)
{
	__cleanup(ks_close_fd) int lock_fd = -1;
	struct kq_path above;
	int rc = kq_path(&above, error, "%s/..", queue);

	/* Whoever publishes is done in a moment; a queue that is not there is put_file()'s to name.
	 */
	lock_fd = rc ? -1 : open(above.s, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (lock_fd >= 0 && flock(lock_fd, LOCK_EX) && errno == EINTR)
		;
	return rc ? rc : put_file(queue, name, content, error);
}
