// SPDX-License-Identifier: LGPL-2.1-or-later
#include "work/refold.h"

#include <string.h>

#include "engine/diffstat.h"
#include "engine/refresh.h"
#include "text/text.h"

/* struct refold - the parts of one rewrite */
struct refold {
	const struct kq_patch *patch;
	struct ks_span text;
	struct kq_overlay *before;
	struct kq_overlay *after;
	const struct kq_work_result *result;
	struct kq_lines lines;
	size_t tail_idx;
	struct kq_error *error;
};

static void refold_done(struct refold *r)
{
	kq_lines_done(&r->lines);
}

/* The signature: the last "-- " of the file, which its reader has found too. */
static size_t find_tail(const struct kq_lines *lines)
{
	size_t i = lines->nr;

	while (i > 0 && !kq_is(lines->line[i - 1], "-- \n") && !kq_is(lines->line[i - 1], "-- "))
		i--;
	return i ? i - 1 : lines->nr;
}

static const struct kq_file *file_of(const struct kq_patch *patch, const char *path)
{
	size_t i;

	for (i = 0; i < patch->nr_files; i++)
		if (kq_is(patch->file[i].path, path))
			return &patch->file[i];
	return NULL;
}

static void put_lines(const struct refold *r, size_t idx, size_t end_idx, struct ks_buf *out)
{
	for (; idx < end_idx; idx++)
		ks_put(out, r->lines.line[idx]);
}

static bool is_as(const struct kq_changed *changed, const struct kq_node *node)
{
	if (changed->exists != node->exists)
		return false;
	return !changed->exists || (changed->executable == node->executable &&
				    ks_span_eq(ks_buf_span(&changed->content),
					       kq_node_content(node)));
}

/* One file: its old bytes, its new difference, or nothing. */
static int put_file(const struct refold *r, const struct kq_changed *changed, struct ks_buf *out,
		    bool *changes)
{
	const struct kq_file *file = file_of(r->patch, changed->path);
	struct kq_refresh_file section = { .how = KQ_ANEW, .path = changed->path };
	struct kq_node *before, *after;
	int rc = kq_overlay_get(r->before, ks_span_str(changed->path), &before, r->error);

	if (!rc)
		rc = kq_overlay_get(r->after, ks_span_str(changed->path), &after, r->error);
	if (rc)
		return rc;
	if (file && is_as(changed, after)) {
		size_t idx = (size_t)(file - r->patch->file) + 1;

		put_lines(r, file->patch_line - 1,
			  idx < r->patch->nr_files ? r->patch->file[idx].patch_line - 1 :
						     r->tail_idx,
			  out);
		return 0;
	}
	*changes = true;
	if (is_as(changed, before))
		return 0;
	section.before = kq_refresh_side_of(before);
	section.after = (struct kq_refresh_side){ changed->exists, changed->executable,
						  ks_buf_span(&changed->content) };
	return kq_refresh_section(&section, out, r->error);
}

/* A file of the patch that git does not name any more is as it was before. */
static bool is_missing(const struct refold *r)
{
	size_t i, k;

	for (i = 0; i < r->patch->nr_files; i++) {
		for (k = 0; k < r->result->nr; k++)
			if (kq_is(r->patch->file[i].path, r->result->changed[k].path))
				break;
		if (k == r->result->nr)
			return true;
	}
	return false;
}

static int put_files(const struct refold *r, struct ks_buf *out, bool *changes)
{
	size_t i;
	int rc = 0;

	*changes = is_missing(r);
	for (i = 0; i < r->result->nr && !rc; i++)
		rc = put_file(r, &r->result->changed[i], out, changes);
	if (!rc && !out->bytes)
		rc = kq_fail(r->error, KQ_REFUSED,
			     "%s: nothing is left of it: take it out of the series instead",
			     r->patch->label);
	return rc;
}

