/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the data of a vmlinux stands in its file. The only user of libelf.
 */
#ifndef KS_FMT_ELF_SYMBOLS_H
#define KS_FMT_ELF_SYMBOLS_H

#include "base/diag.h"
#include "base/span.h"

/**
 * struct ks_elf_symbol - a symbol that is looked for
 * @name: its name
 * @found: it is there, once, in a section that has bytes in the file
 * @off: offset of its value in the file
 */
struct ks_elf_symbol {
	const char *name;
	bool found;
	u64 off;
};

/**
 * ks_elf_find_symbols() - look symbols up in the symbol table
 * @symbols: gets @found and @off
 *
 * Return: 0, also when some are not there; -ENODATA if there is no symbol table; -EBADMSG with
 * libelf's reason, if a symbol lies outside of its section, or if a name is there twice;
 * -EOPNOTSUPP if it is not 64-bit little-endian.
 */
int __must_check ks_elf_find_symbols(struct ks_span file, struct ks_elf_symbol *symbols,
				     size_t nr_symbols, struct ks_diag *diag);

#endif
