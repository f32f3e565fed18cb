/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_KERNEL_IMAGE_INTERNAL_H
#define KS_KERNEL_IMAGE_INTERNAL_H

#include "kernel/image.h"

/** ks_kernel_image_find_lists() - set the lists of an image whose kernel and config are known */
int __must_check ks_kernel_image_find_lists(struct ks_kernel_image *image, struct ks_diag *diag);

#endif
