/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * git's tree id of a sorted list of files.
 * Source: git's Documentation/gitformat-pack and `git cat-file tree`: an entry is the mode without
 * leading zeros, a blank, the name, a NUL and the raw id.
 */
#ifndef KQ_TREE_TREEID_H
#define KQ_TREE_TREEID_H

#include "tree/manifest.h"

/**
 * kq_tree_id_of() - set manifest->tree
 * @manifest: @file is sorted by path
 *
 * Return: 0; KQ_REFUSED for two equal paths, a file that is a folder too, more than 64 folders in
 * each other.
 */
int __must_check kq_tree_id_of(struct kq_manifest *manifest, const char *label,
			       struct kq_fault *fault);

#endif
