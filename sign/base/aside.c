// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Many targets replaced together.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attrs.h"
#include "base/cleanup.h"
#include "base/target.h"

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
static int sync_one(const struct ks_aside *aside, bool folder)
{
	return folder ? ks_place_sync(&aside->target.place) : ks_draft_sync(&aside->draft);
}

static bool is_new_device(const struct ks_aside *aside, size_t idx)
{
	size_t i;

	for (i = 0; i < idx; i++)
		if (aside[i].target.place.path && aside[i].target.st.st_dev == aside[idx].target.st.st_dev)
			return false;
	return aside[idx].target.place.path != NULL;
}

static void drop(struct ks_aside *aside, struct ks_diag *diag, int rc)
{
	errno = -rc;
	ks_fail_sys(diag, "cannot write", aside->target.place.path);
	ks_aside_done(aside);
}

/*
 * One syncfs() per file system. A write that failed earlier is known to the file itself; so each
 * is asked, which costs nothing when its pages are clean.
 */
static void sync_all(struct ks_aside *aside, struct ks_diag **diag, size_t nr, bool folders)
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
		rc = one_by_one ? sync_one(&aside[i], folders) : 0;
		if (!rc && sync_file_range(aside[i].draft.fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) &&
		    errno != ENOSYS && errno != EINVAL && errno != ESPIPE)
			rc = -errno;
		if (rc)
			drop(&aside[i], diag[i], rc);
	}
}

void ks_asides_publish(struct ks_aside *aside, struct ks_diag **diag, size_t nr_asides)
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
			drop(&aside[i], diag[i], rc);
		else if (aside[i].new_name)
			renamed = true;
	}
	sync_all(aside, diag, nr_asides, true);
	for (i = 0; i < nr_asides; i++) {
		if (aside[i].target.place.path && aside[i].new_name &&
		    unlinkat(aside[i].target.place.dir_fd, aside[i].target.place.name, 0))
			drop(&aside[i], diag[i], -errno);
	}
	if (renamed)
		sync_all(aside, diag, nr_asides, true);
	for (i = 0; i < nr_asides; i++)
		ks_aside_done(&aside[i]);
}
