/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is inside of a built kernel: its certificates and its configuration.
 */
#ifndef KS_KERNEL_IMAGE_H
#define KS_KERNEL_IMAGE_H

#include "base/buf.h"
#include "fmt/certlist.h"
#include "fmt/compress.h"

/**
 * struct ks_kernel_image - a kernel, unpacked
 * @keep_file: set before loading: @file stays when its kernel was unpacked
 * @file: the file; else empty after its kernel was unpacked
 * @image: the vmlinux, or the Image of arm64; borrowed from @file or @unpacked
 * @trusted: list of built-in certificates, borrowed
 * @revoked: list of revoked certificates, borrowed; may be empty
 * @config: text of .config; empty when the kernel does not carry it
 * @module_cert_bytes: how much of @trusted is the key that the kernel's build signs modules with
 * @reserve: room for more certificates, part of @trusted as far as it is used
 * @compression: what it was unpacked from
 */
struct ks_kernel_image {
	bool keep_file;
	struct ks_buf file;
	struct ks_buf unpacked;
	struct ks_buf config;
	struct ks_span image;
	struct ks_span trusted;
	struct ks_span revoked;
	u64 module_cert_bytes;
	struct ks_cert_reserve reserve;
	enum ks_compression compression;
};

/** ks_kernel_image_probe() - is it a vmlinux, a bzImage, an Image of arm64 (compressed or not), or any PE image? */
bool ks_kernel_image_probe(struct ks_span file);

/**
 * ks_kernel_image_load() - read a vmlinux, bzImage, Image or vmlinuz.efi of arm64, or a UKI
 * @path: file name
 * @ret_image: ks_kernel_image_done(), also after a failure
 *
 * A vmlinux with symbols names its lists, and so does kallsyms with CONFIG_KALLSYMS_ALL. Any other kernel
 * is searched for their shape, and refused when what is found is not one list of trusted and at most one of revoked certificates, or when it
 * contradicts the configuration inside.
 *
 * Return: 0; -EBADMSG; -E2BIG above KS_MAX_KERNEL_BYTES; -EOPNOTSUPP for images of other machines
 * and for compressions that are not known here; what the system said.
 */
int __must_check ks_kernel_image_load(const char *path, struct ks_kernel_image *ret_image,
				      struct ks_diag *diag);

/** ks_kernel_image_parse() - ks_kernel_image_load() of a file that is in @image->file already */
int __must_check ks_kernel_image_parse(struct ks_kernel_image *image, struct ks_diag *diag);

/**
 * ks_kernel_image_unpack() - the kernel and its configuration, without its lists of certificates
 * @file: borrowed by @image, which leaves its own @file empty
 * Return: as ks_kernel_image_load().
 */
int __must_check ks_kernel_image_unpack(struct ks_span file, struct ks_kernel_image *image,
					struct ks_diag *diag);

/**
 * ks_kernel_image_find_lists() - set @trusted, @revoked and @module_cert_bytes
 * @image: its @image and @config are set
 * Return: 0; -EBADMSG, -EOPNOTSUPP; -E2BIG for more than KS_MAX_LIST_CERTS in a row.
 */
int __must_check ks_kernel_image_find_lists(struct ks_kernel_image *image, struct ks_diag *diag);

/**
 * ks_kernel_unpack_whole() - the Image in an Image.gz, .zst, .lz4 or .xz
 * @ret_image: left empty if @file is not compressed as a whole
 * Return: 0; -EOPNOTSUPP if something else is in it; as ks_decompress().
 */
int __must_check ks_kernel_unpack_whole(struct ks_span file, struct ks_buf *ret_image, struct ks_diag *diag);

/**
 * ks_kernel_release() - what a kernel image calls itself, "6.18.15"
 * @kernel: a bzImage says it in its header; one of arm64 is unpacked for it
 * @ret_release: appended to
 *
 * Return: false if it does not say, or cannot be read.
 */
bool ks_kernel_release(struct ks_span kernel, struct ks_buf *ret_release);

/** ks_kernel_banner() - the same of a kernel that is unpacked; @ret_release: borrows @in */
bool ks_kernel_banner(struct ks_span in, struct ks_span *ret_release);

void ks_kernel_image_done(struct ks_kernel_image *image);

#endif
