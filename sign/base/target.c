// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/io.h"

/* Others that replace the file between open and lock; each try means that one of them got done. */
#define MAX_TRIES 1000

void ks_target_close(struct ks_target *target)
{
	if (target->place.path) {
		ks_lock_drop(&target->lock);
		ks_close_fd(&target->fd);
	}
	ks_place_close(&target->place);
	*target = KS_TARGET_NONE;
}

/* Return: 1 if somebody else replaced the file before the lock was ours. */
static int try_open(struct ks_target *t, enum ks_target_use use, struct ks_diag *diag)
{
	int flags = use == KS_TARGET_IN_PLACE ? O_RDWR : O_RDONLY, rc;
	struct stat now;

	t->fd = ks_io_open_at(t->place.dir_fd, t->place.name, flags | O_NOFOLLOW, t->place.path,
			      &t->st, diag);
	if (t->fd < 0)
		return t->fd;
	if (use == KS_TARGET_READ)
		return 0;
	rc = ks_lock_take(&t->place, t->st.st_ino, &t->lock, diag);
	if (rc)
		return rc;
	if (fstatat(t->place.dir_fd, t->place.name, &now, AT_SYMLINK_NOFOLLOW) ||
	    now.st_dev != t->st.st_dev || now.st_ino != t->st.st_ino) {
		ks_lock_drop(&t->lock);
		ks_close_fd(&t->fd);
		return 1;
	}
	/* What is under the lock may be newer than what was opened. */
	t->st = now;
	return 0;
}

int ks_target_open(const char *path, enum ks_target_use use, struct ks_target *ret_target,
		   struct ks_diag *diag)
{
	__cleanup(ks_target_close) struct ks_target t = KS_TARGET_NONE;
	int rc = ks_place_open(path, &t.place, diag), i;

	if (rc)
		return rc;
	if (!t.place.name)
		rc = ks_fail(diag, -EINVAL, KS_NO_OFF, "not a regular file");
	else
		rc = 1;
	for (i = 0; i < MAX_TRIES && rc == 1; i++)
		rc = try_open(&t, use, diag);
	if (rc == 1)
		rc = ks_fail(diag, -EBUSY, KS_NO_OFF, "others keep replacing this file");
	if (rc) {
		ks_diag_in(diag, path);
		return rc;
	}
	*ret_target = t;
	t = KS_TARGET_NONE;
	return 0;
}

int ks_target_read(const struct ks_target *target, u64 max_bytes, struct ks_buf *content,
		   struct ks_diag *diag)
{
	ks_buf_clear(content);
	return ks_file_read(target->fd, target->place.path, (u64)target->st.st_size, max_bytes, content,
			    diag);
}

static int set_length(int fd, u64 bytes)
{
	while (ftruncate(fd, (off_t)bytes))
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Does the file end with @tail at @off? A short read, or other bytes, are an I/O error. */
static int check_tail(int fd, u64 off, struct ks_span tail)
{
	__cleanup(ks_buf_done) struct ks_buf back = { 0 };
	/* One more than there may be. */
	size_t want = tail.bytes + 1;
	u8 *room = ks_put_room(&back, want);
	struct ks_span got = { room, 0 };
	ssize_t n;

	if (!room)
		return -ENOMEM;
	do {
		n = pread(fd, room, want, (off_t)off);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	got.bytes = (size_t)n;
	return ks_span_eq(got, tail) ? 0 : -EIO;
}

static int change_tail(const struct ks_target *t, u64 off, struct ks_span tail, u64 old_bytes)
{
	int rc = ks_io_pwrite(t->fd, t->place.path, off, tail, NULL);

	if (!rc && tail.bytes < old_bytes)
		rc = set_length(t->fd, off + tail.bytes);
	return rc ? rc : check_tail(t->fd, off, tail);
}

int ks_target_patch_tail(const struct ks_target *target, u64 off, struct ks_span tail,
			 struct ks_span old_tail, struct ks_diag *diag)
{
	struct timespec times[] = { target->st.st_atim, target->st.st_mtim };
	int rc = change_tail(target, off, tail, old_tail.bytes), undone;

	if (!rc && futimens(target->fd, times))
		rc = -errno;
	if (!rc)
		return 0;
	undone = ks_io_pwrite(target->fd, target->place.path, off, old_tail, NULL);
	if (!undone)
		undone = set_length(target->fd, off + old_tail.bytes);
	futimens(target->fd, times);
	errno = -rc;
	return ks_fail_sys(diag,
			   undone ? "cannot write, nor undo what was written; make it anew" :
				    "cannot write",
			   target->place.path);
}

int ks_aside_check_tail(const struct ks_aside *aside, struct ks_span tail, struct ks_diag *diag)
{
	int rc = tail.bytes > aside->draft.bytes ? -EINVAL :
					     check_tail(aside->draft.fd, aside->draft.bytes - tail.bytes, tail);

	if (!rc)
		return 0;
	errno = -rc;
	return ks_fail_sys(diag, "what was written does not read back", aside->target.place.path);
}
