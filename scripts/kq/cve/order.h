/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernel releases in their order: 6.18-rc1 < 6.18 < 6.18.1 < 6.19-rc1.
 */
#ifndef KQ_CVE_ORDER_H
#define KQ_CVE_ORDER_H

#include "base/span.h"

/* "2.6.32.71" */
#define KQ_ORDER_PARTS 4U

/**
 * struct kq_order - a release
 * @part: missing ones are 0
 * @nr_parts: how many were there
 * @rc: of "-rc3"; UINT32_MAX for the release itself
 */
struct kq_order {
	u32 part[KQ_ORDER_PARTS];
	u32 nr_parts;
	u32 rc;
};

/** kq_order_read() - "6.18.15", "6.19-rc1", "0". Return: false: no release. */
bool kq_order_read(struct ks_span s, struct kq_order *ret_order);

/** kq_order_compare() - Return: below, above or 0 as strcmp() */
int kq_order_compare(const struct kq_order *a, const struct kq_order *b);

/** kq_order_within() - @a is at or before the last of @pattern, "6.18.*" or "*" */
bool kq_order_within(const struct kq_order *a, struct ks_span pattern);

/** kq_order_same_series() - both are 6.18.something */
bool kq_order_same_series(const struct kq_order *a, const struct kq_order *b);

#endif
