/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's own style checker, on the patches that are our own.
 */
#ifndef KQ_CHECK_CHECKPATCH_H
#define KQ_CHECK_CHECKPATCH_H

#include "check/lint.h"

/**
 * kq_checkpatch() - run TREE/scripts/checkpatch.pl on one patch; what it says are findings
 * @file: names the patch in findings
 *
 * A backport is left alone: its lines are upstream's, and a change of them would hide that. Nobody's
 * .checkpatch.conf counts but the tree's.
 *
 * Return: 0, also with findings or without such a script; -EIO when it did not work.
 */
int __must_check kq_checkpatch(const char *tree, const char *file, const struct kq_loaded *loaded,
			       struct kq_findings *findings, struct kq_error *error);

#endif
