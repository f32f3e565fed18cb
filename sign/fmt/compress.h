/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The compressions of kernel modules and of kernel images.
 * Source: scripts/Makefile.modinst and scripts/Makefile.lib of Linux 6.18.
 */
#ifndef KS_FMT_COMPRESS_H
#define KS_FMT_COMPRESS_H

#include "base/buf.h"

enum ks_compression {
	KS_COMPRESS_NONE,
	KS_COMPRESS_GZIP,
	KS_COMPRESS_XZ,
	KS_COMPRESS_ZSTD,
	KS_COMPRESS_LZMA, /* the old .lzma format: bzImages only */
	KS_COMPRESS_LZ4,  /* `lz4 -l`: bzImages only, read and not written */
};

/** ks_compression_of() - by the magic at the start; KS_COMPRESS_NONE for anything else */
enum ks_compression ks_compression_of(struct ks_span in);

/**
 * ks_decompress() - the content of one compressed stream
 * @kind: KS_COMPRESS_NONE copies
 * @in: exactly one stream. Its checksum is checked. A second stream or other bytes behind it are
 *      refused, since the kernel (kernel/module/decompress.c) would stop at the first one while
 *      kmod goes on: the two would load different modules. The payload of a bzImage has 4 bytes of
 *      length behind its stream (but for gzip); the caller cuts them off.
 * @max_bytes: more content is refused, so that a small file cannot fill the memory. A dictionary
 *      that needs over KS_MAX_DICT_BYTES is refused as well.
 * @ret_out: owned by the caller, ks_buf_done(); written on success only
 *
 * Return: 0; -EBADMSG if the stream is broken, cut short or followed by other bytes; -E2BIG over
 * @max_bytes or over the dictionary limit; -ENOMEM.
 */
int __must_check ks_decompress(enum ks_compression kind, struct ks_span in, u64 max_bytes,
			       struct ks_buf *ret_out, struct ks_diag *diag);

/**
 * ks_decompress_prefix() - as ks_decompress(), of a stream that something follows
 * @ret_used: how many bytes of @in the stream has; what follows is the caller's business
 */
int __must_check ks_decompress_prefix(enum ks_compression kind, struct ks_span in, u64 max_bytes,
				      struct ks_buf *ret_out, u64 *ret_used, struct ks_diag *diag);

/**
 * ks_compress() - compress as the kernel's modules_install does
 * @kind: gzip: `gzip -n`; xz: `xz -T1 --check=crc32 --lzma2=dict=1MiB`; zstd: `zstd`, level 3 with a
 *        checksum. None of them stores a name or a time, so the same input gives the same bytes.
 * @ret_out: owned by the caller, ks_buf_done(); written on success only
 *
 * Return: 0; -EOPNOTSUPP for KS_COMPRESS_LZMA and KS_COMPRESS_LZ4; -E2BIG over 2 GiB; -ENOMEM.
 */
int __must_check ks_compress(enum ks_compression kind, struct ks_span in, struct ks_buf *ret_out,
			     struct ks_diag *diag);

/* How ks_compress_kernel() may be asked: as the kernel's build does it, and with more effort. */
#define KS_KERNEL_ATTEMPTS 2U

/**
 * ks_compress_kernel() - compress an x86 kernel as arch/x86/boot/compressed/Makefile does
 * @attempt: 0: `gzip -n -9`, xz_wrap.sh, `zstd -22 --ultra`, `lzma -9`; but for gzip, libraries of the
 *           same version give the same bytes. 1: what the same decompressor reads, mostly shorter.
 * @ret_out: owned by the caller, ks_buf_done(); written on success only
 *
 * Return: 0; -EOPNOTSUPP for KS_COMPRESS_NONE and KS_COMPRESS_LZ4; -E2BIG over KS_MAX_KERNEL_BYTES; -ENOMEM.
 */
int __must_check ks_compress_kernel(enum ks_compression kind, struct ks_span in,
				    unsigned int attempt, struct ks_buf *ret_out,
				    struct ks_diag *diag);

#endif
