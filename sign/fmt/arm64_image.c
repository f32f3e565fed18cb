// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fmt/arm64_image.h"

#include "base/cursor.h"

#define IMAGE_MAGIC_OFF 0x38U
#define IMAGE_MAGIC 0x644d5241U
#define ZBOOT_MAGIC_OFF 4U
#define ZBOOT_MAGIC 0x676d697aU

static u32 word_at(struct ks_span file, u64 off)
{
	struct ks_cursor c;

	ks_cursor_init(&c, file, 0);
	ks_cursor_skip(&c, off);
	return ks_get_le32(&c);
}

bool ks_arm64_image_probe(struct ks_span file)
{
	return word_at(file, ZBOOT_MAGIC_OFF) == ZBOOT_MAGIC || word_at(file, IMAGE_MAGIC_OFF) == IMAGE_MAGIC;
}
