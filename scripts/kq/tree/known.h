/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a release was read last, so that nobody has to say it twice:
 *
 *   ~/.cache/kseal/kq/places/<SHA-256 of a tarball>   a path
 *   ~/.cache/kseal/kq/places/git-<tree id>            git:REPO:REV
 *
 * It is a hint: what is found there is compared with base.lock as anything else.
 */
#ifndef KQ_TREE_KNOWN_H
#define KQ_TREE_KNOWN_H

#include "text/path.h"
#include "tree/release.h"

/** kq_known_put() - remember where @release came from; a full disk is no reason to fail */
void kq_known_put(const struct kq_release *release);

/**
 * kq_known_find() - look for a release by its hashes, "" for one that is not known
 * @ret_spec: as --from takes it
 *
 * Return: false when nothing is known, or when it is not there any more.
 */
bool kq_known_find(const struct kq_hex *tarball, const struct kq_hex *tree,
		   struct kq_path *ret_spec);

#endif
