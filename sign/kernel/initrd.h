/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The initrd as unpack_to_rootfs() of Linux 6.18's init/initramfs.c reads it.
 */
#ifndef KS_KERNEL_INITRD_H
#define KS_KERNEL_INITRD_H

#include "base/diag.h"
#include "base/span.h"

/**
 * ks_kernel_check_initrd() - would the kernel unpack it?
 *
 * Archives one after the other, zeros between them, up to the first that is compressed: what is in
 * that one and behind it is not looked at. An archive that is cut off is refused, though the kernel
 * unpacks what there is of it.
 *
 * Return: 0; -EBADMSG.
 */
int __must_check ks_kernel_check_initrd(struct ks_span initrd, struct ks_diag *diag);

#endif
