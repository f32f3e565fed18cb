// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/reader.h"

#include <string.h>

#include "text/text.h"

bool kq_reader_next(struct kq_reader *r)
{
	struct ks_span before = r->rest;

	r->nr++;
	r->has = ks_span_line(&r->rest, &r->line);
	if (!r->has)
		r->line = (struct ks_span){ 0 };
	r->whole = kq_head(before, before.bytes - r->rest.bytes);
	return r->has;
}

int kq_reader_fail(struct kq_reader *r, int err, const char *what)
{
	return kq_fail(r->fault, err, "%s:%u: %s", r->patch->label, r->nr, what);
}

static bool is_blank_text(struct ks_span text)
{
	return !ks_span_trim(text).bytes;
}

/*
 * "-- " may also be the removal of a line "- ". It is the signature when a line that can be no part
 * of a hunk follows (git writes its version) and then nothing.
 */
bool kq_at_signature(const struct kq_reader *r)
{
	struct ks_span rest = r->rest, line = { 0 };

	if (!r->has || !kq_is(r->line, "-- "))
		return false;
	if (!ks_span_line(&rest, &line))
		return true;
	return (!line.bytes || !memchr(" +-\\@", line.p[0], 5)) && is_blank_text(rest);
}

size_t kq_hunk_old_idx(const struct kq_hunk *hunk)
{
	return hunk->old_count ? hunk->old_start - 1 : hunk->old_start;
}

size_t kq_hunk_new_idx(const struct kq_hunk *hunk)
{
	return hunk->new_count ? hunk->new_start - 1 : hunk->new_start;
}

static bool take_range(struct ks_span *s, u32 *ret_start, u32 *ret_count)
{
	*ret_count = 1;
	if (!kq_take_number(s, ret_start))
		return false;
	return !kq_take(s, ",") || kq_take_number(s, ret_count);
}

static int read_hunk_head(struct kq_reader *r, struct kq_hunk *hunk)
{
	struct ks_span s = r->line;

	if (!kq_take(&s, "@@ -") || !take_range(&s, &hunk->old_start, &hunk->old_count) ||
	    !kq_take(&s, " +") || !take_range(&s, &hunk->new_start, &hunk->new_count) ||
	    !kq_take(&s, " @@") || (s.bytes && s.p[0] != ' '))
		return kq_reader_fail(r, -EBADMSG, "damaged hunk header, want @@ -a,b +c,d @@");
	if ((hunk->old_count && !hunk->old_start) || (hunk->new_count && !hunk->new_start))
		return kq_reader_fail(r, -EBADMSG, "hunk header counts lines from 1, this says 0");
	hunk->patch_line = r->nr;
	hunk->section = ks_span_trim(s);
	return 0;
}

/* "\ No newline at end of file": takes the newline off the line before. */
static int take_newline_off(struct kq_reader *r, struct kq_hunk *hunk, char *ended)
{
	struct kq_line *last;

	if (!hunk->nr_lines)
		return kq_reader_fail(r, -EBADMSG, "'\\ No newline' follows no line");
	last = &r->patch->line[r->patch->nr_lines - 1];
	if (!ks_span_ends_with(last->text, ks_span_str("\n")))
		return kq_reader_fail(r, -EBADMSG, "'\\ No newline' stands there twice");
	last->text = kq_chomp(last->text);
	/* Which side has seen its last line: none of it may follow. */
	*ended = last->kind == ' ' || *ended ? ' ' : last->kind;
	return 0;
}

static int add_line(struct kq_reader *r, struct kq_hunk *hunk, char kind)
{
	struct kq_patch *patch = r->patch;
	struct kq_line line = { .kind = kind, .patch_line = r->nr }, *moved;

	if (!ks_span_ends_with(r->whole, ks_span_str("\n")))
		return kq_reader_fail(r, -EBADMSG, "patch is cut off within a hunk line");
	moved = kq_grow(patch->line, patch->nr_lines, &patch->room_lines, sizeof(line),
			KQ_MAX_LINES, r->fault);
	if (!moved)
		return r->fault->err;
	patch->line = moved;
	/* Mailers strip the blank of an empty context line; git apply takes that too. */
	line.text = r->line.bytes ? kq_tail(r->whole, 1) : r->whole;
	patch->line[patch->nr_lines++] = line;
	hunk->nr_lines++;
	return 0;
}

