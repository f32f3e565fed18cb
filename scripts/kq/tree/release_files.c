// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The files of an open release, out of the cache or, when they are missing there, into it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "text/child.h"
#include "text/text.h"
#include "tree/fill.h"

#define FETCH "scripts/build/fetch"

/* A link on the way or a folder in its place is not followed or read: as source_dir.c has it. */
static int check_way(const struct kq_manifest *manifest, struct ks_span path,
		     const struct kq_listed **ret_file, struct kq_fault *fault)
{
	const struct kq_listed *file = NULL;
	size_t i;

	for (i = 1; i <= path.bytes; i++) {
		struct ks_span part = kq_head(path, i);

		if (i < path.bytes && path.p[i] != '/')
			continue;
		file = kq_manifest_find(manifest, part);
		if (file && file->mode == KQ_MODE_LINK)
			return kq_fail(fault, KQ_REFUSED, "%.*s is a symbolic link, refused",
				       KQ_FMT(part));
		if (file && i < path.bytes)
			return kq_fail(fault, KQ_REFUSED, "%.*s is no folder", KQ_FMT(part));
	}
	if ((file && file->mode == KQ_MODE_MODULE) || kq_manifest_has_folder(manifest, path))
		return kq_fail(fault, KQ_REFUSED, "%.*s is no plain file", KQ_FMT(path));
	*ret_file = file;
	return 0;
}

static int load(const struct kq_source *source, const char *path, struct kq_blob *blob,
		struct kq_fault *fault)
{
	const struct kq_want want = { &path, 1 };
	struct kq_release *release = source->self;
	const struct kq_listed *file = NULL;
	struct kq_hex id = { 0 };
	int rc = check_way(&release->manifest, ks_span_str(path), &file, fault);

	if (rc || !file)
		return rc;
	memcpy(id.text, file->id.p, file->id.bytes);
	if (!kq_cache_blob(&release->cache, id.text, &blob->content)) {
		rc = kq_release_want(release, &want, fault);
		if (rc)
			return rc;
		if (!kq_cache_blob(&release->cache, id.text, &blob->content))
			return kq_fail(fault, -EIO,
				       "%s/blobs/%s: is damaged right after it was written",
				       release->cache.dir, id.text);
	}
	blob->exists = true;
	blob->mode = file->mode == KQ_MODE_PROGRAM ? 0755 : 0644;
	return 0;
}

struct kq_source kq_release_files(struct kq_release *release)
{
	return (struct kq_source){ .name = release->spec, .load = load, .self = release };
}

static int fetch(struct kq_release *release, struct kq_fault *fault)
{
	const char *const argv[] = { FETCH, release->spec, NULL };
	const struct kq_child child = { .argv = argv, .max_out_bytes = PATH_MAX, .loud = true };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span path;
	int rc;

	if (access(FETCH, X_OK))
		return kq_fail(fault, -errno,
			       FETCH ": %s; run kq in the toolkit's folder, or give a tarball",
			       strerror(errno));
	rc = kq_child_run(&child, &end, fault);
	if (rc)
		return rc;
	path = kq_chomp(ks_buf_span(&end.out));
	if (end.status || !path.bytes)
		return kq_fail(fault, -EIO, FETCH " %s failed", release->spec);
	release->place = strndup((const char *)path.p, path.bytes);
	return release->place ? 0 : kq_no_memory(fault);
}

int kq_release_fetch(struct kq_release *release, struct kq_fault *fault)
{
	/* Two at once would tell the user that they wait for each other. */
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
	int rc;

	pthread_mutex_lock(&one);
	rc = fetch(release, fault);
	pthread_mutex_unlock(&one);
	return rc;
}

static int by_address(const void *a, const void *b)
{
	const struct kq_listed *x = *(const struct kq_listed *const *)a;
	const struct kq_listed *y = *(const struct kq_listed *const *)b;

	return (x > y) - (x < y);
}

/* The files that are asked for, are there, and are not in the cache; each once. */
static size_t find_missing(const struct kq_release *release, const struct kq_want *want,
			   const struct kq_listed **missing)
{
	struct kq_hex id = { 0 };
	size_t i, nr = 0, nr_once = 0;

	for (i = 0; i < want->nr; i++) {
		const struct kq_listed *file =
			kq_manifest_find(&release->manifest, ks_span_str(want->path[i]));

		if (!file || (file->mode != KQ_MODE_FILE && file->mode != KQ_MODE_PROGRAM))
			continue;
		memcpy(id.text, file->id.p, file->id.bytes);
		if (!kq_cache_has_blob(&release->cache, id.text))
			missing[nr++] = file;
	}
	qsort(missing, nr, sizeof(*missing), by_address);
	for (i = 0; i < nr; i++)
		if (!i || missing[i] != missing[i - 1])
			missing[nr_once++] = missing[i];
	return nr_once;
}

static void free_list(const struct kq_listed ***list)
{
	free(*list);
}

int kq_release_want(struct kq_release *release, const struct kq_want *want, struct kq_fault *fault)
{
	__cleanup(free_list) const struct kq_listed **missing =
		calloc(want->nr + 1, sizeof(*missing));
	__cleanup(ks_close_fd) int fd = -1;
	size_t nr;
	int rc = 0;

	if (!missing)
		return kq_no_memory(fault);
	nr = release->listed ? find_missing(release, want, missing) : 0;
	if (!nr)
		return 0;
	if (release->kind == KQ_RELEASE_TARBALL && !release->place)
		rc = kq_release_fetch(release, fault);
	if (!rc && release->kind == KQ_RELEASE_TARBALL)
		rc = kq_fill_open_tarball(release, &fd, fault);
	return rc ? rc : kq_fill_blobs(release, fd, missing, nr, fault);
}
