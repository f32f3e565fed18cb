/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A queue on a tree: load, apply all or nothing, and the record that says what was applied.
 *
 * The record (TREE/.kq-applied):
 *   kq-applied 1
 *   select sku=azure-vm arch=x86_64          "-" for an option that was not given
 *   patch <sha256 of the patch file> <name>  one line per patch, in order
 */
#ifndef KQ_ENGINE_APPLY_QUEUE_H
#define KQ_ENGINE_APPLY_QUEUE_H

#include "queue/lock.h"
#include "queue/patch.h"
#include "queue/series.h"
#include "tree/overlay.h"
#include "tree/release.h"

/**
 * struct kq_result - what an apply did
 * @notes: one line per hunk that was not at its line
 * @nr_patches: applied patches
 * @nr_files: files written or removed
 */
struct kq_result {
	struct ks_buf notes;
	size_t nr_patches;
	size_t nr_files;
};

/** kq_result_done() - free; accepts a zeroed result */
void kq_result_done(struct kq_result *result);

/**
 * kq_apply_queue() - apply the selected patches of DIR/series to a tree
 *
 * Return: 0; KQ_REFUSED when a patch does not apply, when the tree has a queue already or is of
 * another release than DIR/base.lock says, or when an earlier run was cut off; other errnos when it
 * cannot tell. The tree is unchanged then.
 */
int __must_check kq_apply_queue(const char *dir, const struct kq_selection *selection,
				const char *tree, struct kq_result *ret_result,
				struct kq_error *error);

/** kq_lock_of() - an open release as base.lock would name it; what it has not is empty */
struct kq_lock kq_lock_of(const struct kq_release *release);

#endif
