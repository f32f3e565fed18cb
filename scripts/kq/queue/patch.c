// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/patch.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "text/text.h"

/**
 * struct reader - a text, line by line, with one line in hand
 * @rest: what follows the line in hand
 * @whole: the line in hand with its newline
 * @line: without its newline
 * @nr: its number, from 1
 * @has: there is a line in hand; false at the end of the text
 */
struct reader {
	struct ks_span rest;
	struct ks_span whole;
	struct ks_span line;
	u32 nr;
	bool has;
	struct kq_patch *patch;
	struct kq_error *error;
};

/* Take the next line in hand. */
static bool next_line(struct reader *r)
{
	struct ks_span before = r->rest;

	r->nr++;
	r->has = ks_span_line(&r->rest, &r->line);
	if (!r->has)
		r->line = (struct ks_span){ 0 };
	r->whole = kq_head(before, before.bytes - r->rest.bytes);
	return r->has;
}

/* "LABEL:LINE: what" */
static int fail_here(struct reader *r, int err, const char *what)
{
	return kq_fail(r->error, err, "%s:%u: %s", r->patch->label, r->nr, what);
}

static bool is_blank_text(struct ks_span text)
{
	return !ks_span_trim(text).bytes;
}

/*
 * "-- " may also be the removal of a line "- ". It is the signature when a line that can be no part
 * of a hunk follows (git writes its version) and then nothing.
 */
static bool at_signature(const struct reader *r)
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

bool kq_take_ranges(struct ks_span *s, u32 old[2], u32 new[2])
{
	return kq_take(s, "@@ -") && take_range(s, &old[0], &old[1]) && kq_take(s, " +") &&
	       take_range(s, &new[0], &new[1]);
}

static int read_hunk_head(struct reader *r, struct kq_hunk *hunk)
{
	struct ks_span s = r->line;
	u32 old[2], new[2];

	if (!kq_take_ranges(&s, old, new) || !kq_take(&s, " @@") || (s.bytes && s.p[0] != ' '))
		return fail_here(r, -EBADMSG, "damaged hunk header, want @@ -a,b +c,d @@");
	hunk->old_start = old[0];
	hunk->old_count = old[1];
	hunk->new_start = new[0];
	hunk->new_count = new[1];
	if ((hunk->old_count && !hunk->old_start) || (hunk->new_count && !hunk->new_start))
		return fail_here(r, -EBADMSG, "hunk header counts lines from 1, this says 0");
	hunk->patch_line = r->nr;
	hunk->section = ks_span_trim(s);
	return 0;
}

/* "\ No newline at end of file": takes the newline off the line before. */
static int take_newline_off(struct reader *r, struct kq_hunk *hunk, char *ended)
{
	struct kq_line *last;

	if (!hunk->nr_lines)
		return fail_here(r, -EBADMSG, "'\\ No newline' follows no line");
	last = &r->patch->line[r->patch->nr_lines - 1];
	if (!ks_span_ends_with(last->text, ks_span_str("\n")))
		return fail_here(r, -EBADMSG, "'\\ No newline' stands there twice");
	last->text = kq_chomp(last->text);
	/* Which side has seen its last line: none of it may follow. */
	*ended = last->kind == ' ' || *ended ? ' ' : last->kind;
	return 0;
}

