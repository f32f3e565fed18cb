// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "text/file.h"
#include "text/text.h"

void kq_manifest_done(struct kq_manifest *manifest)
{
	ks_buf_done(&manifest->text);
	free(manifest->file);
	*manifest = (struct kq_manifest){ 0 };
}

static bool path_is_before(const void *file, const void *path)
{
	return ks_span_cmp(((const struct kq_listed *)file)->path, *(const struct ks_span *)path) <
	       0;
}

/* Index of the first file whose path is not below @path in the order. */
static size_t lower_bound(const struct kq_manifest *manifest, struct ks_span path)
{
	return kq_lower_bound(manifest->file, manifest->nr, sizeof(*manifest->file), path_is_before,
			      &path);
}

const struct kq_listed *kq_manifest_find(const struct kq_manifest *manifest, struct ks_span path)
{
	size_t i = lower_bound(manifest, path);

	return i < manifest->nr && ks_span_eq(manifest->file[i].path, path) ? &manifest->file[i]
									    : NULL;
}

/* The kernel has 11; a path of PATH_MAX could have 1024. */
#define MAX_DEPTH 64U

/* struct directory - one that is not complete; @path ends before its slash */
struct directory {
	struct ks_buf entries;
	struct ks_span path;
	size_t name_off;
};

/* struct tree_walk - the directories from the top (level 0) to the one of the last file */
struct tree_walk {
	const struct kq_manifest *manifest;
	const char *label;
	struct kq_error *error;
	struct directory directory[MAX_DEPTH + 1];
	size_t depth;
};

static void tree_walk_done(struct tree_walk *walk)
{
	size_t i;

	for (i = 0; i <= MAX_DEPTH; i++)
		ks_buf_done(&walk->directory[i].entries);
}

static void put_entry(struct ks_buf *entries, const char *mode, struct ks_span name,
		      struct ks_span id)
{
	char hex[41];

	snprintf(hex, sizeof(hex), "%.*s", KQ_FMT(id));
	ks_put_str(entries, mode);
	ks_put_u8(entries, ' ');
	ks_put(entries, name);
	ks_put_u8(entries, 0);
	if (!ks_unhex(hex, entries))
		entries->err = entries->err ? entries->err : -ENOMEM;
}

static int tree_id_of_entries(struct tree_walk *walk, struct kq_hex *ret_id)
{
	struct ks_buf *entries = &walk->directory[walk->depth].entries;

	if (kq_buf_check(entries, walk->error))
		return walk->error->err;
	return kq_tree_id(ks_buf_span(entries), ret_id, walk->error);
}

static int leave_directory(struct tree_walk *walk)
{
	struct directory *directory = &walk->directory[walk->depth];
	struct kq_hex id;
	int rc = tree_id_of_entries(walk, &id);

	if (rc)
		return rc;
	put_entry(&walk->directory[--walk->depth].entries, "40000",
		  kq_tail(directory->path, directory->name_off), ks_span_str(id.text));
	ks_buf_clear(&directory->entries);
	return 0;
}

static int enter_directory(struct tree_walk *walk, struct ks_span path, size_t name_off)
{
	if (walk->depth == MAX_DEPTH)
		return kq_fail(walk->error, KQ_REFUSED,
			       "%s: %.*s: more than %u directories in each other", walk->label,
			       KQ_FMT(path), MAX_DEPTH);
	if (kq_manifest_find(walk->manifest, path))
		return kq_fail(walk->error, KQ_REFUSED, "%s: %.*s is a file and a directory",
			       walk->label, KQ_FMT(path));
	walk->directory[++walk->depth].path = path;
	walk->directory[walk->depth].name_off = name_off;
	return 0;
}

static bool is_below(struct ks_span path, struct ks_span directory)
{
	return ks_span_eq(kq_head(path, directory.bytes), directory) &&
	       kq_starts(kq_tail(path, directory.bytes), "/");
}

static int add_to_tree(struct tree_walk *walk, const struct kq_listed *file)
{
	size_t name_off, i;
	char mode[16];
	int rc = 0;

	while (!rc && walk->depth && !is_below(file->path, walk->directory[walk->depth].path))
		rc = leave_directory(walk);
	name_off = walk->depth ? walk->directory[walk->depth].path.bytes + 1 : 0;
	for (i = name_off; i < file->path.bytes && !rc; i++)
		if (file->path.p[i] == '/') {
			rc = enter_directory(walk, kq_head(file->path, i), name_off);
			name_off = i + 1;
		}
	if (rc)
		return rc;
	snprintf(mode, sizeof(mode), "%o", file->mode);
	put_entry(&walk->directory[walk->depth].entries, mode, kq_tail(file->path, name_off),
		  file->id);
	return 0;
}

/*
 * Set manifest->tree, git's id of the sorted files; equal paths, and a file that is a directory
 * too, are refused. Source: git's Documentation/gitformat-pack and `git cat-file tree`: an entry is
 * the mode without leading zeros, a blank, the name, a NUL and the raw id.
 */
static int set_tree_id(struct kq_manifest *manifest, const char *label, struct kq_error *error)
{
	__cleanup(tree_walk_done) struct tree_walk walk = {
		.manifest = manifest,
		.label = label,
		.error = error,
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < manifest->nr && !rc; i++) {
		if (i && ks_span_eq(manifest->file[i - 1].path, manifest->file[i].path))
			return kq_fail(error, KQ_REFUSED, "%s: %.*s is there twice", label,
				       KQ_FMT(manifest->file[i].path));
		rc = add_to_tree(&walk, &manifest->file[i]);
	}
	while (!rc && walk.depth)
		rc = leave_directory(&walk);
	return rc ? rc : tree_id_of_entries(&walk, &manifest->tree);
}

