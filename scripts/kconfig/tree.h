/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the kernel tree defines a symbol, and what it depends on there. */
#ifndef KCONFIG_TREE_H
#define KCONFIG_TREE_H

#include "base/buf.h"

/* drivers/ nests "if" and "menu" some 5 deep. */
#define KC_MAX_NESTING 64U

/**
 * struct kc_query - what is asked of the tree
 * @symbols: names without CONFIG_
 * @nr: how many
 * @is_on: does the resolved .config have this symbol as y or m? A select counts only then.
 * @ctx: handed to @is_on
 */
struct kc_query {
	const struct ks_span *symbols;
	size_t nr;
	bool (*is_on)(const void *ctx, struct ks_span symbol);
	const void *ctx;
};

/**
 * kc_tree_explain() - describe the definitions of some symbols and who selects them
 * @tree: top of the kernel tree; every Kconfig* file below it is read
 * @query: the symbols
 * @ret_text: array of @query->nr buffers (zeroed by the caller, who also frees them); lines such as
 *	"defined at init/Kconfig:12, depends on X (line 13)"; empty for a symbol that no file names
 *
 * Return: 0; -EBADMSG, -E2BIG, or what the system says, with the file in @diag.
 */
int __must_check kc_tree_explain(const char *tree, const struct kc_query *query,
				 struct ks_buf *ret_text, struct ks_diag *diag);

#endif
