// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cve/dropped.h"

#include <string.h>

#include "base/limits.h"
#include "text/text.h"

/* date, patch, sha256, old base, new base, verdict, evidence, CVE numbers */
#define NR_FIELDS 8U

static bool take_field(struct ks_span *line, struct ks_span *ret_field)
{
	const u8 *tab = line->bytes ? memchr(line->p, '\t', line->bytes) : NULL;
	size_t bytes = tab ? (size_t)(tab - line->p) : line->bytes;

	*ret_field = kq_head(*line, bytes);
	*line = kq_tail(*line, tab ? bytes + 1 : bytes);
	return ret_field->bytes != 0;
}

bool kq_dropped_line(struct ks_span line, struct kq_dropped *ret_dropped)
{
	struct ks_span field[NR_FIELDS];
	size_t i;

	if (kq_starts(line, "#"))
		return false;
	for (i = 0; i < NR_FIELDS; i++)
		if (!take_field(&line, &field[i]))
			return false;
	*ret_dropped = (struct kq_dropped){
		.patch = field[1],
		.base = field[4],
		.given_up = !kq_is(field[5], "upstream"),
		.cves = field[7],
	};
	return true;
}
