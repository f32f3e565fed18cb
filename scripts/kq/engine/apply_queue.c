// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/apply_queue.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"
#include "engine/apply.h"
#include "queue/lock.h"
#include "text/text.h"
#include "tree/commit.h"
#include "tree/version.h"

static void start_record(struct ks_buf *record, const struct kq_selection *selection)
{
	ks_put_str(record, "kq-applied 1\nselect sku=");
	ks_put_str(record, selection->sku ? selection->sku : "-");
	ks_put_str(record, " arch=");
	ks_put_str(record, selection->arch ? selection->arch : "-");
	ks_put_str(record, "\n");
}

static void add_to_record(struct ks_buf *record, const struct kq_hex *sha256, const char *name)
{
	ks_put_str(record, "patch ");
	ks_put_str(record, sha256->text);
	ks_put_str(record, " ");
	ks_put_str(record, name);
	ks_put_str(record, "\n");
}

/* Cut a "patch SHA256 NAME" line. */
static bool split_line(struct ks_span line, struct ks_span *ret_hash, struct ks_span *ret_name)
{
	struct ks_span word;

	return ks_span_word(&line, &word) && kq_is(word, "patch") &&
	       ks_span_word(&line, ret_hash) && ks_span_word(&line, ret_name);
}

static bool find_hash(struct ks_span record, struct ks_span name, struct ks_span *ret_hash)
{
	struct ks_span line, found;

	while (ks_span_line(&record, &line))
		if (split_line(line, ret_hash, &found) && ks_span_eq(found, name))
			return true;
	return false;
}

/* The first patch of @record that @other has not, or has with other bytes. */
static bool first_difference(struct ks_span record, struct ks_span other, struct ks_span *ret_name,
			     bool *ret_known)
{
	struct ks_span line, hash, theirs;

	while (ks_span_line(&record, &line)) {
		if (!split_line(line, &hash, ret_name))
			continue;
		*ret_known = find_hash(other, *ret_name, &theirs);
		if (!*ret_known || !ks_span_eq(hash, theirs))
			return true;
	}
	return false;
}

static bool same_selection(struct ks_span a, struct ks_span b, struct ks_span *ret_theirs)
{
	struct ks_span line = { 0 };

	return ks_span_line(&a, &line) && ks_span_line(&a, &line) && ks_span_line(&b, ret_theirs) &&
	       ks_span_line(&b, ret_theirs) && ks_span_eq(line, *ret_theirs);
}

/* The tree has a record: say how it differs from the one that this queue would leave. */
static int refuse_record(const char *tree, struct ks_span want, struct kq_error *error)
{
	__cleanup(ks_buf_done) struct ks_buf have_buf = { 0 };
	struct ks_span have, name, theirs = { 0 };
	struct ks_diag diag = { 0 };
	struct kq_path path;
	bool known;
	int rc = kq_path(&path, error, "%s/" KQ_RECORD, tree);

	if (rc)
		return rc;
	if (ks_file_load(path.s, KS_MAX_TEXT_BYTES, &have_buf, &diag))
		return kq_fail_diag(error, &diag);
	have = ks_buf_span(&have_buf);
	if (ks_span_eq(have, want))
		return kq_fail(error, KQ_REFUSED, "%s: this queue is applied already", path.s);
	if (first_difference(want, have, &name, &known))
		return kq_fail(error, KQ_REFUSED,
			       "%s: another queue is applied: %.*s %s; unpack the tree again",
			       path.s, KQ_FMT(name), known ? "has changed since" : "is new");
	if (first_difference(have, want, &name, &known))
		return kq_fail(error, KQ_REFUSED,
			       "%s: another queue is applied: %.*s is no longer in it; unpack the "
			       "tree again",
			       path.s, KQ_FMT(name));
	if (!same_selection(want, have, &theirs))
		return kq_fail(error, KQ_REFUSED, "%s: the same patches are applied, with '%.*s'",
			       path.s, KQ_FMT(theirs));
	return kq_fail(error, KQ_REFUSED,
		       "%s: the same patches are applied in another order; unpack the tree again",
		       path.s);
}

void kq_result_done(struct kq_result *result)
{
	ks_buf_done(&result->notes);
}

