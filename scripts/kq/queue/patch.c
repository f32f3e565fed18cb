// SPDX-License-Identifier: LGPL-2.1-or-later
#include "queue/patch.h"

#include <stdlib.h>
#include <string.h>

#include "queue/reader.h"
#include "text/text.h"

#define MODE_FILE 0100644U
#define MODE_PROGRAM 0100755U

void kq_patch_done(struct kq_patch *patch)
{
	free(patch->file);
	free(patch->hunk);
	free(patch->line);
	*patch = (struct kq_patch){ 0 };
}

/* Six octal digits; only plain files are queue material. */
static int read_mode(struct kq_reader *r, struct ks_span s, u32 *ret_mode)
{
	if (kq_is(s, "100644"))
		*ret_mode = MODE_FILE;
	else if (kq_is(s, "100755"))
		*ret_mode = MODE_PROGRAM;
	else if (kq_is(s, "120000") || kq_is(s, "160000"))
		return kq_reader_fail(r, -EOPNOTSUPP,
				      "symbolic links and submodules are refused, only plain files");
	else
		return kq_reader_fail(r, -EBADMSG, "file mode is neither 100644 nor 100755");
	return 0;
}

static int on_old_mode(struct kq_reader *r, struct kq_file *file, struct ks_span value)
{
	return read_mode(r, value, &file->old_mode);
}

static int on_new_mode(struct kq_reader *r, struct kq_file *file, struct ks_span value)
{
	return read_mode(r, value, &file->new_mode);
}

static int on_create(struct kq_reader *r, struct kq_file *file, struct ks_span value)
{
	if (file->change != KQ_MODIFY || file->old_mode || file->new_mode)
		return kq_reader_fail(r, -EBADMSG, "header lines contradict each other");
	file->change = KQ_CREATE;
	return read_mode(r, value, &file->new_mode);
}

static int on_delete(struct kq_reader *r, struct kq_file *file, struct ks_span value)
{
	if (file->change != KQ_MODIFY || file->old_mode || file->new_mode)
		return kq_reader_fail(r, -EBADMSG, "header lines contradict each other");
	file->change = KQ_DELETE;
	return read_mode(r, value, &file->old_mode);
}

static bool is_object_id(struct ks_span s)
{
	return s.bytes >= 4 && s.bytes <= 64 && kq_is_hex(s, s.bytes);
}

static int on_index(struct kq_reader *r, struct kq_file *file, struct ks_span value)
{
	const u8 *dots = value.bytes ? memmem(value.p, value.bytes, "..", 2) : NULL;
	struct ks_span mode = { 0 };
	size_t n = dots ? (size_t)(dots - value.p) : 0;
	const u8 *blank;
	u32 unused;

	if (!dots || file->old_id.bytes)
		return kq_reader_fail(r, -EBADMSG, "damaged index line, want index OLD..NEW");
	file->old_id = kq_head(value, n);
	file->new_id = kq_tail(value, n + 2);
	blank = file->new_id.bytes ? memchr(file->new_id.p, ' ', file->new_id.bytes) : NULL;
	if (blank) {
		n = (size_t)(blank - file->new_id.p);
		mode = kq_tail(file->new_id, n + 1);
		file->new_id = kq_head(file->new_id, n);
	}
	if (!is_object_id(file->old_id) || !is_object_id(file->new_id))
		return kq_reader_fail(r, -EBADMSG, "damaged index line, want index OLD..NEW");
	file->index_line = r->nr;
	return blank ? read_mode(r, mode, &unused) : 0;
}

static int on_move(struct kq_reader *r, struct kq_file *file, struct ks_span value)
{
	(void)file;
	(void)value;
	return kq_reader_fail(r, -EOPNOTSUPP,
			      "renames and copies are refused, make the patch with --no-renames");
}

static int on_binary(struct kq_reader *r, struct kq_file *file, struct ks_span value)
{
	(void)file;
	(void)value;
	return kq_reader_fail(r, -EOPNOTSUPP, "binary patches are refused, nobody can review them");
}

