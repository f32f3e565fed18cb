// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stack/bases.h"
#include "stack/publish.h"
#include "text/file.h"
#include "text/dir.h"

/* REUSE-IgnoreStart */
#define SERIES                                         \
	"# SPDX-License-Identifier: GPL-2.0-only\n"    \
	"# The queue, in order: file [sku=a,b] [arch=x86_64]; base.lock names its release\n"
/* REUSE-IgnoreEnd */

static int check_free(const char *queue, struct kq_error *error)
{
	struct kq_path series;
	int rc = kq_path(&series, error, "%s/series", queue);

	if (!rc && !access(series.s, F_OK))
		rc = kq_fail(error, KQ_REFUSED, "%s: is a queue already", queue);
	return rc;
}

static int make_above(const struct kq_next *next, struct kq_error *error)
{
	struct kq_path above = next->queue;
	char *slash = strrchr(above.s, '/');

	if (!slash || slash == above.s)
		return 0;
	*slash = '\0';
	return kq_dir_make(above.s, error);
}

/* Written beside, then renamed: rename() takes the place of an empty directory, and of no other. */
static int write_queue(struct kq_next *next, struct ks_span lock, struct kq_error *error)
{
	int rc = kq_dir_remove(next->dir.s, error);

	if (!rc)
		rc = kq_dir_make(next->dir.s, error);
	if (!rc)
		rc = kq_next_put(next, "series", ks_span_str(SERIES), error);
	if (!rc && lock.bytes)
		rc = kq_next_put(next, KQ_LOCK_NAME, lock, error);
	if (!rc)
		rc = kq_dir_sync(next->dir.s, error);
	if (!rc && rename(next->dir.s, next->queue.s))
		rc = kq_fail(error, errno == ENOTEMPTY || errno == EEXIST ? KQ_REFUSED : -errno,
			     "%s: %s", next->queue.s, strerror(errno));
	return rc;
}

static void put_note(const char *queue, const char *source, const char *release, bool locked,
		     struct ks_buf *note)
{
	ks_put_str(note, queue);
	ks_put_str(note, ": an empty queue");
	if (locked) {
		ks_put_str(note, " on ");
		ks_put_str(note, release);
	} else if (source) {
		ks_put_str(note, "; a directory has no identity, so give --from ");
		ks_put_str(note, source);
		ks_put_str(note, " to each verb, or kq lock --write a tarball of ");
		ks_put_str(note, release);
	} else {
		ks_put_str(note, "; say what it is on: kq lock --write SOURCE");
	}
	ks_put_str(note, "\n");
}

int kq_init(const char *queue, const char *source, struct ks_buf *ret_note, struct kq_error *error)
{
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	__cleanup(ks_buf_done) struct ks_buf lock = { 0 };
	struct kq_lock base = { 0 };
	bool unused;
	struct kq_error ignored = { 0 };
	int rc = kq_next_of(queue, &next, error);

	if (!rc)
		rc = check_free(next.queue.s, error);
	if (!rc && source)
		rc = kq_base_read(source, true, &base, &lock, &unused, error);
	if (!rc)
		rc = make_above(&next, error);
	if (!rc)
		rc = kq_next_lock(&next, error);
	if (rc)
		return rc;
	rc = check_free(next.queue.s, error);
	if (!rc)
		rc = write_queue(&next, ks_buf_span(&lock), error);
	if (rc && kq_dir_remove(next.dir.s, &ignored))
		return rc;
	if (!rc)
		put_note(next.queue.s, source, base.release, lock.bytes, ret_note);
	if (!rc)
		rc = kq_buf_check(ret_note, error);
	return rc;
}
