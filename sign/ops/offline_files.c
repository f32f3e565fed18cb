// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * No file of a manifest may be read or written by two entries: writing one would change the other
 * after it was checked. Policies of one image are one job, and an image may be its own output.
 */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ops/offline_internal.h"

/* A file that an entry names: by its inode, or by its name while there is none. */
struct place {
	const char *path;
	bool exists;
	u64 dev;
	u64 ino;
	size_t idx;
};

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->exists != y->exists)
		return x->exists ? 1 : -1;
	if (!x->exists)
		return strcmp(x->path, y->path);
	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

/* The same file and, for a steady answer, the entry of the lower number first. */
static int compare_all(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int rc = compare(a, b);

	return rc ? rc : (x->idx > y->idx) - (x->idx < y->idx);
}

static struct place place_of(const char *path, size_t idx)
{
	struct place place = { .path = path, .idx = idx };
	struct stat st;

	if (!stat(path, &st)) {
		place.exists = true;
		place.dev = st.st_dev;
		place.ino = st.st_ino;
	}
	return place;
}

static int check_folder(const char *path, struct ks_diag *diag)
{
	/* A link is followed, as writing does. */
	__cleanup(ks_free_str) char *copy = realpath(path, NULL) ?: strdup(path);

	if (!copy)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (!access(dirname(copy), W_OK | X_OK))
		return 0;
	return ks_fail_detail(diag, -errno, "its output cannot be written", path);
}

static int check_pair(const struct ks_offline *manifest, const struct place *x,
		      const struct place *y, struct ks_diag *diag)
{
	char id[KS_OFFLINE_ID_BYTES];

	if (x->idx == y->idx || compare(x, y) || ks_offline_same_job(manifest, x->idx, y->idx))
		return 0;
	ks_offline_id(manifest, x->idx, id);
	return ks_fail_detail(diag, -EEXIST, "another entry has the same file", id);
}

int ks_offline_check_files(const struct ks_offline *manifest, struct ks_offline_faults *faults,
			   struct ks_diag *diag)
{
	struct place *place = calloc(2 * manifest->nr_entries, sizeof(*place));
	size_t i, nr = 0;
	int rc = 0;

	if (!place)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; !rc && i < manifest->nr_entries; i++) {
		const struct ks_offline_entry *entry = &manifest->entry[i];
		struct ks_diag fault = { 0 };

		place[nr++] = place_of(entry->path, i);
		if (entry->output)
			place[nr++] = place_of(entry->output, i);
		if (check_folder(entry->output ? entry->output : entry->path, &fault))
			rc = ks_offline_note(manifest, i, &fault, faults, diag);
	}
	qsort(place, nr, sizeof(*place), compare_all);
	for (i = 1; !rc && i < nr; i++) {
		struct ks_diag fault = { 0 };

		if (check_pair(manifest, &place[i - 1], &place[i], &fault))
			rc = ks_offline_note(manifest, place[i].idx, &fault, faults, diag);
	}
	free(place);
	return rc;
}
