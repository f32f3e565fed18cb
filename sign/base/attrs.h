/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KS_BASE_ATTRS_H
#define KS_BASE_ATTRS_H

#include <sys/stat.h>

#include "base/diag.h"

/** enum ks_attrs - is the new file the old one with a change, or has it only its name? */
enum ks_attrs {
	KS_ATTRS_OF_SAME_CONTENT,
	KS_ATTRS_OF_OTHER_CONTENT,
};

/**
 * ks_attrs_copy() - make a new file look like the one that it will replace
 * @from_fd: the old file, @st what fstat() said of it
 * @to_fd: the new file, complete
 *
 * Owner, mode and every extended attribute: POSIX ACLs, security labels, capabilities, trusted.* and
 * user.*. For the same content access and modification time as well. security.ima and security.evm
 * vouch for the old content: they are refused for the same content, whose owner has to decide, and
 * left behind for another one.
 *
 * Return: 0; -EOPNOTSUPP for security.ima and security.evm; what the system said if something cannot
 * be kept; -E2BIG over 64 KiB of names or of one value.
 */
int __must_check ks_attrs_copy(int from_fd, const struct stat *st, int to_fd, enum ks_attrs kind,
			       struct ks_diag *diag);

#endif
