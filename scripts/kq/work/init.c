// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/base.h"
#include "stack/next.h"
#include "text/folder.h"
#include "tree/release.h"

/* REUSE-IgnoreStart */
#define SERIES                                         \
	"# SPDX-License-Identifier: GPL-2.0-only\n"    \
	"# The queue, in order: file [sku=a,b] [arch=x86_64]; base.lock names its release\n"
/* REUSE-IgnoreEnd */

/* The bytes of base.lock; none for a folder, which has no identity. */
static int read_base(const char *source, struct ks_buf *lock, char name[KQ_LOCK_RELEASE_BYTES],
		     struct kq_fault *fault)
{
	__cleanup(kq_release_close) struct kq_release *release = NULL;
	const struct kq_want nothing = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_lock base;
	int rc = kq_release_open(source, &nothing, &release, fault);

	if (rc)
		return rc;
	if (!release->has_version)
		return kq_fail(fault, -EINVAL, "%s: has no Makefile of a kernel", source);
	base = kq_lock_of(release);
	snprintf(name, KQ_LOCK_RELEASE_BYTES, "%s", base.release);
	if (release->listed)
		kq_lock_format(lock, &base);
	return ks_buf_ok(lock, &diag) ? kq_fail_diag(fault, &diag) : 0;
}

static int check_free(const char *queue, struct kq_fault *fault)
{
	struct kq_path series;
	int rc = kq_path(&series, fault, "%s/series", queue);

	if (!rc && !access(series.s, F_OK))
		rc = kq_fail(fault, KQ_REFUSED, "%s: is a queue already", queue);
	return rc;
}

static int make_above(const struct kq_next *next, struct kq_fault *fault)
{
	struct kq_path above = next->queue;
	char *slash = strrchr(above.s, '/');

	if (!slash || slash == above.s)
		return 0;
	*slash = '\0';
	return kq_folder_make(above.s, fault);
}

/* Written beside, then renamed: rename() takes the place of an empty folder, and of no other. */
static int write_queue(struct kq_next *next, struct ks_span lock, struct kq_fault *fault)
{
	int rc = kq_folder_remove(next->dir.s, fault);

	if (!rc)
		rc = kq_folder_make(next->dir.s, fault);
	if (!rc)
		rc = kq_next_put(next, "series", ks_span_str(SERIES), fault);
	if (!rc && lock.bytes)
		rc = kq_next_put(next, KQ_LOCK_NAME, lock, fault);
	if (!rc)
		rc = kq_folder_sync(next->dir.s, fault);
	if (!rc && rename(next->dir.s, next->queue.s))
		rc = kq_fail(fault, errno == ENOTEMPTY || errno == EEXIST ? KQ_REFUSED : -errno,
			     "%s: %s", next->queue.s, strerror(errno));
	return rc;
}

static void say(const char *queue, const char *source, const char *name, bool locked,
		struct ks_buf *note)
{
	ks_put_str(note, queue);
	ks_put_str(note, ": an empty queue");
	if (locked) {
		ks_put_str(note, " on ");
		ks_put_str(note, name);
	} else if (source) {
		ks_put_str(note, "; a folder has no identity, so give --from ");
		ks_put_str(note, source);
		ks_put_str(note, " to each verb, or kq lock --write a tarball of ");
		ks_put_str(note, name);
	} else {
		ks_put_str(note, "; say what it is on: kq lock --write SOURCE");
	}
	ks_put_str(note, "\n");
}

int kq_init(const char *queue, const char *source, struct ks_buf *ret_note, struct kq_fault *fault)
{
	__cleanup(kq_next_done) struct kq_next next = { .lock_fd = -1 };
	__cleanup(ks_buf_done) struct ks_buf lock = { 0 };
	char name[KQ_LOCK_RELEASE_BYTES] = "";
	struct kq_fault ignored = { 0 };
	struct ks_diag diag = { 0 };
	int rc = kq_next_of(queue, &next, fault);

	if (!rc)
		rc = check_free(next.queue.s, fault);
	if (!rc && source)
		rc = read_base(source, &lock, name, fault);
	if (!rc)
		rc = make_above(&next, fault);
	if (!rc)
		rc = kq_next_lock(&next, fault);
	if (rc)
		return rc;
	rc = check_free(next.queue.s, fault);
	if (!rc)
		rc = write_queue(&next, ks_buf_span(&lock), fault);
	if (rc && kq_folder_remove(next.dir.s, &ignored))
		return rc;
	if (!rc)
		say(next.queue.s, source, name, lock.bytes, ret_note);
	if (!rc && ks_buf_ok(ret_note, &diag))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}
