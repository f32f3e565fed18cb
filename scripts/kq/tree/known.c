// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tree/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "text/folder.h"
#include "text/text.h"

static int path_of(const struct kq_cache *cache, const char *key, struct kq_path *ret_path,
		   struct kq_fault *fault)
{
	return kq_path(ret_path, fault, "%s/places/%s", cache->dir, key);
}

void kq_known_put(const struct kq_release *release)
{
	bool is_git = release->kind == KQ_RELEASE_GIT;
	struct kq_fault ignored = { 0 };
	struct kq_path folder, path, spec;
	char place[PATH_MAX];
	struct ks_span text;

	if (release->kind == KQ_RELEASE_FOLDER || !release->place || !*release->key ||
	    !realpath(release->place, place))
		return;
	/* A branch moves, the tree does not. */
	if (kq_path(&spec, &ignored, "%s%s%s%s", is_git ? "git:" : "", place, is_git ? ":" : "",
		    is_git ? release->git.tree.text : "") ||
	    kq_path(&folder, &ignored, "%s/places", release->cache.dir) ||
	    kq_folder_make(folder.s, &ignored) ||
	    path_of(&release->cache, release->key, &path, &ignored))
		return;
	text = ks_span_str(spec.s);
	(void)!ks_file_publish(path.s, &text, 1, 0666, NULL);
}

static bool find(const struct kq_cache *cache, const char *key, struct kq_path *ret_spec)
{
	__cleanup(ks_buf_done) struct ks_buf text = { 0 };
	struct kq_fault ignored = { 0 };
	struct kq_path path, repository;
	char *rev;

	if (path_of(cache, key, &path, &ignored) ||
	    ks_file_load(path.s, PATH_MAX - 1, &text, NULL) || !text.bytes ||
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

bool kq_known_find(const struct kq_hex *tarball, const struct kq_hex *tree,
		   struct kq_path *ret_spec)
{
	struct kq_fault ignored = { 0 };
	struct kq_cache cache;
	struct kq_path key;

	if (kq_cache_find(&cache, &ignored))
		return false;
	if (tarball->text[0] && find(&cache, tarball->text, ret_spec))
		return true;
	return tree->text[0] && !kq_path(&key, &ignored, "git-%s", tree->text) &&
	       find(&cache, key.s, ret_spec);
}
