/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_CMD_PASSPHRASE_H
#define KS_CMD_PASSPHRASE_H

#include "base/buf.h"

/**
 * ks_passphrase_read() - one line with a secret
 * @fd_text: number of a descriptor, whose next line is taken; NULL: none
 * @path: a file, whose first line is taken; NULL: none
 * @what: what the secret opens, for the prompt
 * @ret_secret: gets the line without its newline
 *
 * With neither, the terminal is asked (/dev/tty, without echo), if there is one. Never argv and
 * never the environment: other processes can read both.
 *
 * Return: 0; -EACCES with what to do; -EINVAL for both or for no number.
 */
int __must_check ks_passphrase_read(const char *fd_text, const char *path, const char *what,
				    struct ks_buf *ret_secret, struct ks_diag *diag);

#endif
