/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's own .config, inside of its image when CONFIG_IKCONFIG=y.
 * Source: kernel/configs.c of Linux 6.18.
 */
#ifndef KS_FMT_IKCONFIG_H
#define KS_FMT_IKCONFIG_H

#include "base/diag.h"
#include "base/span.h"

/**
 * ks_ikconfig_find() - the compressed configuration in an unpacked kernel
 * @ret_gzip: borrows @image
 *
 * Return: 0; -ENODATA if there is none; -EBADMSG if there is more than one, or no end to it.
 */
int __must_check ks_ikconfig_find(struct ks_span image, struct ks_span *ret_gzip,
				  struct ks_diag *diag);

/**
 * ks_kconfig_value() - what a .config says of one symbol
 * @name: with "CONFIG_"
 * @ret_value: "y", "m", a number, a string without its quotes; borrows @text
 *
 * Return: false if the symbol is not set.
 */
bool ks_kconfig_value(struct ks_span text, const char *name, struct ks_span *ret_value);

/** ks_kconfig_is_on() - the symbol is y or m */
bool ks_kconfig_is_on(struct ks_span text, const char *name);

#endif
