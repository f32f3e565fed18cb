/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The x86 kernel image: setup code, protected-mode code, and in it the compressed vmlinux.
 * Source: Documentation/arch/x86/boot.rst and arch/x86/boot/header.S of Linux 6.18.
 */
#ifndef KS_FMT_BZIMAGE_H
#define KS_FMT_BZIMAGE_H

#include "base/buf.h"

/**
 * struct ks_bzimage_view - borrowed
 * @protocol: version of the boot protocol, 0x020f
 * @payload: the compressed kernel, with the length that some compressions get behind them
 * @payload_off: where it starts in the file
 */
struct ks_bzimage_view {
	u16 protocol;
	struct ks_span payload;
	u64 payload_off;
};

/** ks_bzimage_probe() - has a boot flag and a setup header */
bool ks_bzimage_probe(struct ks_span file);

/** ks_bzimage_has_header() - "HdrS" where it stands since boot protocol 2.00 */
bool ks_bzimage_has_header(struct ks_span file);

/**
 * ks_bzimage_release() - "6.18.15", the start of kernel_version
 * Return: empty if the image has none.
 */
struct ks_span ks_bzimage_release(struct ks_span file);

/**
 * ks_bzimage_parse() - find the compressed kernel
 * @file: borrowed by @ret_view
 *
 * Return: 0; -EBADMSG without the header, or if the payload is empty or not inside the file;
 * -EOPNOTSUPP below protocol 2.08, which does not say where the payload is.
 */
int __must_check ks_bzimage_parse(struct ks_span file, struct ks_bzimage_view *ret_view,
				  struct ks_diag *diag);

/**
 * ks_bzimage_build() - the same kernel image with another stream in the place of its own
 * @file: a checked image of which @view is
 * @stream: unpacks to as many bytes as the old one
 * @is_gzip: as ks_bzimage_cut()
 * @unpacked_bytes: how many that are
 * @ret_file: as long as @file, owned by the caller
 *
 * What is linked around the payload counts on its place and length, and on that of the unpacked kernel: the
 * header is not changed, a shorter stream gets zeros behind it, and a longer one does not fit. The
 * CRC-32 at the end (boot.rst, "The Image Checksum"; kernels before 6.17) is computed again if it was right.
 *
 * The kernel unpacks over its own payload, whose end it has to stay behind (header.S, "in-place
 * decompression"): a stream is refused that ends more than 1/512 of the unpacked kernel before its place does.
 *
 * Return: 0; -EBADMSG with both lengths if the stream does not fit; -EOPNOTSUPP if it is too short;
 * -ENOMEM.
 */
int __must_check ks_bzimage_build(struct ks_span file, const struct ks_bzimage_view *view,
				  struct ks_span stream, bool is_gzip, u32 unpacked_bytes,
				  struct ks_buf *ret_file, struct ks_diag *diag);

/**
 * ks_bzimage_room() - how long a stream may be
 * @is_gzip: as ks_bzimage_cut()
 */
u64 ks_bzimage_room(const struct ks_bzimage_view *view, bool is_gzip);

/**
 * ks_bzimage_cut() - the compressed stream and the length that it unpacks to
 * @is_gzip: gzip keeps the length itself; the others have it appended
 * @ret_stream: borrowed; ks_bzimage_build() may have left zeros behind it, and in front of the length
 * @ret_bytes: length of the unpacked kernel
 *
 * Return: 0; -EBADMSG if the payload is too short.
 */
int __must_check ks_bzimage_cut(const struct ks_bzimage_view *view, bool is_gzip,
				struct ks_span *ret_stream, u32 *ret_bytes, struct ks_diag *diag);

#endif
