// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/diffstat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Widths and scaling are those of git's show_stats(), with the 72 columns of format-patch. */
#define WIDTH  72U
#define AROUND 6U /* " ", " | ", " " and one spare */

/* struct widths - of the columns */
struct widths {
	size_t name;
	size_t number;
	size_t graph;
	size_t max_change;
};

static void count_changes(const struct kq_file *file, size_t *ret_added, size_t *ret_removed)
{
	size_t i, k;

	*ret_added = *ret_removed = 0;
	for (i = 0; i < file->nr_hunks; i++)
		for (k = 0; k < file->hunk[i].nr_lines; k++) {
			*ret_added += file->hunk[i].line[k].kind == '+';
			*ret_removed += file->hunk[i].line[k].kind == '-';
		}
}

static size_t digits(size_t n)
{
	size_t nr = 1;

	while (n >= 10) {
		n /= 10;
		nr++;
	}
	return nr;
}

static struct widths widths_of(const struct kq_patch *patch)
{
	struct widths w = { 0 };
	size_t i, least;

	for (i = 0; i < patch->nr_files; i++) {
		size_t added, removed;

		count_changes(&patch->file[i], &added, &removed);
		if (added + removed > w.max_change)
			w.max_change = added + removed;
		if (patch->file[i].path.bytes > w.name)
			w.name = patch->file[i].path.bytes;
	}
	w.number = digits(w.max_change);
	w.graph = w.max_change;
	if (w.name + w.number + AROUND + w.graph <= WIDTH)
		return w;
	/* At least 3/8 for the graph, if the names are long. */
	least = WIDTH * 3 / 8 - w.number - AROUND;
	if (w.graph > least)
		w.graph = least;
	if (w.name > WIDTH - w.number - AROUND - w.graph)
		w.name = WIDTH - w.number - AROUND - w.graph;
	else
		w.graph = WIDTH - w.number - AROUND - w.name;
	return w;
}

static size_t scale(size_t n, const struct widths *w)
{
	return n ? 1 + n * (w->graph - 1) / w->max_change : 0;
}

static void put_graph(size_t added, size_t removed, const struct widths *w, struct ks_buf *out)
{
	if (w->graph <= w->max_change && w->max_change) {
		size_t total = scale(added + removed, w);

		if (total < 2 && added && removed)
			total = 2;
		if (added < removed) {
			added = scale(added, w);
			removed = total - added;
		} else {
			removed = scale(removed, w);
			added = total - removed;
		}
	}
	if (added + removed)
		ks_put_str(out, " ");
	ks_put_fill(out, '+', added);
	ks_put_fill(out, '-', removed);
	ks_put_str(out, "\n");
}

/* A long name loses its start, up to a slash if one is there. */
static void put_name(struct ks_span name, size_t width, struct ks_buf *out)
{
	size_t i;

	if (name.bytes > width) {
		name = kq_tail(name, name.bytes - width + 3);
		for (i = 0; i < name.bytes && name.p[i] != '/'; i++)
			;
		if (i < name.bytes)
			name = kq_tail(name, i);
		ks_put_str(out, "...");
		width -= 3;
	}
	ks_put(out, name);
	ks_put_fill(out, ' ', width - name.bytes);
}

static void put_number(struct ks_buf *out, const char *format, size_t n)
{
	char text[64];

	snprintf(text, sizeof(text), format, n);
	ks_put_str(out, text);
}

static void put_sum(size_t nr_files, size_t added, size_t removed, struct ks_buf *out)
{
	put_number(out, nr_files == 1 ? " %zu file changed" : " %zu files changed", nr_files);
	if (added || !removed)
		put_number(out, added == 1 ? ", %zu insertion(+)" : ", %zu insertions(+)", added);
	if (removed || !added)
		put_number(out, removed == 1 ? ", %zu deletion(-)" : ", %zu deletions(-)", removed);
	ks_put_str(out, "\n");
}

static void put_modes(const struct kq_file *file, struct ks_buf *out)
{
	char text[64] = "";

	if (file->change == KQ_CREATE)
		snprintf(text, sizeof(text), " create mode %06o ", file->new_mode);
	else if (file->change == KQ_DELETE)
		snprintf(text, sizeof(text), " delete mode %06o ", file->old_mode);
	else if (file->new_mode)
		snprintf(text, sizeof(text), " mode change %06o => %06o ", file->old_mode,
			 file->new_mode);
	if (!text[0])
		return;
	ks_put_str(out, text);
	ks_put(out, file->path);
	ks_put_str(out, "\n");
}

void kq_put_stat(const struct kq_patch *patch, struct ks_buf *out)
{
	const struct widths w = widths_of(patch);
	size_t i, added, removed, sum_added = 0, sum_removed = 0;

	for (i = 0; i < patch->nr_files; i++) {
		char number[32];

		count_changes(&patch->file[i], &added, &removed);
		sum_added += added;
		sum_removed += removed;
		ks_put_str(out, " ");
		put_name(patch->file[i].path, w.name, out);
		snprintf(number, sizeof(number), " | %*zu", (int)w.number, added + removed);
		ks_put_str(out, number);
		put_graph(added, removed, &w, out);
	}
	put_sum(patch->nr_files, sum_added, sum_removed, out);
	for (i = 0; i < patch->nr_files; i++)
		put_modes(&patch->file[i], out);
}

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

void kq_put_notes(const struct kq_lines *lines, size_t end_idx, const struct kq_patch *written,
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
		kq_put_stat(written, &new);
	/* Somebody else's width of a right one is not a reason to change it. */
	if (new.err || old.err)
		out->err = -ENOMEM;
	ks_put(out, counts_same(ks_buf_span(&old), ks_buf_span(&new)) ? ks_buf_span(&old)
								      : ks_buf_span(&new));
	for (i = to; i < end_idx; i++)
		ks_put(out, lines->line[i]);
}