void kq_manifest_add(struct ks_buf *list, u32 mode, const char *id, struct ks_span path)
{
	char head[64];

	snprintf(head, sizeof(head), "%06o %s ", mode, id);
	ks_put_str(list, head);
	ks_put(list, path);
	ks_put_u8(list, '\n');
}

static bool read_mode(struct ks_span *line, u32 *ret_mode)
{
	static const struct {
		const char *text;
		u32 mode;
	} modes[] = {
		{ "100644 ", KQ_MODE_FILE },
		{ "100755 ", KQ_MODE_EXECUTABLE },
		{ "120000 ", KQ_MODE_LINK },
		{ "160000 ", KQ_MODE_MODULE },
	};
	size_t i;

	for (i = 0; i < KS_ARRAY_SIZE(modes); i++)
		if (kq_take(line, modes[i].text)) {
			*ret_mode = modes[i].mode;
			return true;
		}
	return false;
}

static bool read_line(struct ks_span line, struct kq_listed *file)
{
	if (!read_mode(&line, &file->mode))
		return false;
	file->id = kq_head(line, 40);
	line = kq_tail(line, 40);
	file->path = kq_tail(line, 1);
	return kq_is_hex(file->id, 40) && kq_starts(line, " ") && kq_path_is_safe(file->path);
}

/* Lines into manifest->file, in their order. */
static int read_lines(struct kq_manifest *manifest, struct ks_span text, u32 nr, const char *label,
		      struct kq_error *error)
{
	struct ks_span line;
	size_t room = 0;

	for (; ks_span_line(&text, &line); nr++) {
		struct kq_listed *moved = kq_grow(manifest->file, manifest->nr, &room,
						  sizeof(*moved), KQ_MAX_TREE_FILES, error);

		if (!moved)
			return error->err;
		manifest->file = moved;
		if (!read_line(line, &manifest->file[manifest->nr++]))
			return kq_fail(error, -EBADMSG, "%s:%u: want MODE ID PATH, is '%.*s'",
				       label, nr, KQ_FMT(line));
	}
	return 0;
}

/* As git sorts the paths of its index: bytes. */
static int by_path(const void *a, const void *b)
{
	return ks_span_cmp(((const struct kq_listed *)a)->path, ((const struct kq_listed *)b)->path);
}

int kq_manifest_make(struct ks_span list, const char *label, struct kq_manifest *ret_manifest,
		     struct kq_error *error)
{
	__cleanup(kq_manifest_done) struct kq_manifest unsorted = { 0 };
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	char id[41];
	size_t i;
	int rc = read_lines(&unsorted, list, 1, label, error);

	if (!rc && unsorted.nr)
		qsort(unsorted.file, unsorted.nr, sizeof(*unsorted.file), by_path);
	if (!rc)
		rc = set_tree_id(&unsorted, label, error);
	if (rc)
		return rc;
	ks_put_str(&text, "tree ");
	ks_put_str(&text, unsorted.tree.text);
	ks_put_u8(&text, '\n');
	for (i = 0; i < unsorted.nr; i++) {
		snprintf(id, sizeof(id), "%.*s", KQ_FMT(unsorted.file[i].id));
		kq_manifest_add(&text, unsorted.file[i].mode, id, unsorted.file[i].path);
	}
	if (kq_buf_check(&text, error))
		return error->err;
	return kq_manifest_read(&text, label, ret_manifest, error);
}

int kq_manifest_read(struct ks_buf *text, const char *label, struct kq_manifest *ret_manifest,
		     struct kq_error *error)
{
	__cleanup(kq_manifest_done) struct kq_manifest manifest = { 0 };
	struct ks_span rest = ks_buf_span(text), first = { 0 };
	size_t i;
	int rc;

	if (!ks_span_ends_with(rest, ks_span_str("\n")) || !ks_span_line(&rest, &first) ||
	    !kq_take(&first, "tree ") || !kq_is_hex(first, 40))
		return kq_fail(error, -EBADMSG, "%s: is not a manifest", label);
	rc = read_lines(&manifest, rest, 2, label, error);
	for (i = 1; i < manifest.nr && !rc; i++)
		if (ks_span_cmp(manifest.file[i - 1].path, manifest.file[i].path) > 0)
			rc = kq_fail(error, -EBADMSG, "%s:%zu: is not sorted", label, i + 2);
	if (!rc)
		rc = set_tree_id(&manifest, label, error);
	if (!rc && !kq_is(first, manifest.tree.text))
		rc = kq_fail(error, -EBADMSG, "%s: tree is %.*s, its lines make %s", label,
			     KQ_FMT(first), manifest.tree.text);
	if (rc)
		return rc;
	ks_buf_move(&manifest.text, text);
	*ret_manifest = manifest;
	manifest = (struct kq_manifest){ 0 };
	return 0;
}

bool kq_manifest_has_dir(const struct kq_manifest *manifest, struct ks_span path)
{
	char below[KQ_MAX_PATH_BYTES + 2];
	size_t i;

	if (!path.bytes || path.bytes > KQ_MAX_PATH_BYTES)
		return false;
	snprintf(below, sizeof(below), "%.*s/", (int)path.bytes, (const char *)path.p);
	i = lower_bound(manifest, ks_span_str(below));
	return i < manifest->nr && kq_starts(manifest->file[i].path, below);
}

const struct kq_listed *kq_manifest_find_id(const struct kq_manifest *manifest, struct ks_span id,
					    const struct kq_listed *after)
{
	size_t i = after ? (size_t)(after - manifest->file) + 1 : 0;

	for (; i < manifest->nr; i++)
		if (ks_span_eq(manifest->file[i].id, id))
			return &manifest->file[i];
	return NULL;
}
