/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpio archives of newc, one entry after the other. Which of them a kernel takes is in kernel/initrd.h.
 * Source: Documentation/driver-api/early-userspace/buffer-format.rst of Linux 6.18.
 */
#ifndef KS_FMT_CPIO_H
#define KS_FMT_CPIO_H

#include "base/span.h"

#define KS_CPIO_HEADER_BYTES 110U

#define KS_CPIO_TYPE_MASK 0170000U
#define KS_CPIO_TYPE_FILE 0100000U
#define KS_CPIO_TYPE_LINK 0120000U

enum ks_cpio_magic {
	KS_CPIO_NONE,
	KS_CPIO_NEWC,     /* 070701 */
	KS_CPIO_NEWC_SUM, /* 070702: the checksum counts */
	KS_CPIO_ODC,      /* 070707, the form before newc */
};

/** struct ks_cpio_header - the fields that say how long an entry is, and its checksum */
struct ks_cpio_header {
	u32 mode;
	u32 content_bytes;
	u32 name_bytes;
	u32 sum;
};

/** ks_cpio_magic_of() - by the six characters at the start */
enum ks_cpio_magic ks_cpio_magic_of(struct ks_span in);

/** ks_cpio_header_parse() - read a header of newc. Return: false if one of the four is cut or not hexadecimal. */
bool __must_check ks_cpio_header_parse(struct ks_span in, struct ks_cpio_header *ret_header);

#endif
