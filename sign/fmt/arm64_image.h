/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel image of arm64: the vmlinux as it lies in memory, behind a header of 64 bytes.
 * Source: Documentation/arch/arm64/booting.rst of Linux 6.18.
 */
#ifndef KS_FMT_ARM64_IMAGE_H
#define KS_FMT_ARM64_IMAGE_H

#include "base/span.h"

/** ks_arm64_image_probe() - is it an Image? */
bool ks_arm64_image_probe(struct ks_span file);

#endif
