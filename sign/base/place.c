// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* As many as the kernel follows (MAXSYMLINKS). */
#define MAX_LINKS 40U

/* A path on its way: what is left of it, seen from an open directory. */
struct walk {
	int dir_fd;
	int stream_fd;
	unsigned int nr_links;
	bool is_refused;
	char rest[PATH_MAX];
};

void ks_place_close(struct ks_place *place)
{
	if (place->path) {
		ks_close_fd(&place->dir_fd);
		ks_close_fd(&place->stream_fd);
	}
	ks_free_str(&place->name);
	ks_free_str(&place->path);
}

static bool is_own(const struct stat *dir)
{
	return (!dir->st_uid || dir->st_uid == geteuid()) && !(dir->st_mode & (S_IWGRP | S_IWOTH));
}

static bool may_follow(const struct stat *dir, const struct stat *link, bool is_last)
{
	if (link->st_uid == geteuid())
		return true;
	if (dir->st_mode & (S_IWGRP | S_IWOTH) && link->st_uid != dir->st_uid)
		return false;
	return !is_last || !link->st_uid || is_own(dir);
}

static int enter(struct walk *w, int parent_fd, const char *name)
{
	int fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ks_close_fd(&w->dir_fd);
	w->dir_fd = fd;
	return 0;
}

static int set_rest(struct walk *w, const char *path)
{
	size_t bytes = strlen(path);

	if (!bytes)
		return -ENOENT;
	if (bytes >= sizeof(w->rest))
		return -ENAMETOOLONG;
	memmove(w->rest, path, bytes + 1);
	return path[0] == '/' ? enter(w, AT_FDCWD, "/") : 0;
}

/* /proc/self/fd/1 is not a path but an open file, and its text may name nothing or another file. */
static int take_open_file(struct walk *w, const struct stat *dir, const char *name)
{
	char *end = NULL;
	struct stat own;
	long nr;

	if (stat("/proc/self/fd", &own) || own.st_dev != dir->st_dev || own.st_ino != dir->st_ino)
		return 0;
	nr = strtol(name, &end, 10);
	if (*end || nr < 0 || nr > INT_MAX)
		return 0;
	w->stream_fd = fcntl((int)nr, F_DUPFD_CLOEXEC, 0);
	return w->stream_fd < 0 ? -errno : 1;
}

/* Put a link's target before what is left. Return: 1 if it is an open file of ours. */
static int follow(struct walk *w, const char *name, const char *tail)
{
	__cleanup(ks_close_fd) int fd =
		openat(w->dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char target[PATH_MAX], joined[2 * PATH_MAX];
	struct stat dir, link;
	ssize_t n;
	int rc;

	if (fd < 0 || fstat(fd, &link) || fstat(w->dir_fd, &dir))
		return -errno;
	if (!S_ISLNK(link.st_mode))
		return -ENOTDIR;
	w->is_refused = !may_follow(&dir, &link, !*tail);
	if (w->is_refused)
		return -EACCES;
	if (++w->nr_links > MAX_LINKS)
		return -ELOOP;
	rc = *tail ? 0 : take_open_file(w, &dir, name);
	if (rc)
		return rc;
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0)
		return -errno;
	snprintf(joined, sizeof(joined), "%.*s%s", (int)n, target, tail);
	return set_rest(w, joined);
}

/* The last name stays in @rest. Return: 1 if it is an open file of ours, which leaves no name. */
static int walk(struct walk *w)
{
	char name[NAME_MAX + 1];
	struct stat st;
	int rc = 0;

	while (!rc) {
		const char *at = w->rest + strspn(w->rest, "/"), *tail;
		size_t bytes = strcspn(at, "/");

		if (!bytes)
			return -EISDIR;
		if (bytes >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, at, bytes);
		name[bytes] = '\0';
		tail = at + bytes;
		if (!*tail) {
			if (!strcmp(name, ".") || !strcmp(name, ".."))
				return -EISDIR;
			if (fstatat(w->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW))
				return errno == ENOENT ? set_rest(w, name) : -errno;
			if (!S_ISLNK(st.st_mode))
				return set_rest(w, name);
		} else {
			rc = enter(w, w->dir_fd, name);
			if (!rc) {
				memmove(w->rest, tail, strlen(tail) + 1);
				continue;
			}
			if (rc != -ENOTDIR)
				return rc;
		}
		rc = follow(w, name, tail);
	}
	return rc;
}

/* From the directory of the last name to one that can be synced. */
static int finish(struct walk *w, struct ks_place *place)
{
	struct stat st;

	place->dir_fd = openat(w->dir_fd, ".", O_RDONLY | O_CLOEXEC);
	if (place->dir_fd < 0 || fstat(place->dir_fd, &st))
		return -errno;
	place->own = is_own(&st);
	place->name = strdup(w->rest);
	return place->name ? 0 : -ENOMEM;
}

int ks_place_open(const char *path, struct ks_place *ret_place, struct ks_diag *diag)
{
	__cleanup(ks_place_close) struct ks_place place = { strdup(path), NULL, -1, -1, false };
	struct walk w = { .dir_fd = -1, .stream_fd = -1 };
	int rc = place.path ? enter(&w, AT_FDCWD, ".") : -ENOMEM;

	if (!rc)
		rc = set_rest(&w, path);
	if (!rc)
		rc = walk(&w);
	if (!rc)
		rc = finish(&w, &place);
	ks_close_fd(&w.dir_fd);
	if (rc < 0) {
		errno = -rc;
		return ks_fail_sys(diag,
				   w.is_refused ? "a symbolic link of another user in a directory "
						  "that others may write, name its target" :
						  "cannot open",
				   path);
	}
	place.stream_fd = w.stream_fd;
	*ret_place = place;
	place = (struct ks_place){ 0 };
	return 0;
}

int ks_place_sync(const struct ks_place *place)
{
	while (fsync(place->dir_fd))
		/* Some file systems cannot sync a directory, and say EINVAL. */
		if (errno != EINTR)
			return errno == EINVAL ? 0 : -errno;
	return 0;
}