static const struct {
	const char *prefix;
	int (*read)(struct kq_reader *r, struct kq_file *file, struct ks_span value);
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
static int read_names(struct kq_reader *r, struct kq_file *file)
{
	struct ks_span s = r->line, old, new;

	kq_take(&s, "diff --git ");
	if (ks_span_ends_with(s, ks_span_str("\r")))
		return kq_reader_fail(r, -EBADMSG, "patch has CRLF line ends, was it mailed as text?");
	if (kq_starts(s, "\""))
		return kq_reader_fail(r, -EOPNOTSUPP, "quoted file names are refused");
	old = kq_head(s, s.bytes / 2);
	new = kq_tail(s, s.bytes / 2 + 1);
	if (!kq_take(&old, "a/") || !kq_take(&new, "b/") || !ks_span_eq(old, new) ||
	    s.p[s.bytes / 2] != ' ')
		return kq_reader_fail(r, -EBADMSG, "want two equal names, a/NAME b/NAME (no rename)");
	if (!kq_path_is_safe(old))
		return kq_reader_fail(r, -EBADMSG, "file name leaves the tree or is no plain path");
	file->path = old;
	file->patch_line = r->nr;
	return 0;
}

static int read_header_lines(struct kq_reader *r, struct kq_file *file)
{
	size_t i;
	int rc = 0;

	while (!rc && kq_reader_next(r)) {
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
static int read_side(struct kq_reader *r, const struct kq_file *file, const char *mark,
		     const char *prefix, enum kq_change without)
{
	struct ks_span name = r->line;

	if (!kq_take(&name, mark))
		return kq_reader_fail(r, -EBADMSG, "want --- and +++ lines before the first hunk");
	if (file->change == without) {
		if (!kq_is(name, "/dev/null"))
			return kq_reader_fail(r, -EBADMSG, "want /dev/null for a new or deleted file");
	} else {
		if (name.bytes && memchr(name.p, ' ', name.bytes) &&
		    ks_span_ends_with(name, ks_span_str("\t")))
			name = kq_head(name, name.bytes - 1);
		if (!kq_take(&name, prefix) || !ks_span_eq(name, file->path))
			return kq_reader_fail(r, -EBADMSG, "file name differs from the diff --git line");
	}
	kq_reader_next(r);
	return 0;
}

/* A new file has no old lines, a deleted one no new lines; git writes that as one hunk. */
static int check_whole(struct kq_reader *r, const struct kq_file *file)
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
		return kq_fail(r->fault, -EBADMSG,
			       "%s:%u: a new or deleted file needs one hunk with all its lines",
			       r->patch->label, file->patch_line);
	if (file->change == KQ_MODIFY && !file->nr_hunks && !file->new_mode)
		return kq_fail(r->fault, -EBADMSG, "%s:%u: changes nothing in %.*s", r->patch->label,
			       file->patch_line, KQ_FMT(file->path));
	return 0;
}

static int check_mode_pair(struct kq_reader *r, const struct kq_file *file)
{
	bool pair = file->change != KQ_MODIFY || !file->old_mode == !file->new_mode;

	if (file->change == KQ_CREATE)
		pair = !file->old_mode;
	if (file->change == KQ_DELETE)
		pair = !file->new_mode;
	if (!pair || (file->old_mode && file->old_mode == file->new_mode))
		return kq_fail(r->fault, -EBADMSG, "%s:%u: mode lines contradict each other",
			       r->patch->label, file->patch_line);
	return 0;
}

static int add_file(struct kq_reader *r, struct kq_file *file)
{
	struct kq_patch *patch = r->patch;
	struct kq_file *moved;
	size_t i;

	for (i = 0; i < patch->nr_files; i++)
		if (ks_span_eq(patch->file[i].path, file->path))
			return kq_reader_fail(r, -EOPNOTSUPP, "the same file stands in this patch twice");
	moved = kq_grow(patch->file, patch->nr_files, &patch->room_files, sizeof(*file),
			KQ_MAX_FILES, r->fault);
	if (!moved)
		return r->fault->err;
	patch->file = moved;
	patch->file[patch->nr_files++] = *file;
	return 0;
}

static int read_file(struct kq_reader *r)
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
			rc = kq_read_hunks(r);
	}
	return rc ? rc : check_whole(r, &r->patch->file[r->patch->nr_files - 1]);
}

/* Head, body and notes, up to the first diff. */
static int read_message(struct kq_reader *r, struct ks_span text)
{
	struct kq_patch *patch = r->patch;
	size_t off = 0, body_off = 0, body_end = 0;
	bool in_head = true;

	while (kq_reader_next(r) && !kq_starts(r->line, "diff --git ")) {
		/* git apply would take this for a patch; nobody should have to guess. */
		if (kq_starts(r->line, "@@ -"))
			return kq_reader_fail(r, -EBADMSG, "hunk without a diff --git line");
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
		return kq_reader_fail(r, -EBADMSG, "no diff --git line, nothing to apply");
	if (body_end < body_off)
		body_end = off;
	patch->body = kq_head(kq_tail(text, body_off), body_end - body_off);
	return 0;
}

/* Without its last line a patch that was cut between two hunks is a good one, only shorter. */
static int read_end(struct kq_reader *r)
{
	bool is_whole = kq_at_signature(r);

	if (is_whole) {
		kq_reader_next(r);
		kq_reader_next(r);
	}
	while (r->has && !r->line.bytes)
		kq_reader_next(r);
	if (r->has)
		return kq_reader_fail(r, -EBADMSG, "this line belongs to no hunk, is the count in "
						   "the @@ line wrong, or is it junk?");
	return is_whole ? 0 :
			  kq_reader_fail(r, -EBADMSG, "no \"-- \" line ends the patch as git "
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
		   struct kq_fault *fault)
{
	__cleanup(kq_patch_done) struct kq_patch patch = { .label = label };
	struct kq_reader r = { .rest = text, .patch = &patch, .fault = fault };
	int rc;

	if (text.bytes > KQ_MAX_PATCH_BYTES)
		return kq_fail(fault, -E2BIG, "%s: patch is larger than 16 MiB", label);
	if (text.bytes && memchr(text.p, 0, text.bytes))
		return kq_fail(fault, -EOPNOTSUPP, "%s: contains binary data (a NUL byte)", label);
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

int kq_patch_paths(const struct kq_patch *patch, struct kq_names *paths, struct kq_fault *fault)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < patch->nr_files && !rc; i++)
		rc = kq_names_add(paths, patch->file[i].path, SIZE_MAX, fault);
	return rc;
}
