/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A kernel module as load_module() of Linux 6.18 reads it: the checks that it makes of the file
 * alone, in its order, with its errno and its line of log.
 * Source: kernel/module/main.c, strict_rwx.c, arch/x86/kernel/module.c, arch/arm64/kernel/module*.c.
 */
#ifndef KS_KERNEL_ELF_H
#define KS_KERNEL_ELF_H

#include "base/diag.h"
#include "base/span.h"

/**
 * struct ks_elf_no - a refusal
 * @err: the kernel's errno; -EOPNOTSUPP where the kernel looks outside of the file without a check,
 *       so that what it does cannot be told
 * @why: our own words, static
 * @off: where, or KS_NO_OFF
 * @log: the line that the kernel logs, cut if long; "" if none
 */
struct ks_elf_no {
	int err;
	const char *why;
	u64 off;
	char log[160];
};

/**
 * struct ks_elf_want - what the kernel that is asked expects; all zero: any of 6.18
 * @machine: EM_X86_64 or EM_AARCH64; 0: either
 * @struct_bytes: sizeof(struct module); 0: not known
 */
struct ks_elf_want {
	u16 machine;
	u64 struct_bytes;
};

/**
 * struct ks_elf_module - a module that passed elf_validity_cache_copy(); borrows the file
 * @nr_sections: e_shnum
 * @sections: section headers
 * @sections_off: their place in the file
 * @names: section name table
 * @modinfo: content of .modinfo; empty if there is none
 * @self: content of .gnu.linkonce.this_module: struct module as modpost made it
 * @symbols: content of the symbol table
 * @strings: its string table
 * @modinfo_idx: index of .modinfo; 0: none. So are the following
 * @versions_idx: __versions
 * @crcs_idx: __version_ext_crcs
 * @crc_names_idx: __version_ext_names
 * @percpu_idx: .data..percpu
 * @symbols_idx: the symbol table
 * @strings_idx: its string table
 * @end_off: where the last section or the section table ends
 */
struct ks_elf_module {
	struct ks_span file;
	u16 machine;
	u16 nr_sections;
	struct ks_span sections;
	u64 sections_off;
	struct ks_span names;
	struct ks_span modinfo;
	struct ks_span self;
	struct ks_span symbols;
	struct ks_span strings;
	u32 modinfo_idx;
	u32 versions_idx;
	u32 crcs_idx;
	u32 crc_names_idx;
	u32 percpu_idx;
	u32 symbols_idx;
	u32 strings_idx;
	u64 end_off;
};

/**
 * ks_elf_module_parse() - elf_validity_cache_copy()
 * @file: module without a signature; borrowed by @ret_module
 * @ret_module: written on success only
 * @ret_no: written on failure only
 *
 * Return: true if the kernel goes on.
 */
bool __must_check ks_elf_module_parse(struct ks_span file, const struct ks_elf_want *want,
				      struct ks_elf_module *ret_module, struct ks_elf_no *ret_no);

/**
 * ks_elf_module_place() - what comes between check_modinfo() and the module's own code
 *
 * Sections that are writable and executable, namespaces, symbols, relocations. Symbols of other
 * modules are not looked for.
 *
 * Return: true if the kernel goes on; @ret_no is written otherwise.
 */
bool __must_check ks_elf_module_place(const struct ks_elf_module *module,
				      struct ks_elf_no *ret_no);

/**
 * ks_elf_modinfo() - value of "tag=value" in .modinfo, the first one
 * Return: borrowed text, NUL-terminated as .modinfo is, or NULL.
 */
const char *ks_elf_modinfo(const struct ks_elf_module *module, const char *tag);

/** ks_elf_module_name() - the name in struct module, cut at its end */
void ks_elf_module_name(const struct ks_elf_module *module, char name[57]);

/**
 * ks_elf_check_module() - may these bytes be signed as a module?
 * @file: module without a signature
 *
 * Some kernel 6.18 of x86-64 or arm64 loads it, and, stricter than the kernel, nothing stands behind
 * the last section and the section table.
 *
 * Return: 0; -EBADMSG; -EOPNOTSUPP for another class or machine.
 */
int __must_check ks_elf_check_module(struct ks_span file, struct ks_diag *diag);

#endif
