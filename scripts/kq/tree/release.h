/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel release, wherever it comes from:
 *
 *   6.18.15                  out of linux/PIN; scripts/build/fetch gets and checks the tarball
 *   linux-6.18.15.tar.xz     a tarball
 *   git:REPO:REV             a commit of a git repository
 *   linux/6.18.15/           an unpacked tree (its name must not look like a number: ./6.18.15)
 *
 * Tarballs and git trees are read once; what is asked for goes into a cache (cache.h), and no pass
 * over them is needed while it has all.
 */
#ifndef KQ_TREE_RELEASE_H
#define KQ_TREE_RELEASE_H

#include "tree/cache.h"
#include "tree/gittree.h"
#include "tree/source.h"
#include "tree/version.h"

/** struct kq_want - paths that will be asked for; those that a release has not are not a mistake */
struct kq_want {
	const char *const *path;
	size_t nr;
};

enum kq_release_kind {
	KQ_RELEASE_DIR,
	KQ_RELEASE_TARBALL,
	KQ_RELEASE_GIT,
};

/**
 * struct kq_release - an open release; never moves, since @source points to it
 * @source: its files, for an overlay
 * @name: "6.18.15", as its Makefile says; without one, what was asked for
 * @has_version: @name is out of its Makefile
 * @listed: @manifest is there; a directory has none, since reading 91,000 files takes too long
 * @manifest: all of its files
 * @tarball: SHA-256 of the tarball; "" when it is none
 * @pinned: linux/PIN has this tarball for this name
 *
 * Private: @kind, @spec (as given), @place (the tarball, directory or repository, owned; NULL while
 * scripts/build/fetch need not be asked), @git, @cache, @key of the manifest in it.
 */
struct kq_release {
	struct kq_source source;
	char name[KQ_RELEASE_BYTES];
	bool has_version;
	bool listed;
	struct kq_manifest manifest;
	struct kq_hex tarball;
	bool pinned;
	enum kq_release_kind kind;
	char *spec;
	char *place;
	struct kq_gittree git;
	struct kq_cache cache;
	char key[80];
};

/** kq_release_close() - free; accepts a pointer to NULL */
void kq_release_close(struct kq_release **release);

/**
 * kq_release_open() - find a release, and fetch what will be needed of it
 * @spec: see above
 * @want: as for kq_release_want(); the Makefile is fetched with the first pass too
 * @ret_release: written on success only; kq_release_close()
 *
 * Return: 0; KQ_REFUSED for a hostile tarball; -ENOENT when there is nothing like @spec; -EBADMSG
 * for a damaged tarball; -EIO when scripts/build/fetch failed; what reading and writing the cache said.
 */
int __must_check kq_release_open(const char *spec, const struct kq_want *want,
				 struct kq_release **ret_release, struct kq_error *error);

/** kq_release_open_both() - two releases at the same time, each in a thread of its own */
int __must_check kq_release_open_both(const char *const spec[2], const struct kq_want *want,
				      struct kq_release *ret_release[2], struct kq_error *error);

/**
 * kq_release_want() - have these files in the cache, with at most one pass for all that are missing
 *
 * The source would fetch them too, but with one pass for each.
 */
int __must_check kq_release_want(struct kq_release *release, const struct kq_want *want,
				 struct kq_error *error);

#endif
