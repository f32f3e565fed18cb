/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * configs/exceptions: rules of a policy that may fail, of which kernels, until when, and who answers for it.
 *
 *   SYMBOL SKU[,SKU]|* until=2027-06-30 owner=NAME REASON
 *
 * Written by this project: configs/README.md.
 */
#ifndef KS_FMT_EXCEPTIONS_H
#define KS_FMT_EXCEPTIONS_H

#include "base/buf.h"

/* An exception is a debt; a list that nobody reads is none. */
#define KS_MAX_EXCEPTIONS 1024U
/* As of a policy; and its SKUs are compared with those of every other line. */
#define KS_MAX_EXCEPTION_LINE_BYTES 1000U

/**
 * struct ks_exception - one line
 * @skus: words with commas, or "*"
 * @until: start of the last day for which it holds, in UTC, seconds since 1970
 * @is_used: for whoever asks: it excused a rule, or is for another kernel
 */
struct ks_exception {
	struct ks_span symbol;
	struct ks_span skus;
	struct ks_span until_text;
	u64 until;
	struct ks_span owner;
	struct ks_span why;
	u32 line;
	bool is_used;
};

/** struct ks_exceptions - one file; owns the text, borrows @path */
struct ks_exceptions {
	const char *path;
	struct ks_buf text;
	struct ks_exception *exception;
	size_t nr;
};

/** ks_exceptions_done() - free; accepts a zeroed struct */
void ks_exceptions_done(struct ks_exceptions *exceptions);

/**
 * ks_exceptions_load() - read a file
 * @path: must outlive @ret_exceptions
 * @ret_exceptions: zeroed; ks_exceptions_done() whatever happens
 *
 * Return: 0; -EBADMSG with "file:line" in @diag for what is no exception, and for two of one symbol and kernel;
 * -E2BIG over the cap; -ENOMEM; what the system says.
 */
int __must_check ks_exceptions_load(const char *path, struct ks_exceptions *ret_exceptions, struct ks_diag *diag);

/** ks_exceptions_parse() - as ks_exceptions_load(), of @ret_exceptions->text and ->path */
int __must_check ks_exceptions_parse(struct ks_exceptions *ret_exceptions, struct ks_diag *diag);

/** ks_exception_is_for() - is it for this kernel? */
bool ks_exception_is_for(const struct ks_exception *exception, struct ks_span sku);

/** ks_exceptions_find() - the one for a symbol and a kernel; NULL if there is none */
struct ks_exception *ks_exceptions_find(const struct ks_exceptions *exceptions, struct ks_span symbol,
					struct ks_span sku);

#endif
