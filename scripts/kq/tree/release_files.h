/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of a release: its files, and how they get out of a tarball or git tree into the cache.
 */
#ifndef KQ_TREE_RELEASE_FILES_H
#define KQ_TREE_RELEASE_FILES_H

#include "tree/release.h"

/** kq_release_files() - the source that an open release shows */
struct kq_source kq_release_files(struct kq_release *release);

/**
 * kq_release_fetch() - set release->place with scripts/build/fetch, whose progress is on our stderr
 *
 * Return: 0; -ENOENT outside of the toolkit; -EIO when it failed.
 */
int __must_check kq_release_fetch(struct kq_release *release, struct kq_error *error);

/**
 * kq_release_list() - set release->manifest, with a pass over everything if the cache has none
 * @want: contents to store on the way, besides the Makefile
 *
 * Of a directory nothing is listed.
 *
 * Return: 0; KQ_REFUSED when it is not the tarball that release->tarball names.
 */
int __must_check kq_release_list(struct kq_release *release, const struct kq_want *want,
				 struct kq_error *error);

#endif
