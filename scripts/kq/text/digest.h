/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The digests that a queue needs: SHA-256 of patches and tarballs, and git's ids of files and
 * directories.
 */
#ifndef KQ_TEXT_DIGEST_H
#define KQ_TEXT_DIGEST_H

#include "text/error.h"

/** struct kq_hex - a digest as lower-case hexadecimal text */
struct kq_hex {
	char text[65];
};

/** kq_sha256() - SHA-256 of some bytes */
int __must_check kq_sha256(struct ks_span bytes, struct kq_hex *ret_hex, struct kq_error *error);

/**
 * kq_sha256_fd() - SHA-256 of an open file, from its start
 * @name: for messages
 */
int __must_check kq_sha256_fd(int fd, const char *name, struct kq_hex *ret_hex,
			      struct kq_error *error);

/** kq_tree_id() - git's SHA-1 tree id of the entries of one directory, in git's own binary form */
int __must_check kq_tree_id(struct ks_span entries, struct kq_hex *ret_hex, struct kq_error *error);

/** kq_blob_id() - git's SHA-1 blob id: what the index lines of a patch name */
int __must_check kq_blob_id(struct ks_span content, struct kq_hex *ret_hex, struct kq_error *error);

#endif
