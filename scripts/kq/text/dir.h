/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Directories as a whole: make, remove, copy, and take the place of another one in a single step.
 */
#ifndef KQ_TEXT_DIR_H
#define KQ_TEXT_DIR_H

#include "text/text.h"

/** kq_dir_make() - make a directory and those above it; it may be there */
int __must_check kq_dir_make(const char *path, struct kq_error *error);

/** kq_dir_make_above() - make the directory that a file is to be in, and those above it */
int __must_check kq_dir_make_above(const char *path, struct kq_error *error);

/** kq_dir_remove() - remove a directory with all that is in it; it may be missing */
int __must_check kq_dir_remove(const char *path, struct kq_error *error);

/** typedef kq_dir_visit - @name: below the directory that is walked; return an errno to stop */
typedef int (*kq_dir_visit)(void *arg, const char *name, struct kq_error *error);

/**
 * kq_dir_walk() - every plain file, sorted by name
 *
 * Return: 0; -EINVAL for what is neither a plain file nor a directory; -E2BIG; what @visit
 * returned.
 */
int __must_check kq_dir_walk(const char *path, kq_dir_visit visit, void *arg,
			     struct kq_error *error);

/**
 * kq_dir_find() - the plain files that are wanted, in a directory with any number of other things
 * @wanted: by the last part of the name
 * @max: of these
 *
 * Hidden directories below @path are left out: the records come in a git repository.
 *
 * Return: as kq_dir_walk(); -EINVAL if what is wanted is not a plain file.
 */
int __must_check kq_dir_find(const char *path, bool (*wanted)(const char *name), size_t max,
			     kq_dir_visit visit, void *arg, struct kq_error *error);

/** kq_dir_copy() - copy a directory; @to must not exist. Modes stay; files are fsync()ed. */
int __must_check kq_dir_copy(const char *from, const char *to, struct kq_error *error);

/** kq_dir_sync() - the names in the directory and in all directories of it are on the disk */
int __must_check kq_dir_sync(const char *path, struct kq_error *error);

/**
 * kq_dir_swap() - @path and @with exchange their names, in one step
 *
 * On a file system that cannot do this, @path is renamed to @aside first: for a moment there is no
 * @path, and a kill in that moment leaves @aside, which kq_dir_unswap() renames back.
 */
int __must_check kq_dir_swap(const char *path, const char *with, const char *aside,
			     struct kq_error *error);

/** kq_dir_unswap() - put @aside back if a kill left no @path */
int __must_check kq_dir_unswap(const char *path, const char *aside, struct kq_error *error);

#endif
