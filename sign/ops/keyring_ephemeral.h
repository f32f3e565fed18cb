/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_OPS_KEYRING_EPHEMERAL_H
#define KS_OPS_KEYRING_EPHEMERAL_H

#include "base/diag.h"

/* What names the key for the command: fd:N, as --key takes it. */
#define KS_EPHEMERAL_VARIABLE "KSEAL_EPHEMERAL_KEY"

/**
 * ks_keyring_ephemeral() - run a command with a module key that is gone when it ends
 * @cert_path: where its certificate is written before the command starts
 * @command: ended by NULL
 * @now: seconds since the epoch, start of the certificate's validity
 *
 * The key is made and used in this process alone, in locked memory; the command and what it starts get
 * a socket over which digests are signed.
 *
 * Return: 0; -EIO if the command failed; -EACCES if no memory can be locked; what the system said.
 */
int __must_check ks_keyring_ephemeral(const char *cert_path, char **command, u64 now,
				      struct ks_diag *diag);

#endif
