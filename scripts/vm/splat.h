/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines of the console that decide a run: a kernel in trouble, a firmware that refuses.
 */
#ifndef VM_SPLAT_H
#define VM_SPLAT_H

#include "base/span.h"

/** vm_splat_find() - what kind of trouble a kernel line tells of, NULL if none */
const char *vm_splat_find(struct ks_span line);

/** vm_splat_is_end() - after this line the kernel does nothing more */
bool vm_splat_is_end(struct ks_span line);

/** vm_is_kernel_start() - the banner that every kernel prints first */
bool vm_is_kernel_start(struct ks_span line);

/** vm_is_refusal() - the firmware says that it does not start an image for its signature's sake */
bool vm_is_refusal(struct ks_span line);

#endif
