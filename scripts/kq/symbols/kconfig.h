/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The symbols that Kconfig files define, read as text: no expression is evaluated, no file is
 * sourced. Format: Documentation/kbuild/kconfig-language.rst and scripts/kconfig/lexer.l.
 */
#ifndef KQ_SYMBOLS_KCONFIG_H
#define KQ_SYMBOLS_KCONFIG_H

#include "base/buf.h"
#include "text/error.h"

/* 6.18 has 20,000 definitions in 1,700 files. */
#define KQ_MAX_SYMBOLS (1U << 18)
#define KQ_MAX_KCONFIGS 16384U

/**
 * struct kq_symbol - one "config NAME" block; borrows from its file
 * @type: "bool", "tristate", "string", "int", "hex"; empty when another block says it
 * @prompt: without quotes; empty for what no person is asked
 * @depends: what follows the first "depends on"
 * @help: the indented lines of the help text, with their indentation
 * @path: Kconfig file, owned by the set
 * @line: of "config NAME", from 1
 */
struct kq_symbol {
	struct ks_span name;
	struct ks_span type;
	struct ks_span prompt;
	struct ks_span depends;
	struct ks_span help;
	const char *path;
	u32 line;
};

/** struct kq_kconfig - one file of a set */
struct kq_kconfig {
	char *path;
	struct ks_buf text;
};

/** struct kq_symbols - the symbols of one release; by name, then path, after kq_symbols_sort() */
struct kq_symbols {
	struct kq_kconfig *file;
	size_t nr_files;
	size_t room_files;
	struct kq_symbol *symbol;
	size_t nr;
	size_t room;
};

/** kq_symbols_done() - free; accepts a zeroed set */
void kq_symbols_done(struct kq_symbols *symbols);

/**
 * kq_symbols_add() - read one Kconfig file
 * @text: moved into the set, also on failure
 *
 * Return: 0; -E2BIG over a cap; -ENOMEM.
 */
int __must_check kq_symbols_add(struct kq_symbols *symbols, struct ks_span path,
				struct ks_buf *text, struct kq_error *error);

/** kq_symbols_sort() - before the first lookup */
void kq_symbols_sort(struct kq_symbols *symbols);

/** kq_is_kconfig() - a file with this path is one that Kconfig may source */
bool kq_is_kconfig(struct ks_span path);

/**
 * kq_symbols_find() - a symbol as an architecture sees it
 * @arch: as the SKU file says ("x86_64"); definitions below arch/ of others do not count
 *
 * Return: the first definition with a prompt, else the first; NULL without one.
 */
const struct kq_symbol *kq_symbols_find(const struct kq_symbols *symbols, struct ks_span name,
					const char *arch);

/** kq_symbol_is_for() - it is not below arch/ of another architecture */
bool kq_symbol_is_for(const struct kq_symbol *symbol, const char *arch);

#endif
