// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The files of an open release, out of the cache or, when they are missing there, into it.
 */
#include "tree/release_files.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "text/child.h"
#include "text/file.h"
#include "text/text.h"
#include "tree/tarball.h"

#define FETCH "scripts/build/fetch"

/**
 * struct fill - one pass
 * @list: fill_all(): becomes the manifest
 * @path: sorted; what to store besides the Makefile; borrowed from the caller's list
 * @file: fill_blobs(): what is missing, sorted by address; borrowed
 * @nr_left: how many of them have not come yet
 */
struct fill {
	struct kq_release *release;
	struct ks_buf list;
	const char **path;
	size_t nr;
	const struct kq_listed **file;
	size_t nr_files;
	size_t nr_left;
};

static void fill_done(struct fill *fill)
{
	ks_buf_done(&fill->list);
	free(fill->path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int set_paths(struct fill *fill, const struct kq_want *want, struct kq_error *error)
{
	fill->path = calloc(want->nr + 1, sizeof(*fill->path));
	if (!fill->path)
		return kq_no_memory(error);
	if (want->nr)
		memcpy(fill->path, want->path, want->nr * sizeof(*fill->path));
	fill->nr = want->nr;
	qsort(fill->path, fill->nr, sizeof(*fill->path), by_name);
	return 0;
}

static bool is_named(const struct fill *fill, const char *path)
{
	return bsearch(&path, fill->path, fill->nr, sizeof(*fill->path), by_name);
}

/* Open release->place and hash it: is it the tarball that release->tarball names? */
static int open_tarball(struct kq_release *release, int *ret_fd, struct kq_error *error)
{
	__cleanup(ks_close_fd) int fd = open(release->place, O_RDONLY | O_CLOEXEC);
	struct kq_hex tarball;
	int rc;

	if (fd < 0)
		return kq_fail(error, -errno, "%s: %s", release->place, strerror(errno));
	rc = kq_sha256_fd(fd, release->place, &tarball, error);
	if (rc)
		return rc;
	if (release->tarball.text[0] && strcmp(release->tarball.text, tarball.text))
		return kq_fail(error, KQ_REFUSED,
			       "%s: is another tarball than the one read before (SHA-256 %s): "
			       "remove %s/manifests/%s",
			       release->place, release->tarball.text, release->cache.dir,
			       release->key);
	release->tarball = tarball;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

static bool wants_all(void *arg, const char *path)
{
	(void)arg;
	(void)path;
	return true;
}

static int take_all(void *arg, u32 mode, const char *path, struct ks_span content,
		    struct kq_error *error)
{
	struct fill *fill = arg;
	struct kq_hex id;
	int rc = kq_blob_id(content, &id, error);

	if (rc)
		return rc;
	kq_manifest_add(&fill->list, mode, id.text, ks_span_str(path));
	if (mode == KQ_MODE_LINK || (strcmp(path, "Makefile") && !is_named(fill, path)))
		return 0;
	return kq_cache_put_blob(&fill->release->cache, id.text, content, error);
}

static int make_manifest(struct fill *fill, struct kq_error *error)
{
	struct kq_release *release = fill->release;
	int rc;

	if (kq_buf_check(&fill->list, error))
		return error->err;
	if (!fill->list.bytes)
		return kq_fail(error, KQ_REFUSED, "%s: has no file", release->place);
	rc = kq_manifest_make(ks_buf_span(&fill->list), release->place, &release->manifest, error);
	return rc ? rc
		  : kq_cache_put_manifest(&release->cache, release->key, &release->manifest, error);
}

/* A pass over everything: make and store the manifest; @fd is the tarball. */
static int fill_all(struct kq_release *release, int fd, const struct kq_want *want,
		    struct kq_error *error)
{
	__cleanup(fill_done) struct fill fill = { .release = release };
	const struct kq_visitor visitor = { wants_all, take_all, &fill };
	int rc = set_paths(&fill, want, error);

	if (!rc && release->kind == KQ_RELEASE_GIT)
		rc = kq_gittree_list(&release->git, &fill.list, error);
	else if (!rc)
		rc = kq_tarball_read(fd, release->place, &visitor, error);
	return rc ? rc : make_manifest(&fill, error);
}

static int put_blob(void *arg, const char *id, struct ks_span content, struct kq_error *error)
{
	const struct kq_release *release = arg;
	struct kq_hex found;
	int rc = kq_blob_id(content, &found, error);

	if (rc)
		return rc;
	if (strcmp(found.text, id))
		return kq_fail(error, -EBADMSG, "%s: a file with the id %s has another, %s",
			       release->place, id, found.text);
	return kq_cache_put_blob(&release->cache, id, content, error);
}

static int by_address(const void *a, const void *b)
{
	const struct kq_listed *x = *(const struct kq_listed *const *)a;
	const struct kq_listed *y = *(const struct kq_listed *const *)b;

	return (x > y) - (x < y);
}

static bool wants_missing(void *arg, const char *path)
{
	const struct fill *fill = arg;
	const struct kq_listed *file =
		kq_manifest_find(&fill->release->manifest, ks_span_str(path));

	return file && bsearch(&file, fill->file, fill->nr_files, sizeof(*fill->file), by_address);
}

static int take_missing(void *arg, u32 mode, const char *path, struct ks_span content,
			struct kq_error *error)
{
	struct fill *fill = arg;
	const struct kq_listed *file =
		kq_manifest_find(&fill->release->manifest, ks_span_str(path));
	struct kq_hex id = { 0 };
	int rc;

	(void)mode;
	memcpy(id.text, file->id.p, file->id.bytes);
	rc = put_blob(fill->release, id.text, content, error);
	if (rc)
		return rc;
	return --fill->nr_left ? 0 : KQ_ENOUGH;
}

static int fill_from_git(struct kq_release *release, const struct kq_listed **file, size_t nr,
			 struct kq_error *error)
{
	struct kq_hex *id = calloc(nr + 1, sizeof(*id));
	size_t i;
	int rc;

	if (!id)
		return kq_no_memory(error);
	for (i = 0; i < nr; i++)
		memcpy(id[i].text, file[i]->id.p, file[i]->id.bytes);
	rc = kq_gittree_blobs(&release->git, id, nr, put_blob, release, error);
	free(id);
	return rc;
}

/* A pass that ends with the last of these files of the manifest, which are sorted by address. */
static int fill_blobs(struct kq_release *release, int fd, const struct kq_listed **file, size_t nr,
		      struct kq_error *error)
{
	struct fill fill = { .release = release, .file = file, .nr_files = nr, .nr_left = nr };
	const struct kq_visitor visitor = { wants_missing, take_missing, &fill };
	int rc;

	if (release->kind == KQ_RELEASE_GIT)
		return fill_from_git(release, file, nr, error);
	rc = kq_tarball_read(fd, release->place, &visitor, error);
	if (!rc && fill.nr_left)
		rc = kq_fail(error, -EBADMSG, "%s: lacks %zu files of its list", release->place,
			     fill.nr_left);
	return rc;
}

int kq_release_list(struct kq_release *release, const struct kq_want *want, struct kq_error *error)
{
	__cleanup(ks_close_fd) int fd = -1;
	int rc = 0;

	if (release->listed || release->kind == KQ_RELEASE_DIR)
		return 0;
	if (release->kind == KQ_RELEASE_TARBALL) {
		rc = open_tarball(release, &fd, error);
		if (rc)
			return rc;
		snprintf(release->key, sizeof(release->key), "%s", release->tarball.text);
		release->listed =
			kq_cache_manifest(&release->cache, release->key, &release->manifest);
	}
	if (!release->listed)
		rc = fill_all(release, fd, want, error);
	release->listed = !rc;
	return rc;
}

/* A link on the way or a directory in its place is not followed or read: as source.c has it. */
static int check_way(const struct kq_manifest *manifest, struct ks_span path,
		     const struct kq_listed **ret_file, struct kq_error *error)
{
	const struct kq_listed *file = NULL;
	size_t i;

	for (i = 1; i <= path.bytes; i++) {
		struct ks_span part = kq_head(path, i);

		if (i < path.bytes && path.p[i] != '/')
			continue;
		file = kq_manifest_find(manifest, part);
		if (file && file->mode == KQ_MODE_LINK)
			return kq_fail(error, KQ_REFUSED, "%.*s is a symbolic link, refused",
				       KQ_FMT(part));
		if (file && i < path.bytes)
			return kq_fail(error, KQ_REFUSED, "%.*s is not a directory", KQ_FMT(part));
	}
	if ((file && file->mode == KQ_MODE_MODULE) || kq_manifest_has_dir(manifest, path))
		return kq_fail(error, KQ_REFUSED, "%.*s is not a plain file", KQ_FMT(path));
	*ret_file = file;
	return 0;
}

static int load_cached(const struct kq_source *source, const char *path, struct kq_blob *blob,
		       struct kq_error *error)
{
	const struct kq_want want = { &path, 1 };
	struct kq_release *release = source->self;
	const struct kq_listed *file = NULL;
	struct kq_hex id = { 0 };
	int rc = check_way(&release->manifest, ks_span_str(path), &file, error);

	if (rc || !file)
		return rc;
	memcpy(id.text, file->id.p, file->id.bytes);
	if (!kq_cache_blob(&release->cache, id.text, &blob->content)) {
		rc = kq_release_want(release, &want, error);
		if (rc)
			return rc;
		if (!kq_cache_blob(&release->cache, id.text, &blob->content))
			return kq_fail(error, -EIO,
				       "%s/blobs/%s: is damaged right after it was written",
				       release->cache.dir, id.text);
	}
	blob->exists = true;
	blob->mode = file->mode == KQ_MODE_EXECUTABLE ? 0755 : 0644;
	return 0;
}

struct kq_source kq_release_files(struct kq_release *release)
{
	return (struct kq_source){ .name = release->spec, .load = load_cached, .self = release };
}

static int run_fetch(struct kq_release *release, struct kq_error *error)
{
	const char *const argv[] = { FETCH, release->spec, NULL };
	const struct kq_child child = { .argv = argv, .max_out_bytes = PATH_MAX, .loud = true };
	__cleanup(kq_child_end_done) struct kq_child_end end = { 0 };
	struct ks_span path;
	int rc;

	if (access(FETCH, X_OK))
		return kq_fail(error, -errno,
			       FETCH ": %s; run kq in the toolkit's directory, or give a tarball",
			       strerror(errno));
	rc = kq_child_run(&child, &end, error);
	if (rc)
		return rc;
	path = kq_chomp(ks_buf_span(&end.out));
	if (end.status || !path.bytes)
		return kq_fail(error, -EIO, FETCH " %s failed", release->spec);
	release->place = strndup((const char *)path.p, path.bytes);
	return release->place ? 0 : kq_no_memory(error);
}

int kq_release_fetch(struct kq_release *release, struct kq_error *error)
{
	/* Two at once would tell the user that they wait for each other. */
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
	int rc;

	pthread_mutex_lock(&one);
	rc = run_fetch(release, error);
	pthread_mutex_unlock(&one);
	return rc;
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

		if (!file || (file->mode != KQ_MODE_FILE && file->mode != KQ_MODE_EXECUTABLE))
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

int kq_release_want(struct kq_release *release, const struct kq_want *want, struct kq_error *error)
{
	__cleanup(free_list) const struct kq_listed **missing =
		calloc(want->nr + 1, sizeof(*missing));
	__cleanup(ks_close_fd) int fd = -1;
	size_t nr;
	int rc = 0;

	if (!missing)
		return kq_no_memory(error);
	nr = release->listed ? find_missing(release, want, missing) : 0;
	if (!nr)
		return 0;
	if (release->kind == KQ_RELEASE_TARBALL && !release->place)
		rc = kq_release_fetch(release, error);
	if (!rc && release->kind == KQ_RELEASE_TARBALL)
		rc = open_tarball(release, &fd, error);
	return rc ? rc : fill_blobs(release, fd, missing, nr, error);
}
