/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel's own Kconfig says of single symbols, as kernel/resolve.c writes it. */
#ifndef KCONFIG_FACTS_H
#define KCONFIG_FACTS_H

#include "base/buf.h"

/**
 * struct kc_fact - a line
 * @symbol: name without CONFIG_
 * @value: that was asked about
 * @is_known: some Kconfig file of the architecture defines it
 * @prompt: its first prompt, empty without one
 * @reason: why it has not that value, empty if it has
 */
struct kc_fact {
	struct ks_span symbol;
	struct ks_span value;
	bool is_known;
	struct ks_span prompt;
	struct ks_span reason;
};

/** struct kc_facts - a file; owns the text */
struct kc_facts {
	struct ks_buf text;
	struct kc_fact *fact;
	size_t nr;
};

/** kc_facts_done() - free; accepts a zeroed struct */
void kc_facts_done(struct kc_facts *facts);

/** kc_facts_load() - read a file. Return: 0; -EBADMSG for another format; -E2BIG; what the system says. */
int __must_check kc_facts_load(struct kc_facts *ret_facts, const char *path, struct ks_diag *diag);

/** kc_facts_find() - what was said of @symbol when asked about @value, NULL if nobody asked */
const struct kc_fact *kc_facts_find(const struct kc_facts *facts, struct ks_span symbol, struct ks_span value);

#endif
