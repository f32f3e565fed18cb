/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's own symbol table, which is still there when that of ELF was stripped. It has the
 * symbols of data if CONFIG_KALLSYMS_ALL is on, those of functions only otherwise.
 * Source: write_src() of scripts/kallsyms.c and kernel/kallsyms.c of Linux 6.18, and of 6.12 for kernels with
 * CONFIG_KALLSYMS_ABSOLUTE_PERCPU, which x86-64 had up to 6.14. Before 6.4 the offsets stood before the names.
 */
#ifndef KS_FMT_KALLSYMS_H
#define KS_FMT_KALLSYMS_H

#include "base/diag.h"
#include "base/span.h"

/**
 * struct ks_kallsyms_symbol - a symbol that is looked for
 * @name: its name
 * @found: it is there, once
 * @addr: its address, as the kernel was linked
 */
struct ks_kallsyms_symbol {
	const char *name;
	bool found;
	u64 addr;
};

/**
 * ks_kallsyms_find() - look symbols up
 * @image: an unpacked 64-bit little-endian kernel; the tables are found by their shape
 * @symbols: gets @found and @addr
 *
 * Return: 0, also when some are not there; -ENODATA if there are no such tables, or those of an older kernel; -EBADMSG if there are
 * two, or if a name is there twice.
 */
int __must_check ks_kallsyms_find(struct ks_span image, struct ks_kallsyms_symbol *symbols,
				  size_t nr_symbols, struct ks_diag *diag);

#endif