static int add_line(struct reader *r, struct kq_hunk *hunk, char kind)
{
	struct kq_patch *patch = r->patch;
	struct kq_line line = { .kind = kind, .patch_line = r->nr }, *moved;

	if (!ks_span_ends_with(r->whole, ks_span_str("\n")))
		return fail_here(r, -EBADMSG, "patch is cut off within a hunk line");
	moved = kq_grow(patch->line, patch->nr_lines, &patch->room_lines, sizeof(line),
			KQ_MAX_LINES, r->error);
	if (!moved)
		return r->error->err;
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

static int read_hunk_line(struct reader *r, struct kq_hunk *hunk, u32 *old_left, u32 *new_left,
			  char *ended)
{
	char kind = r->line.bytes ? (char)r->line.p[0] : ' ';
	bool is_old = kind != '+', is_new = kind != '-';

	if (!r->has || at_signature(r))
		return fail_here(r, -EBADMSG, "hunk is shorter than its @@ line says");
	if (kind == '\\')
		return take_newline_off(r, hunk, ended);
	if (!strchr(" +-", kind))
		return fail_here(r, -EBADMSG, "hunk is shorter than its @@ line says");
	if ((is_old && !*old_left) || (is_new && !*new_left))
		return fail_here(r, -EBADMSG, "hunk has other lines than its @@ line says");
	if (*ended && (*ended == ' ' || kind == ' ' || *ended == kind))
		return fail_here(r, -EBADMSG, "a line follows the last one of its file");
	*old_left -= is_old;
	*new_left -= is_new;
	return add_line(r, hunk, kind);
}

static int read_hunk(struct reader *r, struct kq_hunk *hunk)
{
	u32 old_left, new_left;
	char ended = 0;
	int rc = read_hunk_head(r, hunk);

	if (rc)
		return rc;
	hunk->first_line = r->patch->nr_lines;
	old_left = hunk->old_count;
	new_left = hunk->new_count;
	next_line(r);
	while (old_left || new_left) {
		rc = read_hunk_line(r, hunk, &old_left, &new_left, &ended);
		if (rc)
			return rc;
		next_line(r);
	}
	if (kq_starts(r->line, "\\ ")) {
		rc = take_newline_off(r, hunk, &ended);
		if (rc)
			return rc;
		next_line(r);
	}
	count_context(r->patch, hunk);
	if (hunk->leading == hunk->nr_lines)
		return kq_fail(r->error, -EBADMSG, "%s:%u: hunk changes nothing", r->patch->label,
			       hunk->patch_line);
	return 0;
}

/* Hunks go down the file; a new range that disagrees with the ones above is only noted. */
static int check_order(struct reader *r, struct kq_file *file, const struct kq_hunk *hunk,
		       size_t *old_end, int64_t *shift)
{
	if (kq_hunk_old_idx(hunk) < *old_end)
		return kq_fail(r->error, -EBADMSG,
			       "%s:%u: hunk overlaps the one before, or is out of order",
			       r->patch->label, hunk->patch_line);
	if (!file->stale_line &&
	    (int64_t)kq_hunk_new_idx(hunk) != (int64_t)kq_hunk_old_idx(hunk) + *shift)
		file->stale_line = hunk->patch_line;
	*old_end = kq_hunk_old_idx(hunk) + hunk->old_count;
	*shift += (int64_t)hunk->new_count - (int64_t)hunk->old_count;
	return 0;
}

/* All @@ blocks of the last file of r->patch; the first is in hand. */
static int read_hunks(struct reader *r)
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
				KQ_MAX_HUNKS, r->error);
		if (!moved)
			return r->error->err;
		patch->hunk = moved;
		patch->hunk[patch->nr_hunks++] = hunk;
		file->nr_hunks++;
	} while (kq_starts(r->line, "@@"));
	return 0;
}

#define MODE_FILE 0100644U
#define MODE_EXECUTABLE 0100755U

void kq_patch_done(struct kq_patch *patch)
{
	free(patch->file);
	free(patch->hunk);
	free(patch->line);
	*patch = (struct kq_patch){ 0 };
}

/* Six octal digits; only plain files are queue material. */
static int read_mode(struct reader *r, struct ks_span s, u32 *ret_mode)
{
	if (kq_is(s, "100644"))
		*ret_mode = MODE_FILE;
	else if (kq_is(s, "100755"))
		*ret_mode = MODE_EXECUTABLE;
	else if (kq_is(s, "120000") || kq_is(s, "160000"))
		return fail_here(r, -EOPNOTSUPP,
				 "symbolic links and submodules are refused, only plain files");
	else
		return fail_here(r, -EBADMSG, "file mode is neither 100644 nor 100755");
	return 0;
}