/* The mail header with another field, which may go on in lines that start with a blank. */
static void put_field(struct ks_span head, const char *key, const struct ks_buf *field,
		      struct ks_buf *out)
{
	bool inside = false;
	struct ks_span line;

	if (!field->bytes) {
		ks_put(out, head);
		return;
	}
	while (ks_span_line(&head, &line)) {
		if (kq_starts(line, key)) {
			inside = true;
			ks_put(out, ks_buf_span(field));
			continue;
		}
		if (inside && (kq_starts(line, " ") || kq_starts(line, "\t")))
			continue;
		inside = false;
		ks_put(out, line);
		ks_put_str(out, "\n");
	}
}

static void put_head(const struct refold *r, struct ks_buf *out)
{
	__cleanup(ks_buf_done) struct ks_buf head = { 0 };

	put_field(r->patch->head, "Subject:", &r->result->subject, &head);
	put_field(ks_buf_span(&head), "From:", &r->result->author, out);
	if (head.err)
		out->err = head.err;
}

/* Everything above the first difference, with the old diffstat. */
static void put_front(const struct refold *r, struct ks_buf *front)
{
	size_t first = r->patch->file[0].patch_line - 1, notes = r->patch->body_line - 1;
	struct ks_span body = r->patch->body, line;

	if (!r->result->new_message && !r->result->author.bytes) {
		put_lines(r, 0, first, front);
		return;
	}
	put_head(r, front);
	ks_put_str(front, "\n");
	if (!r->result->new_message) {
		put_lines(r, r->patch->body_line - 1, first, front);
		return;
	}
	ks_put(front, ks_buf_span(&r->result->body));
	for (; ks_span_line(&body, &line); notes++)
		;
	put_lines(r, notes, first, front);
}

/* @draft with another diffstat: it counts what the new patch does, so that is read first. */
static int put_new_stat(const struct refold *r, const struct ks_buf *draft, struct ks_buf *out)
{
	__cleanup(kq_patch_done) struct kq_patch now = { 0 };
	__cleanup(kq_lines_done) struct kq_lines lines = { 0 };
	size_t i;
	int rc = kq_patch_parse(ks_buf_span(draft), r->patch->label, &now, r->error);

	if (!rc)
		rc = kq_lines_split(ks_buf_span(draft), &lines, r->error);
	if (rc)
		return rc;
	i = now.file[0].patch_line - 1;
	kq_put_notes(&lines, i, &now, out);
	for (; i < lines.nr; i++)
		ks_put(out, lines.line[i]);
	return 0;
}

int kq_refold(const struct kq_patch *patch, struct ks_span text, struct kq_overlay *before,
	      struct kq_overlay *after, const struct kq_work_result *result,
	      struct ks_buf *ret_text, struct kq_error *error)
{
	__cleanup(refold_done) struct refold r = {
		.patch = patch, .text = text, .before = before, .after = after, .result = result,
		.error = error,
	};
	__cleanup(ks_buf_done) struct ks_buf diffs = { 0 };
	__cleanup(ks_buf_done) struct ks_buf draft = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	struct ks_diag diag = { 0 };
	bool changes = false;
	int rc = kq_lines_split(text, &r.lines, error);

	if (rc)
		return rc;
	r.tail_idx = find_tail(&r.lines);
	rc = put_files(&r, &diffs, &changes);
	if (rc)
		return rc;
	put_front(&r, &draft);
	ks_put(&draft, ks_buf_span(&diffs));
	put_lines(&r, r.tail_idx, r.lines.nr, &draft);
	if (ks_buf_ok(&diffs, &diag) || ks_buf_ok(&draft, &diag))
		return kq_fail_diag(error, &diag);
	if (!changes) {
		ks_buf_move(ret_text, &draft);
		return 0;
	}
	rc = put_new_stat(&r, &draft, &out);
	if (!rc && ks_buf_ok(&out, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		ks_buf_move(ret_text, &out);
	return rc;
}
