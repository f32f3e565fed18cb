/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What security/lockdown/bootparams.c of the patch needs to be a part of a host program. It is
 * included before that file by the compiler's -include; its own includes are cut out.
 */
#ifndef BOOTPARAMS_SHIM_H
#define BOOTPARAMS_SHIM_H

#include "guard.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define __init
#define __initconst
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define IS_ENABLED(option) (option)
#define CONFIG_LOCK_DOWN_KERNEL_FORCE_NONE (!guard_by_configuration)
#define lockdown_secure_boot guard_secure_boot
#define pr_warn(format, ...) guard_log(__VA_ARGS__)

/* The kernel's isdigit() takes a char. */
#undef isdigit
#define isdigit(c) ((c) >= '0' && (c) <= '9')

void lockdown_boot_params(char *cmdline);

#endif
