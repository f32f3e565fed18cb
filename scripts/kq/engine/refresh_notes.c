// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/refresh_notes.h"

#include <string.h>

/* " path | 12 ++--" */
static bool is_stat_line(struct ks_span line)
{
	const u8 *bar = line.bytes ? memchr(line.p, '|', line.bytes) : NULL;
	struct ks_span count;
	u32 unused;

	if (!bar || !kq_starts(line, " "))
		return false;
	count = ks_span_trim(kq_tail(line, (size_t)(bar - line.p) + 1));
	return kq_take_number(&count, &unused) && (!count.bytes || count.p[0] == ' ');
}

/* " 2 files changed, 3 insertions(+)" */
static bool is_sum_line(struct ks_span line)
{
	u32 unused;

	return kq_take(&line, " ") && kq_take_number(&line, &unused) &&
	       (kq_starts(line, " file changed") || kq_starts(line, " files changed"));
}

static bool is_summary_line(struct ks_span line)
{
	return kq_starts(line, " create mode ") || kq_starts(line, " delete mode ") ||
	       kq_starts(line, " mode change ");
}

/* The last diffstat above the diff: lines [*ret_idx, *ret_end_idx). */
static bool find_stat(const struct kq_lines *lines, size_t end_idx, size_t *ret_idx,
		      size_t *ret_end_idx)
{
	size_t sum = end_idx, idx;

	while (sum > 0 && !is_sum_line(lines->line[sum - 1]) &&
	       !kq_is(lines->line[sum - 1], "---\n"))
		sum--;
	if (!sum || !is_sum_line(lines->line[sum - 1]))
		return false;
	for (idx = sum - 1; idx > 0 && is_stat_line(lines->line[idx - 1]); idx--)
		;
	while (sum < end_idx && is_summary_line(lines->line[sum]))
		sum++;
	*ret_idx = idx;
	*ret_end_idx = sum;
	return true;
}

void kq_put_notes(const struct kq_lines *lines, size_t end_idx, const struct kq_patch *now,
		  struct ks_buf *out)
{
	size_t from = end_idx, to = end_idx, i;
	bool has_stat = find_stat(lines, end_idx, &from, &to);

	for (i = 0; i < from; i++)
		ks_put(out, lines->line[i]);
	if (has_stat)
		kq_put_stat(now, out);
	for (i = to; i < end_idx; i++)
		ks_put(out, lines->line[i]);
}
