// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/io.h"
#include "text/dir.h"
#include "text/text.h"

/* The longest file name in the cache: directory, hash, suffix. */
#define NAME_ROOM 128
/* 2^20 files with paths of 200 bytes. */
#define MAX_MANIFEST_BYTES (256ULL << 20)

int kq_cache_find(struct kq_cache *ret_cache, struct kq_error *error)
{
	const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	/* As scripts/build/fetch has it. */
	if (base && *base)
		n = snprintf(ret_cache->dir, sizeof(ret_cache->dir), "%s/kseal/kq", base);
	else if (home && *home)
		n = snprintf(ret_cache->dir, sizeof(ret_cache->dir), "%s/.cache/kseal/kq", home);
	else
		return kq_fail(error, -ENOENT, "no cache: neither HOME nor XDG_CACHE_HOME is set");
	if (n >= PATH_MAX - NAME_ROOM)
		return kq_fail(error, -ENAMETOOLONG, "%s: path is too long", ret_cache->dir);
	return 0;
}

static void cache_path(const struct kq_cache *cache, const char *directory, const char *name,
		       char path[PATH_MAX])
{
	if (snprintf(path, PATH_MAX, "%s/%s/%s", cache->dir, directory, name) >= PATH_MAX)
		path[0] = '\0';
}

bool kq_cache_manifest(const struct kq_cache *cache, const char *key,
		       struct kq_manifest *ret_manifest)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_error ignored = { 0 };
	char path[PATH_MAX];

	cache_path(cache, "manifests", key, path);
	return !ks_file_load(path, MAX_MANIFEST_BYTES, &text, NULL) &&
	       !kq_manifest_read(&text, path, ret_manifest, &ignored);
}

bool kq_cache_has_blob(const struct kq_cache *cache, const char *id)
{
	char path[PATH_MAX];

	cache_path(cache, "blobs", id, path);
	return !access(path, R_OK);
}

bool kq_cache_blob(const struct kq_cache *cache, const char *id, struct ks_buf *ret_content)
{
	__cleanup(ks_buf_done) struct ks_buf content = { 0 };
	struct kq_error ignored = { 0 };
	struct kq_hex found;
	char path[PATH_MAX];

	cache_path(cache, "blobs", id, path);
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

static int fail_sys(struct kq_error *error, const char *what, const char *path)
{
	int err = errno;

	return kq_fail(error, -err, "%s: cannot %s: %s; free some space or set XDG_CACHE_HOME",
		       path, what, strerror(err));
}

static int make_above(const char *path, struct kq_error *error)
{
	struct kq_error why = { 0 };
	int rc = kq_dir_make_above(path, &why);

	return rc ? kq_fail(error, rc, "%s; free some space or set XDG_CACHE_HOME", why.line) : 0;
}

static int put_file(const char *path, struct ks_span content, struct kq_error *error)
{
	__cleanup(ks_close_fd) int fd = -1;
	char aside[PATH_MAX];
	int rc = 0;

	if (snprintf(aside, sizeof(aside), "%s.XXXXXX", path) >= PATH_MAX)
		return kq_fail(error, -ENAMETOOLONG, "%s: path is too long", path);
	fd = mkostemp(aside, O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		rc = make_above(path, error);
		if (rc)
			return rc;
		snprintf(aside, sizeof(aside), "%s.XXXXXX", path);
		fd = mkostemp(aside, O_CLOEXEC);
	}
	if (fd < 0)
		return fail_sys(error, "write", path);
	if (ks_io_write(fd, path, content, NULL))
		rc = fail_sys(error, "write", path);
	if (!rc && rename(aside, path))
		rc = fail_sys(error, "make", path);
	if (rc)
		unlink(aside);
	return rc;
}

int kq_cache_put_manifest(const struct kq_cache *cache, const char *key,
			  const struct kq_manifest *manifest, struct kq_error *error)
{
	char path[PATH_MAX];

	cache_path(cache, "manifests", key, path);
	return put_file(path, ks_buf_span(&manifest->text), error);
}

int kq_cache_put_blob(const struct kq_cache *cache, const char *id, struct ks_span content,
		      struct kq_error *error)
{
	char path[PATH_MAX];

	cache_path(cache, "blobs", id, path);
	return access(path, F_OK) ? put_file(path, content, error) : 0;
}

int kq_cache_put_place(const struct kq_cache *cache, const char *key, const char *spec,
		       struct kq_error *error)
{
	char path[PATH_MAX];

	cache_path(cache, "places", key, path);
	return put_file(path, ks_span_str(spec), error);
}

/* What --from takes; it must still be there. */
static bool find_place(const struct kq_cache *cache, const char *key, struct kq_path *ret_spec)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_error ignored = { 0 };
	struct kq_path repository;
	char path[PATH_MAX];
	char *rev;

	cache_path(cache, "places", key, path);
	if (ks_file_load(path, PATH_MAX - 1, &text, NULL) || !text.bytes ||
	    memchr(text.p, 0, text.bytes) ||
	    kq_path(ret_spec, &ignored, "%.*s", (int)text.bytes, (const char *)text.p))
		return false;
	if (strncmp(ret_spec->s, "git:", 4))
		return !access(ret_spec->s, R_OK);
	if (kq_path(&repository, &ignored, "%s", ret_spec->s + 4))
		return false;
	rev = strrchr(repository.s, ':');
	if (rev)
		*rev = '\0';
	return !access(repository.s, X_OK);
}

bool kq_cache_find_place(const struct kq_hex *tarball, const struct kq_hex *tree,
			 struct kq_path *ret_spec)
{
	struct kq_error ignored = { 0 };
	struct kq_cache cache;
	struct kq_path key;

	if (kq_cache_find(&cache, &ignored))
		return false;
	if (tarball->text[0] && find_place(&cache, tarball->text, ret_spec))
		return true;
	return tree->text[0] && !kq_path(&key, &ignored, "git-%s", tree->text) &&
	       find_place(&cache, key.s, ret_spec);
}
