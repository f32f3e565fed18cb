/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the makefiles of a kernel tree say of one object. kbuild compiles any .c when it is asked for
 * it by name, also one that the .config leaves out, and such a file may not compile at all.
 */
#ifndef KQ_CHECK_KBUILD_H
#define KQ_CHECK_KBUILD_H

#include "base/span.h"
#include "text/error.h"

/**
 * struct kq_kbuild - a tree that was configured
 * @source: its directory
 * @objects: the build directory, with include/config/auto.conf
 * @arch: as the .config calls it, "x86_64"; "" if unknown
 */
struct kq_kbuild {
	const char *source;
	const char *objects;
	const char *arch;
};

/**
 * kq_kbuild_off() - the .config leaves this object out
 * @target: "drivers/firmware/efi/fdtparams.o"
 * @ret_off: true if a line like obj-$(CONFIG_X) names it, its directory or the object that it is a
 * part of, no other line does, and CONFIG_X is not set; conditions of make (ifdef) are not read
 */
int __must_check kq_kbuild_off(const struct kq_kbuild *kbuild, const char *target, bool *ret_off,
			       struct kq_error *error);

#endif