static int on_old_mode(struct reader *r, struct kq_file *file, struct ks_span value)
{
	return read_mode(r, value, &file->old_mode);
}

static int on_new_mode(struct reader *r, struct kq_file *file, struct ks_span value)
{
	return read_mode(r, value, &file->new_mode);
}

static int on_create(struct reader *r, struct kq_file *file, struct ks_span value)
{
	if (file->change != KQ_MODIFY || file->old_mode || file->new_mode)
		return fail_here(r, -EBADMSG, "header lines contradict each other");
	file->change = KQ_CREATE;
	return read_mode(r, value, &file->new_mode);
}

static int on_delete(struct reader *r, struct kq_file *file, struct ks_span value)
{
	if (file->change != KQ_MODIFY || file->old_mode || file->new_mode)
		return fail_here(r, -EBADMSG, "header lines contradict each other");
	file->change = KQ_DELETE;
	return read_mode(r, value, &file->old_mode);
}

static bool is_object_id(struct ks_span s)
{
	return s.bytes >= 4 && s.bytes <= 64 && kq_is_hex(s, s.bytes);
}

static int on_index(struct reader *r, struct kq_file *file, struct ks_span value)
{
	const u8 *dots = value.bytes ? memmem(value.p, value.bytes, "..", 2) : NULL;
	struct ks_span mode = { 0 };
	size_t n = dots ? (size_t)(dots - value.p) : 0;
	const u8 *blank;
	u32 unused;

	if (!dots || file->old_id.bytes)
		return fail_here(r, -EBADMSG, "damaged index line, want index OLD..NEW");
	file->old_id = kq_head(value, n);
	file->new_id = kq_tail(value, n + 2);
	blank = file->new_id.bytes ? memchr(file->new_id.p, ' ', file->new_id.bytes) : NULL;
	if (blank) {
		n = (size_t)(blank - file->new_id.p);
		mode = kq_tail(file->new_id, n + 1);
		file->new_id = kq_head(file->new_id, n);
	}
	if (!is_object_id(file->old_id) || !is_object_id(file->new_id))
		return fail_here(r, -EBADMSG, "damaged index line, want index OLD..NEW");
	file->index_line = r->nr;
	return blank ? read_mode(r, mode, &unused) : 0;
}

static int on_move(struct reader *r, struct kq_file *file, struct ks_span value)
{
	(void)file;
	(void)value;
	return fail_here(r, -EOPNOTSUPP,
			 "renames and copies are refused, make the patch with --no-renames");
}

static int on_binary(struct reader *r, struct kq_file *file, struct ks_span value)
{
	(void)file;
	(void)value;
	return fail_here(r, -EOPNOTSUPP, "binary patches are refused, nobody can review them");
}

static const struct {
	const char *prefix;
	int (*read)(struct reader *r, struct kq_file *file, struct ks_span value);
} header_lines[] = {
	{ "index ", on_index },
	{ "old mode ", on_old_mode },
	{ "new mode ", on_new_mode },
	{ "new file mode ", on_create },
	{ "deleted file mode ", on_delete },
	{ "similarity index ", on_move },
	{ "dissimilarity index ", on_move },
	{ "rename ", on_move },
	{ "copy ", on_move },
	{ "GIT binary patch", on_binary },
	{ "Binary files ", on_binary },
};

/* Both names are the same, as renames are refused: so the line splits in the middle. */
static int read_names(struct reader *r, struct kq_file *file)
{
	struct ks_span s = r->line, old, new;

	kq_take(&s, "diff --git ");
	if (ks_span_ends_with(s, ks_span_str("\r")))
		return fail_here(r, -EBADMSG, "patch has CRLF line ends, was it mailed as text?");
	if (kq_starts(s, "\""))
		return fail_here(r, -EOPNOTSUPP, "quoted file names are refused");
	old = kq_head(s, s.bytes / 2);
	new = kq_tail(s, s.bytes / 2 + 1);
	if (!kq_take(&old, "a/") || !kq_take(&new, "b/") || !ks_span_eq(old, new) ||
	    s.p[s.bytes / 2] != ' ')
		return fail_here(r, -EBADMSG, "want two equal names, a/NAME b/NAME (no rename)");
	if (!kq_path_is_safe(old))
		return fail_here(r, -EBADMSG, "file name leaves the tree or is not a plain path");
	file->path = old;
	file->patch_line = r->nr;
	return 0;
}

