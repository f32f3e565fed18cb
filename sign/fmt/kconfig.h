/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A .config, for whoever asks for many of its symbols.
 *
 *   CONFIG_X=value            y, m, a number, or a string in quotes
 *   # CONFIG_X is not set
 *
 * Source: conf_write() in scripts/kconfig/confdata.c of Linux 6.18.
 */
#ifndef KS_FMT_KCONFIG_H
#define KS_FMT_KCONFIG_H

#include "base/diag.h"
#include "base/span.h"

/* A distribution's .config has some 12,000 lines of symbols. */
#define KS_MAX_KCONFIG_SYMBOLS 65536U

/** struct ks_kconfig_entry - @symbol without CONFIG_, @value without quotes and "n" for what is not set */
struct ks_kconfig_entry {
	struct ks_span symbol;
	struct ks_span value;
};

/** struct ks_kconfig - a .config by symbol; owns @entry, which borrows the text */
struct ks_kconfig {
	struct ks_kconfig_entry *entry;
	size_t nr;
};

/** ks_kconfig_done() - free; accepts a zeroed struct */
void ks_kconfig_done(struct ks_kconfig *config);

/**
 * ks_kconfig_parse() - read a .config
 * @text: must outlive @ret_config
 * @ret_config: ks_kconfig_done(), also after a failure
 *
 * Return: 0; -EBADMSG for a line that is neither a symbol nor a comment, a symbol that is named twice, and a text
 * without any; -E2BIG over the cap; -ENOMEM. Offsets are those of lines in @text.
 */
int __must_check ks_kconfig_parse(struct ks_span text, struct ks_kconfig *ret_config, struct ks_diag *diag);

/** ks_kconfig_find() - NULL if the configuration does not mention the symbol */
const struct ks_kconfig_entry *ks_kconfig_find(const struct ks_kconfig *config, struct ks_span symbol);

#endif
