/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Compressed modules: kernel/module/decompress.c, lib/xz and lib/zlib_inflate of Linux 6.18.
 */
#ifndef KS_KERNEL_DECOMPRESS_H
#define KS_KERNEL_DECOMPRESS_H

#include "fmt/compress.h"

/**
 * ks_module_unpack() - ks_decompress() of a module
 * Return: as ks_decompress(), with another reason for a file that was signed after it was compressed.
 */
int __must_check ks_module_unpack(enum ks_compression kind, struct ks_span file,
				  struct ks_buf *ret_content, struct ks_diag *diag);

/**
 * ks_kernel_unpacks() - does the kernel's own decoder (CONFIG_MODULE_DECOMPRESS) read this stream?
 * @in: what ks_decompress() reads
 *
 * lib/xz has no check but CRC32, and LZMA2 behind at most one of its BCJ filters;
 * module_gzip_header_len() knows no field of the header but the name.
 *
 * Return: 0; -EINVAL as the kernel; -ENOMEM.
 */
int __must_check ks_kernel_unpacks(enum ks_compression kind, struct ks_span in, struct ks_diag *diag);

#endif
