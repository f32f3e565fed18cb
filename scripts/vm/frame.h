/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One line of the results port (kselftest-extra/init/frame.h writes them):
 *
 *	KT1 <nonce> <seq> <crc32> <payload>
 *
 * crc32 is zlib's, 8 hex digits, over "<nonce> <seq> <payload>".
 */
#ifndef VM_FRAME_H
#define VM_FRAME_H

#include "base/diag.h"
#include "base/span.h"

/*
 * What the guest says until the host answers, with the number of kexecs behind its kernel; it may
 * stand before the first frame only.
 */
#define VM_READY "KT1-READY"

/* The guest cuts payloads at 1000 bytes; the rest of a line is well below 200. */
#define VM_MAX_LINE_BYTES 1200U

struct vm_frame_view {
	u64 seq;
	struct ks_span payload;
};

/**
 * vm_frame_parse() - read one line
 * @line: without its newline
 * @nonce: the one that this host chose
 * @ret_view: borrows @line
 *
 * Return: 0; -EBADMSG with the reason: no frame, foreign nonce, no number, CRC mismatch.
 */
int __must_check vm_frame_parse(struct ks_span line, const char *nonce,
				struct vm_frame_view *ret_view, struct ks_diag *diag);

#endif
