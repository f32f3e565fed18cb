/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's guard of boot parameters, compiled for the host out of the patch that brings it. */
#ifndef BOOTPARAMS_GUARD_H
#define BOOTPARAMS_GUARD_H

#include <stdbool.h>
#include <stddef.h>

/* As patch 0002 and the configuration of a kernel leave it. */
extern const char *guard_secure_boot;
extern bool guard_by_configuration;

/* What the guard logs: @bytes of @argument were refused, and why. */
void guard_log(int bytes, const char *argument, const char *why, const char *from);

void lockdown_boot_params(char *cmdline);

/* Return: row @nr of the table, or false behind its end. */
bool guard_row(size_t nr, const char **ret_name, const char **ret_values);

/* Print the names in the tables of a built vmlinux. Return: 0, or 1 after a message. */
int print_tables(const char *path);

#endif
