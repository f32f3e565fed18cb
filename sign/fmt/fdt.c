// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   0xd00dfeed, be32 | totalsize, be32 | ...
 */
#include "fmt/fdt.h"

#include <errno.h>

#include "base/cursor.h"

#define MAGIC 0xd00dfeedU
#define TOTALSIZE_OFF 4U

int ks_fdt_check(struct ks_span file, struct ks_diag *diag)
{
	struct ks_cursor c;
	u32 magic, bytes;
	int rc;

	ks_cursor_init(&c, file, 0);
	magic = ks_get_be32(&c);
	bytes = ks_get_be32(&c);
	rc = ks_cursor_ok(&c, "device tree is shorter than its header", diag);
	if (rc)
		return rc;
	if (magic != MAGIC)
		return ks_fail(diag, -EBADMSG, 0, "not a flattened device tree");
	return bytes != file.bytes ?
		       ks_fail_range(diag, TOTALSIZE_OFF, "device tree", bytes, file.bytes) :
		       0;
}
