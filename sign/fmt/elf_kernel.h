/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a vmlinux says of the modules that it loads.
 */
#ifndef KS_FMT_ELF_KERNEL_H
#define KS_FMT_ELF_KERNEL_H

#include "base/span.h"

/**
 * ks_elf_struct_bytes() - size of a struct by the kernel's type information
 * @vmlinux: an ELF file with a .BTF section
 * @name: of the struct
 *
 * Return: 0 if there is no such section, if it is broken, or if it has no such struct, or several of
 * different sizes.
 */
u64 ks_elf_struct_bytes(struct ks_span vmlinux, const char *name);

/**
 * ks_elf_vermagic() - VERMAGIC_STRING of a kernel
 * @image: searched for the release in its banner, and for that with nothing but words of
 *         include/linux/vermagic.h behind it
 *
 * Return: false if there is none, or several that differ.
 */
bool ks_elf_vermagic(struct ks_span image, char *vermagic, size_t vermagic_bytes);

#endif
