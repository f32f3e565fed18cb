// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/lock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/limits.h"

#define LOCK_NAME ".kseal.lock"

/* A waiting process asks this often; a signature takes a millisecond at least. */
#define PAUSE_NS (5 * 1000 * 1000)

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

static struct flock range(off_t start, off_t bytes)
{
	return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start,
			       .l_len = bytes };
}

/* Is the file under its name still the one that @fd is? */
static bool has_name(int dir_fd, int fd)
{
	struct stat st, now;

	return !fstat(fd, &st) && !fstatat(dir_fd, LOCK_NAME, &now, AT_SYMLINK_NOFOLLOW) &&
	       st.st_ino == now.st_ino && st.st_dev == now.st_dev;
}

void ks_lock_drop(struct ks_lock *lock)
{
	struct flock all = range(0, 0), none = all;

	if (lock->fd < 0)
		return;
	/*
	 * Ours first: of two who are done at once one must get all of it. Who has all of it removes
	 * it; who waited for it then looks again for the name.
	 */
	none.l_type = F_UNLCK;
	if (!fcntl(lock->fd, F_OFD_SETLK, &none) && !fcntl(lock->fd, F_OFD_SETLK, &all) &&
	    has_name(lock->dir_fd, lock->fd))
		unlinkat(lock->dir_fd, LOCK_NAME, 0);
	ks_close_fd(&lock->fd);
}

/*
 * In a directory like /tmp others cannot touch our files, but could plant this one. There it has to
 * be ours; root removes another's.
 */
static void drop_planted(int dir_fd)
{
	struct stat dir, st;

	if (fstat(dir_fd, &dir) || !(dir.st_mode & S_ISVTX) || !(dir.st_mode & (S_IWGRP | S_IWOTH)))
		return;
	if (!fstatat(dir_fd, LOCK_NAME, &st, AT_SYMLINK_NOFOLLOW) && st.st_uid != geteuid() && st.st_uid)
		unlinkat(dir_fd, LOCK_NAME, 0);
}

/* Return: 0; 1 if another process is at it, so that it is worth to try again; -errno. */
static int try_lock(int dir_fd, u64 ino, struct ks_lock *lock)
{
	struct flock byte = range((off_t)ino, 1);
	struct stat st;

	drop_planted(dir_fd);
	lock->fd = openat(dir_fd, LOCK_NAME,
			  O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (lock->fd < 0 && errno != EACCES && errno != EPERM && errno != EROFS)
		return -errno;
	/* Another user's, who is at work; else nothing can be written here, and nobody must wait. */
	if (lock->fd < 0)
		return !faccessat(dir_fd, LOCK_NAME, F_OK, AT_SYMLINK_NOFOLLOW);
	if (fstat(lock->fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (fcntl(lock->fd, F_OFD_SETLK, &byte))
		return errno == EAGAIN || errno == EACCES || errno == EINTR ? 1 : -errno;
	/* Who was done last may have removed the file before its lock was ours. */
	return !has_name(dir_fd, lock->fd);
}

/* A line "lock:\t1: OFDLCK  ADVISORY  WRITE -1 fe:00:INODE START END" of a descriptor's fdinfo. */
static bool has_lock(const char *fdinfo, const struct stat *st, u64 ino)
{
	char file[64], line[256];
	FILE *f = fopen(fdinfo, "re");
	bool found = false;

	if (!f)
		return false;
	snprintf(file, sizeof(file), ":%" PRIu64 " %" PRIu64 " %" PRIu64, (u64)st->st_ino, ino, ino);
	while (!found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "lock:", 5) && strstr(line, file);
	fclose(f);
	return found;
}

/* Does process @pid hold the lock, and what is it called? */
static bool is_holder(const char *pid, const struct stat *st, u64 ino, char *text, size_t text_bytes)
{
	char path[512], comm[32] = "";
	struct dirent *e;
	bool found = false;
	FILE *f;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%.20s/fdinfo", pid);
	d = opendir(path);
	while (d && !found && (e = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/%.20s/fdinfo/%.20s", pid, e->d_name);
		found = has_lock(path, st, ino);
	}
	if (d)
		closedir(d);
	if (!found)
		return false;
	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(comm, sizeof(comm), f))
		comm[strcspn(comm, "\n")] = '\0';
	if (f)
		fclose(f);
	snprintf(text, text_bytes, "held by process %.20s%s%s%s", pid, *comm ? " (" : "", comm,
		 *comm ? ")" : "");
	return true;
}

/* fcntl() tells no process of such a lock, but what /proc says of a process' descriptors does. */
static int fail_busy(const struct ks_place *place, u64 ino, struct ks_diag *diag)
{
	char text[96] = "held by a process that cannot be seen from here";
	struct dirent *e;
	struct stat st;
	DIR *d = NULL;
	int rc;

	if (!fstatat(place->dir_fd, LOCK_NAME, &st, AT_SYMLINK_NOFOLLOW)) {
		snprintf(text, sizeof(text), "held by user %u, by a process that cannot be seen from here",
			 st.st_uid);
		d = opendir("/proc");
	}
	while (d && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]) &&
		    is_holder(e->d_name, &st, ino, text, sizeof(text)))
			break;
	if (d)
		closedir(d);
	rc = ks_fail_detail(diag, -EBUSY,
			    "another process is changing this file, wait for it or end it", text);
	ks_diag_in(diag, place->path);
	return rc;
}

int ks_lock_take(const struct ks_place *place, u64 ino, struct ks_lock *ret_lock,
		 struct ks_diag *diag)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	u64 deadline_ms = now_ms() + KS_LOCK_SECONDS * 1000;
	struct ks_lock lock = { -1, place->dir_fd };
	int rc;

	/* A byte's number has to be an off_t. */
	ino &= UINT64_MAX >> 2;
	while ((rc = try_lock(place->dir_fd, ino, &lock)) == 1 && now_ms() < deadline_ms) {
		ks_close_fd(&lock.fd);
		nanosleep(&pause, NULL);
	}
	if (!rc) {
		*ret_lock = lock;
		return 0;
	}
	if (rc == 1) {
		rc = fail_busy(place, ino, diag);
	} else {
		errno = -rc;
		rc = ks_fail_sys(diag, "cannot lock", place->path);
	}
	/* It may be ours, made and not locked. */
	ks_lock_drop(&lock);
	return rc;
}
