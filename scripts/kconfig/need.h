/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * configs/needs/NAME.need: what one kind of user needs of a kernel.
 *
 *   source DOCUMENT             from where this is; the first line that is no comment, may be repeated
 *   check GROUP.NAME...         the checks of kselftest-extra/userland that prove it
 *   unproved REASON             instead of a check, where no VM here can show it
 *   SYMBOL REASON               y or m
 *   SYMBOL|SYMBOL REASON        any of them
 *   SYMBOL=VALUE SYMBOL>=NUMBER exactly this, at least this
 *   SYMBOL @ARCH REASON         only for this architecture
 */
#ifndef KCONFIG_NEED_H
#define KCONFIG_NEED_H

#include "base/buf.h"

/* Of one SKU; all files together have some 560. */
#define KC_MAX_NEEDS 4096U
/* Names of one feature over the years. */
#define KC_MAX_TERMS 8U
/* A SKU states some ten. */
#define KC_MAX_NEED_FILES 64U
/* There are some 480 checks. */
#define KC_MAX_CHECKS 4096U

enum kc_op {
	KC_ON, /* y or m */
	KC_EQUAL,
	KC_AT_LEAST,
};

/** struct kc_term - one of the alternatives; @value as written, empty for KC_ON */
struct kc_term {
	struct ks_span symbol;
	enum kc_op op;
	struct ks_span value;
};

/** struct kc_need - a line that needs something of Kconfig; @arch is empty if it is for all */
struct kc_need {
	struct kc_term term[KC_MAX_TERMS];
	size_t nr_terms;
	struct ks_span arch;
	const char *path;
	u32 line;
};

/** struct kc_check - a check that a file names */
struct kc_check {
	struct ks_span name;
	const char *path;
	u32 line;
};

/** struct kc_needs - the needs of some files; owns everything */
struct kc_needs {
	struct ks_buf text[KC_MAX_NEED_FILES];
	char *path[KC_MAX_NEED_FILES];
	size_t nr_files;
	struct kc_need *need;
	size_t nr;
	struct kc_check *check;
	size_t nr_checks;
};

/** kc_needs_done() - free; accepts a zeroed struct */
void kc_needs_done(struct kc_needs *needs);

/**
 * kc_needs_load() - read the files of some needs
 * @dir: where NAME.need is
 * @names: NAMEs with blanks between them
 * @ret_needs: zeroed by the caller, who calls kc_needs_done() whatever happens
 *
 * Return: 0; -EBADMSG with "file:line" in @diag; -E2BIG over a cap; -ENOMEM; what the system says.
 */
int __must_check kc_needs_load(const char *dir, struct ks_span names, struct kc_needs *ret_needs,
			       struct ks_diag *diag);

/** kc_term_is_met() - by the value that a symbol has */
bool kc_term_is_met(const struct kc_term *term, struct ks_span value);

/** kc_terms_agree() - of two terms of one symbol: can both be met at once? */
bool kc_terms_agree(const struct kc_term *a, const struct kc_term *b);

/** kc_term_asked() - the value that kernel/resolve.c is asked about */
struct ks_span kc_term_asked(const struct kc_term *term);

#endif
