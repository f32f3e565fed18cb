/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where passphrases and PINs come from. The library knows no terminal: the program says how to ask.
 */
#ifndef KS_KEY_PASS_H
#define KS_KEY_PASS_H

#include "base/buf.h"

/**
 * struct ks_pass_source - a way to get a secret
 * @get: appends the secret to @ret_secret, without a newline or a NUL; @what names what it opens
 *	 (a file, a token's label), never a secret. Return: 0; -EACCES with what to do.
 * @context: passed to @get
 * @group_may_read: the user takes files with secrets, the key's too, that their group may read
 */
struct ks_pass_source {
	int (*get)(void *context, const char *what, struct ks_buf *ret_secret,
		   struct ks_diag *diag);
	void *context;
	bool group_may_read;
};

/**
 * ks_pass_get() - ask @pass, and refuse what no key has: an empty secret, a NUL, over 1 KiB
 * @pass: may be NULL
 * @ret_secret: followed by a NUL that @bytes does not count; ks_buf_done() wipes it
 *
 * Return: 0; -EACCES with the reason.
 */
int __must_check ks_pass_get(const struct ks_pass_source *pass, const char *what,
			     struct ks_buf *ret_secret, struct ks_diag *diag);

#endif
