/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a file is, or will be: an opened directory and a name in it.
 *
 * A path is walked once. Whoever swaps a directory for a link afterwards, or plants something under
 * the name, changes nothing: all that follows is done relative to the directory, and follows no link.
 */
#ifndef KS_BASE_PLACE_H
#define KS_BASE_PLACE_H

#include "base/diag.h"

/**
 * struct ks_place - a name in a directory; all zero: not open
 * @path: as it was given, for messages; owned
 * @name: what the file is called in its directory, never a symbolic link when it was looked at;
 *	owned
 * @dir_fd: the directory
 * @stream_fd: a duplicate of the open file of ours that the path names (/dev/stdout), which has no
 *	@name and no @dir_fd; else -1
 * @own: nobody but us and root may write the directory
 */
struct ks_place {
	char *path;
	char *name;
	int dir_fd;
	int stream_fd;
	bool own;
};

/**
 * ks_place_open() - walk a path up to the directory of its last name
 * @path: symbolic links are followed, the last one too, so that a link stays and its target is meant
 * @ret_place: owned by the caller, ks_place_close()
 *
 * A link is not followed if somebody else may have planted it: in a directory that group or others
 * may write it has to be ours or the directory owner's (fs.protected_symlinks, whatever its
 * setting, and not only with the sticky bit); the last one ours or root's, or in a directory that
 * is @own.
 *
 * Return: 0; -EACCES for such a link; -EISDIR; what the system said. @diag names @path.
 */
int __must_check ks_place_open(const char *path, struct ks_place *ret_place, struct ks_diag *diag);

/** ks_place_sync() - what was renamed in the directory is on disk. Return: 0; what fsync() said. */
int __must_check ks_place_sync(const struct ks_place *place);

/** ks_place_close() - accepts one that is all zero or closed */
void ks_place_close(struct ks_place *place);

#endif
