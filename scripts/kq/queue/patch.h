/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A mailbox patch (git format-patch) as a view over its bytes.
 *
 *   From <40-hex> Mon Sep 17 00:00:00 2001     head: up to the first empty line
 *   From: / Date: / Subject: …
 *
 *   why, trailers                              body: up to the last "---" before the diff
 *   ---
 *    file | 2 +-                               notes
 *
 *   diff --git a/file b/file                   files, each with its hunks
 *   index <40-hex>..<40-hex> 100644
 *   --- a/file
 *   +++ b/file
 *   @@ -1,7 +1,7 @@ section
 *    …
 *   --                                         signature (dash dash blank) and one line
 *   2.39.5
 */
#ifndef KQ_QUEUE_PATCH_H
#define KQ_QUEUE_PATCH_H

#include "base/buf.h"
#include "text/digest.h"
#include "text/text.h"

/**
 * struct kq_line - one line of a hunk
 * @kind: ' ', '-' or '+'
 * @text: with its newline, which is missing before "\ No newline at end of file"
 * @patch_line: line of the patch file, from 1
 */
struct kq_line {
	char kind;
	struct ks_span text;
	u32 patch_line;
};

/**
 * struct kq_hunk - one @@ block
 * @old_start: as written; line numbers from 1, or the line before an empty range
 * @leading: context lines before the first change
 * @trailing: context lines after the last change
 * @patch_line: line of the @@ line
 * @section: what stands behind the second @@, a function as a rule; may be empty
 * @line: the lines; borrowed from the patch
 * @nr_lines: context, removed and added lines together
 */
struct kq_hunk {
	u32 old_start;
	u32 old_count;
	u32 new_start;
	u32 new_count;
	u32 leading;
	u32 trailing;
	u32 patch_line;
	struct ks_span section;
	size_t first_line;
	const struct kq_line *line;
	size_t nr_lines;
};

/* The id of no file, in index lines. */
#define KQ_ZERO_ID "0000000000000000000000000000000000000000"

enum kq_change {
	KQ_MODIFY,
	KQ_CREATE,
	KQ_DELETE,
};

/**
 * struct kq_file - what the patch does to one file
 * @path: below the tree; checked: relative, no "..", no control bytes
 * @old_mode: 0100644 or 0100755 where the patch changes the mode or deletes, else 0
 * @new_mode: the same for the mode afterwards (mode change or new file)
 * @old_id: blob id as written in the index line, empty without one
 * @stale_line: first @@ line whose new range contradicts the hunks before it, 0 if none
 */
struct kq_file {
	struct ks_span path;
	enum kq_change change;
	u32 old_mode;
	u32 new_mode;
	struct ks_span old_id;
	struct ks_span new_id;
	u32 index_line;
	u32 patch_line;
	u32 stale_line;
	size_t first_hunk;
	const struct kq_hunk *hunk;
	size_t nr_hunks;
};

/**
 * struct kq_patch - a parsed patch; borrows its text, owns its arrays
 * @label: how messages name it; borrowed
 * @body_line: line number of the first line of @body
 */
struct kq_patch {
	const char *label;
	struct ks_span head;
	struct ks_span body;
	u32 body_line;
	struct kq_file *file;
	size_t nr_files;
	struct kq_hunk *hunk;
	size_t nr_hunks;
	struct kq_line *line;
	size_t nr_lines;
	size_t room_files;
	size_t room_hunks;
	size_t room_lines;
};

/** kq_patch_done() - free; accepts a zeroed patch */
void kq_patch_done(struct kq_patch *patch);

/**
 * kq_patch_parse() - read one mailbox patch
 * @text: must outlive the patch
 * @label: for messages; must outlive the patch
 * @ret_patch: written on success only
 *
 * Refused: hunks whose lines differ from their @@ counts, overlap or are out of order; binary
 * patches, renames, copies, symbolic links; paths that leave the tree; anything but a signature
 * after the last hunk.
 *
 * Return: 0; -EBADMSG, -EOPNOTSUPP or -E2BIG with "LABEL:LINE: what".
 */
int __must_check kq_patch_parse(struct ks_span text, const char *label, struct kq_patch *ret_patch,
				struct kq_error *error);

/**
 * kq_take_ranges() - cut "@@ -a,b +c,d" off the front of a line
 * @old, @new: as written, the start and the count, which is 1 unless it is said
 *
 * Return: false: none there.
 */
bool kq_take_ranges(struct ks_span *s, u32 old[2], u32 new[2]);

/** kq_hunk_old_idx() - where the pre-image starts: index of a line, from 0 */
size_t kq_hunk_old_idx(const struct kq_hunk *hunk);

/** kq_hunk_new_idx() - where the post-image starts: index of a line, from 0 */
size_t kq_hunk_new_idx(const struct kq_hunk *hunk);

/** kq_put_git_line() - append "diff --git a/PATH b/PATH" */
void kq_put_git_line(struct ks_buf *out, struct ks_span path);

/** kq_put_sides() - append "--- a/PATH" and "+++ b/PATH"; /dev/null for a side without the file */
void kq_put_sides(struct ks_buf *out, struct ks_span path, bool has_old, bool has_new);

/** kq_patch_paths() - append the paths of all its files. Return: 0; -ENOMEM. */
int __must_check kq_patch_paths(const struct kq_patch *patch, struct kq_names *paths,
				struct kq_error *error);

/**
 * kq_trailer() - the value of a trailer
 * @key: with its colon, "Owner:"
 * @nth: which of several, from 0
 * @ret_value: without blanks around it; may be empty; borrows the patch's text
 *
 * Return: false when there is none.
 */
bool kq_trailer(const struct kq_patch *patch, const char *key, size_t nth,
		struct ks_span *ret_value);

/* CVE-9999-999999999 and a NUL, rounded up. */
#define KQ_CVE_BYTES 24U

/** kq_is_cve() - CVE-2026-1234: a year since there are CVEs, and at least four digits */
bool kq_is_cve(struct ks_span s);

/** kq_date() - read YYYY-MM-DD as year * 10000 + month * 100 + day. Return: false: no such day. */
bool kq_date(struct ks_span s, u32 *ret_date);

/** struct kq_loaded - a patch with the text that it borrows */
struct kq_loaded {
	struct ks_buf text;
	struct kq_hex sha256;
	struct kq_patch patch;
};

/** kq_loaded_done() - free; accepts a zeroed struct */
void kq_loaded_done(struct kq_loaded *loaded);

/**
 * kq_load_patch() - read, hash and parse DIR/NAME
 * @label: for messages; must outlive the patch
 */
int __must_check kq_load_patch(const char *dir, const char *name, const char *label,
			       struct kq_loaded *ret_loaded, struct kq_error *error);

/** kq_load_text() - read and hash DIR/NAME, whatever is in it; ->patch stays empty */
int __must_check kq_load_text(const char *dir, const char *name, struct kq_loaded *ret_loaded,
			      struct kq_error *error);

#endif
