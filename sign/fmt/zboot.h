/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel that unpacks itself under EFI (CONFIG_EFI_ZBOOT): vmlinuz.efi of arm64 and others.
 * Source: drivers/firmware/efi/libstub/{zboot-header.S,zboot.lds,Makefile.zboot} of Linux 6.18.
 */
#ifndef KS_FMT_ZBOOT_H
#define KS_FMT_ZBOOT_H

#include "base/diag.h"
#include "base/span.h"

/**
 * struct ks_zboot_view - borrowed
 * @compression: what the header calls it, "gzip" or "zstd"; not empty
 * @stream: the compressed kernel, exactly
 * @stream_off: where it starts in the file
 * @unpacked_bytes: what it unpacks to
 */
struct ks_zboot_view {
	struct ks_span compression;
	struct ks_span stream;
	u64 stream_off;
	u32 unpacked_bytes;
};

/** ks_zboot_probe() - starts with "MZ" and "zimg" */
bool ks_zboot_probe(struct ks_span file);

/**
 * ks_zboot_parse() - find the compressed kernel
 * @file: borrowed by @ret_view
 *
 * Return: 0; -EBADMSG without the header, or if the payload is empty, lies in the header, or is not
 * inside the file with its length.
 */
int __must_check ks_zboot_parse(struct ks_span file, struct ks_zboot_view *ret_view,
				struct ks_diag *diag);

#endif
