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
 *
 * Written by this project: configs/README.md.
 */
#ifndef KS_FMT_NEED_H
#define KS_FMT_NEED_H

#include "base/buf.h"

/* Of one SKU; all files together have some 560. */
#define KS_MAX_NEEDS 4096U
/* Names of one feature over the years. */
#define KS_MAX_NEED_TERMS 8U
/* A SKU states some ten. */
#define KS_MAX_NEED_FILES 64U
/* There are some 480 checks. */
#define KS_MAX_NEED_CHECKS 4096U
/* What ARCH of a SKU may be. */
#define KS_ARCHES "x86_64 arm64"

enum ks_need_op {
	KS_NEED_ON, /* y or m */
	KS_NEED_EQUAL,
	KS_NEED_AT_LEAST,
};

/** struct ks_need_term - one of the alternatives; @value as written, empty for KS_NEED_ON */
struct ks_need_term {
	struct ks_span symbol;
	enum ks_need_op op;
	struct ks_span value;
};

/** struct ks_need - a line that needs something of Kconfig; @arch is empty if it is for all */
struct ks_need {
	struct ks_need_term term[KS_MAX_NEED_TERMS];
	size_t nr_terms;
	struct ks_span arch;
	const char *path;
	u32 line;
};

/** struct ks_need_check - a check that a file names */
struct ks_need_check {
	struct ks_span name;
	const char *path;
	u32 line;
};

/** struct ks_needs - the needs of some files; owns everything */
struct ks_needs {
	struct ks_buf text[KS_MAX_NEED_FILES];
	char *path[KS_MAX_NEED_FILES];
	size_t nr_files;
	struct ks_need *need;
	size_t nr;
	struct ks_need_check *check;
	size_t nr_checks;
};

/** ks_needs_done() - free; accepts a zeroed struct */
void ks_needs_done(struct ks_needs *needs);

/**
 * ks_needs_add() - read one file, unless it was read already
 * @needs: zeroed at first, may have other files' needs; ks_needs_done() whatever happens
 *
 * Return: as ks_needs_load().
 */
int __must_check ks_needs_add(struct ks_needs *needs, const char *path, struct ks_diag *diag);

/**
 * ks_needs_load() - read the files of some needs
 * @dir: where NAME.need is
 * @names: NAMEs with blanks between them
 * @ret_needs: zeroed by the caller, who calls ks_needs_done() whatever happens
 *
 * Return: 0; -EBADMSG with "file:line" in @diag; -E2BIG over a cap; -ENOMEM; what the system says.
 */
int __must_check ks_needs_load(const char *dir, struct ks_span names, struct ks_needs *ret_needs,
			       struct ks_diag *diag);

/** ks_need_is_met() - by the value that a symbol has */
bool ks_need_is_met(const struct ks_need_term *term, struct ks_span value);

/** ks_needs_agree() - of two terms of one symbol: can both be met at once? */
bool ks_needs_agree(const struct ks_need_term *a, const struct ks_need_term *b);

/** ks_need_name() - NAME of the file NAME.need that a need is from */
struct ks_span ks_need_name(const struct ks_need *need);

/** ks_need_asked() - the value that kernel/resolve.c is asked about */
struct ks_span ks_need_asked(const struct ks_need_term *term);

#endif
