/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The headers of 64-bit little-endian ELF files, read field by field. What Linux makes of a module's is
 * in kernel/elf.h.
 * Source: System V ABI, chapters 4 and 5.
 */
#ifndef KS_FMT_ELF_H
#define KS_FMT_ELF_H

#include <elf.h>

#include "base/span.h"

/** ks_elf_probe() - starts with the magic of ELF */
bool ks_elf_probe(struct ks_span file);

/** ks_elf_machine() - e_machine; 0 if it is not an ELF file */
u16 ks_elf_machine(struct ks_span file);

/** ks_elf_header() - the header, but for e_ident. All zero if the file is too short. */
Elf64_Ehdr ks_elf_header(struct ks_span file);

/** ks_elf_section() - one section header. Return: all zero past the end of the table. */
Elf64_Shdr ks_elf_section(struct ks_span sections, u32 idx);

/** ks_elf_text() - the text at @off of a table that ends with NUL; NULL past its end */
const char *ks_elf_text(struct ks_span table, u64 off);

#endif
