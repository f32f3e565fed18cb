/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a new base means for a kernel's config: symbols that came, went, or have another name.
 */
#ifndef KQ_SYMBOLS_CHANGES_H
#define KQ_SYMBOLS_CHANGES_H

#include "symbols/kconfig.h"

/* Between two releases of one LTS line there are a handful; between two mainlines, a thousand. */
#define KQ_MAX_CHANGES 65536U

enum kq_symbol_change {
	KQ_SYMBOL_NEW,
	KQ_SYMBOL_REMOVED,
	KQ_SYMBOL_RENAMED,
};

/**
 * struct kq_change_of - one symbol
 * @old: as the old base defines it; NULL for a new one
 * @now: as the new base defines it; NULL for a removed one
 */
struct kq_change_of {
	enum kq_symbol_change change;
	const struct kq_symbol *old;
	const struct kq_symbol *now;
};

/** struct kq_changes - by name; borrows from both sets */
struct kq_changes {
	struct kq_change_of *change;
	size_t nr;
	size_t room;
};

/** kq_changes_done() - free; accepts a zeroed struct */
void kq_changes_done(struct kq_changes *changes);

/**
 * kq_changes_find() - compare the symbols of two releases as one architecture sees them
 * @old: sorted
 * @now: sorted
 *
 * Renamed is what went while exactly one other with the same type and the same prompt came.
 *
 * Return: 0; -E2BIG above KQ_MAX_CHANGES; -ENOMEM.
 */
int __must_check kq_changes_find(const struct kq_symbols *old, const struct kq_symbols *now,
				 const char *arch, struct kq_changes *ret_changes,
				 struct kq_fault *fault);

/** kq_change_name() - "new", "removed" or "renamed" */
const char *kq_change_name(enum kq_symbol_change change);

#endif
