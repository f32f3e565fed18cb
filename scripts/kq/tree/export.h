/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file out of memory into some folder that is not the pristine tree.
 */
#ifndef KQ_TREE_EXPORT_H
#define KQ_TREE_EXPORT_H

#include "tree/overlay.h"

/**
 * kq_node_export() - write a file below @folder as it is after the patches so far, or remove it
 *
 * It is always a new file: the one that was there may be a hard link to the pristine tree.
 */
int __must_check kq_node_export(const char *folder, const struct kq_node *node,
				struct kq_fault *fault);

#endif