/* Context before the first and after the last change. */
static void count_context(const struct kq_patch *patch, struct kq_hunk *hunk)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < hunk->nr_lines; i++) {
		if (patch->line[hunk->first_line + i].kind != ' ') {
			changed = true;
			hunk->trailing = 0;
			continue;
		}
		if (!changed)
			hunk->leading++;
		hunk->trailing++;
	}
	if (!changed)
		hunk->trailing = hunk->leading = (u32)hunk->nr_lines;
}

static int read_hunk_line(struct kq_reader *r, struct kq_hunk *hunk, u32 *old_left, u32 *new_left,
			  char *ended)
{
	char kind = r->line.bytes ? (char)r->line.p[0] : ' ';
	bool is_old = kind != '+', is_new = kind != '-';

	if (!r->has || kq_at_signature(r))
		return kq_reader_fail(r, -EBADMSG, "hunk is shorter than its @@ line says");
	if (kind == '\\')
		return take_newline_off(r, hunk, ended);
	if (!strchr(" +-", kind))
		return kq_reader_fail(r, -EBADMSG, "hunk is shorter than its @@ line says");
	if ((is_old && !*old_left) || (is_new && !*new_left))
		return kq_reader_fail(r, -EBADMSG, "hunk has other lines than its @@ line says");
	if (*ended && (*ended == ' ' || kind == ' ' || *ended == kind))
		return kq_reader_fail(r, -EBADMSG, "a line follows the last one of its file");
	*old_left -= is_old;
	*new_left -= is_new;
	return add_line(r, hunk, kind);
}

static int read_hunk(struct kq_reader *r, struct kq_hunk *hunk)
{
	u32 old_left, new_left;
	char ended = 0;
	int rc = read_hunk_head(r, hunk);

	if (rc)
		return rc;
	hunk->first_line = r->patch->nr_lines;
	old_left = hunk->old_count;
	new_left = hunk->new_count;
	kq_reader_next(r);
	while (old_left || new_left) {
		rc = read_hunk_line(r, hunk, &old_left, &new_left, &ended);
		if (rc)
			return rc;
		kq_reader_next(r);
	}
	if (kq_starts(r->line, "\\ ")) {
		rc = take_newline_off(r, hunk, &ended);
		if (rc)
			return rc;
		kq_reader_next(r);
	}
	count_context(r->patch, hunk);
	if (hunk->leading == hunk->nr_lines)
		return kq_fail(r->fault, -EBADMSG, "%s:%u: hunk changes nothing", r->patch->label,
			       hunk->patch_line);
	return 0;
}

/* Hunks go down the file; a new range that disagrees with the ones above is only noted. */
static int check_order(struct kq_reader *r, struct kq_file *file, const struct kq_hunk *hunk,
		       size_t *old_end, int64_t *shift)
{
	if (kq_hunk_old_idx(hunk) < *old_end)
		return kq_fail(r->fault, -EBADMSG,
			       "%s:%u: hunk overlaps the one before, or is out of order",
			       r->patch->label, hunk->patch_line);
	if (!file->stale_line &&
	    (int64_t)kq_hunk_new_idx(hunk) != (int64_t)kq_hunk_old_idx(hunk) + *shift)
		file->stale_line = hunk->patch_line;
	*old_end = kq_hunk_old_idx(hunk) + hunk->old_count;
	*shift += (int64_t)hunk->new_count - (int64_t)hunk->old_count;
	return 0;
}

int kq_read_hunks(struct kq_reader *r)
{
	struct kq_patch *patch = r->patch;
	struct kq_file *file = &patch->file[patch->nr_files - 1];
	size_t old_end = 0;
	int64_t shift = 0;

	file->first_hunk = patch->nr_hunks;
	do {
		struct kq_hunk hunk = { 0 }, *moved;
		int rc = read_hunk(r, &hunk);

		if (!rc)
			rc = check_order(r, file, &hunk, &old_end, &shift);
		if (rc)
			return rc;
		moved = kq_grow(patch->hunk, patch->nr_hunks, &patch->room_hunks, sizeof(hunk),
				KQ_MAX_HUNKS, r->fault);
		if (!moved)
			return r->fault->err;
		patch->hunk = moved;
		patch->hunk[patch->nr_hunks++] = hunk;
		file->nr_hunks++;
	} while (kq_starts(r->line, "@@"));
	return 0;
}
