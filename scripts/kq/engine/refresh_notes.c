// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/refresh_notes.h"

#include <errno.h>
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

/* The numbers of a diffstat, whatever its width: each file's count, and the words of the sum. */
static void put_counts(struct ks_span stat, struct ks_buf *out)
{
	struct ks_span line, word;
	const u8 *bar;

	while (ks_span_line(&stat, &line)) {
		bar = line.bytes ? memchr(line.p, '|', line.bytes) : NULL;
		if (!is_stat_line(line)) {
			ks_put(out, ks_span_trim(line));
		} else {
			line = kq_tail(line, (size_t)(bar - line.p) + 1);
			if (ks_span_word(&line, &word))
				ks_put(out, word);
		}
		ks_put_str(out, "\n");
	}
}

static bool counts_same(struct ks_span a, struct ks_span b)
{
	__cleanup(ks_buf_done) struct ks_buf one = { 0 }, other = { 0 };

	put_counts(a, &one);
	put_counts(b, &other);
	return !one.err && !other.err && ks_span_eq(ks_buf_span(&one), ks_buf_span(&other));
}

void kq_put_notes(const struct kq_lines *lines, size_t end_idx, const struct kq_patch *now,
		  struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf old = { 0 }, new = { 0 };
	size_t from = end_idx, to = end_idx, i;
	bool has_stat = find_stat(lines, end_idx, &from, &to);

	for (i = 0; i < from; i++)
		ks_put(out, lines->line[i]);
	for (; i < to; i++)
		ks_put(&old, lines->line[i]);
	if (has_stat)
		kq_put_stat(now, &new);
	/* Somebody else's width of a right one is no reason to change it. */
	if (new.err || old.err)
		out->err = -ENOMEM;
	ks_put(out, counts_same(ks_buf_span(&old), ks_buf_span(&new)) ? ks_buf_span(&old) :
									 ks_buf_span(&new));
	for (i = to; i < end_idx; i++)
		ks_put(out, lines->line[i]);
}
