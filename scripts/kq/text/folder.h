/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Folders as a whole: make, remove, copy, and take the place of another one in a single step.
 */
#ifndef KQ_TEXT_FOLDER_H
#define KQ_TEXT_FOLDER_H

#include "text/text.h"

/** kq_folder_make() - make a folder and those above it; it may be there */
int __must_check kq_folder_make(const char *path, struct kq_error *error);

/** kq_folder_remove() - remove a folder with all that is in it; it may be missing */
int __must_check kq_folder_remove(const char *path, struct kq_error *error);

/** typedef kq_folder_visit - @name: below the folder that is walked; return an errno to stop */
typedef int (*kq_folder_visit)(void *arg, const char *name, struct kq_error *error);

/**
 * kq_folder_walk() - every plain file, sorted by name
 *
 * Return: 0; -EINVAL for what is neither a plain file nor a folder; -E2BIG; what @visit returned.
 */
int __must_check kq_folder_walk(const char *path, kq_folder_visit visit, void *arg,
				struct kq_error *error);

/**
 * kq_folder_find() - the plain files that are wanted, in a folder with any number of other things
 * @wanted: by the last part of the name
 * @max: of these
 *
 * Hidden folders below @path are left out: the records come in a git repository.
 *
 * Return: as kq_folder_walk(); -EINVAL if what is wanted is no plain file.
 */
int __must_check kq_folder_find(const char *path, bool (*wanted)(const char *name), size_t max,
				kq_folder_visit visit, void *arg, struct kq_error *error);

/** kq_folder_copy() - copy a folder; @to must not exist. Modes stay; files are fsync()ed. */
int __must_check kq_folder_copy(const char *from, const char *to, struct kq_error *error);

/** kq_folder_sync() - the names in the folder and in all folders of it are on the disk */
int __must_check kq_folder_sync(const char *path, struct kq_error *error);

/**
 * kq_folder_swap() - @path and @with exchange their names, in one step
 *
 * On a file system that cannot do this, @path is renamed to @aside first: for a moment there is no
 * @path, and a kill in that moment leaves @aside, which kq_folder_unswap() renames back.
 */
int __must_check kq_folder_swap(const char *path, const char *with, const char *aside,
				struct kq_error *error);

/** kq_folder_unswap() - put @aside back if a kill left no @path */
int __must_check kq_folder_unswap(const char *path, const char *aside, struct kq_error *error);

#endif
