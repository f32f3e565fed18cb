// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/find.h"

#include <string.h>

#include "text/text.h"

#define MAX_NAMED 3U

u32 kq_number_of(const char *name)
{
	struct ks_span rest = ks_span_str(name);
	u32 number;

	return kq_take_number(&rest, &number) ? number : 0;
}

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static bool is_meant(const char *name, const char *text)
{
	return is_number(text) ? kq_number_of(name) && kq_number_of(name) == kq_number_of(text) :
				 *text && strstr(name, text);
}

static int refuse(const struct kq_series *series, const char *queue, const char *text, size_t nr,
		  struct kq_fault *fault)
{
	__cleanup(ks_buf_done) struct ks_buf names = { 0 };
	size_t i, named = 0;

	if (!nr)
		return kq_fail(fault, KQ_REFUSED, "%s: is not in the series of %s", text, queue);
	for (i = 0; i < series->nr && named < MAX_NAMED; i++) {
		if (!is_meant(series->entry[i].name, text))
			continue;
		ks_put_str(&names, named++ ? ", " : "");
		ks_put_str(&names, series->entry[i].name);
	}
	return kq_fail(fault, KQ_REFUSED, "%s: may be any of %zu patches: %.*s%s", text, nr,
		       (int)names.bytes, names.bytes ? (const char *)names.p : "",
		       nr > named ? ", ..." : "");
}

int kq_find_patch(const struct kq_series *series, const char *queue, const char *text,
		  size_t *ret_idx, struct kq_fault *fault)
{
	const char *slash = strrchr(text, '/');
	const char *name = slash ? slash + 1 : text;
	size_t i, nr = 0;

	for (i = 0; i < series->nr; i++)
		if (!strcmp(series->entry[i].name, name)) {
			*ret_idx = i;
			return 0;
		}
	/* A path is a whole name. */
	for (i = 0; i < series->nr && !slash; i++)
		if (is_meant(series->entry[i].name, text)) {
			*ret_idx = i;
			nr++;
		}
	return nr == 1 ? 0 : refuse(series, queue, text, nr, fault);
}