static int read_header_lines(struct reader *r, struct kq_file *file)
{
	size_t i;
	int rc = 0;

	while (!rc && next_line(r)) {
		for (i = 0; i < KS_ARRAY_SIZE(header_lines); i++) {
			struct ks_span value = r->line;

			if (!kq_take(&value, header_lines[i].prefix))
				continue;
			rc = header_lines[i].read(r, file, value);
			break;
		}
		if (i == KS_ARRAY_SIZE(header_lines))
			return 0;
	}
	return rc;
}

/* "--- a/NAME" and "+++ b/NAME"; git ends a name with blanks in it with a tab. */
static int read_side(struct reader *r, const struct kq_file *file, const char *mark,
		     const char *prefix, enum kq_change without)
{
	struct ks_span name = r->line;

	if (!kq_take(&name, mark))
		return fail_here(r, -EBADMSG, "want --- and +++ lines before the first hunk");
	if (file->change == without) {
		if (!kq_is(name, "/dev/null"))
			return fail_here(r, -EBADMSG, "want /dev/null for a new or deleted file");
	} else {
		if (name.bytes && memchr(name.p, ' ', name.bytes) &&
		    ks_span_ends_with(name, ks_span_str("\t")))
			name = kq_head(name, name.bytes - 1);
		if (!kq_take(&name, prefix) || !ks_span_eq(name, file->path))
			return fail_here(r, -EBADMSG, "file name differs from the diff --git line");
	}
	next_line(r);
	return 0;
}

/* A new file has no old lines, a deleted one no new lines; git writes that as one hunk. */
static int check_whole(struct reader *r, const struct kq_file *file)
{
	const struct kq_hunk *hunk = file->nr_hunks ? &r->patch->hunk[file->first_hunk] : NULL;
	bool whole = !hunk || file->nr_hunks == 1;

	if (hunk && file->change == KQ_CREATE)
		whole = whole && !hunk->old_start && !hunk->old_count;
	else if (hunk && file->change == KQ_DELETE)
		whole = whole && !hunk->new_start && !hunk->new_count;
	else
		whole = true;
	if (!whole)
		return kq_fail(r->error, -EBADMSG,
			       "%s:%u: a new or deleted file needs one hunk with all its lines",
			       r->patch->label, file->patch_line);
	if (file->change == KQ_MODIFY && !file->nr_hunks && !file->new_mode)
		return kq_fail(r->error, -EBADMSG, "%s:%u: changes nothing in %.*s",
			       r->patch->label, file->patch_line, KQ_FMT(file->path));
	return 0;
}

static int check_mode_pair(struct reader *r, const struct kq_file *file)
{
	bool pair = file->change != KQ_MODIFY || !file->old_mode == !file->new_mode;

	if (file->change == KQ_CREATE)
		pair = !file->old_mode;
	if (file->change == KQ_DELETE)
		pair = !file->new_mode;
	if (!pair || (file->old_mode && file->old_mode == file->new_mode))
		return kq_fail(r->error, -EBADMSG, "%s:%u: mode lines contradict each other",
			       r->patch->label, file->patch_line);
	return 0;
}

static int add_file(struct reader *r, struct kq_file *file)
{
	struct kq_patch *patch = r->patch;
	struct kq_file *moved;
	size_t i;

	for (i = 0; i < patch->nr_files; i++)
		if (ks_span_eq(patch->file[i].path, file->path))
			return fail_here(r, -EOPNOTSUPP,
					 "the same file stands in this patch twice");
	moved = kq_grow(patch->file, patch->nr_files, &patch->room_files, sizeof(*file),
			KQ_MAX_FILES, r->error);
	if (!moved)
		return r->error->err;
	patch->file = moved;
	patch->file[patch->nr_files++] = *file;
	return 0;
}

