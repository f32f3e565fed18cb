// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fuzz/frame.h"

#include "base/cursor.h"

bool ks_fuzz_frame(const u8 *data, size_t size, struct ks_fuzz_frame *ret_frame)
{
	struct ks_cursor c;

	ks_cursor_init(&c, (struct ks_span){ data, size }, 0);
	ret_frame->cert = ks_get_bytes(&c, ks_get_le16(&c));
	ret_frame->content = ks_get_bytes(&c, ks_get_le16(&c));
	ret_frame->cms = ks_get_bytes(&c, ks_cursor_left(&c));
	return !c.bad;
}

void ks_fuzz_flip(struct ks_span in, struct ks_buf *out)
{
	u8 flipped = in.p[in.bytes / 2] ^ 1;
	u64 start = out->bytes;

	ks_put(out, in);
	ks_buf_patch(out, start + in.bytes / 2, (struct ks_span){ &flipped, 1 });
	KS_LAW(!ks_buf_ok(out, NULL));
}
