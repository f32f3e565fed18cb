// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * No file of a manifest may be read or written by two entries: writing one would change the other
 * after it was checked. Policies of one image are one job, and an image may be its own output.
 */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/place.h"
#include "ops/offline_internal.h"

/* A file that an entry names, without links and detours; owned. */
struct place {
	char *path;
	size_t idx;
};

/* The same file and, for a steady answer, the entry of the lower number first. */
static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int rc = strcmp(x->path, y->path);

	return rc ? rc : (x->idx > y->idx) - (x->idx < y->idx);
}

/*
 * Where a file is, or would be: a link that leads nowhere yet is followed, as who writes follows it.
 * Return: owned; NULL if its directory is not there.
 */
static char *real_path(const char *path)
{
	__cleanup(ks_place_close) struct ks_place place = { 0 };
	__cleanup(ks_free_str) char *directory = NULL;
	struct ks_diag ignored = { 0 };
	char *whole = realpath(path, NULL);
	char proc[64];

	if (whole || ks_place_open(path, &place, &ignored) || !place.name)
		return whole;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", place.dir_fd);
	directory = realpath(proc, NULL);
	return directory && asprintf(&whole, "%s/%s", directory, place.name) > 0 ? whole : NULL;
}

static int check_directory(const char *path, struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *copy = strdup(path);

	if (!copy)
		return ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	if (!access(dirname(copy), W_OK | X_OK))
		return 0;
	return ks_fail_detail(diag, -errno, "its output cannot be written", path);
}

/* Also through links and "..": @real is without them. */
static bool is_below(const char *real, const char *below)
{
	size_t bytes = strlen(below);

	/* "/" ends with a slash itself. */
	if (bytes && below[bytes - 1] == '/')
		bytes--;
	return !strncmp(real, below, bytes) && real[bytes] == '/';
}

static int check_pair(const struct ks_offline *manifest, const struct place *x,
		      const struct place *y, struct ks_diag *diag)
{
	char id[KS_OFFLINE_ID_BYTES];

	if (x->idx == y->idx || strcmp(x->path, y->path) ||
	    ks_offline_same_job(manifest, x->idx, y->idx))
		return 0;
	ks_offline_id(manifest, x->idx, id);
	return ks_fail_detail(diag, -EEXIST, "another entry has the same file", id);
}

/* The directory of what is written must be there; and where is the file? */
static int note_place(const struct ks_offline *manifest, size_t idx, const char *path,
		      bool written, const char *below, struct place *place, size_t *nr, struct ks_offline_errors *errors,
		      struct ks_diag *diag)
{
	char *real = real_path(path);
	struct ks_diag error = { 0 };

	if (written && real && below && !is_below(real, below))
		ks_fail_detail(&error, -EOPNOTSUPP, "would be written outside of the directory of --below", real);
	else if (written && !check_directory(real ? real : path, &error) && !real && below)
		ks_fail_detail(&error, -ENOENT, "its directory cannot be found", path);
	if (error.err) {
		free(real);
		return ks_offline_add_entry_error(manifest, idx, &error, errors, diag);
	}
	/* What cannot be found is told by who opens it. */
	if (real)
		place[(*nr)++] = (struct place){ real, idx };
	return 0;
}

int ks_offline_check_files(const struct ks_offline *manifest, const char *below,
			   struct ks_offline_errors *errors, struct ks_diag *diag)
{
	__cleanup(ks_free_str) char *directory = below ? realpath(below, NULL) : NULL;
	struct place *place = calloc(2 * manifest->nr_entries, sizeof(*place));
	size_t i, nr = 0;
	int rc = 0;

	if (below && !directory)
		rc = ks_fail_sys(diag, "cannot find", below);
	else if (!place)
		rc = ks_fail(diag, -ENOMEM, KS_NO_OFF, "out of memory");
	for (i = 0; !rc && i < manifest->nr_entries; i++) {
		const struct ks_offline_entry *entry = &manifest->entry[i];

		rc = note_place(manifest, i, entry->path, !entry->output, directory, place, &nr,
				errors, diag);
		if (!rc && entry->output)
			rc = note_place(manifest, i, entry->output, true, directory, place, &nr,
					errors, diag);
	}
	if (nr)
		qsort(place, nr, sizeof(*place), compare);
	for (i = 1; !rc && i < nr; i++) {
		struct ks_diag error = { 0 };

		if (check_pair(manifest, &place[i - 1], &place[i], &error))
			rc = ks_offline_add_entry_error(manifest, place[i].idx, &error, errors, diag);
	}
	for (i = 0; i < nr; i++)
		free(place[i].path);
	free(place);
	return rc;
}
