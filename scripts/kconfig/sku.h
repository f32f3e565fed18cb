/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * configs/sku/NAME.sku: what makes a kernel. KEY=VALUE, one a line, no quotes and no expansions.
 *
 *   BASE=azure-vm            this SKU is that one, but for what follows
 *   ADD=container            fragments at the end of the base's FRAGMENTS
 *   DROP=kvm iommu           fragments of the base that it has not
 *   NEEDS=systemd kubeadm    any other key replaces the base's
 *
 * A SKU without BASE is a root and has FRAGMENTS. This is the only reader: make and the scripts read what
 * `kconfig-check sku` prints.
 */
#ifndef KCONFIG_SKU_H
#define KCONFIG_SKU_H

#include "base/buf.h"

/* One architecture, its variants, and a variant of one of these. */
#define KC_MAX_SKU_DEPTH 8U
/* The longest list, of fragments, has some 40. */
#define KC_MAX_SKU_WORDS 256U
/* Rows of the table of keys in sku.c. */
#define KC_MAX_SKU_KEYS	 32U

/** struct kc_sku_file - one file of the chain from a SKU to its root, @key and @line as the table of keys */
struct kc_sku_file {
	char *name;
	char *path;
	struct ks_buf text;
	struct ks_span value[KC_MAX_SKU_KEYS];
	u32 line[KC_MAX_SKU_KEYS]; /* 0: the file has no such key */
};

/** struct kc_sku_word - a fragment of the resolved list and where it was named */
struct kc_sku_word {
	struct ks_span word;
	const char *path;
	u32 line;
};

/**
 * struct kc_sku - a SKU with all that it inherits; owns everything
 * @file: itself, its base, the base's base
 * @fragment: of the root, less DROP, plus ADD, in order
 * @fragments: the same, as text
 * @files: the paths of @file, as text
 */
struct kc_sku {
	struct kc_sku_file file[KC_MAX_SKU_DEPTH];
	size_t nr_files;
	struct kc_sku_word fragment[KC_MAX_SKU_WORDS];
	size_t nr_fragments;
	struct ks_buf fragments;
	struct ks_buf files;
};

/** kc_sku_done() - free; accepts a zeroed struct */
void kc_sku_done(struct kc_sku *sku);

/**
 * kc_sku_load() - read a SKU and its bases
 * @dir: of the SKU files
 * @name: of the SKU
 * @ret_sku: zeroed by the caller, who calls kc_sku_done() whatever happens
 *
 * Return: 0; -EBADMSG with "file:line" in @diag for what is no SKU file, a base that is not there or ends in a
 * cycle, a DROP or ADD that changes nothing; -E2BIG over a cap; -ENOENT and what the system says.
 */
int __must_check kc_sku_load(const char *dir, const char *name, struct kc_sku *ret_sku,
			     struct ks_diag *diag);

/**
 * kc_sku_check() - has it what a build needs, and are the files there that it names?
 * @configs: the directory of fragments/ and needs/
 *
 * Return: 0; -EBADMSG with "file:line" in @diag.
 */
int __must_check kc_sku_check(const struct kc_sku *sku, const char *configs, struct ks_diag *diag);

/**
 * kc_sku_value() - what a key resolves to, borrowed from @sku
 * @key: its name; SKU_FILES are the files of the chain
 *
 * Return: the value; an empty one if neither the SKU nor a base has the key.
 */
struct ks_span kc_sku_value(const struct kc_sku *sku, const char *key);

/** kc_sku_print() - every key with its value, as KEY=VALUE lines that make, sh and C read alike */
void kc_sku_print(const struct kc_sku *sku, struct ks_buf *out);

#endif
