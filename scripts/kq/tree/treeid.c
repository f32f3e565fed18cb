// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/treeid.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "text/text.h"

/* The kernel has 11; a path of PATH_MAX could have 1024. */
#define MAX_DEPTH 64U

/* struct folder - one that is not complete; @path ends before its slash */
struct folder {
	struct ks_buf entries;
	struct ks_span path;
	size_t name_off;
};

/* struct walk - the folders from the top (level 0) to the one of the last file */
struct walk {
	const struct kq_manifest *manifest;
	const char *label;
	struct kq_fault *fault;
	struct folder folder[MAX_DEPTH + 1];
	size_t depth;
};

static void walk_done(struct walk *walk)
{
	size_t i;

	for (i = 0; i <= MAX_DEPTH; i++)
		ks_buf_done(&walk->folder[i].entries);
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

static int id_of(struct walk *walk, struct kq_hex *ret_id)
{
	struct ks_buf *entries = &walk->folder[walk->depth].entries;
	struct ks_diag diag = { 0 };

	if (ks_buf_ok(entries, &diag))
		return kq_fail_diag(walk->fault, &diag);
	return kq_tree_id(ks_buf_span(entries), ret_id, walk->fault);
}

static int leave(struct walk *walk)
{
	struct folder *folder = &walk->folder[walk->depth];
	struct kq_hex id;
	int rc = id_of(walk, &id);

	if (rc)
		return rc;
	put_entry(&walk->folder[--walk->depth].entries, "40000",
		  kq_tail(folder->path, folder->name_off), ks_span_str(id.text));
	ks_buf_clear(&folder->entries);
	return 0;
}

static int enter(struct walk *walk, struct ks_span path, size_t name_off)
{
	if (walk->depth == MAX_DEPTH)
		return kq_fail(walk->fault, KQ_REFUSED,
			       "%s: %.*s: more than %u folders in each other", walk->label,
			       KQ_FMT(path), MAX_DEPTH);
	if (kq_manifest_find(walk->manifest, path))
		return kq_fail(walk->fault, KQ_REFUSED, "%s: %.*s is a file and a folder",
			       walk->label, KQ_FMT(path));
	walk->folder[++walk->depth].path = path;
	walk->folder[walk->depth].name_off = name_off;
	return 0;
}

static bool is_below(struct ks_span path, struct ks_span folder)
{
	return ks_span_eq(kq_head(path, folder.bytes), folder) &&
	       kq_starts(kq_tail(path, folder.bytes), "/");
}

static int add(struct walk *walk, const struct kq_listed *file)
{
	size_t name_off, i;
	char mode[16];
	int rc = 0;

	while (!rc && walk->depth && !is_below(file->path, walk->folder[walk->depth].path))
		rc = leave(walk);
	name_off = walk->depth ? walk->folder[walk->depth].path.bytes + 1 : 0;
	for (i = name_off; i < file->path.bytes && !rc; i++)
		if (file->path.p[i] == '/') {
			rc = enter(walk, kq_head(file->path, i), name_off);
			name_off = i + 1;
		}
	if (rc)
		return rc;
	snprintf(mode, sizeof(mode), "%o", file->mode);
	put_entry(&walk->folder[walk->depth].entries, mode, kq_tail(file->path, name_off),
		  file->id);
	return 0;
}

int kq_tree_id_of(struct kq_manifest *manifest, const char *label, struct kq_fault *fault)
{
	__cleanup(walk_done) struct walk walk = {
		.manifest = manifest,
		.label = label,
		.fault = fault,
	};
	size_t i;
	int rc = 0;

	for (i = 0; i < manifest->nr && !rc; i++) {
		if (i && ks_span_eq(manifest->file[i - 1].path, manifest->file[i].path))
			return kq_fail(fault, KQ_REFUSED, "%s: %.*s is there twice", label,
				       KQ_FMT(manifest->file[i].path));
		rc = add(&walk, &manifest->file[i]);
	}
	while (!rc && walk.depth)
		rc = leave(&walk);
	return rc ? rc : id_of(&walk, &manifest->tree);
}
