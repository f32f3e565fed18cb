// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which request counts when several fragments name one symbol. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static int compare_request(const void *a, const void *b)
{
	const struct kc_request *x = *(const struct kc_request *const *)a;
	const struct kc_request *y = *(const struct kc_request *const *)b;
	int order = ks_span_cmp(x->symbol, y->symbol);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

int kc_list_sorted(const struct kc_list *list, struct kc_request ***ret_sorted, struct ks_diag *diag)
{
	struct kc_request **sorted = calloc(list->nr_req + 1, sizeof(struct kc_request *));
	size_t i;

	if (!sorted)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "no memory to sort the requests");
	for (i = 0; i < list->nr_req; i++)
		sorted[i] = &list->req[i];
	qsort(sorted, list->nr_req, sizeof(struct kc_request *), compare_request);
	*ret_sorted = sorted;
	return 0;
}

const struct kc_request *kc_find(struct kc_request *const *sorted, size_t nr, struct ks_span symbol)
{
	size_t low = 0;
	size_t high = nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ks_span_cmp(sorted[mid]->symbol, symbol) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < nr && ks_span_eq(sorted[low]->symbol, symbol))
		return sorted[low];
	return NULL;
}

const struct kc_request *kc_find_kept(struct kc_request *const *sorted, size_t nr, struct ks_span symbol)
{
	const struct kc_request *req = kc_find(sorted, nr, symbol);

	/* It is overridden by a later one, or is what others repeat. */
	while (req && req->state == KC_OVERRIDDEN)
		req = req->other;
	return req;
}

struct ks_span kc_value_of(struct kc_request *const *sorted, size_t nr, struct ks_span symbol)
{
	const struct kc_request *req = kc_find(sorted, nr, symbol);

	/* Kconfig writes no line at all for a symbol whose dependencies are unmet. */
	return req ? req->value : ks_span_str("n");
}

/* @kept is the request that counts so far, NULL before the first for the symbol. Return: errors. */
static size_t resolve_one(struct kc_request *kept, struct kc_request *next)
{
	bool same = kept && ks_span_eq(kept->value, next->value);

	if (next->has_override && (!kept || same)) {
		kc_say(next->path, next->line,
		       "CONFIG_%.*s: overrides nothing, remove the \"# override:\" line",
		       KS_FMT(next->symbol));
		return 1;
	}
	if (same) {
		next->state = KC_DUPLICATE;
		next->other = kept;
		return 0;
	}
	if (!kept)
		return 0;
	kept->state = KC_OVERRIDDEN;
	kept->other = next;
	if (next->has_override)
		return 0;
	kc_say(next->path, next->line,
	       "CONFIG_%.*s: requested %.*s here and %.*s at %s:%u, agree or put \"# override: reason\" above",
	       KS_FMT(next->symbol), KS_FMT(next->value), KS_FMT(kept->value), kept->path, kept->line);
	return 1;
}

size_t kc_resolve_conflicts(struct kc_request *const *sorted, size_t nr)
{
	struct kc_request *kept = NULL;
	size_t nr_errors = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (kept && !ks_span_eq(kept->symbol, sorted[i]->symbol))
			kept = NULL;
		nr_errors += resolve_one(kept, sorted[i]);
		if (sorted[i]->state == KC_KEPT)
			kept = sorted[i];
	}
	return nr_errors;
}
