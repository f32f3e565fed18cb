/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The initrd as unpack_to_rootfs() of Linux 6.18's init/initramfs.c reads it.
 */
#ifndef KS_KERNEL_INITRD_H
#define KS_KERNEL_INITRD_H

#include "base/diag.h"
#include "base/span.h"

/**
 * struct ks_initrd_iter - a place in an initrd; start with @initrd alone
 * @off: of the next part; who unpacked a compressed one adds its length
 * @has_entry: an archive's entry came before
 */
struct ks_initrd_iter {
	struct ks_span initrd;
	u64 off;
	bool has_entry;
};

/**
 * struct ks_initrd_part - an entry of an archive, or where something compressed starts; borrowed
 * @mode, @name: of an entry; the name without its NUL
 * @compression: its name; NULL for an entry
 * @content: of an entry; else all that follows
 */
struct ks_initrd_part {
	u32 mode;
	struct ks_span name;
	const char *compression;
	struct ks_span content;
};

/** ks_kernel_compression() - the name of the compression of lib/decompress.c that starts at @off; NULL if none does */
const char *ks_kernel_compression(struct ks_span file, u64 off);

enum { KS_INITRD_END, KS_INITRD_ENTRY, KS_INITRD_COMPRESSED };

/**
 * ks_initrd_next() - read on, up to what is compressed
 * Return: KS_INITRD_ENTRY; KS_INITRD_COMPRESSED, at which @iter stays; KS_INITRD_END; -EBADMSG.
 */
int __must_check ks_initrd_next(struct ks_initrd_iter *iter, struct ks_initrd_part *ret_part,
				struct ks_diag *diag);

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
