/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Would a kernel load these files? The rules are kernel/rules.h's.
 */
#ifndef KS_OPS_MODULE_VERIFY_H
#define KS_OPS_MODULE_VERIFY_H

#include "base/slurp.h"
#include "kernel/rules.h"

/**
 * ks_module_verify() - what the kernel does with a module in a file, which may be compressed
 * @pool: memory to read into
 *
 * Return: as ks_kernel_judge_content(); what reading said.
 */
int __must_check ks_module_verify(const struct ks_kernel *kernel, struct ks_slurp_pool *pool,
				  const char *path, struct ks_kverdict *ret_verdict,
				  struct ks_diag *diag);

#endif
