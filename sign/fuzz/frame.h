/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One signature with what it takes to judge it, in one file. The frame is ours, the parts are of the
 * real tools:
 *
 *   le16 n, n bytes of certificate in DER | le16 m, m bytes of content | CMS in DER
 *
 * With m of 0 the CMS is an Authenticode signature, which holds its content.
 */
#ifndef KS_FUZZ_FRAME_H
#define KS_FUZZ_FRAME_H

#include "fuzz/fuzz.h"

/** struct ks_fuzz_frame - borrowed */
struct ks_fuzz_frame {
	struct ks_span cert;
	struct ks_span content;
	struct ks_span cms;
};

/** ks_fuzz_frame() - cut a frame. Return: false if it is too short. */
bool ks_fuzz_frame(const u8 *data, size_t size, struct ks_fuzz_frame *ret_frame);

/** ks_fuzz_flip() - append @in to @out with one bit in its middle turned */
void ks_fuzz_flip(struct ks_span in, struct ks_buf *out);

#endif
