/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The x86 kernel image: setup code, protected-mode code, and in it the compressed vmlinux.
 * Source: Documentation/arch/x86/boot.rst and arch/x86/boot/header.S of Linux 6.18.
 */
#ifndef KS_FMT_BZIMAGE_H
#define KS_FMT_BZIMAGE_H

#include "base/diag.h"
#include "base/span.h"

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
 * ks_bzimage_cut() - the compressed stream and the length that it unpacks to
 * @is_gzip: gzip keeps the length itself; the others have it appended
 * @ret_stream: borrowed
 * @ret_bytes: length of the unpacked kernel
 *
 * Return: 0; -EBADMSG if the payload is too short.
 */
int __must_check ks_bzimage_cut(const struct ks_bzimage_view *view, bool is_gzip,
				struct ks_span *ret_stream, u32 *ret_bytes, struct ks_diag *diag);

#endif
