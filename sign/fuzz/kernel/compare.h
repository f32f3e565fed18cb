/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One input for both: a kernel's configuration, its lists of certificates, and a module with its
 * signature. As bytes:
 *
 *   configuration, 1 | le16 n, list of trusted certificates | le16 n, list of revoked certificates |
 *   u8 n, hash of a revoked certificate's signed part | the module
 */
#ifndef KERNEL_COMPARE_H
#define KERNEL_COMPARE_H

#include "base/buf.h"
#include "side.h"

/** struct kernel_case - the parts, borrowed */
struct kernel_case {
	u8 config;
	struct ks_span trusted;
	struct ks_span revoked;
	struct ks_span revoked_tbs;
	struct ks_span module;
};

/** kernel_case_put(), kernel_case_cut() - to and from bytes. Return: false if they are too short. */
void kernel_case_put(const struct kernel_case *c, struct ks_buf *out);
bool kernel_case_cut(struct ks_span bytes, struct kernel_case *ret_case);

#define KERNEL_MAX_ADDED 40U

/**
 * struct kernel_result - what the two said
 * @added: errnos of the certificates of both lists that were tried, by the kernel
 * @module: by the kernel
 * @unknown: kseal could not tell; the rest is not compared then
 * @different: "" or what differs
 */
struct kernel_result {
	int added[KERNEL_MAX_ADDED];
	size_t nr_added;
	struct kernel_side_verdict module;
	bool unknown;
	char different[400];
};

/** kernel_compare() - ask both */
void kernel_compare(const struct kernel_case *c, struct kernel_result *ret_result);

#endif
