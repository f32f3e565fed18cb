/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernel images of arm64, which are recognised and not read.
 * Source: Documentation/arch/arm64/booting.rst, drivers/firmware/efi/libstub/zboot-header.S of Linux 6.18.
 */
#ifndef KS_FMT_ARM64_IMAGE_H
#define KS_FMT_ARM64_IMAGE_H

#include "base/span.h"

/** ks_arm64_image_probe() - is it an Image, or a vmlinuz.efi that unpacks one? */
bool ks_arm64_image_probe(struct ks_span file);

#endif
