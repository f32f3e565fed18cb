/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secrets in files and in memory: who else could read them.
 */
#ifndef KS_KEY_SECRET_H
#define KS_KEY_SECRET_H

#include "base/buf.h"
#include "key/pass.h"

/**
 * ks_secret_load() - read a regular file with a secret whole
 * @max_bytes: a larger file is refused with -E2BIG
 * @pass: says whether its group may read it; NULL: it may not
 *
 * Opened first and judged by its descriptor: what is read is what was looked at.
 *
 * Return: 0; -EACCES of ks_file_check_secret(); as ks_file_load().
 */
int __must_check ks_secret_load(const char *path, u64 max_bytes, const struct ks_pass_source *pass,
				struct ks_buf *ret_content, struct ks_diag *diag);

/**
 * ks_secret_guard() - from here on the process will hold a secret
 *
 * It and what it runs leave no core dump, and other processes of the user neither trace it nor
 * read its memory (PR_SET_DUMPABLE). A process with CAP_SYS_PTRACE still can.
 *
 * Return: 0; what the system said.
 */
int __must_check ks_secret_guard(struct ks_diag *diag);

#endif
