// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 *   "BM" | size of the file, le32 | 4 reserved | offset of the pixels, le32 | ...
 */
#include "fmt/bmp.h"

#include <errno.h>

#include "base/cursor.h"

#define MAGIC 0x4d42U
#define SIZE_OFF 2U

int ks_bmp_check(struct ks_span file, struct ks_diag *diag)
{
	struct ks_cursor c;
	u16 magic;
	u32 bytes;
	int rc;

	ks_cursor_init(&c, file, 0);
	magic = ks_get_le16(&c);
	bytes = ks_get_le32(&c);
	rc = ks_cursor_ok(&c, "splash is not a BMP image", diag);
	if (rc)
		return rc;
	if (magic != MAGIC)
		return ks_fail(diag, -EBADMSG, 0, "splash is not a BMP image");
	return bytes != file.bytes ?
		       ks_fail_range(diag, SIZE_OFF, "splash BMP image", bytes, file.bytes) :
		       0;
}
