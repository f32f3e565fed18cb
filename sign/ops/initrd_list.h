/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is in an initrd, through its compression.
 */
#ifndef KS_OPS_INITRD_LIST_H
#define KS_OPS_INITRD_LIST_H

#include "base/buf.h"

/* Names that are kept; an initrd of a distribution has some 2,000 entries. */
#define KS_INITRD_MAX_NAMES 4096U

/**
 * struct ks_initrd_list - owned; zero-initialised is empty
 * @nr_entries: in all archives, without their ends ("TRAILER!!!")
 * @nr_modules: by their names
 * @has_init: there is an /init
 * @microcode: has Intel's [0] or AMD's [1], in an archive that is not compressed, where the kernel looks
 * @compression: of its compressed parts, "zstd"; NULL: none
 * @unpacked_bytes: of these parts
 * @names: of the first entries, each with a NUL
 * @nr_names: how many
 * @stopped: why not all of it could be listed; err is 0 otherwise
 */
struct ks_initrd_list {
	size_t nr_entries;
	size_t nr_modules;
	bool has_init;
	bool microcode[2];
	const char *compression;
	u64 unpacked_bytes;
	struct ks_buf names;
	size_t nr_names;
	struct ks_diag stopped;
};

/**
 * ks_initrd_list_of() - list it as far as it can be read
 * @ret_list: ks_initrd_list_done()
 *
 * gzip, xz, lzma and zstd are unpacked, up to KS_MAX_INITRD_BYTES of all parts.
 *
 * Return: 0, also where @ret_list->stopped says why there is no more; -ENOMEM.
 */
int __must_check ks_initrd_list_of(struct ks_span initrd, struct ks_initrd_list *ret_list,
				   struct ks_diag *diag);

void ks_initrd_list_done(struct ks_initrd_list *list);

#endif
