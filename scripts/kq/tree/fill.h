/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The parts of a release: its files, and how they get out of a tarball or git tree into the cache.
 */
#ifndef KQ_TREE_FILL_H
#define KQ_TREE_FILL_H

#include "tree/release.h"

/** kq_release_files() - the source that an open release shows */
struct kq_source kq_release_files(struct kq_release *release);

/**
 * kq_release_fetch() - set release->place with scripts/build/fetch, whose progress is on our stderr
 *
 * Return: 0; -ENOENT outside of the toolkit; -EIO when it failed.
 */
int __must_check kq_release_fetch(struct kq_release *release, struct kq_fault *fault);

/**
 * kq_fill_open_tarball() - open release->place and hash it
 *
 * Return: 0; KQ_REFUSED when it is not the tarball that release->tarball names.
 */
int __must_check kq_fill_open_tarball(struct kq_release *release, int *ret_fd,
				      struct kq_fault *fault);

/**
 * kq_fill_all() - a pass over everything: make and store the manifest
 * @fd: the tarball; not used for git
 * @want: contents to store, besides Makefile and Kconfig*
 */
int __must_check kq_fill_all(struct kq_release *release, int fd, const struct kq_want *want,
			     struct kq_fault *fault);

/** kq_fill_blobs() - a pass that ends with the last of these files of the manifest */
int __must_check kq_fill_blobs(struct kq_release *release, int fd,
			       const struct kq_listed *const *file, size_t nr,
			       struct kq_fault *fault);

#endif
