/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One compression, one file. Each pair appends to @out; the caller throws it away on failure.
 */
#ifndef KS_FMT_COMPRESS_INTERNAL_H
#define KS_FMT_COMPRESS_INTERNAL_H

#include "fmt/compress.h"

/**
 * ks_unpack_room() - where the next decompressed bytes go
 * @max_bytes: the cap; one byte more than it has room, so that ks_unpack_cap() sees the excess
 * @ret_room_bytes: at least 1
 * Return: NULL without memory.
 */
u8 *ks_unpack_room(struct ks_buf *out, u64 max_bytes, size_t *ret_room_bytes);

/** ks_unpack_cap() - Return: 0; -E2BIG if @out is over @max_bytes; -ENOMEM. */
int __must_check ks_unpack_cap(const struct ks_buf *out, u64 max_bytes, struct ks_diag *diag);

/** ks_unpack_end() - Return: 0; -EBADMSG if bytes are left behind the stream. */
int __must_check ks_unpack_end(u64 used_bytes, struct ks_span in, struct ks_diag *diag);

int __must_check ks_gzip_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out,
				struct ks_diag *diag);
int __must_check ks_gzip_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag);

int __must_check ks_xz_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out,
			      struct ks_diag *diag);
int __must_check ks_lzma_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out,
				struct ks_diag *diag);
int __must_check ks_xz_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag);

int __must_check ks_zstd_unpack(struct ks_span in, u64 max_bytes, struct ks_buf *out,
				struct ks_diag *diag);
int __must_check ks_zstd_pack(struct ks_span in, struct ks_buf *out, struct ks_diag *diag);

#endif
