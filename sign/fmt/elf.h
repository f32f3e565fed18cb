/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is this a kernel module? The one place that uses libelf.
 */
#ifndef KS_FMT_ELF_H
#define KS_FMT_ELF_H

#include "base/diag.h"
#include "base/span.h"

/**
 * ks_elf_check_module() - would the kernel take these bytes for a module?
 * @file: module without a signature
 *
 * As elf_validity_ehdr() of kernel/module/main.c: a relocatable 64-bit little-endian ELF of x86-64
 * or arm64, with its section table inside, and a .modinfo section. Stricter than the kernel, nothing
 * may stand behind the last section and the section table.
 *
 * Return: 0; -EBADMSG with libelf's reason; -EOPNOTSUPP for another class or machine.
 */
int __must_check ks_elf_check_module(struct ks_span file, struct ks_diag *diag);

/** ks_elf_check_loadable() - ks_elf_check_module() without what is stricter than the kernel */
int __must_check ks_elf_check_loadable(struct ks_span file, struct ks_diag *diag);

#endif
