/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What was once read out of a tarball or a git tree, so that it need not be unpacked again.
 *
 *   $XDG_CACHE_HOME or ~/.cache, /kseal/kq/
 *     manifests/<SHA-256 of a tarball>    see manifest.h
 *     manifests/git-<tree id>
 *     blobs/<git's id of the content>     shared by all releases
 *     places/<as a manifest>              where it was read last: a path, or git:REPO:REV
 *
 * Everything can be checked against its own name or first line, so that nothing here needs a lock
 * or an fsync(): what a crash left half-written counts as not there, and is made again.
 */
#ifndef KQ_TREE_CACHE_H
#define KQ_TREE_CACHE_H

#include "text/text.h"
#include "tree/manifest.h"

/** struct kq_cache - where it is */
struct kq_cache {
	char dir[PATH_MAX];
};

/** kq_cache_find() - out of the environment; nothing is made. Return: 0; -ENOENT without a home. */
int __must_check kq_cache_find(struct kq_cache *ret_cache, struct kq_error *error);

/** kq_cache_manifest() - Return: false when there is none, or a damaged one. */
bool __must_check kq_cache_manifest(const struct kq_cache *cache, const char *key,
				    struct kq_manifest *ret_manifest);

/** kq_cache_put_manifest() - write aside, rename */
int __must_check kq_cache_put_manifest(const struct kq_cache *cache, const char *key,
				       const struct kq_manifest *manifest, struct kq_error *error);

/** kq_cache_has_blob() - there is one; only kq_cache_blob() finds out whether it is damaged */
bool kq_cache_has_blob(const struct kq_cache *cache, const char *id);

/**
 * kq_cache_blob() - read a content, and compare it with its id
 * Return: false when there is none, or a damaged one, which is removed.
 */
bool __must_check kq_cache_blob(const struct kq_cache *cache, const char *id,
				struct ks_buf *ret_content);

/** kq_cache_put_blob() - write aside, rename; done already if it is there */
int __must_check kq_cache_put_blob(const struct kq_cache *cache, const char *id,
				   struct ks_span content, struct kq_error *error);

/** kq_cache_put_place() - where the release was read; a hint, since it is hashed when it is opened
 */
int __must_check kq_cache_put_place(const struct kq_cache *cache, const char *key, const char *spec,
				    struct kq_error *error);

/**
 * kq_cache_find_place() - look for a release by its hashes, "" for one that is not known
 * @ret_spec: as --from takes it
 *
 * Return: false when nothing is known, or when it is not there any more.
 */
bool kq_cache_find_place(const struct kq_hex *tarball, const struct kq_hex *tree,
			 struct kq_path *ret_spec);

#endif
