// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/io.h"
#include "text/text.h"

/* The longest file name in the cache: folder, hash, suffix. */
#define NAME_ROOM 128
/* 2^20 files with paths of 200 bytes. */
#define MAX_MANIFEST_BYTES (256ULL << 20)

int kq_cache_find(struct kq_cache *ret_cache, struct kq_fault *fault)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	/* As scripts/build/fetch has it. */
	if (base && *base)
		n = snprintf(ret_cache->dir, sizeof(ret_cache->dir), "%s/kseal/kq", base);
	else if (home && *home)
		n = snprintf(ret_cache->dir, sizeof(ret_cache->dir), "%s/.cache/kseal/kq", home);
	else
		return kq_fail(fault, -ENOENT, "no cache: neither HOME nor XDG_CACHE_HOME is set");
	if (n >= PATH_MAX - NAME_ROOM)
		return kq_fail(fault, -ENAMETOOLONG, "%s: path is too long", ret_cache->dir);
	return 0;
}

static void path_of(const struct kq_cache *cache, const char *folder, const char *name,
		    char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%s/%s", cache->dir, folder, name) >= PATH_MAX)
		path[0] = '\0';
}

bool kq_cache_manifest(const struct kq_cache *cache, const char *key,
		       struct kq_manifest *ret_manifest)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_fault ignored = { 0 };
	char path[PATH_MAX];

	path_of(cache, "manifests", key, path);
	return !ks_file_load(path, MAX_MANIFEST_BYTES, &text, NULL) &&
	       !kq_manifest_read(&text, path, ret_manifest, &ignored);
}

bool kq_cache_has_blob(const struct kq_cache *cache, const char *id)
{
	char path[PATH_MAX];

	path_of(cache, "blobs", id, path);
	return !access(path, R_OK);
}

bool kq_cache_blob(const struct kq_cache *cache, const char *id, struct ks_buf *ret_content)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct kq_fault ignored = { 0 };
	struct kq_hex found;
	char path[PATH_MAX];

	path_of(cache, "blobs", id, path);
	if (access(path, F_OK))
		return false;
	if (ks_file_load(path, KQ_MAX_FILE_BYTES, &content, NULL) ||
	    kq_blob_id(ks_buf_span(&content), &found, &ignored) || strcmp(found.text, id)) {
		unlink(path);
		return false;
	}
	ks_buf_move(ret_content, &content);
	return true;
}

static int fail_sys(struct kq_fault *fault, const char *what, const char *path)
{
	int err = errno;

	return kq_fail(fault, -err, "%s: cannot %s: %s; free some space or set XDG_CACHE_HOME",
		       path, what, strerror(err));
}

/* All folders on the way to a file. */
static int make_folders(const char *path, struct kq_fault *fault)
{
	char dir[PATH_MAX];
	char *c = dir;

	snprintf(dir, sizeof(dir), "%s", path);
	while ((c = strchr(c + 1, '/'))) {
		*c = '\0';
		if (mkdir(dir, 0777) && errno != EEXIST)
			return fail_sys(fault, "make folder", dir);
		*c = '/';
	}
	return 0;
}

static int put(const char *path, struct ks_span content, struct kq_fault *fault)
{
	__cleanup(ks_close_fd) int fd = -1;
	char aside[PATH_MAX];
	int rc = 0;

	if (snprintf(aside, sizeof(aside), "%s.XXXXXX", path) >= PATH_MAX)
		return kq_fail(fault, -ENAMETOOLONG, "%s: path is too long", path);
	fd = mkostemp(aside, O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		rc = make_folders(path, fault);
		if (rc)
			return rc;
		snprintf(aside, sizeof(aside), "%s.XXXXXX", path);
		fd = mkostemp(aside, O_CLOEXEC);
	}
	if (fd < 0)
		return fail_sys(fault, "write", path);
	if (ks_io_write(fd, path, content, NULL))
		rc = fail_sys(fault, "write", path);
	if (!rc && rename(aside, path))
		rc = fail_sys(fault, "make", path);
	if (rc)
		unlink(aside);
	return rc;
}

int kq_cache_put_manifest(const struct kq_cache *cache, const char *key,
			  const struct kq_manifest *manifest, struct kq_fault *fault)
{
	char path[PATH_MAX];

	path_of(cache, "manifests", key, path);
	return put(path, ks_buf_span(&manifest->text), fault);
}

int kq_cache_put_blob(const struct kq_cache *cache, const char *id, struct ks_span content,
		      struct kq_fault *fault)
{
	char path[PATH_MAX];

	path_of(cache, "blobs", id, path);
	return access(path, F_OK) ? put(path, content, fault) : 0;
}
