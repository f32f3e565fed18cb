// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/refresh.h"

#include <stdio.h>

#include "engine/diffstat.h"
#include "text/digest.h"
#include "text/file.h"
#include "text/git.h"
#include "text/text.h"

/* struct writer - a patch on its way; @whole: with index lines where there are none */
struct writer {
	const struct kq_patch *patch;
	bool whole;
	struct kq_lines lines;
	struct ks_buf *out;
	struct kq_error *error;
};

static void writer_done(struct writer *w)
{
	kq_lines_done(&w->lines);
}

static void put_lines(struct writer *w, size_t idx, size_t end_idx)
{
	for (; idx < end_idx; idx++)
		ks_put(w->out, w->lines.line[idx]);
}

/* Behind the last line of a hunk and its "\ No newline at end of file". */
static size_t hunk_end(const struct writer *w, const struct kq_hunk *hunk)
{
	size_t end = hunk->line[hunk->nr_lines - 1].patch_line;

	return end < w->lines.nr && kq_starts(w->lines.line[end], "\\ ") ? end + 1 : end;
}

/* Behind the last line that belongs to a file. */
static size_t file_end(const struct writer *w, const struct kq_file *file)
{
	size_t end = file->patch_line;

	if (file->nr_hunks)
		return hunk_end(w, &file->hunk[file->nr_hunks - 1]);
	while (end < w->lines.nr && !kq_starts(w->lines.line[end], "diff --git ") &&
	       !kq_starts(w->lines.line[end], "-- "))
		end++;
	return end;
}

static unsigned int mode_of(const struct kq_refresh_side *side)
{
	return side->executable ? 0100755 : 0100644;
}

static int id_of(const struct kq_refresh_side *side, struct kq_hex *ret_id, struct kq_error *error)
{
	if (side->exists)
		return kq_blob_id(side->content, ret_id, error);
	snprintf(ret_id->text, sizeof(ret_id->text), "%s", KQ_ZERO_ID);
	return 0;
}

/* "index OLD..NEW MODE"; git leaves the mode out where another line tells it. */
static int put_index(struct writer *w, const struct kq_refresh_file *how, bool with_mode)
{
	struct kq_hex old, new;
	char line[192], mode[16] = "";
	int rc = id_of(&how->before, &old, w->error);

	if (!rc)
		rc = id_of(&how->after, &new, w->error);
	if (rc)
		return rc;
	if (with_mode)
		snprintf(mode, sizeof(mode), " %06o", mode_of(&how->before));
	snprintf(line, sizeof(line), "index %s..%s%s\n", old.text, new.text, mode);
	ks_put_str(w->out, line);
	return 0;
}

/* The line before a range is named when the range is empty. */
static size_t start_of(size_t idx, size_t count)
{
	return count ? idx + 1 : idx;
}

/* Two numbers change; how the counts are written and the section text stay. */
static void put_hunk_head(struct writer *w, const struct kq_hunk *hunk, size_t old_idx,
			  size_t new_idx)
{
	struct ks_span rest = w->lines.line[hunk->patch_line - 1], counts;
	char number[32];
	u32 unused;

	kq_take(&rest, "@@ -");
	kq_take_number(&rest, &unused);
	snprintf(number, sizeof(number), "@@ -%zu", start_of(old_idx, hunk->old_count));
	ks_put_str(w->out, number);
	counts = rest;
	while (rest.bytes && rest.p[0] != '+')
		rest = kq_tail(rest, 1);
	ks_put(w->out, kq_head(counts, counts.bytes - rest.bytes));
	kq_take(&rest, "+");
	kq_take_number(&rest, &unused);
	snprintf(number, sizeof(number), "+%zu", start_of(new_idx, hunk->new_count));
	ks_put_str(w->out, number);
	ks_put(w->out, rest);
}

/* Contents that differ have ids; git writes them above the names. */
static bool wants_index(const struct writer *w, const struct kq_file *file,
			const struct kq_refresh_file *how)
{
	return w->whole && !file->index_line &&
	       !ks_span_eq(how->before.content, how->after.content);
}

static int renumber(struct writer *w, const struct kq_file *file,
		    const struct kq_refresh_file *how)
{
	bool both = how->before.exists && how->after.exists;
	bool has_mode = how->before.executable != how->after.executable;
	size_t head_end = file->nr_hunks ? file->hunk[0].patch_line - 1 : file_end(w, file), i;
	size_t shift = 0;
	int rc = 0;

	for (i = file->patch_line - 1; i < head_end && !rc; i++) {
		struct ks_span line = w->lines.line[i];

		if (wants_index(w, file, how) && kq_starts(line, "--- "))
			rc = put_index(w, how, both && !has_mode);
		if (i + 1 == file->index_line)
			rc = put_index(w, how, both && !has_mode);
		else if (has_mode ||
			 !(kq_starts(line, "old mode ") || kq_starts(line, "new mode ")))
			ks_put(w->out, line);
	}
	for (i = 0; i < file->nr_hunks && !rc; i++) {
		const struct kq_hunk *hunk = &file->hunk[i];

		if (!how->take[i])
			continue;
		/* May wrap when lines went away; the sum does not. */
		put_hunk_head(w, hunk, how->onto_idx[i], how->onto_idx[i] + shift);
		put_lines(w, hunk->patch_line, hunk_end(w, hunk));
		shift += (size_t)hunk->new_count - hunk->old_count;
	}
	return rc;
}

