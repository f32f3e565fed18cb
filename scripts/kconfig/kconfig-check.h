/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KCONFIG_CHECK_H
#define KCONFIG_CHECK_H

#include "base/diag.h"

/* A clear "no", as opposed to "could not tell" (a negative errno). */
#define KC_NO 3

/* What a checkout has, in which every verb runs. */
#define KC_CONFIGS "configs"
#define KC_SKUS	   KC_CONFIGS "/sku"

enum kc_option {
	KC_OUTPUT,
	KC_CONFIG,
	KC_FACTS,
	KC_SKU,
	KC_TESTS,
	KC_SKIPS,
	KC_CHECKS,
	KC_NR_OPTIONS,
};

/** struct kc_args - the command line; every path is borrowed from argv, an option that is not there is NULL */
struct kc_args {
	const char *option[KC_NR_OPTIONS];
	char *const *fragments;
	size_t nr_fragments;
};

/**
 * kc_sku() - print a SKU with all that it inherits, the only argument that is no option
 * Return: 0; negative errno with @diag.
 */
int kc_sku(const struct kc_args *args, struct ks_diag *diag);

/**
 * kc_merge() - join fragments into one request list for olddefconfig
 * Return: 0; KC_NO after naming each conflict (nothing is written); negative errno with @diag.
 */
int kc_merge(const struct kc_args *args, struct ks_diag *diag);

/**
 * kc_verify() - compare a resolved .config with what the fragments requested, and with what the tests of
 *	the SKU need
 * Return: 0; KC_NO after naming each lost request and missing symbol; negative errno with @diag.
 */
int kc_verify(const struct kc_args *args, struct ks_diag *diag);

/**
 * kc_ask() - write all symbols that verify and needs will want to know of, for kernel/resolve.c
 * Return: 0; negative errno with @diag.
 */
int kc_ask(const struct kc_args *args, struct ks_diag *diag);

/**
 * kc_resolved() - write what configs/resolved should have for a SKU, and compare it with what it has
 * Return: 0; KC_NO after saying what differs; negative errno with @diag.
 */
int kc_resolved(const struct kc_args *args, struct ks_diag *diag);

/**
 * kc_needs() - compare a resolved .config with the needs of its SKU
 * Return: 0; KC_NO after naming each need that is not met, contradicts another or names a symbol that is gone, and
 * each check that is not there; negative errno with @diag.
 */
int kc_needs(const struct kc_args *args, struct ks_diag *diag);

#endif
