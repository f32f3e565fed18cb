/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Trailers of a patch's message, "Key: value", one line each, and the date that some of them hold.
 */
#ifndef KQ_QUEUE_TRAILER_H
#define KQ_QUEUE_TRAILER_H

#include "queue/patch.h"

/**
 * kq_trailer() - the value of a trailer
 * @key: with its colon, "Owner:"
 * @nth: which of several, from 0
 * @ret_value: without blanks around it; may be empty; borrows the patch's text
 *
 * Return: false when there is none.
 */
bool kq_trailer(const struct kq_patch *patch, const char *key, size_t nth,
		struct ks_span *ret_value);

/* CVE-9999-999999999 and a NUL, rounded up. */
#define KQ_CVE_BYTES 24U

/** kq_is_cve() - CVE-2026-1234: a year since there are CVEs, and at least four digits */
bool kq_is_cve(struct ks_span s);

/** kq_date() - read YYYY-MM-DD as year * 10000 + month * 100 + day. Return: false: no such day. */
bool kq_date(struct ks_span s, u32 *ret_date);

#endif
