/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_KERNEL_ELF_INTERNAL_H
#define KS_KERNEL_ELF_INTERNAL_H

#include "fmt/elf.h"
#include "kernel/elf.h"

/** ks_elf_modinfo_next() - as ks_elf_modinfo(), from @off on, which is moved behind the text */
const char *ks_elf_modinfo_next(const struct ks_elf_module *module, const char *tag, u64 *off);

/** ks_elf_refuse() - fill @no. Return: false. */
bool __attribute__((format(printf, 5, 6))) ks_elf_refuse(struct ks_elf_no *no, int err, u64 off,
							 const char *why, const char *log, ...);

/** ks_elf_unchecked() - the kernel does not look whether it stays inside of the file. Return: false. */
bool ks_elf_unchecked(struct ks_elf_no *no, u64 off, const char *why);

#endif