static int read_file(struct reader *r)
{
	struct kq_file file = { 0 };
	int rc = read_names(r, &file);

	if (!rc)
		rc = add_file(r, &file);
	if (!rc)
		rc = read_header_lines(r, &file);
	if (!rc)
		rc = check_mode_pair(r, &file);
	if (rc)
		return rc;
	r->patch->file[r->patch->nr_files - 1] = file;
	if (kq_starts(r->line, "--- ")) {
		rc = read_side(r, &file, "--- ", "a/", KQ_CREATE);
		if (!rc)
			rc = read_side(r, &file, "+++ ", "b/", KQ_DELETE);
		if (!rc)
			rc = read_hunks(r);
	}
	return rc ? rc : check_whole(r, &r->patch->file[r->patch->nr_files - 1]);
}

/* Head, body and notes, up to the first diff. */
static int read_message(struct reader *r, struct ks_span text)
{
	struct kq_patch *patch = r->patch;
	size_t off = 0, body_off = 0, body_end = 0;
	bool in_head = true;

	while (next_line(r) && !kq_starts(r->line, "diff --git ")) {
		/* git apply would take this for a patch; nobody should have to guess. */
		if (kq_starts(r->line, "@@ -"))
			return fail_here(r, -EBADMSG, "hunk without a diff --git line");
		if (in_head && !r->line.bytes) {
			in_head = false;
			patch->head = kq_head(text, off);
			patch->body_line = r->nr + 1;
			body_off = off + r->whole.bytes;
		}
		if (kq_is(r->line, "---"))
			body_end = off;
		off += r->whole.bytes;
	}
	if (!r->has)
		return fail_here(r, -EBADMSG, "no diff --git line, nothing to apply");
	if (body_end < body_off)
		body_end = off;
	patch->body = kq_head(kq_tail(text, body_off), body_end - body_off);
	return 0;
}

/* Without its last line a patch that was cut between two hunks is a good one, only shorter. */
static int read_end(struct reader *r)
{
	bool is_whole = at_signature(r);

	if (is_whole) {
		next_line(r);
		next_line(r);
	}
	while (r->has && !r->line.bytes)
		next_line(r);
	if (r->has)
		return fail_here(r, -EBADMSG,
				 "this line belongs to no hunk, is the count in "
				 "the @@ line wrong, or is it junk?");
	return is_whole ? 0
			: fail_here(r, -EBADMSG,
				    "no \"-- \" line ends the patch as git "
				    "format-patch does, is it cut off?");
}

static void link_parts(struct kq_patch *patch)
{
	size_t i;

	for (i = 0; i < patch->nr_hunks; i++)
		patch->hunk[i].line = &patch->line[patch->hunk[i].first_line];
	for (i = 0; i < patch->nr_files; i++)
		if (patch->file[i].nr_hunks)
			patch->file[i].hunk = &patch->hunk[patch->file[i].first_hunk];
}

int kq_patch_parse(struct ks_span text, const char *label, struct kq_patch *ret_patch,
		   struct kq_error *error)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { .label = label };
	struct reader r = { .rest = text, .patch = &patch, .error = error };
	int rc;

	if (text.bytes > KQ_MAX_PATCH_BYTES)
		return kq_fail(error, -E2BIG, "%s: patch is larger than 16 MiB", label);
	if (text.bytes && memchr(text.p, 0, text.bytes))
		return kq_fail(error, -EOPNOTSUPP, "%s: contains binary data (a NUL byte)", label);
	rc = read_message(&r, text);
	while (!rc && kq_starts(r.line, "diff --git "))
		rc = read_file(&r);
	if (!rc)
		rc = read_end(&r);
	if (rc)
		return rc;
	link_parts(&patch);
	*ret_patch = patch;
	patch = (struct kq_patch){ 0 };
	return 0;
}

