// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attrs.h"
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

void ks_aside_done(struct ks_aside *aside)
{
	if (!aside->target.place.path)
		return;
	ks_draft_done(&aside->target.place, &aside->draft);
	ks_free_str(&aside->new_name);
	ks_target_close(&aside->target);
}

int ks_target_has_sibling(const struct ks_target *target, const char *name, struct ks_diag *diag)
{
	struct stat st;

	if (!fstatat(target->place.dir_fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return ks_fail_detail(diag, -EEXIST,
				      "the same module is there under another name too, remove one",
				      name);
	return errno == ENOENT ? 0 : ks_fail_sys(diag, "cannot stat", name);
}

int ks_aside_begin(struct ks_target *target, const char *new_name, struct ks_aside *ret_aside,
		   struct ks_diag *diag)
{
	struct ks_aside aside = KS_ASIDE_NONE;
	int rc = 0;

	if (new_name) {
		rc = ks_target_has_sibling(target, new_name, diag);
		if (rc)
			return rc;
		aside.new_name = strdup(new_name);
		rc = aside.new_name ? 0 : -ENOMEM;
	}
	/* Under the lock the target's inode number is ours. */
	if (!rc)
		rc = ks_draft_open(&target->place, 0600, target->st.st_ino, &aside.draft);
	if (rc) {
		ks_free_str(&aside.new_name);
		errno = -rc;
		return ks_fail_sys(diag, "cannot write beside", target->place.path);
	}
	aside.target = *target;
	*target = KS_TARGET_NONE;
	*ret_aside = aside;
	return 0;
}

int ks_aside_write(struct ks_aside *aside, struct ks_span bytes, struct ks_diag *diag)
{
	return ks_draft_write(&aside->draft, aside->target.place.path, bytes, diag);
}

int ks_aside_keep(struct ks_aside *aside, struct ks_diag *diag)
{
	struct ks_target *t = &aside->target;
	int rc = ks_attrs_copy(t->fd, &t->st, aside->draft.fd, KS_ATTRS_OF_SAME_CONTENT,
				diag);

	if (rc)
		ks_diag_in(diag, t->place.path);
	return rc;
}

/* syncfs() failed, or the files are many file systems': each by itself, to know which one it is. */
static int sync_one(const struct ks_aside *aside, bool directory)
{
	return directory ? ks_place_sync(&aside->target.place) : ks_draft_sync(&aside->draft);
}

static bool is_new_device(const struct ks_aside *aside, size_t idx)
{
	size_t i;

	for (i = 0; i < idx; i++)
		if (aside[i].target.place.path && aside[i].target.st.st_dev == aside[idx].target.st.st_dev)
			return false;
	return aside[idx].target.place.path != NULL;
}

static void throw_away_failed(struct ks_aside *aside, struct ks_diag *diag, int rc)
{
	errno = -rc;
	ks_fail_sys(diag, "cannot write", aside->target.place.path);
	ks_aside_done(aside);
}

/*
 * One syncfs() per file system. A write that failed earlier is known to the file itself; so each
 * is asked, which costs nothing when its pages are clean.
 */
static void sync_all(struct ks_aside *aside, struct ks_diag **diag, size_t nr, bool directories)
{
	bool one_by_one = false;
	size_t i;
	int rc;

	for (i = 0; i < nr; i++)
		if (is_new_device(aside, i) && syncfs(aside[i].draft.fd))
			one_by_one = true;
	for (i = 0; i < nr; i++) {
		if (!aside[i].target.place.path)
			continue;
		rc = one_by_one ? sync_one(&aside[i], directories) : 0;
		if (!rc && sync_file_range(aside[i].draft.fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) &&
		    errno != ENOSYS && errno != EINVAL && errno != ESPIPE)
			rc = -errno;
		if (rc)
			throw_away_failed(&aside[i], diag[i], rc);
	}
}

void ks_asides_publish_all(struct ks_aside *aside, struct ks_diag **diag, size_t nr_asides)
{
	bool renamed = false;
	size_t i;
	int rc;

	sync_all(aside, diag, nr_asides, false);
	for (i = 0; i < nr_asides; i++) {
		if (!aside[i].target.place.path)
			continue;
		rc = aside[i].new_name ? ks_draft_appear(&aside[i].target.place, &aside[i].draft,
							 aside[i].new_name) :
					 ks_draft_replace(&aside[i].target.place, &aside[i].draft);
		if (rc)
			throw_away_failed(&aside[i], diag[i], rc);
		else if (aside[i].new_name)
			renamed = true;
	}
	sync_all(aside, diag, nr_asides, true);
	for (i = 0; i < nr_asides; i++) {
		if (aside[i].target.place.path && aside[i].new_name &&
		    unlinkat(aside[i].target.place.dir_fd, aside[i].target.place.name, 0))
			throw_away_failed(&aside[i], diag[i], -errno);
	}
	if (renamed)
		sync_all(aside, diag, nr_asides, true);
	for (i = 0; i < nr_asides; i++)
		ks_aside_done(&aside[i]);
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
