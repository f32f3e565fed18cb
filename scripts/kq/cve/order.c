// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/order.h"

#include "text/text.h"

bool kq_order_read(struct ks_span s, struct kq_order *ret_order)
{
	struct kq_order order = { .rc = UINT32_MAX };

	do {
		if (order.nr_parts == KQ_ORDER_PARTS ||
		    !kq_take_number(&s, &order.part[order.nr_parts++]))
			return false;
	} while (kq_take(&s, "."));
	if (kq_take(&s, "-rc") && !kq_take_number(&s, &order.rc))
		return false;
	if (s.bytes)
		return false;
	*ret_order = order;
	return true;
}

/* Of the first @nr parts. */
static int compare_parts(const struct kq_order *a, const struct kq_order *b, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (a->part[i] != b->part[i])
			return a->part[i] < b->part[i] ? -1 : 1;
	return 0;
}

int kq_order_compare(const struct kq_order *a, const struct kq_order *b)
{
	int parts = compare_parts(a, b, KQ_ORDER_PARTS);

	if (parts || a->rc == b->rc)
		return parts;
	return a->rc < b->rc ? -1 : 1;
}

bool kq_order_within(const struct kq_order *a, struct ks_span pattern)
{
	struct kq_order last;

	if (kq_is(pattern, "*"))
		return true;
	if (!ks_span_ends_with(pattern, ks_span_str(".*")))
		return kq_order_read(pattern, &last) && kq_order_compare(a, &last) <= 0;
	return kq_order_read(kq_head(pattern, pattern.bytes - 2), &last) &&
	       compare_parts(a, &last, last.nr_parts) <= 0;
}

bool kq_order_same_series(const struct kq_order *a, const struct kq_order *b)
{
	return !compare_parts(a, b, 2);
}
