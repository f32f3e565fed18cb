/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 64-bit little-endian ELF files: headers, read field by field, and what stands in a vmlinux. What Linux
 * makes of a module's is in kernel/elf.h.
 * Source: System V ABI, chapters 4 and 5; include/linux/vermagic.h, Documentation/bpf/btf.rst of Linux 6.18.
 */
#ifndef KS_FMT_ELF_H
#define KS_FMT_ELF_H

#include <elf.h>

#include "base/diag.h"
#include "base/span.h"

/** ks_elf_probe() - starts with the magic of ELF */
bool ks_elf_probe(struct ks_span file);

/** ks_elf_machine() - e_machine; 0 if it is not an ELF file */
u16 ks_elf_machine(struct ks_span file);

/** ks_elf_header() - the header, but for e_ident. All zero if the file is too short. */
Elf64_Ehdr ks_elf_header(struct ks_span file);

/** ks_elf_section() - one section header. Return: all zero past the end of the table. */
Elf64_Shdr ks_elf_section(struct ks_span sections, u32 idx);

/**
 * ks_elf_place() - where the byte of an address stands in the file, by the sections that are loaded
 * Return: false if none has it.
 */
bool ks_elf_place(struct ks_span file, u64 addr, u64 *ret_off);

/** ks_elf_text() - the text at @off of a table that ends with NUL; NULL past its end */
const char *ks_elf_text(struct ks_span table, u64 off);

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

/**
 * struct ks_elf_symbol - a symbol that is looked for
 * @name: its name
 * @found: it is there, once, in a section that has bytes in the file
 * @off: offset of its value in the file
 * @bytes: its size, which may be 0
 */
struct ks_elf_symbol {
	const char *name;
	bool found;
	u64 off;
	u64 bytes;
};

/**
 * ks_elf_find_symbols() - look symbols up in the symbol table
 * @symbols: gets @found, @off and @bytes
 *
 * Return: 0, also when some are not there; -ENODATA if there is no symbol table; -EBADMSG with
 * libelf's reason, if a symbol lies outside of its section, or if a name is there twice;
 * -EOPNOTSUPP if it is not 64-bit little-endian.
 */
int __must_check ks_elf_find_symbols(struct ks_span file, struct ks_elf_symbol *symbols,
				     size_t nr_symbols, struct ks_diag *diag);

#endif
