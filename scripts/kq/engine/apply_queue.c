// SPDX-License-Identifier: LGPL-2.1-or-later
#include "engine/apply_queue.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/apply.h"
#include "base/file.h"
#include "tree/commit.h"
#include "engine/record.h"
#include "queue/lock.h"
#include "text/text.h"
#include "tree/version.h"

void kq_result_done(struct kq_result *result)
{
	ks_buf_done(&result->notes);
}

/* What the tree says of itself: fresh, applied, or cut off. */
static int check_tree(const char *tree, bool *ret_has_record, struct kq_fault *fault)
{
	char path[PATH_MAX];
	struct stat st;

	if (stat(tree, &st))
		return kq_fail(fault, -errno, "%s: %s", tree, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return kq_fail(fault, -ENOTDIR, "%s: is no folder", tree);
	if (snprintf(path, sizeof(path), "%s/" KQ_MARKER, tree) >= PATH_MAX)
		return kq_fail(fault, -ENAMETOOLONG, "%s: path is too long", tree);
	if (!lstat(path, &st))
		return kq_fail(fault, KQ_REFUSED,
			       "%s: an earlier apply was cut off, the tree is half-patched: remove it and unpack it again",
			       path);
	if (snprintf(path, sizeof(path), "%s/" KQ_RECORD, tree) >= PATH_MAX)
		return kq_fail(fault, -ENAMETOOLONG, "%s: path is too long", tree);
	*ret_has_record = !lstat(path, &st);
	return 0;
}

/* A queue that fits by chance on another release is not what was reviewed. */
static int check_base(const char *dir, const struct kq_source *folder, struct kq_fault *fault)
{
	__cleanup(kq_blob_done) struct kq_blob makefile = { 0 };
	struct kq_lock lock, base = { 0 };
	struct kq_version version;
	bool found;
	int rc = kq_lock_load(dir, &lock, &found, fault);

	if (!rc && found)
		rc = kq_source_load(folder, "Makefile", &makefile, fault);
	if (rc || !found || !kq_version_read(ks_buf_span(&makefile.content), &version))
		return rc;
	memcpy(base.release, version.text, sizeof(base.release));
	return kq_lock_check(dir, &lock, &base, false, fault);
}

static int apply_entry(const char *dir, const struct kq_entry *entry, struct kq_overlay *overlay,
		       struct kq_result *result, struct ks_buf *record, struct kq_fault *fault)
{
	__cleanup(kq_loaded_done) struct kq_loaded loaded = { 0 };
	int rc;

	/* With a record there, they are only hashed: a broken patch must not hide the answer. */
	if (!overlay) {
		rc = kq_load_text(dir, entry->name, &loaded, fault);
	} else {
		rc = kq_load_patch(dir, entry->name, entry->name, &loaded, fault);
		if (!rc)
			rc = kq_apply_patch(overlay, &loaded.patch, &result->notes, fault);
	}
	if (rc)
		return rc;
	kq_record_add(record, &loaded.sha256, entry->name);
	result->nr_patches++;
	return 0;
}

static int run_series(const char *dir, const struct kq_series *series,
		      const struct kq_selection *selection, struct kq_overlay *overlay,
		      struct kq_result *result, struct ks_buf *record, struct kq_fault *fault)
{
	struct ks_diag diag = { 0 };
	size_t i;
	int rc = 0;

	kq_record_start(record, selection);
	for (i = 0; i < series->nr && !rc; i++)
		if (kq_selected(&series->entry[i], selection))
			rc = apply_entry(dir, &series->entry[i], overlay, result, record, fault);
	if (!rc && (ks_buf_ok(record, &diag) || ks_buf_ok(&result->notes, &diag)))
		rc = kq_fail_diag(fault, &diag);
	return rc;
}

int kq_apply_queue(const char *dir, const struct kq_selection *selection, const char *tree,
		   struct kq_result *ret_result, struct kq_fault *fault)
{
	struct kq_source folder = kq_source_folder(tree);
	__cleanup(kq_overlay_done) struct kq_overlay overlay = { .source = &folder };
	__cleanup(kq_series_done) struct kq_series series = { 0 };
	__cleanup(kq_result_done) struct kq_result result = { 0 };
	__cleanup(ks_buf_done) struct ks_buf record = { 0 };
	bool has_record;
	int rc = kq_series_load(dir, &series, fault);

	if (!rc)
		rc = check_tree(tree, &has_record, fault);
	if (rc)
		return rc;
	if (!has_record)
		rc = check_base(dir, &folder, fault);
	if (rc)
		return rc;
	rc = run_series(dir, &series, selection, has_record ? NULL : &overlay, &result, &record,
			fault);
	if (rc)
		return rc;
	if (has_record)
		return kq_record_refuse(tree, ks_buf_span(&record), fault);
	rc = kq_commit(&overlay, tree, ks_buf_span(&record), &result.nr_files, fault);
	if (rc)
		return rc;
	*ret_result = result;
	result = (struct kq_result){ 0 };
	return 0;
}
