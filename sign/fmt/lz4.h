/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * LZ4 as kernels are compressed with it: the legacy format of `lz4 -l`.
 *
 *   0x184c2102, le32 | le32 bytes, block | le32 bytes, block | ...
 *
 * A block unpacks to at most 8 MiB. There is no end mark and no checksum: the stream ends where there are no four
 * bytes any more, or a block of none. Sources: lib/decompress_unlz4.c of Linux 6.18; lz4's doc/lz4_Block_format.md
 * and doc/lz4_Frame_format.md, "Legacy frame".
 */
#ifndef KS_FMT_LZ4_H
#define KS_FMT_LZ4_H

#include "base/buf.h"

/**
 * ks_lz4_unpack() - the content of a stream
 * @max_bytes: more content ends the work; @out has some of it then
 * @out: appended to
 * @ret_used: how many bytes of @in the stream has
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int __must_check ks_lz4_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out, u64 *ret_used,
			       struct ks_diag *diag);

#endif