void kq_put_git_line(struct ks_buf *out, struct ks_span path)
{
	ks_put_str(out, "diff --git a/");
	ks_put(out, path);
	ks_put_str(out, " b/");
	ks_put(out, path);
	ks_put_str(out, "\n");
}

static void put_side(struct ks_buf *out, const char *prefix, struct ks_span path, bool exists)
{
	ks_put_str(out, exists ? prefix : "/dev/null");
	if (exists) {
		ks_put(out, path);
		/* As git does, so that old readers see where a name with a blank ends. */
		ks_put_str(out, memchr(path.p, ' ', path.bytes) ? "\t" : "");
	}
	ks_put_str(out, "\n");
}

void kq_put_sides(struct ks_buf *out, struct ks_span path, bool has_old, bool has_new)
{
	ks_put_str(out, "--- ");
	put_side(out, "a/", path, has_old);
	ks_put_str(out, "+++ ");
	put_side(out, "b/", path, has_new);
}

int kq_patch_paths(const struct kq_patch *patch, struct kq_names *paths, struct kq_error *error)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < patch->nr_files && !rc; i++)
		rc = kq_names_add(paths, patch->file[i].path, SIZE_MAX, error);
	return rc;
}

bool kq_trailer(const struct kq_patch *patch, const char *key, size_t nth,
		struct ks_span *ret_value)
{
	struct ks_span text = patch->body, line;

	while (ks_span_line(&text, &line)) {
		if (!kq_take(&line, key) || nth--)
			continue;
		*ret_value = ks_span_trim(line);
		return true;
	}
	return false;
}

bool kq_is_cve(struct ks_span s)
{
	u32 year, unused;
	bool good = kq_take(&s, "CVE-") && kq_take_number(&s, &year) && year >= 1999 &&
		    year <= 9999 && kq_take(&s, "-");

	return good && s.bytes >= 4 && s.bytes <= 9 && kq_take_number(&s, &unused) && !s.bytes;
}

bool kq_date(struct ks_span s, u32 *ret_date)
{
	static const u8 days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	u32 y, m, d;

	if (s.bytes != 10 || !kq_take_number(&s, &y) || !kq_take(&s, "-") || s.bytes != 5 ||
	    !kq_take_number(&s, &m) || !kq_take(&s, "-") || s.bytes != 2 ||
	    !kq_take_number(&s, &d) || s.bytes || m < 1 || m > 12 || d < 1 || d > days[m - 1])
		return false;
	if (m == 2 && d == 29 && (y % 4 || (!(y % 100) && y % 400)))
		return false;
	*ret_date = y * 10000 + m * 100 + d;
	return true;
}

void kq_loaded_done(struct kq_loaded *loaded)
{
	kq_patch_done(&loaded->patch);
	ks_buf_done(&loaded->text);
}

int kq_load_text(const char *dir, const char *name, struct kq_loaded *ret_loaded,
		 struct kq_error *error)
{
	__cleanup(kq_loaded_done) struct kq_loaded loaded = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_path path;
	int rc = kq_path(&path, error, "%s/%s", dir, name);

	if (!rc && ks_file_load(path.s, KQ_MAX_PATCH_BYTES, &loaded.text, &diag))
		rc = kq_fail_diag(error, &diag);
	if (!rc)
		rc = kq_sha256(ks_buf_span(&loaded.text), &loaded.sha256, error);
	if (rc)
		return rc;
	*ret_loaded = loaded;
	loaded = (struct kq_loaded){ 0 };
	return 0;
}

int kq_load_patch(const char *dir, const char *name, const char *label,
		  struct kq_loaded *ret_loaded, struct kq_error *error)
{
	__cleanup(kq_loaded_done) struct kq_loaded loaded = { 0 };
	int rc = kq_load_text(dir, name, &loaded, error);

	if (!rc)
		rc = kq_patch_parse(ks_buf_span(&loaded.text), label, &loaded.patch, error);
	if (rc)
		return rc;
	*ret_loaded = loaded;
	loaded = (struct kq_loaded){ 0 };
	return 0;
}
