// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/attrs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/span.h"

/* XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h. */
#define MAX_BYTES 65536

/* Return: bytes of names; 0 where the file system has no extended attributes. */
static ssize_t list_names(int fd, char *names, struct ks_diag *diag)
{
	ssize_t n = flistxattr(fd, names, MAX_BYTES);

	if (n >= 0)
		return n;
	return errno == ENOTSUP ? 0 : ks_fail_sys(diag, "cannot list extended attributes", NULL);
}

/* The next name of a list; they are ended by NUL, the last one too. */
static bool next_name(struct ks_span *names, const char **ret_name)
{
	const u8 *end = names->bytes ? memchr(names->p, '\0', names->bytes) : NULL;
	size_t used;

	if (!end)
		return false;
	*ret_name = (const char *)names->p;
	used = strlen(*ret_name) + 1;
	return ks_span_sub(*names, used, names->bytes - used, names);
}

/* The failure of one attribute: its name, and what the system says. The file is named later. */
static int fail_attr(struct ks_diag *diag, const char *what, const char *name)
{
	char text[160];
	int err = errno;

	snprintf(text, sizeof(text), "%s: %s", name, strerror(err));
	return ks_fail_detail(diag, -err, what, text);
}

static int copy_one(int from_fd, int to_fd, const char *name, enum ks_attrs kind,
		    struct ks_diag *diag)
{
	bool vouches = !strcmp(name, "security.ima") || !strcmp(name, "security.evm");
	u8 value[MAX_BYTES], back[MAX_BYTES];
	ssize_t n, m;

	if (vouches && kind == KS_ATTRS_OF_OTHER_CONTENT)
		return 0;
	if (vouches)
		return ks_fail_detail(diag, -EOPNOTSUPP,
				      "attribute vouches for the content that would change, remove it "
				      "first (setfattr -x)",
				      name);
	n = fgetxattr(from_fd, name, value, sizeof(value));
	if (n < 0)
		return fail_attr(diag, "cannot read extended attribute", name);
	if (fsetxattr(to_fd, name, value, (size_t)n, 0))
		return fail_attr(diag, "cannot keep extended attribute", name);
	m = fgetxattr(to_fd, name, back, sizeof(back));
	if (m != n || memcmp(value, back, (size_t)n))
		return ks_fail_detail(diag, -EIO, "extended attribute does not read back", name);
	return 0;
}

static int copy_xattrs(int from_fd, int to_fd, enum ks_attrs kind, struct ks_diag *diag)
{
	char names[MAX_BYTES];
	ssize_t n = list_names(from_fd, names, diag);
	struct ks_span rest = { (const u8 *)names, n > 0 ? (size_t)n : 0 };
	const char *name;
	int rc = n < 0 ? (int)n : 0;

	while (!rc && next_name(&rest, &name))
		rc = copy_one(from_fd, to_fd, name, kind, diag);
	return rc;
}

int ks_attrs_copy(int from_fd, const struct stat *st, int to_fd, enum ks_attrs kind,
		  struct ks_diag *diag)
{
	struct timespec times[] = { st->st_atim, st->st_mtim };
	struct stat now;
	int rc;

	if (fstat(to_fd, &now))
		return ks_fail_sys(diag, "cannot stat the new file", NULL);
	if ((now.st_uid != st->st_uid || now.st_gid != st->st_gid) &&
	    fchown(to_fd, st->st_uid, st->st_gid))
		return ks_fail_sys(diag, "cannot keep the owner", NULL);
	/* After the owner, whose change drops capabilities; before the mode, which an ACL changes. */
	rc = copy_xattrs(from_fd, to_fd, kind, diag);
	if (rc)
		return rc;
	if (fchmod(to_fd, st->st_mode & 07777))
		return ks_fail_sys(diag, "cannot keep the mode", NULL);
	if (kind == KS_ATTRS_OF_OTHER_CONTENT)
		return 0;
	return futimens(to_fd, times) ? ks_fail_sys(diag, "cannot keep the time", NULL) : 0;
}
