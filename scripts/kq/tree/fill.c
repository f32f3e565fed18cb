// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/fill.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "text/text.h"
#include "tree/tarball.h"

/**
 * struct fill - one pass
 * @list: kq_fill_all(): becomes the manifest
 * @path: sorted; what to store besides Makefile and Kconfig*; borrowed from the caller's list
 * @nr_left: kq_fill_blobs(): how many of them have not come yet
 */
struct fill {
	struct kq_release *release;
	struct ks_buf list;
	const char **path;
	size_t nr;
	size_t nr_left;
};

static void fill_done(struct fill *fill)
{
	ks_buf_done(&fill->list);
	free(fill->path);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int set_paths(struct fill *fill, const struct kq_want *want, struct kq_fault *fault)
{
	fill->path = calloc(want->nr + 1, sizeof(*fill->path));
	if (!fill->path)
		return kq_no_memory(fault);
	if (want->nr)
		memcpy(fill->path, want->path, want->nr * sizeof(*fill->path));
	fill->nr = want->nr;
	qsort(fill->path, fill->nr, sizeof(*fill->path), compare);
	return 0;
}

static bool is_named(const struct fill *fill, const char *path)
{
	return bsearch(&path, fill->path, fill->nr, sizeof(*fill->path), compare);
}

/* Each rebase compares the configurations of both sides. */
static bool is_always_kept(const char *path)
{
	const char *name = strrchr(path, '/');

	return !strcmp(path, "Makefile") || !strncmp(name ? name + 1 : path, "Kconfig", 7);
}

int kq_fill_open_tarball(struct kq_release *release, int *ret_fd, struct kq_fault *fault)
{
	__cleanup(ks_close_fd) int fd = open(release->place, O_RDONLY | O_CLOEXEC);
	struct kq_hex tarball;
	int rc;

	if (fd < 0)
		return kq_fail(fault, -errno, "%s: %s", release->place, strerror(errno));
	rc = kq_sha256_fd(fd, release->place, &tarball, fault);
	if (rc)
		return rc;
	if (release->tarball.text[0] && strcmp(release->tarball.text, tarball.text))
		return kq_fail(fault, KQ_REFUSED,
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
		    struct kq_fault *fault)
{
	struct fill *fill = arg;
	struct kq_hex id;
	int rc = kq_blob_id(content, &id, fault);

	if (rc)
		return rc;
	kq_manifest_add(&fill->list, mode, id.text, ks_span_str(path));
	if (mode == KQ_MODE_LINK || (!is_always_kept(path) && !is_named(fill, path)))
		return 0;
	return kq_cache_put_blob(&fill->release->cache, id.text, content, fault);
}

static int make_manifest(struct fill *fill, struct kq_fault *fault)
{
	struct kq_release *release = fill->release;
	struct ks_diag diag = { 0 };
	int rc;

	if (ks_buf_ok(&fill->list, &diag))
		return kq_fail_diag(fault, &diag);
	if (!fill->list.bytes)
		return kq_fail(fault, KQ_REFUSED, "%s: has no file", release->place);
	rc = kq_manifest_make(ks_buf_span(&fill->list), release->place, &release->manifest, fault);
	return rc ? rc
		  : kq_cache_put_manifest(&release->cache, release->key, &release->manifest, fault);
}

int kq_fill_all(struct kq_release *release, int fd, const struct kq_want *want,
		struct kq_fault *fault)
{
	__cleanup(fill_done) struct fill fill = { .release = release };
	const struct kq_visitor visitor = { wants_all, take_all, &fill };
	int rc = set_paths(&fill, want, fault);

	if (!rc && release->kind == KQ_RELEASE_GIT)
		rc = kq_gittree_list(&release->git, &fill.list, fault);
	else if (!rc)
		rc = kq_tarball_read(fd, release->place, &visitor, fault);
	return rc ? rc : make_manifest(&fill, fault);
}

static bool wants_named(void *arg, const char *path)
{
	return is_named(arg, path);
}

static int put_blob(void *arg, const char *id, struct ks_span content, struct kq_fault *fault)
{
	const struct kq_release *release = arg;
	struct kq_hex found;
	int rc = kq_blob_id(content, &found, fault);

	if (rc)
		return rc;
	if (strcmp(found.text, id))
		return kq_fail(fault, -EBADMSG, "%s: a file with the id %s has another, %s",
			       release->place, id, found.text);
	return kq_cache_put_blob(&release->cache, id, content, fault);
}

static int take_named(void *arg, u32 mode, const char *path, struct ks_span content,
		      struct kq_fault *fault)
{
	struct fill *fill = arg;
	const struct kq_listed *file =
		kq_manifest_find(&fill->release->manifest, ks_span_str(path));
	struct kq_hex id = { 0 };
	int rc;

	(void)mode;
	if (!file)
		return kq_fail(fault, -EBADMSG, "%s: has %s, but its list has not",
			       fill->release->place, path);
	memcpy(id.text, file->id.p, file->id.bytes);
	rc = put_blob(fill->release, id.text, content, fault);
	if (rc)
		return rc;
	return --fill->nr_left ? 0 : KQ_ENOUGH;
}

static int fill_from_git(struct kq_release *release, const struct kq_listed *const *file, size_t nr,
			 struct kq_fault *fault)
{
	struct kq_hex *id = calloc(nr + 1, sizeof(*id));
	size_t i;
	int rc;

	if (!id)
		return kq_no_memory(fault);
	for (i = 0; i < nr; i++)
		memcpy(id[i].text, file[i]->id.p, file[i]->id.bytes);
	rc = kq_gittree_blobs(&release->git, id, nr, put_blob, release, fault);
	free(id);
	return rc;
}

static void free_strings(char ***strings)
{
	size_t i;

	for (i = 0; *strings && (*strings)[i]; i++)
		free((*strings)[i]);
	free(*strings);
}

int kq_fill_blobs(struct kq_release *release, int fd, const struct kq_listed *const *file,
		  size_t nr, struct kq_fault *fault)
{
	__cleanup(free_strings) char **path = calloc(nr + 1, sizeof(*path));
	__cleanup(fill_done) struct fill fill = { .release = release, .nr_left = nr };
	const struct kq_visitor visitor = { wants_named, take_named, &fill };
	struct kq_want want = { (const char *const *)path, nr };
	size_t i;
	int rc;

	if (release->kind == KQ_RELEASE_GIT)
		return fill_from_git(release, file, nr, fault);
	if (!path)
		return kq_no_memory(fault);
	for (i = 0; i < nr; i++) {
		path[i] = strndup((const char *)file[i]->path.p, file[i]->path.bytes);
		if (!path[i])
			return kq_no_memory(fault);
	}
	rc = set_paths(&fill, &want, fault);
	if (!rc)
		rc = kq_tarball_read(fd, release->place, &visitor, fault);
	if (!rc && fill.nr_left)
		rc = kq_fail(fault, -EBADMSG, "%s: lacks %zu files of its list", release->place,
			     fill.nr_left);
	return rc;
}