/* What the tree says of itself: fresh, applied, or cut off. */
static int check_tree(const char *tree, bool *ret_has_record, struct kq_error *error)
{
	struct kq_path marker, record;
	struct stat st;
	int rc = kq_path(&marker, error, "%s/" KQ_MARKER, tree);

	if (!rc)
		rc = kq_path(&record, error, "%s/" KQ_RECORD, tree);
	if (rc)
		return rc;
	if (stat(tree, &st))
		return kq_fail(error, -errno, "%s: %s", tree, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return kq_fail(error, -ENOTDIR, "%s: is not a directory", tree);
	if (!lstat(marker.s, &st))
		return kq_fail(error, KQ_REFUSED,
			       "%s: an earlier apply was cut off, the tree is half-patched: remove "
			       "it and unpack it again",
			       marker.s);
	*ret_has_record = !lstat(record.s, &st);
	return 0;
}

/* A queue that fits by chance on another release is not what was reviewed. */
static int check_base(const char *dir, const struct kq_source *directory, struct kq_error *error)
{
	__cleanup(kq_blob_done) struct kq_blob makefile = { 0 };
	struct kq_lock lock, base = { 0 };
	struct kq_version version;
	bool found;
	int rc = kq_lock_load(dir, &lock, &found, error);

	if (!rc && found)
		rc = kq_source_load(directory, "Makefile", &makefile, error);
	if (rc || !found || !kq_version_read(ks_buf_span(&makefile.content), &version))
		return rc;
	memcpy(base.release, version.text, sizeof(base.release));
	return kq_lock_check(dir, &lock, &base, false, error);
}

static int apply_entry(const char *dir, const struct kq_entry *entry, struct kq_overlay *overlay,
		       struct kq_result *result, struct ks_buf *record, struct kq_error *error)
{
	__cleanup(kq_loaded_done) struct kq_loaded loaded = { 0 };
	int rc;

	/* With a record there, they are only hashed: a broken patch must not hide the answer. */
	if (!overlay) {
		rc = kq_load_text(dir, entry->name, &loaded, error);
	} else {
		rc = kq_load_patch(dir, entry->name, entry->name, &loaded, error);
		if (!rc)
			rc = kq_apply_patch(overlay, &loaded.patch, &result->notes, error);
	}
	if (rc)
		return rc;
	add_to_record(record, &loaded.sha256, entry->name);
	result->nr_patches++;
	return 0;
}

static int run_series(const char *dir, const struct kq_series *series,
		      const struct kq_selection *selection, struct kq_overlay *overlay,
		      struct kq_result *result, struct ks_buf *record, struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = 0;

	start_record(record, selection);
	for (i = 0; i < series->nr && !rc; i++)
		if (kq_selected(&series->entry[i], selection))
			rc = apply_entry(dir, &series->entry[i], overlay, result, record, error);
	if (!rc && (ks_buf_ok(record, &diag) || ks_buf_ok(&result->notes, &diag)))
		rc = kq_fail_diag(error, &diag);
	return rc;
}

int kq_apply_queue(const char *dir, const struct kq_selection *selection, const char *tree,
		   struct kq_result *ret_result, struct kq_error *error)
{
	struct kq_source directory = kq_source_dir(tree);
	__cleanup(kq_overlay_done) struct kq_overlay overlay = { .source = &directory };
	__cleanup(kq_series_done) struct kq_series series = { 0 };
	__cleanup(kq_result_done) struct kq_result result = { 0 };
	__cleanup(ks_buf_done) struct ks_buf record = { 0 };
	bool has_record;
	int rc = kq_series_load(dir, &series, error);

	if (!rc)
		rc = check_tree(tree, &has_record, error);
	if (rc)
		return rc;
	if (!has_record)
		rc = check_base(dir, &directory, error);
	if (rc)
		return rc;
	rc = run_series(dir, &series, selection, has_record ? NULL : &overlay, &result, &record,
			error);
	if (rc)
		return rc;
	if (has_record)
		return refuse_record(tree, ks_buf_span(&record), error);
	rc = kq_commit(&overlay, tree, ks_buf_span(&record), &result.nr_files, error);
	if (rc)
		return rc;
	*ret_result = result;
	result = (struct kq_result){ 0 };
	return 0;
}

struct kq_lock kq_lock_of(const struct kq_release *release)
{
	struct kq_lock lock = { .tarball = release->tarball };

	snprintf(lock.release, sizeof(lock.release), "%s", release->name);
	if (release->listed)
		lock.tree = release->manifest.tree;
	return lock;
}
