/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The files that a queue touches, in memory: nothing is written before all patches are through.
 */
#ifndef KQ_TREE_OVERLAY_H
#define KQ_TREE_OVERLAY_H

#include "tree/source.h"

/**
 * struct kq_node - one file
 * @path: below the tree
 * @existed: it is in the source
 * @exists: it is there after the patches so far
 * @old_mode: permission bits in the source
 * @executable: executable after the patches so far
 * @old: content in the source
 * @patched: content after the patches so far; use kq_node_content()
 * @changed: @patched counts, not @old
 * @written: commit has replaced, made or removed the file on disk
 */
struct kq_node {
	char *path;
	u64 hash;
	bool existed;
	bool exists;
	mode_t old_mode;
	bool executable;
	struct ks_buf old;
	struct ks_buf patched;
	bool changed;
	bool written;
};

/** struct kq_overlay - the touched files of one source, which is borrowed */
struct kq_overlay {
	const struct kq_source *source;
	struct kq_node **node;
	size_t nr;
	size_t room;
};

/** kq_overlay_done() - free; accepts a zeroed overlay */
void kq_overlay_done(struct kq_overlay *overlay);

/**
 * kq_overlay_clone() - the same state a second time, for SKUs that have their first patches in
 * common
 * @ret_overlay: written on success only; borrows the same source, owns its nodes
 *
 * Return: 0; -ENOMEM.
 */
int __must_check kq_overlay_clone(const struct kq_overlay *overlay, struct kq_overlay *ret_overlay,
				  struct kq_error *error);

/**
 * kq_overlay_get() - find a file, or load it from the source
 * @path: checked by kq_path_is_safe()
 * @ret_node: owned by the overlay, which keeps its address; exists == false without such a file
 *
 * Return: 0; what kq_source_load() says.
 */
int __must_check kq_overlay_get(struct kq_overlay *overlay, struct ks_span path,
				struct kq_node **ret_node, struct kq_error *error);

/**
 * kq_overlay_blocks() - a file above or below @node's path is in the way of creating it
 * Return: the other file, NULL if there is none.
 */
const struct kq_node *kq_overlay_blocks(const struct kq_overlay *overlay,
					const struct kq_node *node);

/** kq_node_content() - content after the patches so far, borrowed */
struct ks_span kq_node_content(const struct kq_node *node);

/** kq_node_put() - replace the content; @content is empty afterwards */
void kq_node_put(struct kq_node *node, struct ks_buf *content);

/** kq_node_differs() - existence, content or mode is not what the source has */
bool kq_node_differs(const struct kq_node *node);

#endif
