// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/arm64_image.h"

#include "base/cursor.h"

#define IMAGE_MAGIC_OFF 0x38U
#define IMAGE_MAGIC 0x644d5241U

bool ks_arm64_image_probe(struct ks_span file)
{
	struct ks_cursor c;

	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, IMAGE_MAGIC_OFF);
	return ks_get_le32(&c) == IMAGE_MAGIC && !c.bad;
}