static void put_mode(struct writer *w, const char *what, const struct kq_refresh_side *side)
{
	char line[64];

	snprintf(line, sizeof(line), "%s mode %06o\n", what, mode_of(side));
	ks_put_str(w->out, line);
}

static int put_anew(struct writer *w, const struct kq_refresh_file *how)
{
	const struct kq_refresh_side *before = &how->before, *after = &how->after;
	bool same = ks_span_eq(before->content, after->content);
	bool both = before->exists && after->exists;
	bool has_mode = both && before->executable != after->executable;
	int rc = 0;

	kq_put_git_line(w->out, ks_span_str(how->path));
	if (has_mode) {
		put_mode(w, "old", before);
		put_mode(w, "new", after);
	}
	if (!both)
		put_mode(w, after->exists ? "new file" : "deleted file",
			 after->exists ? after : before);
	if (!both || !same)
		rc = put_index(w, how, both && !has_mode);
	if (rc || same)
		return rc;
	kq_put_sides(w->out, ks_span_str(how->path), before->exists, after->exists);
	return kq_git_diff(before->content, after->content, how->path, 3, w->out, w->error);
}

struct kq_refresh_side kq_refresh_side_of(const struct kq_node *node)
{
	return (struct kq_refresh_side){ node->exists, node->executable, kq_node_content(node) };
}

int kq_refresh_section(const struct kq_refresh_file *file, struct ks_buf *out,
		       struct kq_error *error)
{
	struct writer w = { .out = out, .error = error };

	return put_anew(&w, file);
}

static int put_files(struct writer *w, const struct kq_refresh_file *how)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < w->patch->nr_files && !rc; i++) {
		const struct kq_file *file = &w->patch->file[i];

		if (how[i].how == KQ_AS_IS)
			put_lines(w, file->patch_line - 1, file_end(w, file));
		else if (how[i].how == KQ_RENUMBER)
			rc = renumber(w, file, &how[i]);
		else if (how[i].how == KQ_ANEW)
			rc = put_anew(w, &how[i]);
	}
	return rc;
}

/* The patch does something else than before, so its diffstat is wrong. */
static bool has_new_stat(const struct kq_patch *patch, const struct kq_refresh_file *how)
{
	size_t i, k;

	for (i = 0; i < patch->nr_files; i++) {
		if (how[i].how == KQ_LEAVE_OUT || how[i].how == KQ_ANEW)
			return true;
		for (k = 0; k < patch->file[i].nr_hunks && how[i].how == KQ_RENUMBER; k++)
			if (!how[i].take[k])
				return true;
		if (how[i].how == KQ_RENUMBER && patch->file[i].new_mode &&
		    how[i].before.executable == how[i].after.executable)
			return true;
	}
	return false;
}

/* The diffs between what comes before, with a diffstat of @written unless that is NULL, and after.
 */
static void put_around(const struct writer *w, struct ks_span diffs, const struct kq_patch *written,
		       struct ks_buf *out)
{
	struct writer around = { .patch = w->patch, .lines = w->lines, .out = out };
	size_t first = w->patch->file[0].patch_line - 1;

	if (written)
		kq_put_notes(&w->lines, first, written, out);
	else
		put_lines(&around, 0, first);
	ks_put(out, diffs);
	put_lines(&around, file_end(w, &w->patch->file[w->patch->nr_files - 1]), w->lines.nr);
}

/* A diffstat counts what the new patch does, so that is written and read first. */
static int put_all(const struct writer *w, struct ks_span diffs, bool has_stat, struct ks_buf *out)
{
	__cleanup(kq_patch_done) struct kq_patch written = { 0 };
	__cleanup(ks_buf_done) struct ks_buf draft = { 0 };
	int rc;

	if (!has_stat) {
		put_around(w, diffs, NULL, out);
		return 0;
	}
	put_around(w, diffs, NULL, &draft);
	if (kq_buf_check(&draft, w->error))
		return w->error->err;
	rc = kq_patch_parse(ks_buf_span(&draft), w->patch->label, &written, w->error);
	if (!rc)
		put_around(w, diffs, &written, out);
	return rc;
}

static int refresh(const struct kq_patch *patch, struct ks_span text, bool whole,
		   const struct kq_refresh_file *file, struct ks_buf *ret_text,
		   struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf diffs = { 0 };
	__cleanup(ks_buf_done) struct ks_buf out = { 0 };
	__cleanup(writer_done) struct writer w = {
		.patch = patch,
		.whole = whole,
		.out = &diffs,
		.error = error,
	};
	int rc = kq_lines_split(text, &w.lines, error);

	if (!rc)
		rc = put_files(&w, file);
	if (!rc && !diffs.bytes)
		rc = kq_fail(error, -EINVAL, "%s: nothing is left of the patch", patch->label);
	if (!rc)
		rc = kq_buf_check(&diffs, error);
	if (!rc)
		rc = put_all(&w, ks_buf_span(&diffs), whole || has_new_stat(patch, file), &out);
	if (!rc)
		rc = kq_buf_check(&out, error);
	if (rc)
		return rc;
	ks_buf_move(ret_text, &out);
	return 0;
}

int kq_refresh(const struct kq_patch *patch, struct ks_span text,
	       const struct kq_refresh_file *file, struct ks_buf *ret_text, struct kq_error *error)
{
	return refresh(patch, text, false, file, ret_text, error);
}

int kq_refresh_whole(const struct kq_patch *patch, struct ks_span text,
		     const struct kq_refresh_file *file, struct ks_buf *ret_text,
		     struct kq_error *error)
{
	return refresh(patch, text, true, file, ret_text, error);
}
