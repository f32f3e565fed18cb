/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What there is to say of a kernel that is unpacked.
 */
#ifndef KS_OPS_KERNEL_FACTS_H
#define KS_OPS_KERNEL_FACTS_H

#include "kernel/image.h"
#include "ops/kernel_policy.h"

/**
 * struct ks_kernel_facts - texts are static, or borrow the kernel
 * @format: of the file, or of the .linux of a UKI: "bzImage"
 * @release: "6.18.15"; empty if it does not say
 * @compression: NULL if it was not compressed
 */
struct ks_kernel_facts {
	const char *format;
	const char *machine;
	struct ks_span release;
	const char *compression;
};

/** ks_kernel_facts_of() - @file: of which @image was unpacked by ks_kernel_image_unpack() */
struct ks_kernel_facts ks_kernel_facts_of(struct ks_span file, const struct ks_kernel_image *image);

#endif
