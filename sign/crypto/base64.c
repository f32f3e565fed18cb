// SPDX-License-Identifier: LGPL-2.1-or-later
#include "crypto/base64.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#define GROUP_BYTES 3U
#define GROUP_CHARS 4U

void ks_base64_put(struct ks_buf *out, struct ks_span in)
{
	u8 chars[GROUP_CHARS + 1];
	struct ks_span group;
	u64 off;

	for (off = 0; off < in.bytes; off += GROUP_BYTES) {
		u64 n = in.bytes - off < GROUP_BYTES ? in.bytes - off : GROUP_BYTES;

		if (!ks_span_sub(in, off, n, &group))
			return;
		EVP_EncodeBlock(chars, group.p, (int)group.bytes);
		ks_put(out, (struct ks_span){ chars, GROUP_CHARS });
	}
}

/* EVP_DecodeBlock() counts the padding as zero bytes, and takes it anywhere. */
int ks_base64_get(struct ks_span text, struct ks_buf *out, struct ks_diag *diag)
{
	u8 bytes[GROUP_BYTES];
	struct ks_span group;
	u64 off;

	if (text.bytes % GROUP_CHARS)
		return ks_fail(diag, -EBADMSG, text.bytes, "base64 text is cut off");
	for (off = 0; off < text.bytes; off += GROUP_CHARS) {
		bool last = off + GROUP_CHARS == text.bytes;
		size_t pad = 0;

		if (!ks_span_sub(text, off, GROUP_CHARS, &group))
			return ks_fail(diag, -EBADMSG, off, "base64 text is cut off");
		if (last && group.p[3] == '=')
			pad = group.p[2] == '=' ? 2 : 1;
		if (memchr(group.p, '=', GROUP_CHARS - pad) ||
		    EVP_DecodeBlock(bytes, group.p, GROUP_CHARS) != GROUP_BYTES)
			return ks_fail(diag, -EBADMSG, off, "not base64");
		ks_put(out, (struct ks_span){ bytes, GROUP_BYTES - pad });
	}
	return ks_buf_ok(out, diag);
}
