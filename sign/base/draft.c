// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * O_TMPFILE makes a file without a name: whatever kills the process, the file system throws it
 * away. Its way to a name that is taken is linkat() to a temporary one and rename() over the old
 * one, as linkat() itself replaces nothing.
 */
#include "base/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/io.h"

/* A random name is free, unless somebody takes it while we watch. */
#define MAX_TRIES 100

struct temp_name {
	char text[32];
};

static struct temp_name temp_name(const struct ks_draft *draft)
{
	struct temp_name name;

	snprintf(name.text, sizeof(name.text), ".kseal.%" PRIu64, draft->nr);
	return name;
}

void ks_draft_done(const struct ks_place *place, struct ks_draft *draft)
{
	if (draft->has_name)
		unlinkat(place->dir_fd, temp_name(draft).text, 0);
	ks_close_fd(&draft->fd);
	*draft = (struct ks_draft){ .fd = -1 };
}

/* umask() can only be asked by setting it, which another thread's new file would notice. */
static mode_t umask_of_process(void)
{
	/* Nothing for others where there is no /proc. */
	unsigned int mask = 077;
	char text[4096], *at;
	__cleanup(ks_close_fd) int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, "\nUmask:\t");
	if (at)
		sscanf(at, "\nUmask:\t%o", &mask);
	return (mode_t)mask;
}

static int random_nr(struct ks_draft *draft)
{
	return getrandom(&draft->nr, sizeof(draft->nr), 0) == sizeof(draft->nr) ? 0 : -EIO;
}

static int make_named(const struct ks_place *place, struct ks_draft *draft, mode_t mode)
{
	draft->fd = openat(place->dir_fd, temp_name(draft).text,
			   O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	return draft->fd < 0 ? -errno : 0;
}

/* Give a file without a name one. /proc is for kernels that want a capability for AT_EMPTY_PATH. */
static int link_as(const struct ks_place *place, const struct ks_draft *draft, const char *name)
{
	char proc[64];

	if (!linkat(draft->fd, "", place->dir_fd, name, AT_EMPTY_PATH))
		return 0;
	if (errno != ENOENT && errno != EPERM && errno != EINVAL)
		return -errno;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", draft->fd);
	return linkat(AT_FDCWD, proc, place->dir_fd, name, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

/*
 * Under the caller's number, what is there was left by a killed process: it is removed, once. If
 * it comes back somebody else works there, and random numbers must do.
 */
static int take_temp_name(const struct ks_place *place, struct ks_draft *draft, mode_t mode)
{
	bool is_random = !draft->nr;
	int rc = is_random ? random_nr(draft) : 0, i;

	for (i = 0; !rc && i < MAX_TRIES; i++) {
		rc = draft->fd < 0 ? make_named(place, draft, mode) :
				     link_as(place, draft, temp_name(draft).text);
		if (rc != -EEXIST) {
			draft->has_name = !rc;
			return rc;
		}
		rc = 0;
		if (is_random || i || unlinkat(place->dir_fd, temp_name(draft).text, 0))
			rc = random_nr(draft);
	}
	return rc ? rc : -EEXIST;
}

/* The kernel minds the umask and a default ACL for a file with a name; for one without, on a tmpfs
 * before 6.7 for example, it may not. */
static int open_nameless(const struct ks_place *place, mode_t mode, struct ks_draft *draft)
{
	bool is_shared = mode & (S_IRWXG | S_IRWXO);

	if (is_shared && fgetxattr(place->dir_fd, "system.posix_acl_default", NULL, 0) >= 0)
		return -EOPNOTSUPP;
	draft->fd = openat(place->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode & S_IRWXU);
	if (draft->fd < 0)
		return -errno;
	return is_shared && fchmod(draft->fd, mode & ~umask_of_process()) ? -errno : 0;
}

int ks_draft_open(const struct ks_place *place, mode_t mode, u64 nr, struct ks_draft *ret_draft)
{
	struct ks_draft draft = { .fd = -1, .nr = nr };
	int rc = open_nameless(place, mode, &draft);

	if (rc == -EOPNOTSUPP || rc == -EISDIR || rc == -EINVAL || rc == -ENOENT)
		rc = take_temp_name(place, &draft, mode);
	if (rc) {
		ks_draft_done(place, &draft);
		return rc;
	}
	*ret_draft = draft;
	return 0;
}

int ks_draft_write(struct ks_draft *draft, const char *path, struct ks_span bytes,
		   struct ks_diag *diag)
{
	int rc = ks_io_write(draft->fd, path, bytes, diag);

	if (!rc)
		draft->bytes += bytes.bytes;
	return rc;
}

int ks_draft_sync(const struct ks_draft *draft)
{
	while (fsync(draft->fd))
		if (errno != EINTR)
			return -errno;
	return 0;
}

int ks_draft_replace(const struct ks_place *place, struct ks_draft *draft)
{
	int rc = draft->has_name ? 0 : take_temp_name(place, draft, 0);

	if (rc)
		return rc;
	if (renameat(place->dir_fd, temp_name(draft).text, place->dir_fd, place->name))
		return -errno;
	draft->has_name = false;
	return 0;
}

int ks_draft_appear(const struct ks_place *place, struct ks_draft *draft, const char *name)
{
	if (!draft->has_name)
		return link_as(place, draft, name);
	if (renameat2(place->dir_fd, temp_name(draft).text, place->dir_fd, name, RENAME_NOREPLACE))
		return -errno;
	draft->has_name = false;
	return 0;
}
