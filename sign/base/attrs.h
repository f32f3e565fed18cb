/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_BASE_ATTRS_H
#define KS_BASE_ATTRS_H

#include <sys/stat.h>

#include "base/diag.h"

/**
 * ks_attrs_copy() - make a new file look like the one that it will replace
 * @from_fd: the old file, @st what fstat() said of it
 * @to_fd: the new file, complete
 *
 * Owner, mode, access and modification time, and every extended attribute: POSIX ACLs,
 * security labels, capabilities, trusted.* and user.*.
 *
 * Return: 0; -EOPNOTSUPP for security.ima and security.evm, which vouch for the old content; what
 * the system said if something cannot be kept; -E2BIG over 64 KiB of names or of one value.
 */
int __must_check ks_attrs_copy(int from_fd, const struct stat *st, int to_fd, struct ks_diag *diag);

#endif
