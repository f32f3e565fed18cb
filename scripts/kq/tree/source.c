// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/source.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "text/text.h"

void kq_blob_done(struct kq_blob *blob)
{
	ks_buf_done(&blob->content);
	*blob = (struct kq_blob){ 0 };
}

int kq_source_load(const struct kq_source *source, const char *path, struct kq_blob *ret_blob,
		   struct kq_error *error)
{
	__cleanup(kq_blob_done) struct kq_blob blob = { 0 };
	int rc = source->load(source, path, &blob, error);

	if (rc)
		return rc;
	*ret_blob = blob;
	blob = (struct kq_blob){ 0 };
	return 0;
}

/*
 * Look at every directory on the way without following a link: a link could lead out of the tree.
 * Return: 0 with *ret_st of the last part, which has st_mode 0 if something is missing.
 */
static int check_path(const char *tree, const char *path, struct stat *ret_st,
		      struct kq_error *error)
{
	char full[PATH_MAX];
	size_t tree_bytes = strlen(tree);
	char *c;

	if ((size_t)snprintf(full, sizeof(full), "%s/%s", tree, path) >= sizeof(full))
		return kq_fail(error, -ENAMETOOLONG, "%s: path is too long", path);
	for (c = full + tree_bytes + 1; c;) {
		*ret_st = (struct stat){ 0 };
		c = strchr(c, '/');
		if (c)
			*c = '\0';
		if (lstat(full, ret_st)) {
			if (errno == ENOENT)
				return 0;
			return kq_fail(error, -errno, "%s: %s", full, strerror(errno));
		}
		if (S_ISLNK(ret_st->st_mode))
			return kq_fail(error, KQ_REFUSED, "%s is a symbolic link, refused",
				       full + tree_bytes + 1);
		if (c && !S_ISDIR(ret_st->st_mode))
			return kq_fail(error, KQ_REFUSED, "%s is not a directory",
				       full + tree_bytes + 1);
		if (c)
			*c++ = '/';
	}
	return 0;
}

static int load_from_tree(const struct kq_source *source, const char *path, struct kq_blob *blob,
			  struct kq_error *error)
{
	struct ks_diag diag = { 0 };
	char full[PATH_MAX];
	struct stat st;
	int rc = check_path(source->name, path, &st, error);

	if (rc || !st.st_mode)
		return rc;
	if (!S_ISREG(st.st_mode))
		return kq_fail(error, KQ_REFUSED, "%s is not a plain file", path);
	snprintf(full, sizeof(full), "%s/%s", source->name, path);
	if (ks_file_load(full, KQ_MAX_FILE_BYTES, &blob->content, &diag))
		return kq_fail_diag(error, &diag);
	blob->exists = true;
	blob->mode = st.st_mode & 07777;
	return 0;
}

struct kq_source kq_source_dir(const char *tree)
{
	return (struct kq_source){ .name = tree, .load = load_from_tree };
}
