/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * KVM or TCG? That /dev/kvm opens proves nothing: on some nested machines real mode does not run,
 * or QEMU aborts on an MSR. Only a kernel that prints its first line under KVM proves KVM.
 */
#ifndef VM_ACCEL_H
#define VM_ACCEL_H

#include "base/diag.h"
#include "opts.h"

struct vm_accel {
	const char *name;
	char why[256];
};

/**
 * vm_accel_choose() - what --accel asks for; "auto" boots opts->kernel under KVM to find out
 *
 * The answer of "auto" is kept in the log directory, so that the runs of one build probe once.
 *
 * Return: 0; -EINTR after a signal; -EOPNOTSUPP when "kvm" is asked for and does not work.
 */
int __must_check vm_accel_choose(const struct vm_opts *opts, struct vm_accel *ret_accel,
				 struct ks_diag *diag);

#endif
